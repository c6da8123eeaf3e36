// The parts by themselves, see components/confirm-dialog.tsx.
import * as AlertDialog from '@kobalte/core/alert-dialog';
import { createSignal, Show } from 'solid-js';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { CheckLine } from './check-line.tsx';
import { succeeding } from './load.ts';
import { principalName } from './session-words.ts';

/** C-18: asks before a session is ended, and stays to say what exactly happened. */
export function RevokeDialog(props: { sessionId: string; onClose: () => void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [deny, setDeny] = createSignal(false);
  const [revoked, setRevoked] = createSignal<CloudSessionView | null>(null);
  const session = () => app.cloud.find(props.sessionId);
  const name = () => principalName(session()?.principal ?? '');
  const running = () => session()?.running ?? 0;
  let keep: HTMLButtonElement | undefined;

  const revoke = async () => {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    const reply = await succeeding(app.bridge.sessions.revoke({ sessionId: props.sessionId, deny: deny() }));
    setBusy(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    setRevoked(reply.value.session);
    app.announce(whatHappened(reply.value.session));
    void app.cloud.refresh();
  };
  const leave = () => {
    if (!busy()) props.onClose();
  };

  return (
    <AlertDialog.Root open preventScroll={false} onOpenChange={(open) => !open && leave()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <AlertDialog.Content
            data-component="confirm-dialog"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              setTimeout(() => keep?.focus());
            }}
            onCloseAutoFocus={(event) => event.preventDefault()}
          >
            <AlertDialog.Title data-component="dialog-title">
              {revoked() ? 'The session was revoked' : `Revoke ${name()}?`}
            </AlertDialog.Title>
            <AlertDialog.Description as="div" data-component="confirm-text">
              <Show
                when={revoked()}
                fallback={
                  <p>
                    Nothing is handed out any more
                    {running() > 0
                      ? `, and what runs under it (${running()}) is ended`
                      : '; nothing runs under it now'}
                    . What became of credentials that it was given is said afterwards.
                  </p>
                }
              >
                {(done) => <p>{whatHappened(done())}</p>}
              </Show>
            </AlertDialog.Description>
            <Show when={!revoked() && session()?.canDeny}>
              <CheckLine
                label="Also deny it at the role"
                description={`Adds a policy to the role ${name()} that denies this one session everything. The account needs iam:PutRolePolicy for it.`}
                checked={deny()}
                onChange={setDeny}
              />
            </Show>
            <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
            <div data-component="confirm-actions">
              <Show
                when={revoked()}
                fallback={
                  <>
                    <Button
                      ref={(element) => {
                        keep = element;
                      }}
                      onClick={leave}
                    >
                      Keep it
                    </Button>
                    <Button
                      look="danger"
                      aria-disabled={busy() ? 'true' : undefined}
                      onClick={() => void revoke()}
                    >
                      {busy() ? 'Revoking…' : 'Revoke'}
                    </Button>
                  </>
                }
              >
                <Button
                  look="primary"
                  ref={(element) => queueMicrotask(() => element.focus())}
                  onClick={leave}
                >
                  Done
                </Button>
              </Show>
            </div>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** A session that had ended by itself in the meantime was not revoked. */
function whatHappened(session: CloudSessionView): string {
  return session.revocation ?? 'It had ended already: there was nothing left to revoke.';
}
