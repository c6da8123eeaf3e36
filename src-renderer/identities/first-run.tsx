import { createMemo, Show } from 'solid-js';
import { ProviderMark } from '../components/provider-mark.tsx';
import { useApp } from '../state/app-context.tsx';
import { ConnectButton, ConnectList } from './connect-list.tsx';
import './first-run.css';

/** The provider that ships with the app and needs no account. */
const demoProviderId = 'demo';

/** No identity yet: straight to the first Connect, which makes one. */
export function FirstRun() {
  const app = useApp();
  const demo = createMemo(() => app.state.providers.find(({ id }) => id === demoProviderId));
  const others = createMemo(() => app.state.providers.filter(({ id }) => id !== demoProviderId));
  return (
    <div data-component="first-run">
      <h1 id="page-title" data-component="page-title" tabIndex={-1}>
        Connect your first account
      </h1>
      <p>
        Sign in with an agent CLI. Lanyard keeps the login apart from the one this computer already has, in an
        identity that you can run anything as.
      </p>
      <Show when={demo()}>
        {(provider) => (
          <div data-component="first-run-demo">
            <ProviderMark mark={provider().mark} />
            <div>
              <strong>{provider().name}</strong>
              <p>Try it with the demo provider, no account needed.</p>
            </div>
            <ConnectButton provider={provider()} bundleId={null} look="primary" />
          </div>
        )}
      </Show>
      <Show when={others().length > 0}>
        <h2 data-component="section-title">{demo() ? 'Or start with your own' : 'Providers'}</h2>
        <ConnectList providers={others()} bundleId={null} />
      </Show>
    </div>
  );
}
