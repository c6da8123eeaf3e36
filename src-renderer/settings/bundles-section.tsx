import { createEffect, createMemo, createSelector, createSignal, For, on, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { ApprovalSection } from '../approvals/approval-section.tsx';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { FilterBox } from '../components/filter-box.tsx';
import { firstRows, ShowAllRows } from '../components/first-rows.tsx';
import { ProblemList } from '../components/problems.tsx';
import { NewBundleDialog } from '../rail/new-bundle-dialog.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { filterBundles, worthFiltering } from '../state/filter.ts';
import { ownBundles } from '../state/model.ts';
import { AdoptSection } from './adopt-section.tsx';
import { BundleRow, type Direction, type RowOrder } from './bundle-row.tsx';
import './bundles-section.css';

export function BundlesSection() {
  const app = useApp();
  const [naming, setNaming] = createSignal(false);
  const [filter, setFilter] = createSignal('');
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const own = createMemo(() => ownBundles(app.state));
  const filtering = () => worthFiltering(own().length);
  const found = createMemo(() => filterBundles(own(), filtering() ? filter() : ''));
  const list = firstRows(found);
  const isDefault = createSelector(() => app.state.defaultBundleId);
  const order = createOrder(
    () => own().map(({ id, name }) => ({ id, name })),
    () => found().length === own().length && own().length > 1,
    (place) => place < list.rows().length || list.showAll(),
    setFailure,
  );
  let element: HTMLUListElement | undefined;

  const exportAll = async () => {
    setFailure(null);
    const reply = await ask(app.bridge.bundles.export());
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else if (reply.value.saved) app.showNote({ text: 'The identities were exported, without any secret.' });
  };

  return (
    <section aria-labelledby="settings-bundles">
      <div data-component="settings-head">
        <h2 data-component="section-title" id="settings-bundles">
          Identities
        </h2>
        <div data-component="settings-actions">
          <Show when={own().length > 0}>
            <Button size="small" look="quiet" onClick={() => void exportAll()}>
              Export…
            </Button>
          </Show>
          <Button size="small" onClick={() => setNaming(true)}>
            New identity
          </Button>
        </div>
      </div>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <Show
        when={own().length > 0}
        fallback={<p data-component="settings-note">None yet. Connecting an account makes one.</p>}
      >
        <Show when={filtering()}>
          <div data-component="settings-filter">
            <FilterBox
              label="Filter these identities"
              value={filter()}
              found={found().length}
              onChange={setFilter}
              onDown={() => element?.querySelector('button')?.focus()}
            />
          </div>
        </Show>
        <Show
          when={found().length > 0}
          fallback={<p data-component="settings-note">No identity has this in its name, text or accounts.</p>}
        >
          <ul
            data-component="settings-list"
            aria-labelledby="settings-bundles"
            ref={(made) => {
              element = made;
            }}
          >
            <For each={list.rows()}>
              {(bundle) => <BundleRow bundle={bundle} isDefault={isDefault(bundle.id)} order={order} />}
            </For>
          </ul>
          <ShowAllRows of={list} list={() => element} />
        </Show>
      </Show>
      <ApprovalSection bundles={found()} />
      <AdoptSection />
      <Show when={app.state.bundleProblems.length > 0}>
        <h3 data-component="settings-subtitle">Set aside because they could not be read</h3>
        <ProblemList problems={app.state.bundleProblems} />
      </Show>
      <Show when={naming()}>
        <NewBundleDialog onClose={() => setNaming(false)} />
      </Show>
    </section>
  );
}

/** Moving rows, by one place or by dragging; the focus stays on the button that moved one. */
function createOrder(
  bundles: () => { id: string; name: string }[],
  movable: () => boolean,
  /** Sees to it that the row at this place is shown: one that moves stays in sight. */
  show: (place: number) => void,
  setFailure: (failure: Failure | null) => void,
): RowOrder {
  const app = useApp();
  const [dragged, setDragged] = createSignal<string | null>(null);
  const places = createMemo(() => new Map(bundles().map(({ id }, place) => [id, place])));
  let pressed: string | null = null;

  // A row that is put elsewhere in the list loses the focus.
  createEffect(
    on(
      places,
      () => {
        const selector = pressed && `[data-move="${CSS.escape(pressed)}"]`;
        pressed = null;
        if (selector) queueMicrotask(() => document.querySelector<HTMLElement>(selector)?.focus());
      },
      { defer: true },
    ),
  );

  const moveBefore = async (bundleId: string, beforeBundleId: string | null) => {
    const place = (before: string | null) =>
      before === null ? bundles().length - 1 : (places().get(before) ?? 0);
    const from = places().get(bundleId) ?? 0;
    const to = place(beforeBundleId) - (beforeBundleId !== null && place(beforeBundleId) > from ? 1 : 0);
    const name = bundles()[from]?.name ?? '';
    setFailure(null);
    show(to);
    const failure = await attempt(app.bridge.bundles.move({ bundleId, beforeBundleId }));
    setFailure(failure);
    if (!failure) app.announce(`${name} is number ${to + 1} of ${bundles().length} now.`);
  };

  return {
    movable,
    isFirst: (id) => places().get(id) === 0,
    isLast: (id) => places().get(id) === bundles().length - 1,
    move: (id, direction: Direction) => {
      const place = places().get(id) ?? 0;
      pressed = `${direction}:${id}`;
      void moveBefore(id, bundles()[direction === 'up' ? place - 1 : place + 2]?.id ?? null);
    },
    dragged,
    setDragged,
    drop: (targetId) => {
      const id = dragged();
      if (id === null) return;
      pressed = null;
      const down = (places().get(id) ?? 0) < (places().get(targetId) ?? 0);
      const target = places().get(targetId) ?? 0;
      // Dropped on a row further down it takes that row's place, as one further up does.
      void moveBefore(id, down ? (bundles()[target + 1]?.id ?? null) : targetId);
    },
  };
}
