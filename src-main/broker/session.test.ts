import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type SessionSnapshot, SessionSnapshotSchema } from '../../src-preload/contract/auth.ts';
import {
  beginSession,
  linkToOpen,
  reduceSession,
  type SessionEvent,
  type SessionStart,
  type SessionState,
  shownLink,
  snapshotOf,
} from './session.ts';

const sequences = 5_000;
const longestSequence = 40;
/** Change it to look elsewhere; a failure names the sequence, which this seed always gives again. */
const seed = 20_260_101;

/** Mulberry32: the same numbers on every machine. */
function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Phase = SessionSnapshot['phase'];

/** Where a phase may lead. Only a check that said no leads back from one. */
const legal: Record<Phase, readonly Phase[]> = {
  starting: ['starting', 'waiting', 'submitted', 'checking', 'saving', 'ended'],
  waiting: ['waiting', 'submitted', 'checking', 'saving', 'ended'],
  submitted: ['submitted', 'waiting', 'checking', 'saving', 'ended'],
  checking: ['checking', 'waiting', 'saving', 'ended'],
  saving: ['saving', 'ended'],
  ended: ['ended'],
};

function startOf(changes: Partial<SessionStart> = {}): SessionStart {
  return {
    sessionId: 'auth-1',
    providerId: 'acme',
    flowId: 'browser',
    bundleId: null,
    paste: 'code',
    renews: false,
    startedAt: 1_000,
    deadlineAt: 601_000,
    ...changes,
  };
}

