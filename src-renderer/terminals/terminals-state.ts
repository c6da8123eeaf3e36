import { batch, createEffect, createMemo, createSignal, onCleanup } from 'solid-js';
import type { OtherHolder, RunningView } from '../../src-preload/contract/running.ts';
import type { TerminalTab } from '../../src-preload/contract/terminals.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { ask, attempt } from '../state/ask.ts';
import { coalesce } from '../state/coalesce.ts';
import type { Note } from '../state/create-app.ts';
import type { Page } from '../state/model.ts';
import { hasOldLogin, newEnds, oldLoginNote, programLabel } from './terminal-words.ts';

export interface RunRequest {
  /** Null: the person chooses in the dialog. */
  bundleId: string | null;
  command?: string;
}

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface TerminalsParts {
  bridge: LanyardBridge;
  announce: (text: string) => void;
  choosePage: (page: Page) => void;
  showNote: (note: Note | null) => void;
  note: () => Note | null;
  page: () => Page;
  providerName: (providerId: string) => string;
}

export type Terminals = ReturnType<typeof createTerminals>;

/** Tabs and what runs, as main has them, and what a person can ask for. Must be called inside a root. */
export function createTerminals(parts: TerminalsParts) {
  const { bridge, announce, choosePage, showNote, note, page, providerName } = parts;
  const [tabs, setTabs] = createSignal<TerminalTab[]>([]);
  const [programs, setPrograms] = createSignal<RunningView[]>([]);
  const [others, setOthers] = createSignal<OtherHolder[]>([]);
  const [screenReader, setScreenReader] = createSignal(false);
  const [loaded, setLoaded] = createSignal(false);
  const [request, setRequest] = createSignal<RunRequest | null>(null);
  /** Of the last terminal that was shown: most likely that of the next one. */
  let size: TerminalSize = { columns: 80, rows: 24 };
  /** Whose old login was told of already. */
  let toldOf = new Set<string>();
  let told: Note | null = null;
  /** The tab whose terminal gets the focus as soon as it is there. */
  const [focusing, setFocusing] = createSignal<string | null>(null);

  const selected = () => {
    const current = page();
    return current.name === 'terminals' ? current.tabId : null;
  };
  /** Where the page was left. */
  let last: string | null = null;
  createEffect(() => {
    const current = page();
    if (current.name === 'terminals') last = current.tabId;
  });
  const show = (tabId: string | null) => choosePage({ name: 'terminals', tabId });

  const loadTabs = coalesce(async () => {
    const reply = await ask(bridge.terminals.list());
    if (!reply.ok) return;
    for (const text of newEnds(tabs(), reply.value.tabs)) announce(text);
    const chosen = selected();
    const isThere = chosen === null || reply.value.tabs.some(({ tabId }) => tabId === chosen);
    batch(() => {
      setTabs(reply.value.tabs);
      setScreenReader(reply.value.screenReader);
      setLoaded(true);
      if (!isThere) show(null);
    });
  });
  const loadRunning = coalesce(async () => {
    const reply = await ask(bridge.running.list());
    if (!reply.ok) return;
    setPrograms(reply.value.programs);
    setOthers(reply.value.others);
    const old = [...reply.value.programs.filter(hasOldLogin), ...reply.value.others].map(({ id }) => id);
    const isNews = old.some((id) => !toldOf.has(id));
    toldOf = new Set(old);
    if (old.length === 0 && note() === told) showNote(null);
    const onList = page().name === 'terminals' && selected() === null;
    if (!isNews || onList) return;
    told = {
      text: oldLoginNote(reply.value.programs, reply.value.others, providerName),
      action: {
        label: 'Show',
        run: () => {
          showNote(null);
          choosePage({ name: 'terminals', tabId: null });
        },
      },
    };
    showNote(told);
  });
  onCleanup(bridge.terminals.onChanged(() => void loadTabs()));
  onCleanup(bridge.running.onChanged(() => void loadRunning()));
  // Nobody can have seen the count before the first picture.
  requestIdleCallback(() => {
    void loadTabs();
    void loadRunning();
  });

  /** Shows a tab that was just opened before the list is read again. */
  const takeIn = (tab: TerminalTab) => {
    // Together: a strip whose chosen tab is not there chooses another one.
    batch(() => {
      setTabs([...tabs().filter(({ tabId }) => tabId !== tab.tabId), tab]);
      setFocusing(tab.tabId);
      show(tab.tabId);
    });
  };

  return {
    tabs,
    programs,
    others,
    screenReader,
    loaded,
    /** Programs that have a login which is no longer theirs. */
    oldLogins: createMemo(() => programs().filter(hasOldLogin).length + others().length),
    selected,
    show,
    /** Shows the page as it was left. */
    showPage: () => show(tabs().some(({ tabId }) => tabId === last) ? last : null),
    request,
    openRun: (next: RunRequest | null) => setRequest(next),
    noteSize: (next: TerminalSize) => {
      size = next;
    },
    focusing,
    focused: () => setFocusing(null),
    focusLater: (tabId: string) => setFocusing(tabId),

    /** Starts a shell, or a line in it, in a new tab, and shows it. Returns what stood in the way, or `null`. */
    async start(bundleId: string, command: string, keep: boolean): Promise<Failure | null> {
      const reply = await ask(
        bridge.terminals.open({ bundleId, ...size, ...(command === '' ? {} : { command, keep }) }),
      );
      if (!reply.ok) return reply.failure;
      if (!reply.value.success) return reply.value.failure;
      takeIn(reply.value.tab);
      return null;
    },

    async restart(tabId: string): Promise<Failure | null> {
      const reply = await ask(bridge.terminals.restart({ tabId }));
      if (!reply.ok) return reply.failure;
      if (!reply.value.success) return reply.value.failure;
      announce(`${programLabel(reply.value.tab)} was started again.`);
      return null;
    },

    async isBusy(tabId: string): Promise<boolean> {
      const reply = await ask(bridge.terminals.isBusy({ tabId }));
      return reply.ok && reply.value.busy;
    },

    /** Closes a tab and shows the one beside it. */
    async close(tabId: string): Promise<Failure | null> {
      const before = tabs();
      const at = before.findIndex((tab) => tab.tabId === tabId);
      const failure = await attempt(bridge.terminals.close({ tabId }));
      if (failure) return failure;
      const left = tabs().filter((tab) => tab.tabId !== tabId);
      const next = left[Math.min(at, left.length - 1)];
      const wasShown = selected() === tabId || selected() === null;
      batch(() => {
        setTabs(left);
        if (wasShown && next) setFocusing(next.tabId);
        if (wasShown) show(next?.tabId ?? null);
      });
      announce('Terminal closed.');
      return null;
    },

    end: (id: string): Promise<Failure | null> => attempt(bridge.running.end({ id })),
    refresh: () => void loadRunning(),
  };
}
