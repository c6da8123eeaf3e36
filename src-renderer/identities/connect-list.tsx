import { For, Show } from 'solid-js';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import { Button } from '../components/button.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { isShared } from '../programs/program-words.ts';
import { useApp } from '../state/app-context.tsx';
import { lacksProgram, runningSignIn } from '../state/model.ts';
import './connect-list.css';

/** One row per provider that can be connected, or whose sign-in runs. `bundleId` null makes a bundle on success. */
export function ConnectList(props: { providers: ProviderView[]; bundleId: string | null }) {
  return (
    <ul data-component="connect-list">
      <For each={props.providers}>
        {(provider) => <ConnectRow provider={provider} bundleId={props.bundleId} />}
      </For>
    </ul>
  );
}

function ConnectRow(props: { provider: ProviderView; bundleId: string | null }) {
  const app = useApp();
  const running = () => runningSignIn(app.state, props.provider.id, props.bundleId);
  const missing = () =>
    lacksProgram(props.provider) && props.provider.program.state === 'missing'
      ? props.provider.program
      : undefined;
  return (
    <li data-component="connect-row">
      <ProviderMark mark={props.provider.mark} small />
      <div data-component="connect-name">
        <span>{props.provider.name}</span>
        <Show
          when={running()}
          fallback={
            <Show when={missing()}>
              {(program) => (
                // Still connectable: the failure offers to install it.
                <small title={program().installCommand}>Not installed</small>
              )}
            </Show>
          }
        >
          {(session) => <small>Connecting, {formatTimeLeft(session().deadlineAt - app.now())}</small>}
        </Show>
        <Show when={isShared(props.provider)}>
          <small data-tone="warn">Shared with this machine</small>
        </Show>
      </div>
      {/* One button for both, so that the focus stays where it was when a sign-in begins or ends. */}
      <ConnectButton provider={props.provider} bundleId={props.bundleId} />
    </li>
  );
}

export function ConnectButton(props: {
  provider: ProviderView;
  bundleId: string | null;
  look?: 'primary' | 'plain';
}) {
  const app = useApp();
  const running = () => runningSignIn(app.state, props.provider.id, props.bundleId) !== undefined;
  const starting = () =>
    app.state.modal?.attempt.kind === 'starting' && app.state.modal.providerId === props.provider.id;
  return (
    <Button
      size={props.look === 'primary' ? 'normal' : 'small'}
      look={props.look ?? 'plain'}
      aria-label={running() ? `Show the sign-in of ${props.provider.name}` : `Connect ${props.provider.name}`}
      aria-disabled={starting() ? 'true' : undefined}
      data-returns-focus={`connect-${props.provider.id}`}
      onClick={() => void app.connect({ providerId: props.provider.id, bundleId: props.bundleId })}
    >
      {running() ? 'Show' : 'Connect'}
    </Button>
  );
}
