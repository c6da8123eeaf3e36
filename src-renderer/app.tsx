import { createSignal, lazy, Match, onMount, Show, Switch } from 'solid-js';
import './app.css';
import { NoteBar } from './components/note-bar.tsx';
import { IdentitiesPage } from './identities/identities-page.tsx';
import { Rail } from './rail/rail.tsx';
import { bindShortcuts } from './shortcuts/bind-shortcuts.ts';
import { useApp } from './state/app-context.tsx';
import { TopBar } from './top-bar/top-bar.tsx';

/** Not needed for the first picture, so it is read after it, before anybody can click. */
const loadConnectDialog = () =>
  import('./connect/connect-dialog.tsx').then((module) => ({ default: module.ConnectDialog }));
const ConnectDialog = lazy(loadConnectDialog);
const Overlays = lazy(() => import('./overlays.tsx').then((module) => ({ default: module.Overlays })));
const RemovalDialog = lazy(() =>
  import('./removal/removal-dialog.tsx').then((module) => ({ default: module.RemovalDialog })),
);
const TerminalsPage = lazy(() =>
  import('./terminals/terminals-page.tsx').then((module) => ({ default: module.TerminalsPage })),
);
const RunDialog = lazy(() =>
  import('./terminals/run-dialog.tsx').then((module) => ({ default: module.RunDialog })),
);
const SessionsPage = lazy(() =>
  import('./sessions/sessions-page.tsx').then((module) => ({ default: module.SessionsPage })),
);
const ActivityPage = lazy(() =>
  import('./activity/activity-page.tsx').then((module) => ({ default: module.ActivityPage })),
);
const SettingsPage = lazy(() =>
  import('./settings/settings-page.tsx').then((module) => ({ default: module.SettingsPage })),
);

export function App() {
  const app = useApp();
  bindShortcuts(app);
  const [idle, setIdle] = createSignal(false);
  onMount(() =>
    requestIdleCallback(() => {
      setIdle(true);
      void loadConnectDialog();
    }),
  );
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
        <TopBar />
        <main id="main" data-component="page" tabIndex={-1}>
          <Show when={app.state.bundlesLoaded && app.state.providersLoaded}>
            <Switch>
              <Match when={app.state.page.name === 'identities'}>
                <IdentitiesPage />
              </Match>
              <Match when={app.state.page.name === 'terminals'}>
                <TerminalsPage />
              </Match>
              <Match when={app.state.page.name === 'sessions'}>
                <SessionsPage />
              </Match>
              <Match when={app.state.page.name === 'activity'}>
                <ActivityPage />
              </Match>
              <Match when={app.state.page.name === 'settings'}>
                <SettingsPage />
              </Match>
            </Switch>
          </Show>
        </main>
      </div>
      <NoteBar />
      <Show when={app.removal()} keyed>
        {(request) => <RemovalDialog request={request} onClose={() => app.openRemoval(null)} />}
      </Show>
      <Show when={app.terminals.request()} keyed>
        {(request) => <RunDialog request={request} onClose={() => app.terminals.openRun(null)} />}
      </Show>
      <Show when={idle()}>
        <Overlays />
      </Show>
      <Show when={app.state.modal}>
        <ConnectDialog />
      </Show>
    </>
  );
}
