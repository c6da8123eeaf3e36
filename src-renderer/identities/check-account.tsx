import RefreshCw from 'lucide-solid/icons/refresh-cw';
import { createSignal } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import { IconButton } from '../components/button.tsx';
import { sentences } from '../format/sentences.ts';
import { statusSentence } from '../state/account-status.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';

/** Looks at the account now; the answer is read out and shown on the card. */
export function CheckAccount(props: { account: AccountView; providerName: string }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const check = async () => {
    if (busy()) return;
    setBusy(true);
    const { id } = props.account;
    const failure = await attempt(app.bridge.accounts.check({ accountId: id }));
    setBusy(false);
    const answer = failure ? sentences(failure) : await sentence(id);
    if (answer) app.announce(`${props.providerName}: ${answer}`);
  };
  /** As main has it: the card may be told a moment later. */
  const sentence = async (accountId: string) => {
    for (const bundle of Object.values(app.state.details)) {
      if (!bundle.accounts.some(({ id }) => id === accountId)) continue;
      const reply = await ask(app.bridge.bundles.get({ bundleId: bundle.id }));
      const account = reply.ok ? reply.value.accounts.find(({ id }) => id === accountId) : undefined;
      if (account) return statusSentence(account);
    }
    return null;
  };
  return (
    <IconButton
      label={`Check ${props.providerName} now`}
      // Not `disabled`, which would take the focus away.
      aria-disabled={busy()}
      data-busy={busy() ? '' : undefined}
      onClick={() => void check()}
    >
      <RefreshCw size={14} aria-hidden="true" />
    </IconButton>
  );
}
