import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import ChevronDown from 'lucide-solid/icons/chevron-down';
import { createEffect, createSignal, For, on, onCleanup, onMount, Show } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { ActivityEntry, ActivityFilter, TrailState } from '../../src-preload/contract/activity.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import '../connect/other-ways.css';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { coalesce } from '../state/coalesce.ts';
import { ActivityFilters, type ChosenFilters, filterOf, noFilters } from './activity-filters.tsx';
import './activity-page.css';
import { ActivityRow } from './activity-row.tsx';
import { stateWords, waitsForKeys } from './activity-words.ts';
import { TrailCheckPanel } from './trail-check-panel.tsx';

const pageSize = 100;

interface Shown {
  entries: ActivityEntry[];
  older: string | null;
  /** There is no entry at all. */
  empty: boolean;
  state: TrailState | null;
}

/** what happened, newest first, a page at a time, so that a hundred thousand entries cost what one page costs. */
export function ActivityPage() {
  const app = useApp();
  const [filters, setFilters] = createSignal<ChosenFilters>(noFilters);
  /** Where each page that is shown or lies before it begins; the newest begins nowhere. */
  const [places, setPlaces] = createSignal<(string | null)[]>([null]);
  const [shown, setShown] = createStore<Shown>({ entries: [], older: null, empty: false, state: null });
  const [loaded, setLoaded] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [current, setCurrent] = createSignal<number | null>(null);
  let list: HTMLOListElement | undefined;
  let title: HTMLHeadingElement | undefined;

  const filter = (): ActivityFilter => filterOf(filters(), Date.now());
  /** Counts readings: the answer to an older one is not shown any more. */
  let reading = 0;
  const load = async () => {
    reading += 1;
    const mine = reading;
    const before = places().at(-1) ?? null;
    const request = { filter: filter(), limit: pageSize, ...(before === null ? {} : { before }) };
    const reply = await ask(app.bridge.activity.list(request));
    if (mine !== reading) return;
    setLoaded(true);
    setFailure(reply.ok ? null : reply.failure);
    if (!reply.ok) return;
    const { entries, older, empty, state } = reply.value;
    setShown('entries', reconcile(entries, { key: 'seq' }));
    setShown({ older, empty, state });
  };
  const reload = coalesce(load);
  onMount(() => {
    void load();
    // On an older page nothing changes.
    onCleanup(app.bridge.activity.onChanged(() => places().length === 1 && reload()));
  });
  createEffect(
    on(
      filters,
      () => {
        setPlaces([null]);
        void load().then(() => {
          const { length } = shown.entries;
          const more = shown.older === null ? '' : 'At least ';
          app.announce(length === 1 ? '1 entry found' : `${more}${length} entries found`);
        });
      },
      { defer: true },
    ),
  );
  const turn = async (next: (string | null)[], text: string) => {
    setPlaces(next);
    setCurrent(null);
    await load();
    // The list is another one: from its top, and heard.
    title?.closest('main')?.scrollTo(0, 0);
    title?.focus();
    app.announce(text);
  };

  const exportAs = async (format: 'jsonl' | 'csv') => {
    setFailure(null);
    const reply = await ask(app.bridge.activity.export({ filter: filter(), format }));
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else if (reply.value.saved) app.showNote({ text: 'Activity exported.' });
  };

  const goToSecurity = () => app.choosePage({ name: 'settings', section: 'security' });

  const rowWithTabStop = () => current() ?? shown.entries[0]?.seq;
  const onRowKey = (event: KeyboardEvent) => {
    const rows = [...(list?.querySelectorAll<HTMLElement>('[data-component="activity-row"]') ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at === -1 || next === undefined) return;
    event.preventDefault();
    rows[Math.min(rows.length - 1, Math.max(0, next))]?.focus();
  };

  return (
    <div data-component="activity">
      <div data-component="activity-head">
        <h1
          id="page-title"
          data-component="page-title"
          tabIndex={-1}
          ref={(element) => {
            title = element;
          }}
        >
          Activity
        </h1>
        <Show when={!shown.empty}>
          <DropdownMenu.Root gutter={4} placement="bottom-end" modal={false}>
            <DropdownMenu.Trigger data-component="button" data-look="plain" data-size="normal">
              Export
              <ChevronDown size={14} aria-hidden="true" />
            </DropdownMenu.Trigger>
            <DropdownMenu.Portal>
              <DropdownMenu.Content data-component="menu">
                <DropdownMenu.Item data-component="menu-item" onSelect={() => void exportAs('csv')}>
                  Table (CSV)…
                </DropdownMenu.Item>
                <DropdownMenu.Item data-component="menu-item" onSelect={() => void exportAs('jsonl')}>
                  Signed lines (JSON)…
                </DropdownMenu.Item>
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
        </Show>
      </div>
      <p data-component="activity-about">
        What happened with your accounts on this computer. Entries are only ever added, and signed so that
        changes show.
      </p>
      <TrailCheckPanel />
      <Show when={shown.state && stateWords(shown.state)}>
        {(words) => (
          <div data-component="activity-warning">
            <p>{words()}</p>
            <Show when={shown.state && waitsForKeys(shown.state)}>
              <Button size="small" onClick={goToSecurity}>
                Open Settings &gt; Security
              </Button>
            </Show>
          </div>
        )}
      </Show>
      <Show when={failure()}>{(known) => <FailureNote failure={known()} />}</Show>
      <Show when={loaded()}>
        <Show
          when={!shown.empty}
          fallback={
            <div data-component="activity-empty">
              <p>Nothing has happened yet.</p>
              <p>
                Sign-ins, programs that are started as an identity, and requests for credentials will be
                listed here.
              </p>
            </div>
          }
        >
          <ActivityFilters filters={filters()} onChange={setFilters} />
          <Show
            when={shown.entries.length > 0}
            fallback={<p data-component="activity-empty">No entry fits these filters.</p>}
          >
            <ol
              data-component="activity-list"
              aria-label="Entries"
              onKeyDown={onRowKey}
              ref={(element) => {
                list = element;
              }}
            >
              <For each={shown.entries}>
                {(entry, index) => (
                  <ActivityRow
                    entry={entry}
                    previous={shown.entries[index() - 1]}
                    hasTabStop={rowWithTabStop() === entry.seq}
                    onFocus={() => setCurrent(entry.seq)}
                  />
                )}
              </For>
            </ol>
            <Show when={shown.older !== null || places().length > 1}>
              <nav data-component="activity-pages" aria-label="Pages of entries">
                <Button
                  aria-disabled={places().length === 1}
                  onClick={() =>
                    places().length > 1 && void turn(places().slice(0, -1), `Page ${places().length - 1}`)
                  }
                >
                  Newer
                </Button>
                <span>Page {places().length}</span>
                <Button
                  aria-disabled={shown.older === null}
                  onClick={() =>
                    shown.older !== null &&
                    void turn([...places(), shown.older], `Page ${places().length + 1}`)
                  }
                >
                  Older
                </Button>
              </nav>
            </Show>
          </Show>
        </Show>
      </Show>
    </div>
  );
}
