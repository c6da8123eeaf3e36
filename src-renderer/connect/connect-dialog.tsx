import * as Collapsible from '@kobalte/core/collapsible';
import * as Dialog from '@kobalte/core/dialog';
import ChevronRight from 'lucide-solid/icons/chevron-right';
import Minus from 'lucide-solid/icons/minus';
import { createEffect, createMemo, createSignal, Match, on, Show, Switch, untrack } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button, IconButton } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { isShared } from '../programs/program-words.ts';
import { SharedNote } from '../programs/shared-chip.tsx';
import { useApp } from '../state/app-context.tsx';
import { flowOf, isRunning } from '../state/model.ts';
import { ApiKeyForm } from './api-key-form.tsx';
import { CodeStep } from './code-step.tsx';
import './connect-dialog.css';
import { ConnectProvider, type ConnectView } from './connect-context.tsx';
import { FailedStep } from './failed-step.tsx';
import { LinkStep } from './link-step.tsx';
import { ParametersForm } from './parameters-form.tsx';
import { PendingStep } from './pending-step.tsx';
import { SessionNotes } from './session-notes.tsx';
import { SuccessStep } from './success-step.tsx';
import { Transcript } from './transcript.tsx';

type With<S extends SessionSnapshot['status']> = Extract<SessionSnapshot, { status: S }>;

/**
 * The Connect modal: one dialog for one attempt, whatever its status. Rendered only while `state.modal` is set.
 *
 * Ways out: Cancel and Esc end the sign-in, and ask first only when the paste box holds text that would be lost; the
 * button in the corner leaves it running, as does closing the window. A click beside the dialog does nothing: it is
 * too easily made to end a sign-in with.
 */
