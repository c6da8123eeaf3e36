import Plus from 'lucide-solid/icons/plus';
import { createMemo, createSelector, createSignal, For, Show } from 'solid-js';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { IconButton } from '../components/button.tsx';
import { FilterBox } from '../components/filter-box.tsx';
import { inPortions } from '../components/in-portions.ts';
import { useApp } from '../state/app-context.tsx';
import { filterBundles, worthFiltering } from '../state/filter.ts';
import { shownBundle } from '../state/model.ts';
import './bundle-list.css';

/** The identities to choose from, with a filter once they are more than fit at a glance. */
export function BundleList() {
  const app = useApp();
  const [filter, setFilter] = createSignal('');
  const filtering = () => worthFiltering(app.state.bundles.length);
  const bundles = createMemo(() => filterBundles(app.state.bundles, filtering() ? filter() : ''));
  const rows = inPortions(bundles);
  // One comparison per row that changes, where each row asking for itself would look through the whole list.
  const isShown = createSelector(() =>
    app.state.page.name === 'identities' ? shownBundle(app.state)?.id : undefined,
  );
  let list: HTMLUListElement | undefined;
  return (
    <nav data-component="rail-bundles" aria-labelledby="rail-bundles-title">
      <div data-component="rail-heading">
        <div>
          <h2 id="rail-bundles-title">Identities</h2>
          <IconButton label="New identity" onClick={() => app.openOverlay('new-identity')}>
            <Plus size={14} aria-hidden="true" />
          </IconButton>
        </div>
        <Show when={filtering()}>
          <FilterBox
            label="Filter identities"
            value={filter()}
            found={bundles().length}
            onChange={setFilter}
            onDown={() => list?.querySelector('button')?.focus()}
          />
        </Show>
      </div>
      <Show
        when={bundles().length > 0}
        fallback={<p data-component="rail-empty">No identity has this in its name, text or accounts.</p>}
      >
        {/* Arrow keys save the Tabs that a long list would cost. */}
        <ul
          data-component="rail-list"
          on:keydown={moveWithArrows}
          ref={(element) => {
            list = element;
          }}
        >
          <For each={rows()}>{(bundle) => <BundleItem bundle={bundle} shown={isShown(bundle.id)} />}</For>
        </ul>
      </Show>
    </nav>
  );
}

function BundleItem(props: { bundle: BundleSummary; shown: boolean }) {
  const app = useApp();
  return (
    <li data-component="rail-bundle">
      <button
        type="button"
        data-component="rail-item"
        aria-current={props.shown ? 'true' : undefined}
        onClick={() => app.choosePage({ name: 'identities', bundleId: props.bundle.id })}
      >
        <BundleDot bundle={props.bundle} />
        <span data-component="rail-item-name">{props.bundle.name}</span>
        <Show when={!props.bundle.blank}>
          <Show
            when={props.bundle.toRenew > 0}
            fallback={
              <span data-component="rail-badge">
                {props.bundle.accountCount}
                <span data-component="visually-hidden">
                  {props.bundle.accountCount === 1 ? ' account' : ' accounts'}
                </span>
              </span>
            }
          >
            <span data-component="rail-badge" data-tone="warn">{`${props.bundle.toRenew} to renew`}</span>
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
