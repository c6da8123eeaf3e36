import { createSignal, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { useApp } from '../state/app-context.tsx';
import { SealedFileDialog, UnlockDialog } from './vault-dialogs.tsx';
import { createVaultState } from './vault-state.ts';

/** Whether a failure is one of a vault, which {@link VaultWaysOut} has a way out of. */
export function isVaultFailure(failure: Failure): boolean {
  return /^(keychain|sealed_file|vault)_/.test(failure.code);
}

/**
 * The ways out of a vault's failure where a key is saved (T-3), besides trying again: unlock the sealed file, use one
 * instead of a keychain that does not work, or go where the rest is put right.
 */
export function VaultWaysOut(props: { failure: Failure; onWayFree: () => void; onSettings: () => void }) {
  const app = useApp();
  const { vault } = createVaultState();
  const [open, setOpen] = createSignal<'unlock' | 'sealed-file' | null>(null);
  const wayFree = () => {
    setOpen(null);
    props.onWayFree();
  };
  return (
    <>
      <Show when={props.failure.code === 'sealed_file_locked'}>
        <Button onClick={() => setOpen('unlock')}>Unlock…</Button>
      </Show>
      <Show when={props.failure.code.startsWith('keychain_') && vault()?.sealedFile !== 'corrupt'}>
        <Button onClick={() => setOpen('sealed-file')}>Use a sealed file instead…</Button>
      </Show>
      <Show when={/^(vault_|sealed_file_(corrupt|unavailable))/.test(props.failure.code)}>
        <Button
          onClick={() => {
            props.onSettings();
            app.choosePage({ name: 'settings', section: 'security' });
          }}
        >
          Open Settings
        </Button>
      </Show>
      <Show when={open() === 'unlock'}>
        <UnlockDialog onDone={wayFree} onClose={() => setOpen(null)} />
      </Show>
      <Show when={open() === 'sealed-file' ? vault() : null}>
        {(known) => <SealedFileDialog vault={known()} onDone={wayFree} onClose={() => setOpen(null)} />}
      </Show>
    </>
  );
}
