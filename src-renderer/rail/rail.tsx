import { Show } from 'solid-js';
import { CloudSessionsItem } from '../sessions/rail-item.tsx';
import { useApp } from '../state/app-context.tsx';
import { shownBundle } from '../state/model.ts';
import { BundleList } from './bundle-list.tsx';
import { Installs } from './installs.tsx';
import './rail.css';
import { SignIns } from './sign-ins.tsx';

export function Rail() {
  const app = useApp();
  const onIdentities = () => app.state.page.name === 'identities';
  return (
    <aside data-component="rail" aria-label="Navigation">
      <div data-component="brand">
        <svg width="18" height="18" viewBox="0 0 18 18" fill="none" aria-hidden="true">
          <path d="M3 1l6 8 6-8" />
          <rect x="5.5" y="9" width="7" height="8" rx="2" />
        </svg>
        Lanyard
      </div>
      <nav aria-label="Pages">
        <ul data-component="rail-list">
          <li>
            <button
              type="button"
              data-component="rail-item"
              aria-current={onIdentities() ? 'page' : undefined}
              onClick={() =>
                app.choosePage({ name: 'identities', bundleId: shownBundle(app.state)?.id ?? null })
              }
            >
              Identities
            </button>
          </li>
          <CloudSessionsItem />
          <li>
            <button
              type="button"
              data-component="rail-item"
              aria-current={app.state.page.name === 'terminals' ? 'page' : undefined}
              onClick={() => app.terminals.showPage()}
            >
              Terminals
              <Show when={app.terminals.programs().length > 0}>
                <span
                  data-component="rail-badge"
                  data-tone={app.terminals.oldLogins() > 0 ? 'bad' : undefined}
                >
                  {app.terminals.programs().length}
                  <span data-component="visually-hidden">
                    {app.terminals.oldLogins() > 0 ? ' running, some with an old login' : ' running'}
                  </span>
                </span>
              </Show>
            </button>
          </li>
          <li>
            <button
              type="button"
              data-component="rail-item"
              aria-current={app.state.page.name === 'activity' ? 'page' : undefined}
              onClick={() => app.choosePage({ name: 'activity' })}
            >
              Activity
            </button>
          </li>
          <li>
            <button
              type="button"
              data-component="rail-item"
              aria-current={app.state.page.name === 'settings' ? 'page' : undefined}
              onClick={() => app.choosePage({ name: 'settings', section: 'identities' })}
            >
              Settings
            </button>
          </li>
        </ul>
      </nav>
      <BundleList />
      <SignIns />
      <Installs />
    </aside>
  );
}