export function ConnectDialog() {
  const app = useApp();
  const [draft, setDraft] = createSignal('');
  const [problem, setProblem] = createSignal<Failure | null>(null);
  const [asking, setAsking] = createSignal(false);
  const [transcriptOpen, setTranscriptOpen] = createSignal(false);
  const [finished, setFinished] = createSignal(false);
  const returnFocus = rememberFocus();
  const [content, setContent] = createSignal<HTMLElement>();

  // Kept for the moment between the state's closing and this component's end.
  const connection = createMemo<NonNullable<typeof app.state.modal>>(
    (previous) => app.state.modal ?? previous,
    untrack(() => app.state.modal) ?? {
      providerId: '',
      bundleId: null,
      flowId: undefined,
      attempt: { kind: 'starting' },
    },
  );
  const sessionId = createMemo(() => {
    const { attempt } = connection();
    return attempt.kind === 'session' ? attempt.sessionId : undefined;
  });
  const tracked = () => {
    const id = sessionId();
    return id === undefined ? undefined : app.state.sessions[id];
  };
  const session = () => tracked()?.snapshot;
  const provider = () => app.state.providers.find(({ id }) => id === connection().providerId);
  const flow = () => {
    const { providerId, flowId } = connection();
    return flowOf(app.state, { providerId, flowId: session()?.flowId ?? flowId });
  };
  const bundle = () =>
    app.state.bundles.find(({ id }) => id === (session()?.bundleId ?? connection().bundleId));
  const transcriptLabel = () => (flow()?.needsProgram === false ? 'What happened' : 'What the CLI said');
  const running = () => {
    const snapshot = session();
    return snapshot !== undefined && isRunning(snapshot);
  };
  /** Which step stands in the modal. */
  const step = createMemo(() => {
    const { attempt } = connection();
    if (attempt.kind === 'refused') return 'failed';
    if (attempt.kind === 'api-key' || attempt.kind === 'parameters') return attempt.kind;
    return session()?.status ?? 'pending';
  });
  const withStatus = <S extends SessionSnapshot['status']>(status: S) => {
    const snapshot = session();
    return step() === status && snapshot?.status === status ? (snapshot as With<S>) : undefined;
  };

  const close = () => {
    const snapshot = session();
    if (snapshot?.status === 'success' && app.state.bundles.some(({ id }) => id === snapshot.bundleId)) {
      app.choosePage({ name: 'identities', bundleId: snapshot.bundleId });
    }
    void app.cancel();
  };
  const leave = () => {
    if (running() && draft().trim() !== '' && !asking()) setAsking(true);
    else close();
  };

  const view: ConnectView = {
    connection,
    provider,
    providerName: () => provider()?.name ?? connection().providerId,
    flow,
    session,
    stage: () => tracked()?.stage ?? null,
    bundleName: () => {
      const snapshot = session();
      if (snapshot?.status === 'success' && !bundle()) return snapshot.bundleName ?? 'a new identity';
      return bundle()?.name ?? 'a new identity';
    },
    draft,
    setDraft,
    setProblem,
    finish: () => setFinished(true),
    element: content,
    refocus: () => queueMicrotask(() => focusStep(untrack(content))),
  };

  createEffect(
    on(sessionId, () => {
      setDraft('');
      setAsking(false);
    }),
  );
  createEffect(
    on([step, sessionId, () => connection().flowId], () => {
      setProblem(null);
      setFinished(step() === 'success');
      if (!running()) setAsking(false);
      view.refocus();
    }),
  );

  return (
    <ConnectProvider view={view}>
      {/* The page itself never scrolls, so there is nothing to prevent; and with `overflow: hidden` on the root, Kobalte
          0.13 looks for the menu trigger's scroll parents for ever when the menu is opened from the keyboard. */}
      <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && leave()}>
        <Dialog.Portal>
          <Dialog.Overlay data-component="scrim" />
          <div data-component="dialog-place">
            <Dialog.Content
              data-component="connect-dialog"
              data-step={step()}
              ref={setContent}
              onPointerDownOutside={(event) => event.preventDefault()}
              onOpenAutoFocus={(event) => {
                event.preventDefault();
                // The dialog itself: its name is read, and no button is armed for a second Enter.
                content()?.focus();
              }}
              onCloseAutoFocus={returnFocus}
            >
              <header data-component="connect-header">
                <ProviderMark mark={provider()?.mark ?? '?'} />
                <div>
                  <Dialog.Title data-component="dialog-title">Connect {view.providerName()}</Dialog.Title>
                  <Dialog.Description data-component="connect-subtitle">
                    {connection().bundleId === null && step() !== 'success' ? 'into ' : 'as '}
                    <strong>{view.bundleName()}</strong>
                    <Show when={step() !== 'success' && step() !== 'api-key' && provider()}>
                      {/* As markup, since the way may change: a text would be put together once. */}
                      {(shown) => (
                        <>
                          {flow()?.needsProgram === false
                            ? `, at ${shown().vendor}`
                            : `, through ${possessive(shown().vendor)} own CLI`}
                        </>
                      )}
                    </Show>
                  </Dialog.Description>
                </div>
                <Show when={running()}>
                  <IconButton label="Keep going in the background" onClick={() => app.hide()}>
                    <Minus size={16} aria-hidden="true" />
                  </IconButton>
                </Show>
              </header>

              <div data-component="connect-body">
                <Show when={running() && isShared(provider())}>
                  <SharedNote name={view.providerName()} />
                </Show>
                <Switch>
                  <Match when={step() === 'pending'}>
                    <PendingStep session={withStatus('pending')} />
                  </Match>
                  <Match when={withStatus('url-available')}>
                    {(snapshot) => <LinkStep session={snapshot()} />}
                  </Match>
                  <Match when={withStatus('code-emitted')}>
                    {(snapshot) => <CodeStep session={snapshot()} />}
                  </Match>
                  <Match when={withStatus('success')}>
                    {(snapshot) => <SuccessStep session={snapshot()} />}
                  </Match>
                  <Match when={step() === 'failed'}>
                    <FailedStep session={withStatus('failed')} />
                  </Match>
                  <Match when={step() === 'parameters' && flow()}>
                    {(shown) => <ParametersForm flow={shown()} />}
                  </Match>
                  <Match when={step() === 'api-key'}>
                    <ApiKeyForm />
                  </Match>
                </Switch>
                <Show when={problem()}>{(failure) => <FailureNote failure={failure()} />}</Show>
                <Show when={running() && session()}>
                  {(snapshot) => <SessionNotes session={snapshot()} />}
                </Show>
              </div>

              <Collapsible.Root
                data-component="connect-foot"
                open={transcriptOpen() && sessionId() !== undefined}
                onOpenChange={setTranscriptOpen}
              >
                <Collapsible.Content>
                  <Show when={sessionId()} keyed>
                    {(id) => <Transcript sessionId={id} label={transcriptLabel()} />}
                  </Show>
                </Collapsible.Content>
                <footer>
                  <Show when={sessionId() !== undefined}>
                    <Collapsible.Trigger data-component="disclosure-trigger">
                      <ChevronRight size={14} aria-hidden="true" />
                      {transcriptLabel()}
                    </Collapsible.Trigger>
                  </Show>
                  <span data-component="connect-time">
                    <Show when={running() && session()}>
                      {/* As markup: a text that this function put together would be put together once. */}
                      {(snapshot) => <>{formatTimeLeft(snapshot().deadlineAt - app.now())} left</>}
                    </Show>
                  </span>
                  <Show
                    when={finished()}
                    fallback={<Button onClick={leave}>{step() === 'failed' ? 'Close' : 'Cancel'}</Button>}
                  >
                    <Button look="primary" data-step-focus="" onClick={leave}>
                      Done
                    </Button>
                  </Show>
                </footer>
              </Collapsible.Root>

              <Show when={asking()}>
                <ConfirmDialog
                  title="End this sign-in?"
                  keepLabel="Go on"
                  confirmLabel="End sign-in"
                  onKeep={() => setAsking(false)}
                  onConfirm={close}
                >
                  What you typed in the box has not been submitted and would be lost.
                </ConfirmDialog>
              </Show>
            </Dialog.Content>
          </div>
        </Dialog.Portal>
      </Dialog.Root>
    </ConnectProvider>
  );
}

const possessive = (name: string) => (name.endsWith('s') ? `${name}'` : `${name}'s`);

/**
 * Puts the focus on what a step asks for, unless the person is at work in it: only when the focused control went away
 * with the last step, or nothing but the dialog itself had the focus.
 */
function focusStep(content: HTMLElement | undefined) {
  if (!content?.isConnected) return;
  const active = document.activeElement;
  const adrift = active === null || active === document.body || active === content;
  if (!adrift && content.contains(active) && content.dataset.step !== 'success') return;
  // A question on top of the dialog keeps its focus.
  if (!adrift && !content.contains(active)) return;
  (content.querySelector<HTMLElement>('[data-step-focus]') ?? content).focus();
}

/** Returns the focus to the control that opened the modal, to the one that took its place, or to the page's title. */
function rememberFocus(): () => void {
  const opener = document.activeElement;
  const key = opener instanceof HTMLElement ? opener.dataset.returnsFocus : undefined;
  return () => {
    const successor = key
      ? document.querySelector<HTMLElement>(`[data-returns-focus="${CSS.escape(key)}"]`)
      : null;
    const target =
      opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : successor;
    (target ?? document.getElementById('page-title'))?.focus();
  };
}
