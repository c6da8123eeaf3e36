import { lazy, Match, Show, Switch } from 'solid-js';
import './app.css';
import { ConnectDialog } from './connect/connect-dialog.tsx';
import { IdentitiesPage } from './identities/identities-page.tsx';
import { Rail } from './rail/rail.tsx';
import { useApp } from './state/app-context.tsx';

const SettingsPage = lazy(() =>
  import('./settings/settings-page.tsx').then((module) => ({ default: module.SettingsPage })),
);

export function App() {
  const app = useApp();
  return (
    <>
      <div data-component="shell">
        <button
          type="button"
          data-component="skip-link"
          onClick={() => document.getElementById('main')?.focus()}
        >
          Skip to content
        </button>
        <Rail />
        <main id="main" data-component="page" tabIndex={-1}>
          <Show when={app.state.bundlesLoaded && app.state.providersLoaded}>
            <Switch>
              <Match when={app.state.page.name === 'identities'}>
                <IdentitiesPage />
              </Match>
              <Match when={app.state.page.name === 'settings'}>
                <SettingsPage />
              </Match>
            </Switch>
          </Show>
        </main>
      </div>
      <Show when={app.state.modal}>
        <ConnectDialog />
      </Show>
    </>
  );
}