/** Events from small pools, so that repetitions are as common as news. */
function randomEvent(random: () => number): SessionEvent {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const url = () => `https://acme.test/${pick(['a', 'b', 'c'])}`;
  const failure = { code: 'cancelled', title: 'Cancelled', hint: 'Again.' };
  const identity = pick([
    {},
    { email: 'late@acme.test' },
    { login: 'ada', plan: 'pro', organisation: 'Acme' },
  ]);
  const common: (() => SessionEvent)[] = [
    () => ({ type: 'started', command: pick(['acme login', 'acme']) }),
    () => ({
      type: 'link',
      url: url(),
      trust: pick(['listed', 'offered']),
      source: pick(['printed', 'captured']),
    }),
    () => ({
      type: 'code',
      code: pick(['AAAA-BBBB', 'CCCC-DDDD']),
      verificationUrl: url(),
      ...pick([{}, { lifetimeMs: 900_000 }]),
    }),
    () => ({ type: 'untrusted-link', url: `https://evil.test/${Math.floor(random() * 9)}` }),
    () => ({ type: 'prompt' }),
    () => ({ type: 'paste-rejected', text: pick(['Invalid code', 'Expired']) }),
    () => ({ type: 'email', email: pick(['ada@acme.test', 'bob@acme.test']) }),
    () => ({ type: 'notice', notice: { code: 'variable_left_out', text: pick(['one', 'two']) } }),
    () => ({ type: 'line', text: 'words' }),
    () => ({ type: 'completed', by: pick(['line', 'file', 'exit']) }),
    () => ({ type: 'browser-opened' }),
    () => ({ type: 'submitted' }),
    () => ({ type: 'checking' }),
    () => ({ type: 'check-refused' }),
  ];
  const rare: (() => SessionEvent)[] = [
    () => ({ type: 'saving' }),
    () => ({ type: 'saved', saved: { bundleId: 'bundle-1', ...pick([{}, { accountId: 'a' }]) }, identity }),
    () => ({ type: 'failed', failure }),
  ];
  return pick(random() < 0.08 ? rare : common)();
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

const rank = { pending: 0, 'url-available': 1, 'code-emitted': 2, success: 3, failed: 3 };

/** Everything that must hold when `event` turned `before` into `after`. */
function checkStep(before: SessionState, event: SessionEvent, after: SessionState): void {
  const was = snapshotOf(before);
  const is = snapshotOf(after);

  const parsed = v.safeParse(SessionSnapshotSchema, is);
  expect(parsed.issues).toBeUndefined();
  expect(parsed.output).toEqual(is);

  if (was.phase === 'ended') expect(after).toBe(before);
  if (after !== before) expect(isDeepStrictEqual(after, before)).toBe(false);
  expect(legal[was.phase]).toContain(is.phase);
  if (was.phase === 'checking' && is.phase === 'waiting') expect(event.type).toBe('check-refused');
  expect(is.phase === 'ended').toBe(is.status === 'success' || is.status === 'failed');
  expect(is.status === 'success' && was.status !== 'success').toBe(
    event.type === 'saved' && was.phase !== 'ended',
  );

  expect(rank[is.status]).toBeGreaterThanOrEqual(rank[was.status]);
  for (const kept of ['printedLink', 'capturedLink', 'code'] as const) {
    if (before[kept] === null) continue;
    expect(after[kept]).not.toBeNull();
    if (!before.start.renews) expect(after[kept]).toBe(before[kept]);
  }
  if (!before.start.renews) expect(is.renewals).toBe(0);
  expect(is.renewals - was.renewals).toBeLessThanOrEqual(1);
  if (before.email !== null) expect(after.email).toBe(before.email);
  if (was.browserOpened) expect(is.browserOpened).toBe(true);
  expect(is.notices.length).toBeLessThanOrEqual(10);
  expect(is.untrustedLinks.length).toBeLessThanOrEqual(5);
  expect(after.start).toBe(before.start);
}

describe('any sequence of events', () => {
  it(`S-3, S-4, S-7: keeps to the rules (seed ${seed}, ${sequences} sequences)`, () => {
    const random = randomNumbers(seed);
    const endings = { running: 0, success: 0, failed: 0 };
    for (let sequence = 0; sequence < sequences; sequence++) {
      const renews = random() < 0.5;
      let state = frozen(beginSession(startOf({ renews })));
      const told: SessionEvent[] = [];
      const length = 1 + Math.floor(random() * longestSequence);
      for (let step = 0; step < length; step++) {
        const event = randomEvent(random);
        told.push(event);
        try {
          const next = frozen(reduceSession(state, event, 2_000 + step));
          checkStep(state, event, next);
          state = next;
        } catch (error) {
          throw new Error(`seed ${seed}, sequence ${sequence}: ${JSON.stringify(told)}`, { cause: error });
        }
      }
      endings[state.end.kind] += 1;
    }
    // A generator that never ends a session, or always does, would prove little.
    expect(Math.min(...Object.values(endings))).toBeGreaterThan(sequences / 10);
  }, 60_000);
});

describe('single events', () => {
  const told = (events: SessionEvent[], start: Partial<SessionStart> = {}) =>
    events.reduce((state, event) => reduceSession(state, event, 5_000), beginSession(startOf(start)));
  const link = (url: string, source: 'printed' | 'captured' = 'printed'): SessionEvent => ({
    type: 'link',
    url,
    trust: 'listed',
    source,
  });
  const code = (text: string): SessionEvent => ({
    type: 'code',
    code: text,
    verificationUrl: 'https://acme.test/device',
    lifetimeMs: 1_000,
  });

  it('S-3: a link after a code is kept and does not move the state back', () => {
    expect(snapshotOf(told([code('AAAA-BBBB'), link('https://acme.test/a')]))).toMatchObject({
      status: 'code-emitted',
      deviceCode: 'AAAA-BBBB',
      codeExpiresAt: 6_000,
      authUrl: 'https://acme.test/a',
    });
  });

  it('S-4: a provider that renews counts each new link and code, and no repetition', () => {
    const events = [link('https://acme.test/a'), link('https://acme.test/a'), link('https://acme.test/b')];
    expect(snapshotOf(told([...events, code('A'), code('A'), code('B')], { renews: true }))).toMatchObject({
      authUrl: 'https://acme.test/b',
      deviceCode: 'B',
      renewals: 2,
    });
    expect(snapshotOf(told([...events, code('A'), code('B')]))).toMatchObject({
      authUrl: 'https://acme.test/a',
      deviceCode: 'A',
      renewals: 0,
    });
  });

  it('the printed link is shown; the captured one, which finishes by itself, is opened; a code goes before both', () => {
    const both = told([link('https://acme.test/c', 'captured'), link('https://acme.test/p')]);
    expect(shownLink(both)?.url).toBe('https://acme.test/p');
    expect(linkToOpen(both)).toBe('https://acme.test/c');
    expect(linkToOpen(reduceSession(both, code('A'), 0))).toBe('https://acme.test/device');
    expect(linkToOpen(beginSession(startOf()))).toBeNull();
  });

  it('a delivery that is told of late does not take a session back from its check', () => {
    const checking = told([link('https://acme.test/a'), { type: 'checking' }, { type: 'submitted' }]);
    expect(snapshotOf(checking).phase).toBe('checking');
    const saving = told([
      { type: 'checking' },
      { type: 'saving' },
      { type: 'submitted' },
      { type: 'prompt' },
    ]);
    expect(snapshotOf(saving).phase).toBe('saving');
  });

  it('V-4: a refused paste is told of until the next one', () => {
    const refused = told([{ type: 'submitted' }, { type: 'paste-rejected', text: 'Invalid code' }]);
    expect(snapshotOf(refused)).toMatchObject({ phase: 'waiting', pasteRejected: 'Invalid code' });
    expect(snapshotOf(reduceSession(refused, { type: 'submitted' }, 0))).not.toHaveProperty('pasteRejected');
  });

  it('S-6: success names the email of the output, else that of the check', () => {
    const saved: SessionEvent = {
      type: 'saved',
      saved: { bundleId: 'b' },
      identity: { email: 'check@acme.test' },
    };
    expect(snapshotOf(told([{ type: 'email', email: 'seen@acme.test' }, saved]))).toMatchObject({
      email: 'seen@acme.test',
    });
    expect(snapshotOf(told([saved]))).toMatchObject({ email: 'check@acme.test' });
    const nameless = { ...saved, identity: { login: 'ada' } };
    expect(snapshotOf(told([nameless]))).toMatchObject({ login: 'ada' });
  });
});
