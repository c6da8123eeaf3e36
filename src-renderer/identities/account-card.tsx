import { createSignal, Show } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { isShared } from '../programs/program-words.ts';
import { SharedChip } from '../programs/shared-chip.tsx';
import { signOutOf } from '../removal/removal-requests.ts';
import { needsPerson, type StatusChip, statusChip, statusDetail } from '../state/account-status.ts';
import { useApp } from '../state/app-context.tsx';
import { createClock } from '../state/clock.ts';
import { runningSignIn } from '../state/model.ts';
import './account-card.css';
import { AccountMenu } from './account-menu.tsx';
import { CheckAccount } from './check-account.tsx';
import { SomebodyElse } from './somebody-else.tsx';
import { TokenPanel } from './token-panel.tsx';

export function AccountCard(props: { account: AccountView; bundleId: string }) {
  const app = useApp();
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

  /** A shared program's login is always the machine's, which its own chip says. */
  const onMachine = () => props.account.onThisMachine && !isShared(provider());
  /** Said with both names where it is somebody else. */
  const expected = () => (props.account.unexpected ? undefined : props.account.expected);

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
      <Show when={running() ? undefined : props.account.renewalProblem}>
        {(why) => <p data-component="account-detail">{`Not renewed ahead of time: ${why()}`}</p>}
      </Show>
      <Show when={running() ? undefined : props.account.unexpected}>
        {(people) => <SomebodyElse account={props.account} people={people()} providerName={name()} />}
      </Show>
      <Show when={onMachine() || expected()}>
        <p data-component="account-notes">
          <Show when={onMachine()}>
            <span
              data-component="chip"
              data-tone="quiet"
              title="The login of this machine itself. Lanyard only points to it."
            >
              On this machine
            </span>
          </Show>
          <Show when={expected()}>{(shown) => <span>{`Expected: ${shown()}`}</span>}</Show>
        </p>
      </Show>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
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
          onClick={(event) => {
            setFailure(null);
            app.openRemoval(signOutOf(app, props.account, name(), event.currentTarget));
          }}
        >
          Sign out
        </Button>
        <CheckAccount account={props.account} providerName={name()} />
        <AccountMenu
          account={props.account}
          bundleId={props.bundleId}
          providerName={name()}
          onFailure={setFailure}
        />
      </div>
      <Show when={provider()?.issuer}>
        <TokenPanel account={props.account} name={name()} />
      </Show>
    </li>
  );
}
