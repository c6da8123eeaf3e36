import { createSignal, Show } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { isShared } from '../programs/program-words.ts';
import { SharedChip } from '../programs/shared-chip.tsx';
import { needsPerson, type StatusChip, statusChip, statusDetail } from '../state/account-status.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { createClock } from '../state/clock.ts';
import { runningSignIn } from '../state/model.ts';
import './account-card.css';
import { CheckAccount } from './check-account.tsx';
import { SomebodyElse } from './somebody-else.tsx';

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
  const showsTime = () => props.account.expiresAt !== undefined || props.account.checkDetail !== undefined;
  const now = createClock(showsTime, 20_000);
  const chip = (): StatusChip => {
    const session = running();
    if (!session) return statusChip(props.account, now());
    return { text: `Connecting, ${formatTimeLeft(session.deadlineAt - app.now())}`, tone: 'quiet' };
  };
  const detail = (): string | null => (running() ? null : statusDetail(props.account, now()));

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
      <h2 id={`account-${props.account.id}`} tabIndex={-1}>
        {name()}
      </h2>
      <span data-component="chip" data-tone={chip().tone}>
        {chip().text}
      </span>
      <p title={who()}>{who()}</p>
      <Show when={props.account.kind === 'oauth' && isShared(provider())}>
        <SharedChip />
      </Show>
      <Show when={detail()}>
        <p data-component="account-detail">{detail()}</p>
      </Show>
      <Show when={running() ? undefined : props.account.unexpected}>
        {(people) => <SomebodyElse account={props.account} people={people()} providerName={name()} />}
      </Show>
      <div data-component="account-actions">
        <Button
          size="small"
          look={needsPerson(props.account) && !running() ? 'primary' : 'plain'}
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
        <CheckAccount account={props.account} providerName={name()} />
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
