import { createSignal, Show } from 'solid-js';
import type { VaultBackend, VaultState } from '../../src-preload/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { PassphraseDialog } from './passphrase-dialog.tsx';

/** Opens the sealed file that is in use. */
export function UnlockDialog(props: { onDone: () => void; onClose: () => void }) {
  const app = useApp();
  return (
    <PassphraseDialog
      title="Unlock the sealed file"
      submitLabel="Unlock"
      busyLabel="Unlocking…"
      submit={(passphrase) => attempt(app.bridge.vault.unlock({ passphrase }))}
      onDone={() => {
        app.announce('The sealed file is unlocked.');
        props.onDone();
      }}
      onClose={props.onClose}
    >
      It stays open until it is locked or you quit Lanyard.
    </PassphraseDialog>
  );
}

/** Gives the sealed file another passphrase. */
export function ChangePassphraseDialog(props: {
  minPassphraseLength: number;
  onDone: () => void;
  onClose: () => void;
}) {
  const app = useApp();
  return (
    <PassphraseDialog
      title="Change the passphrase"
      replaces
      newWithAtLeast={props.minPassphraseLength}
      submitLabel="Change it"
      busyLabel="Sealing…"
      submit={(next, current) => attempt(app.bridge.vault.changePassphrase({ current, next }))}
      onDone={() => {
        app.announce('The sealed file has its new passphrase.');
        props.onDone();
      }}
      onClose={props.onClose}
    >
      <p>
        The old one no longer opens the file. A copy that you made of the file before is still opened by the
        old one.
      </p>
      <p data-component="passphrase-warning">
        Nobody can recover this passphrase. Without it the keys in the file are lost.
      </p>
    </PassphraseDialog>
  );
}

/** Puts the sealed file in use: makes it, or opens the one that is there. */
export function SealedFileDialog(props: { vault: VaultState; onDone: () => void; onClose: () => void }) {
  const app = useApp();
  const there = () => props.vault.sealedFile !== 'absent';
  const choose = (passphrase: string, leaveBehind: boolean) =>
    attempt(app.bridge.vault.choose({ backend: 'sealed-file', passphrase, leaveBehind }));
  const done = () => {
    app.announce('Keys are now kept in the sealed file.');
    props.onDone();
  };
  return (
    <PassphraseDialog
      title={there() ? 'Use the sealed file' : 'Make a sealed file'}
      newWithAtLeast={there() ? undefined : props.vault.minPassphraseLength}
      submitLabel={there() ? 'Use it' : 'Make and use it'}
      busyLabel="Sealing…"
      submit={(passphrase) => choose(passphrase, false)}
      wayOut={(failure, passphrase, finish) => (
        <Show when={failure.code === 'vault_not_moved'}>
          <LeaveBehind to="sealed-file" passphrase={passphrase} onDone={finish} />
        </Show>
      )}
      onDone={done}
      onClose={props.onClose}
    >
      <p>Keys are kept in one encrypted file in Lanyard's data directory. {movesText(props.vault)}</p>
      <Show when={!there()}>
        <p data-component="passphrase-warning">
          Nobody can recover this passphrase. Without it the keys in the file are lost.
        </p>
      </Show>
    </PassphraseDialog>
  );
}

function movesText({ backend, keys }: VaultState): string {
  if (backend !== 'keychain' || keys === 0) return 'It has to be unlocked after each start.';
  const moved = keys === 1 ? 'The key that you saved is' : `The ${keys} keys that you saved are`;
  return `${moved} moved there. It has to be unlocked after each start.`;
}

/** The way on when keys cannot be moved because the place they are in does not give them out. */
export function LeaveBehind(props: { to: VaultBackend; passphrase?: string; onDone: () => void }) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Awaited<ReturnType<typeof attempt>>>(null);
  const leave = async () => {
    setBusy(true);
    setFailure(
      await attempt(
        app.bridge.vault.choose({
          backend: props.to,
          leaveBehind: true,
          ...(props.passphrase === undefined ? {} : { passphrase: props.passphrase }),
        }),
      ),
    );
    setBusy(false);
    if (failure()) return;
    setAsking(false);
    props.onDone();
  };
  return (
    <>
      <div>
        <Button size="small" onClick={() => setAsking(true)}>
          Leave the keys where they are…
        </Button>
      </div>
      <Show when={asking()}>
        <ConfirmDialog
          title="Leave the keys where they are?"
          keepLabel="Keep things as they are"
          confirmLabel="Leave them"
          busy={busy()}
          failure={failure()}
          onKeep={() => setAsking(false)}
          onConfirm={() => void leave()}
        >
          {props.to === 'keychain' ? 'The keychain' : 'The sealed file'} is used from now on, without the keys
          that cannot be read. Accounts that need them do not work until you switch back or save the keys
          again.
        </ConfirmDialog>
      </Show>
    </>
  );
}

/** Asks before a sealed file is renamed, which takes its keys out of use. */
export function SetAsideDialog(props: {
  damaged: boolean;
  onDone: (file: string) => void;
  onKeep: () => void;
}) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Awaited<ReturnType<typeof attempt>>>(null);
  const setAside = async () => {
    setBusy(true);
    let file = '';
    setFailure(
      await attempt(
        app.bridge.vault.setAside().then((reply) => {
          if (reply.ok && reply.value.success) file = reply.value.file;
          return reply;
        }),
      ),
    );
    setBusy(false);
    if (failure()) return;
    props.onDone(file);
  };
  return (
    <ConfirmDialog
      title="Set the sealed file aside?"
      keepLabel="Keep it"
      confirmLabel="Set aside"
      busy={busy()}
      failure={failure()}
      onKeep={props.onKeep}
      onConfirm={() => void setAside()}
    >
      The file is renamed and stays in Lanyard's data directory; nothing is deleted. The keys in it cannot be
      used
      {props.damaged ? '' : ' until you put it back'}, and you can make a new sealed file.
    </ConfirmDialog>
  );
}
