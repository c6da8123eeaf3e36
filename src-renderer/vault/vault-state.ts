import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';
import type { VaultState } from '../../src-preload/contract/vault.ts';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';

/** Where keys are kept, as main says it now and after every change. `null` until it has answered. */
export function createVaultState(): { vault: Accessor<VaultState | null>; look: () => Promise<void> } {
  const app = useApp();
  const [vault, setVault] = createSignal<VaultState | null>(null);
  let asked = 0;
  const look = async () => {
    asked += 1;
    const mine = asked;
    const reply = await ask(app.bridge.vault.state());
    // An older answer may come after a newer one.
    if (mine === asked && reply.ok) setVault(reply.value);
  };
  onMount(() => void look());
  onCleanup(app.bridge.vault.onChanged(() => void look()));
  return { vault, look };
}
