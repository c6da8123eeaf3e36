// The parts by themselves, as in ConfirmDialog.
import * as AlertDialog from '@kobalte/core/alert-dialog';
import { createEffect, createSignal, createUniqueId, For, type JSX, on, onCleanup, Show } from 'solid-js';
import type { ApprovalRequest } from '../../src-preload/contract/approvals.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { lastsWords, wishWords } from './approval-words.ts';
import './approval-dialog.css';

/** As long as it takes to see that a question came up, ms: a click or a key that was meant for something else is lost. */
const armsAfterMs = 1500;

/**
 * What a program outside of the app asks for, all of it, before anything is handed out (C-22, R-8). Deny has the focus;
 * Esc, and Enter anywhere but on an armed button, are a no. One dialog for all that wait, one after the other.
 */
export function ApprovalDialog(props: { request: ApprovalRequest; behind: number }) {
  const app = useApp();
  const [armed, setArmed] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const armNote = createUniqueId();
  const opener = document.activeElement;
  let deny: HTMLButtonElement | undefined;

  createEffect(
    on(
      () => props.request.requestId,
      (_id, before) => {
        setArmed(false);
        setBusy(false);
        setFailure(null);
        if (before !== undefined) {
          deny?.focus();
          app.announce(`Another request, for ${props.request.bundleName}.`);
        }
        onCleanup(
          onceVisibleFor(armsAfterMs, () => {
            setArmed(true);
            app.announce('It can be allowed now.');
          }),
        );
      },
    ),
  );

  const answer = async (said: 'once' | 'session' | 'deny') => {
    if (busy() || (said !== 'deny' && !armed())) return;
    const { requestId } = props.request;
    setBusy(true);
    const failed = await attempt(app.bridge.approvals.answer({ requestId, answer: said }));
    if (props.request.requestId !== requestId) return;
    setBusy(false);
    setFailure(failed);
  };

  return (
    <AlertDialog.Root open preventScroll={false} onOpenChange={(open) => !open && void answer('deny')}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <AlertDialog.Content
            data-component="approval-dialog"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              // A task later: until then the dialog below, if there is one, still holds the focus.
              setTimeout(() => deny?.focus());
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
            }}
            onKeyDown={(event: KeyboardEvent) => {
              if (event.key !== 'Enter' || event.target instanceof HTMLButtonElement) return;
              event.preventDefault();
              void answer('deny');
            }}
          >
            <AlertDialog.Title data-component="dialog-title">
              Let a program use {props.request.bundleName}?
            </AlertDialog.Title>
            <AlertDialog.Description data-component="confirm-text">
              {wishWords(props.request)} Allow it only if you have just started it.
            </AlertDialog.Description>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable from the keyboard */}
            <section data-component="approval-facts" tabIndex={0} aria-label="The request">
              <dl>
                <Program request={props.request} />
                <Fact name="Identity">{props.request.bundleName}</Fact>
                <Show when={props.request.session}>
                  {(session) => (
                    <>
                      <Texts name="As" texts={[session().principal ?? '']} />
                      <Texts name="Actions" texts={session().actions} empty="all that the account may" />
                      <Texts name="But not" texts={session().deny} />
                      <Texts name="Only on" texts={session().resources} />
                      <Fact name="For how long">{lastsWords(session().seconds)}</Fact>
                    </>
                  )}
                </Show>
                <Show when={props.request.times > 1}>
                  <Fact name="Asked">{props.request.times} times; one answer is for all of them</Fact>
                </Show>
                <Texts
                  name={props.request.what === 'run' ? 'Command' : 'For'}
                  texts={props.request.purpose}
                  plain={props.request.what !== 'run'}
                />
                <Show when={props.request.parents.length > 0}>
                  <Fact name="Started by">
                    <ol data-component="approval-parents">
                      <For each={props.request.parents}>
                        {({ name, path, pid }) => (
                          <li>
                            <code>{path ?? name}</code> <small>{pid}</small>
                          </li>
                        )}
                      </For>
                    </ol>
                  </Fact>
                </Show>
              </dl>
            </section>
            <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
            <p data-component="approval-note" id={armNote}>
              {armed()
                ? 'Without an answer it is denied after a minute.'
                : 'Allowing is possible in a moment: read this first.'}
              <Show when={props.behind > 0}>
                {' '}
                {props.behind === 1 ? 'One more waits.' : `${props.behind} more wait.`}
              </Show>
            </p>
            <div data-component="confirm-actions">
              <Button
                ref={(element) => {
                  deny = element;
                }}
                onClick={() => void answer('deny')}
              >
                Deny
              </Button>
              {/* Not disabled: who moves to one before it is armed must hear that it is there. */}
              <Show when={props.request.mayRemember}>
                <Button
                  aria-disabled={armed() ? undefined : 'true'}
                  aria-describedby={armNote}
                  title="For the same from this program, started by the same ones, as long as its file stays the same"
                  onClick={() => void answer('session')}
                >
                  Allow until Lanyard quits
                </Button>
              </Show>
              <Button
                aria-disabled={armed() ? undefined : 'true'}
                aria-describedby={armNote}
                onClick={() => void answer('once')}
              >
                Allow once
              </Button>
            </div>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Program(props: { request: ApprovalRequest }) {
  return (
    <Fact name="Program">
      <Show
        when={props.request.program}
        fallback="It cannot be seen from here which program this is: deny it unless you know."
      >
        {(program) => (
          <>
            <code data-strong="">{program().path ?? program().name}</code> <small>{program().pid}</small>
            <Show when={!props.request.fromKernel}>
              <small data-component="approval-said">as it says itself: the system does not confirm it</small>
            </Show>
          </>
        )}
      </Show>
    </Fact>
  );
}

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

/** Texts of somebody else's, each on a line of its own; nothing where there are none. */
function Texts(props: { name: string; texts: readonly string[]; empty?: string; plain?: boolean }) {
  return (
    <Show
      when={props.texts.some((text) => text !== '')}
      fallback={<Show when={props.empty}>{(empty) => <Fact name={props.name}>{empty()}</Fact>}</Show>}
    >
      <Fact name={props.name}>
        <For each={props.texts}>
          {(text) => (props.plain ? <span>{text}</span> : <code data-line="">{text}</code>)}
        </For>
      </Fact>
    </Show>
  );
}

/** Runs `task` when the page has been visible for that long without a break. Returns what cancels it. */
function onceVisibleFor(delayMs: number, task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') timer = setTimeout(run, delayMs);
  };
  const cancel = () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
  const run = () => {
    cancel();
    task();
  };
  document.addEventListener('visibilitychange', look);
  look();
  return cancel;
}
