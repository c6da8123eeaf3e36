import { batch, createEffect, createSignal, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { announce } from '../accessibility/announce.ts';
import type { RemovalRequest } from '../removal/removal-requests.ts';
import { type CloudSessions, createCloudSessions } from '../sessions/cloud-sessions-state.ts';
import { createTerminals, type Terminals } from '../terminals/terminals-state.ts';
import { createClock } from './clock.ts';
import { type Controller, createController } from './controller.ts';
import {
  type AppEvent,
  type AppState,
  initialState,
  reduce,
  runningSessions,
  shownSessionId,
} from './model.ts';
import { recallWindow, rememberWindow } from './window-memory.ts';

/** What was just done, for people who see it; it is announced as well. */
export interface Note {
  text: string;
  /** The way to take it back. */
  action?: { label: string; run: () => void };
}

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
    note,
    showNote,
    terminals: createTerminals({
      bridge,
      announce,
      choosePage: controller.choosePage,
      showNote,
      page: () => state.page,
      providerName: (providerId) => state.providers.find(({ id }) => id === providerId)?.name ?? providerId,
    }),
  };
}
