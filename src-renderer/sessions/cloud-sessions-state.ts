import { createMemo, createSignal, onCleanup } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import type { Failure, Problem } from '../../src-preload/contract/values.ts';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { ask } from '../state/ask.ts';
import { createClock } from '../state/clock.ts';
import { coalesce } from '../state/coalesce.ts';
import type { Note } from '../state/create-app.ts';
import type { SessionDraft } from './session-draft.ts';
import { principalName } from './session-words.ts';

/** The cloud sessions as this window knows them. All of it is reactive. */
export interface CloudSessions {
  /** Newest first. */
  active: () => readonly CloudSessionView[];
  finished: () => readonly CloudSessionView[];
  find: (sessionId: string) => CloudSessionView | undefined;
  /** False until the first answer. */
  loaded: () => boolean;
  /** Why the list could not be read, as of the last time. */
  failure: () => Failure | null;
  /** Finished ones that are kept and not listed. */
  more: () => number;
  problems: () => readonly Problem[];
  /** Milliseconds since the Unix epoch, moving once a second while a session is active: one clock for all rows. */
  now: () => number;
  /** Reads the list again. */
  refresh: () => Promise<void>;
  /** Whether this window was given the session again instead of a new one. */
  wasReused: (sessionId: string) => boolean;
  markReused: (sessionId: string) => void;
  /** The session whose extension is asked about. */
  extending: () => string | null;
  extend: (sessionId: string | null) => void;
  /** What was typed into the New session sheet and not opened yet; `null` for nothing. */
  draft: () => SessionDraft | null;
  keepDraft: (draft: SessionDraft | null) => void;
}

export interface CloudSessionsParts {
  bridge: Pick<LanyardBridge, 'sessions'>;
  showNote: (note: Note | null) => void;
  /** Shows the page of sessions with one of them. */
  goTo: (sessionId: string) => void;
}

/** Must be called inside a root. */
export function createCloudSessions({ bridge, showNote, goTo }: CloudSessionsParts): CloudSessions {
  const [state, setState] = createStore<{ sessions: CloudSessionView[]; problems: Problem[]; more: number }>({
    sessions: [],
    problems: [],
    more: 0,
  });
  const [loaded, setLoaded] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [reused, setReused] = createSignal<ReadonlySet<string>>(new Set());
  const [extending, setExtending] = createSignal<string | null>(null);
  const [draft, setDraft] = createSignal<SessionDraft | null>(null);

  const refresh = coalesce(async () => {
    const reply = await ask(bridge.sessions.list());
    setFailure(reply.ok ? null : reply.failure);
    if (reply.ok) {
      // By id, so that a row stays the same element, and keeps the focus, while what it shows changes.
      setState('sessions', reconcile(reply.value.sessions, { key: 'id' }));
      setState('problems', reconcile(reply.value.problems));
      setState('more', reply.value.more);
    }
    setLoaded(true);
  });

  const active = createMemo(() => state.sessions.filter(({ status }) => status === 'active'));
  const finished = createMemo(() => state.sessions.filter(({ status }) => status !== 'active'));

  const stop = [
    bridge.sessions.onChanged(() => void refresh()),
    bridge.sessions.onWarning(({ sessionId, principal }) =>
      showNote({
        text: `The cloud session of ${principalName(principal)} ends within a minute.`,
        action: {
          label: 'Extend',
          run: () => {
            goTo(sessionId);
            setExtending(sessionId);
          },
        },
      }),
    ),
  ];
  onCleanup(() => {
    for (const each of stop) each();
  });
  void refresh();

  return {
    active,
    finished,
    find: (sessionId) => state.sessions.find(({ id }) => id === sessionId),
    loaded,
    failure,
    more: () => state.more,
    problems: () => state.problems,
    now: createClock(() => active().length > 0),
    refresh,
    wasReused: (sessionId) => reused().has(sessionId),
    markReused: (sessionId) => setReused((before) => new Set([...before, sessionId])),
    extending,
    extend: setExtending,
    draft,
    keepDraft: (kept) => setDraft(() => kept),
  };
}
