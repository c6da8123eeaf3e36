import { createEffect, createSignal, For, on, onCleanup, Show } from 'solid-js';
import type { KeptCredential } from '../../src-preload/contract/command.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { formatDay } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';

/** What git and docker had us keep for an identity, and the way to be rid of it. */
export function KeptCredentials(props: { bundleId: string }) {
  const app = useApp();
  const [kept, setKept] = createSignal<readonly KeptCredential[]>([]);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [asked, setAsked] = createSignal<KeptCredential | null>(null);
  const [refused, setRefused] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  // Not `createLoad`: the list stays on the screen while it is read again.
  const read = async (bundleId: string) => {
    const reply = await ask(app.bridge.command.kept({ bundleId }));
    if (bundleId !== props.bundleId) return;
    setFailure(reply.ok ? null : reply.failure);
    setKept(reply.ok ? reply.value.kept : []);
  };
  createEffect(
    on(
      () => props.bundleId,
      (bundleId) => {
        setKept([]);
        void read(bundleId);
      },
    ),
  );
  onCleanup(app.bridge.command.onKeptChanged(() => void read(props.bundleId)));

  const close = () => {
    setAsked(null);
    setRefused(null);
  };
  const forget = async (credential: KeptCredential) => {
    setBusy(true);
    const failed = await attempt(app.bridge.command.forgetKept({ keptId: credential.id }));
    setBusy(false);
    setRefused(failed);
    if (failed) return;
    close();
    document.getElementById('settings-kept')?.focus();
    app.announce(`What was kept for ${credential.address} was deleted.`);
  };
  return (
    <section aria-labelledby="settings-kept">
      <h3 data-component="settings-subtitle" id="settings-kept" tabIndex={-1}>
        Kept for git and docker
      </h3>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <Show
        when={kept().length > 0}
        fallback={
          <Show when={!failure()}>
            <p data-component="settings-note">
              Nothing yet. What they have Lanyard keep for this identity is listed here.
            </p>
          </Show>
        }
      >
        <ul data-component="settings-list" aria-labelledby="settings-kept">
          <For each={kept()}>
            {(credential) => (
              <li>
                <div data-component="settings-main">
                  <span data-component="settings-name">{credential.address}</span>
                  <small>{`${credential.username}, ${credential.tool}, kept on ${formatDay(credential.keptAt)}`}</small>
                </div>
                <Button
                  size="small"
                  look="quiet"
                  aria-label={`Delete what is kept for ${credential.username} at ${credential.address}`}
                  onClick={() => setAsked(credential)}
                >
                  Delete…
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={asked()} keyed>
        {(credential) => (
          <ConfirmDialog
            title={`Delete what is kept for ${credential.address}?`}
            keepLabel="Keep"
            confirmLabel="Delete"
            busy={busy()}
            failure={refused()}
            onConfirm={() => void forget(credential)}
            onKeep={close}
          >
            {`The next time, ${credential.tool} asks for the password of ${credential.username} again.`}
          </ConfirmDialog>
        )}
      </Show>
    </section>
  );
}
