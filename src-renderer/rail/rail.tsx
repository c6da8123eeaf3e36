import Plus from 'lucide-solid/icons/plus';
import { createSignal, For, Show } from 'solid-js';
import type { BundleView } from '../../src-preload/contract/bundles.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { IconButton } from '../components/button.tsx';
import { useApp } from '../state/app-context.tsx';
import { shownBundle } from '../state/model.ts';
import { NewBundleDialog } from './new-bundle-dialog.tsx';
import './rail.css';
import { SignIns } from './sign-ins.tsx';

export function Rail() {
  const app = useApp();
  const [naming, setNaming] = createSignal(false);
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
          <li>
            <button
              type="button"
              data-component="rail-item"
              aria-current={onIdentities() ? undefined : 'page'}
              onClick={() => app.choosePage({ name: 'settings', section: 'identities' })}
            >
              Settings
            </button>
          </li>
        </ul>
      </nav>
      <nav data-component="rail-bundles" aria-labelledby="rail-bundles-title">
        <div data-component="rail-heading">
          <h2 id="rail-bundles-title">Identities</h2>
          <IconButton label="New identity" onClick={() => setNaming(true)}>
            <Plus size={14} aria-hidden="true" />
          </IconButton>
        </div>
        {/* Arrow keys save the Tabs that a long list would cost. */}
        <ul data-component="rail-list" on:keydown={moveWithArrows}>
          <For each={app.state.bundles}>{(bundle) => <BundleItem bundle={bundle} />}</For>
        </ul>
      </nav>
      <SignIns />
      <Show when={naming()}>
        <NewBundleDialog onClose={() => setNaming(false)} />
      </Show>
    </aside>
  );
}

function BundleItem(props: { bundle: BundleView }) {
  const app = useApp();
  const shown = () => app.state.page.name === 'identities' && shownBundle(app.state)?.id === props.bundle.id;
  const toRenew = () =>
    props.bundle.accounts.filter(({ status }) => status === 'needs-sign-in' || status === 'expiring').length;
  return (
    <li data-component="rail-bundle">
      <button
        type="button"
        data-component="rail-item"
        aria-current={shown() ? 'true' : undefined}
        onClick={() => app.choosePage({ name: 'identities', bundleId: props.bundle.id })}
      >
        <BundleDot bundle={props.bundle} />
        <span data-component="rail-item-name">{props.bundle.name}</span>
        <Show when={!props.bundle.blank}>
          <Show
            when={toRenew() > 0}
            fallback={
              <span data-component="rail-badge">
                {props.bundle.accounts.length}
                <span data-component="visually-hidden">
                  {props.bundle.accounts.length === 1 ? ' account' : ' accounts'}
                </span>
              </span>
            }
          >
            <span data-component="rail-badge" data-tone="warn">{`${toRenew()} to renew`}</span>
          </Show>
        </Show>
      </button>
    </li>
  );
}

function moveWithArrows(event: KeyboardEvent & { currentTarget: HTMLElement }) {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const items: Element[] = [...event.currentTarget.querySelectorAll('button')];
  const index = document.activeElement ? items.indexOf(document.activeElement) : -1;
  const next = items[index + step];
  if (index < 0 || !next) return;
  event.preventDefault();
  if (next instanceof HTMLElement) next.focus();
}
