import * as Dialog from '@kobalte/core/dialog';
import { createSignal, Show } from 'solid-js';
import type { SessionTerms } from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import '../removal/removal-dialog.css';
import { FailureNote } from '../components/failure-note.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { clockTime, extensionsOf, lengthWords, timeLeft } from './countdown.ts';
import { createLoad } from './load.ts';
import { rememberFocus } from './remember-focus.ts';
import { Segments } from './segments.tsx';
import { principalName } from './session-words.ts';

/** C-20: a later end for a session, up to the cap of its identity. */
export function ExtendDialog(props: { sessionId: string; onClose: () => void }) {
  const app = useApp();
  const { cloud } = app;
  const session = () => cloud.find(props.sessionId);
  const terms = createLoad<string, SessionTerms>(
    () => session()?.bundleId ?? null,
    (bundleId) => app.bridge.sessions.terms({ bundleId }),
  );
  const [chosen, setChosen] = createSignal(0);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const returnFocus = rememberFocus();
  const known = () => session()?.bundleId === undefined || terms.value() !== null;
  const options = () => {
    const shown = session();
    return shown && known() ? extensionsOf(shown, terms.value()?.capSeconds) : { choices: [], heldBy: null };
  };
  const trouble = () => failure() ?? terms.failure() ?? terms.value()?.capFailure ?? null;
  const held = () => {
    const cap = terms.value()?.capSeconds;
    switch (options().heldBy) {
      case 'minutes':
        return 'Its limit of minutes ends it then. Start a new session for longer.';
      case 'cap':
        return `Sessions of this identity last ${cap === undefined ? 'no longer' : `${lengthWords(cap)} at most`}, and this one does. Start a new session, or change the cap in Settings.`;
      default:
        return null;
    }
  };

  const extend = async (event: Event) => {
    event.preventDefault();
    const choice = options().choices[chosen()];
    if (busy() || !choice) return;
    setBusy(true);
    setFailure(null);
    const refused = await attempt(
      app.bridge.sessions.extend({ sessionId: props.sessionId, endsAt: choice.endsAt }),
    );
    setBusy(false);
    setFailure(refused);
    if (refused) return;
    app.showNote({ text: `The session lasts until ${clockTime(choice.endsAt, Date.now())} now.` });
    void cloud.refresh();
    props.onClose();
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            data-wide=""
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              returnFocus();
            }}
          >
            <Dialog.Title data-component="dialog-title">Extend the session</Dialog.Title>
            <Show
              when={session()?.status === 'active' ? session() : undefined}
              fallback={
                <>
                  <p data-component="confirm-text">The session has ended. Start a new one.</p>
                  <div data-component="confirm-actions">
                    <Button onClick={() => props.onClose()}>Close</Button>
                  </div>
                </>
              }
            >
              {(shown) => (
                <form data-component="dialog-form" onSubmit={(event) => void extend(event)} novalidate>
                  <p data-component="confirm-text">
                    <strong>{principalName(shown().principal)}</strong>
                    {` ends at ${clockTime(shown().endsAt, cloud.now())}, in ${formatTimeLeft(timeLeft(shown(), cloud.now()))}.`}
                  </p>
                  <Show when={terms.loading()}>
                    <p data-component="confirm-text">Looking at the identity's cap…</p>
                  </Show>
                  <Show when={held()}>
                    <p data-component="confirm-text">{held()}</p>
                  </Show>
                  <Show when={options().choices.length > 0}>
                    <Segments
                      legend="How much longer"
                      stacked
                      value={String(chosen())}
                      options={options().choices.map(({ label, endsAt }, index) => ({
                        value: String(index),
                        label,
                        note: `until ${clockTime(endsAt, cloud.now())}`,
                      }))}
                      onChange={(value) => setChosen(Number(value))}
                    />
                  </Show>
                  <Show when={trouble()}>{(why) => <FailureNote failure={why()} />}</Show>
                  <div data-component="confirm-actions">
                    <Show when={terms.failure()}>
                      <Button onClick={() => terms.retry()}>Try again</Button>
                    </Show>
                    <Button onClick={() => props.onClose()}>Cancel</Button>
                    <Show when={options().choices.length > 0}>
                      <Button look="primary" type="submit" aria-disabled={busy() ? 'true' : undefined}>
                        {busy() ? 'Extending…' : 'Extend'}
                      </Button>
                    </Show>
                  </div>
                </form>
              )}
            </Show>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
