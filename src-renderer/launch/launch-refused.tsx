import { For, Show } from 'solid-js';
import type { BundleView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { needsPerson } from '../state/account-status.ts';
import { useApp } from '../state/app-context.tsx';

const ofAnAccount = new Set(['account_needs_sign_in', 'unexpected_person']);

/** Why nothing was started, and the one click that mends it. Gone when the accounts are well again. */
export function LaunchRefused(props: {
  failure: Failure;
  bundle: BundleView;
  /** Just before the sign-in begins. */
  onConnect?: () => void;
}) {
  const app = useApp();
  const isOfAccount = () => ofAnAccount.has(props.failure.code);
  const waiting = () => (isOfAccount() ? props.bundle.accounts.filter(needsPerson) : []);
  const nameOf = (providerId: string) =>
    app.state.providers.find(({ id }) => id === providerId)?.name ?? providerId;
  const connect = (providerId: string) => {
    props.onConnect?.();
    void app.connect({ providerId, bundleId: props.bundle.id });
  };
  return (
    <Show when={!isOfAccount() || waiting().length > 0}>
      <div data-component="launch-refused">
        <FailureNote failure={props.failure} />
        <Show when={props.failure.connect}>
          {(missing) => (
            <Button size="small" onClick={() => connect(missing().providerId)}>
              {`Connect ${nameOf(missing().providerId)}`}
            </Button>
          )}
        </Show>
        <For each={waiting()}>
          {({ providerId }) => (
            <Button
              size="small"
              onClick={() => connect(providerId)}
            >{`Sign in to ${nameOf(providerId)} again`}</Button>
          )}
        </For>
      </div>
    </Show>
  );
}
