import { batch, createEffect, createSignal, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { DesktopSettings, LinkView } from '../../src-preload/contract/desktop.ts';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { announce } from '../accessibility/announce.ts';
import { type Approvals, createApprovals } from '../approvals/approvals-state.ts';
import { sentences } from '../format/sentences.ts';
import { focusAccount } from '../identities/focus-account.ts';
import type { RemovalRequest } from '../removal/removal-requests.ts';
import { type CloudSessions, createCloudSessions } from '../sessions/cloud-sessions-state.ts';
import { createTerminals, type Terminals } from '../terminals/terminals-state.ts';
import { ask } from './ask.ts';
import { createClock } from './clock.ts';
import { coalesce } from './coalesce.ts';
import { type Controller, createController } from './controller.ts';
import {
  type AppEvent,
  type AppState,
  initialState,
  reduce,
  runningSessions,
  shownBundle,
  shownSessionId,
} from './model.ts';
import { recallWindow, rememberWindow } from './window-memory.ts';

/** What was just done, for people who see it; it is announced as well. */
export interface Note {
  text: string;
  /** The way to take it back. */
  action?: { label: string; run: () => void };
}

/** What lies over the page: one at a time. */
export type Overlay = 'palette' | 'switcher' | 'shortcuts' | 'new-identity';

/** Until main has said what was chosen. */
const firstSettings: DesktopSettings = {
  theme: 'system',
  notifications: true,
  keepInTray: false,
  singleKeys: true,
  startAtLogin: false,
};

export interface App extends Controller {
  /** Read-only and reactive. */
  readonly state: AppState;
  readonly bridge: LanyardBridge;
  /** Milliseconds since the Unix epoch, moving once a second while a sign-in runs. For countdowns on screen only. */
  now: () => number;
  announce: (text: string) => void;
  /** The cloud sessions, for the rail and their page. */
  cloud: CloudSessions;
  /** What is asked to be taken away, with its dialog open. */
  removal: () => RemovalRequest | null;
  openRemoval: (request: RemovalRequest | null) => void;
  overlay: () => Overlay | null;
  openOverlay: (overlay: Overlay | null) => void;
  /** How Lanyard behaves on the desktop. */
  settings: () => DesktopSettings;
  /** What programs outside of the app ask for. */
  readonly approvals: Approvals;
  /** A link from outside that waits for the person's answer. */
  link: () => LinkView | null;
  note: () => Note | null;
  showNote: (note: Note | null) => void;
  /** What runs as which bundle. */
  readonly terminals: Terminals;
}

/** Puts the pure state machine behind a Solid store. Must be called inside a root. */
export function createApp(bridge: LanyardBridge): App {
  let current = initialState;
  const [state, setState] = createStore<AppState>(structuredClone(initialState));

  const dispatch = (event: AppEvent) => {
    const next = reduce(current, event);
    const before = current;
    current = next;
    batch(() => {
      for (const key of Object.keys(next) as (keyof AppState)[]) {
        // Cloned, because reconcile keeps what it is given and writes to it later.
        if (next[key] !== before[key]) setState(key, reconcile(structuredClone(next[key])));
      }
    });
  };

  const controller = createController({
    bridge,
    state: () => current,
    dispatch,
    announce,
    remembered: recallWindow(),
    showAccount: focusAccount,
  });
  onCleanup(controller.begin());
  createEffect(() => rememberWindow({ page: { ...state.page }, openSessionId: shownSessionId(state) }));

  const [note, setNote] = createSignal<Note | null>(null);
  const [removal, setRemoval] = createSignal<RemovalRequest | null>(null);
  const openRemoval = (request: RemovalRequest | null) => {
    // What was done before is no longer what was just done.
    if (request) setNote(null);
    setRemoval(() => request);
  };
  const showNote = (shown: Note | null) => {
    setNote(shown);
    if (shown) announce(shown.text);
  };

  const [overlay, openOverlay] = createSignal<Overlay | null>(null);
  const [settings, setSettings] = createSignal(firstSettings);
  onCleanup(bridge.desktop.onChanged(setSettings));
  void ask(bridge.desktop.settings()).then((reply) => reply.ok && setSettings(reply.value));
  onCleanup(
    bridge.desktop.onShow(({ failure }) => {
      if (failure) showNote({ text: sentences(failure) });
    }),
  );
  createEffect(() => {
    const bundleId = state.page.name === 'identities' ? (shownBundle(state)?.id ?? null) : null;
    void ask(bridge.desktop.looking({ page: state.page.name, bundleId }));
  });

  const [link, setLink] = createSignal<LinkView | null>(null);
  const readLink = coalesce(async () => {
    const reply = await ask(bridge.links.waiting());
    if (reply.ok) setLink(reply.value.link);
  });
  onCleanup(bridge.links.onChanged(() => void readLink()));
  void readLink();
  createEffect(() => {
    const waiting = link();
    if (waiting?.kind !== 'refused') return;
    showNote({ text: sentences(waiting.failure) });
    void ask(bridge.links.answer({ linkId: waiting.linkId, allow: false }));
  });

  return {
    ...controller,
    state,
    bridge,
    now: createClock(
      () =>
        runningSessions(state).length > 0 ||
        Object.values(state.installs).some(({ status }) => status === 'running'),
    ),
    announce,
    cloud: createCloudSessions({
      bridge,
      showNote,
      goTo: (sessionId) => controller.choosePage({ name: 'sessions', sessionId }),
    }),
    removal,
    openRemoval,
    overlay,
    openOverlay,
    settings,
    approvals: createApprovals(bridge),
    link,
    note,
    showNote,
    terminals: createTerminals({
      bridge,
      announce,
      choosePage: controller.choosePage,
      showNote,
      note,
      page: () => state.page,
      providerName: (providerId) => state.providers.find(({ id }) => id === providerId)?.name ?? providerId,
    }),
  };
}
