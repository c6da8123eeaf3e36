import { createSignal, Show } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { isShared } from '../programs/program-words.ts';
import { SharedChip } from '../programs/shared-chip.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { runningSignIn } from '../state/model.ts';
import './account-card.css';

type Tone = 'ok' | 'warn' | 'bad' | 'quiet';

/** "Unknown" is a normal state and never says "sign in again" (I-12). */
const statusChips: Record<AccountView['status'], { text: string; tone: Tone }> = {
  valid: { text: 'Signed in', tone: 'ok' },
  expiring: { text: 'Expires soon', tone: 'warn' },
  'expired-refreshable': { text: 'Renews on use', tone: 'ok' },
  'needs-sign-in': { text: 'Sign in again', tone: 'bad' },
  unknown: { text: 'Not checked', tone: 'quiet' },
};

export function AccountCard(props: { account: AccountView; bundleId: string }) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const provider = () => app.state.providers.find(({ id }) => id === props.account.providerId);
  const name = () => provider()?.name ?? props.account.providerId;
  const running = () => runningSignIn(app.state, props.account.providerId, props.bundleId);
  const person = () => props.account.email ?? props.account.login ?? props.account.displayName;
  const who = () =>
    [person(), props.account.organisation, props.account.plan]
      // An account is named after its organisation where nothing else is known.
      .filter((part, index, parts) => part !== undefined && part !== '' && parts.indexOf(part) === index)
      .join(', ');
  const chip = (): { text: string; tone: Tone } => {
    const session = running();
    if (!session) return statusChips[props.account.status];
    return { text: `Connecting, ${formatTimeLeft(session.deadlineAt - app.now())}`, tone: 'quiet' };
  };

  const signOut = async () => {
    setBusy(true);
    setFailure(null);
    setFailure(await attempt(app.bridge.accounts.signOut({ accountId: props.account.id })));
    setBusy(false);
    if (failure()) return;
    setAsking(false);
    app.announce(`Signed out of ${name()}.`);
    // The card, and the button the focus would return to, are gone.
    document.getElementById('page-title')?.focus();
  };

  return (
    <li data-component="account-card">
      <ProviderMark mark={provider()?.mark ?? name().slice(0, 2)} />
      <h2>{name()}</h2>
      <span data-component="chip" data-tone={chip().tone}>
        {chip().text}
      </span>
      <p title={who()}>{who()}</p>
      <Show when={props.account.kind === 'oauth' && isShared(provider())}>
        <SharedChip />
      </Show>
      <div data-component="account-actions">
        <Button
          size="small"
          look={props.account.status === 'needs-sign-in' && !running() ? 'primary' : 'plain'}
          aria-label={running() ? `Show the sign-in of ${name()}` : `Reconnect ${name()}`}
          data-returns-focus={`connect-${props.account.providerId}`}
          disabled={!provider()}
          onClick={() => void app.connect({ providerId: props.account.providerId, bundleId: props.bundleId })}
        >
          {running() ? 'Show' : 'Reconnect'}
        </Button>
        <Button
          size="small"
          look="quiet"
          aria-label={`Sign out of ${name()}`}
          onClick={() => {
            setFailure(null);
            setAsking(true);
          }}
        >
          Sign out
        </Button>
      </div>
      <Show when={asking()}>
        <ConfirmDialog
          title={`Sign out of ${name()}?`}
          keepLabel="Stay signed in"
          confirmLabel="Sign out"
          busy={busy()}
          failure={failure()}
          onKeep={() => setAsking(false)}
          onConfirm={() => void signOut()}
        >
          {person()} is signed out and the account's files are removed from this computer. Your own {name()}{' '}
          login is untouched.
        </ConfirmDialog>
      </Show>
    </li>
  );
}
