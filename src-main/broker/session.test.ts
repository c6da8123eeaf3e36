import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type SessionSnapshot, SessionSnapshotSchema } from '../../src-preload/contract/auth.ts';
import { holdsFor } from '../property.fixture.ts';
import type { SignedInIdentity } from './method.ts';
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

const url = fc.constantFrom('https://acme.test/a', 'https://acme.test/b', 'https://acme.test/c');
const identity = fc.constantFrom<SignedInIdentity>(
  {},
  { email: 'late@acme.test' },
  { login: 'ada', plan: 'pro', organisation: 'Acme' },
);

/** Events from small pools, so that repetitions are as common as news. */
const common: fc.Arbitrary<SessionEvent>[] = [
  fc.record({ type: fc.constant('started'), command: fc.constantFrom('acme login', 'acme') }),
  fc.record({
    type: fc.constant('link'),
    url,
    trust: fc.constantFrom('listed', 'offered'),
    source: fc.constantFrom('printed', 'captured'),
  }),
  fc.record(
    {
      type: fc.constant('code'),
      code: fc.constantFrom('AAAA-BBBB', 'CCCC-DDDD'),
      verificationUrl: url,
      lifetimeMs: fc.constant(900_000),
    },
    { requiredKeys: ['type', 'code', 'verificationUrl'] },
  ),
  fc.nat(8).map((path) => ({ type: 'untrusted-link', url: `https://evil.test/${path}` })),
  fc.constant({ type: 'prompt' }),
  fc.constantFrom('Invalid code', 'Expired').map((text) => ({ type: 'paste-rejected', text })),
  fc.constantFrom('ada@acme.test', 'bob@acme.test').map((email) => ({ type: 'email', email })),
  fc
    .constantFrom('one', 'two')
    .map((text) => ({ type: 'notice', notice: { code: 'variable_left_out', text } })),
  fc.constant({ type: 'line', text: 'words' }),
  fc.constantFrom('line', 'file', 'exit').map((by) => ({ type: 'completed', by })),
  fc.constant({ type: 'browser-opened' }),
  fc.constant({ type: 'submitted' }),
  fc.constant({ type: 'checking' }),
  fc.constant({ type: 'check-refused' }),
];
const rare: fc.Arbitrary<SessionEvent>[] = [
  fc.constant({ type: 'saving' }),
  fc.record({
    type: fc.constant('saved'),
    saved: fc.constantFrom({ bundleId: 'bundle-1' }, { bundleId: 'bundle-1', accountId: 'a' }),
    identity,
  }),
  fc.constant({ type: 'failed', failure: { code: 'cancelled', title: 'Cancelled', hint: 'Again.' } }),
];
const events = fc.oneof(
  { weight: 92, arbitrary: fc.oneof(...common) },
  { weight: 8, arbitrary: fc.oneof(...rare) },
);

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

  // S-2: what each status has besides `providerId`, and what only others have.
  const own: Record<SessionSnapshot['status'], { has: string[]; mayHave: string[] }> = {
    pending: { has: [], mayHave: [] },
    'url-available': { has: ['authUrl'], mayHave: [] },
    'code-emitted': { has: ['deviceCode', 'verificationUrl'], mayHave: ['authUrl'] },
    success: { has: ['bundleId'], mayHave: ['email'] },
    failed: { has: ['error'], mayHave: [] },
  };
  const { has, mayHave } = own[is.status];
  const named = ['authUrl', 'deviceCode', 'verificationUrl', 'email', 'error'];
  const present = named.filter((field) => field in is && !mayHave.includes(field));
  expect(present).toEqual(has.filter((field) => field !== 'bundleId'));
  expect(is.providerId).toBe('acme');
  if (is.status === 'success') expect(is.bundleId).toEqual(expect.any(String));

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
  it('S-2, S-3, S-4, S-7: keeps to the rules', async () => {
    const endings = { running: 0, success: 0, failed: 0 };
    const cases = fc.tuple(fc.boolean(), fc.array(events, { minLength: 1, maxLength: 40, size: 'max' }));
    await holdsFor('events of a session', { seed: 20_260_508, runs: 2_000 }, cases, ([renews, told]) => {
      let state = frozen(beginSession(startOf({ renews })));
      for (const [step, event] of told.entries()) {
        const next = frozen(reduceSession(state, event, 2_000 + step));
        checkStep(state, event, next);
        state = next;
      }
      endings[state.end.kind] += 1;
    });
    // A generator that never ends a session, or always does, would prove little.
    expect(Math.min(...Object.values(endings))).toBeGreaterThan(200);
  }, 300_000);
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

  it('L-2: says whether anybody has checked where a link leads', () => {
    const offered = { ...link('https://sso.test/login'), trust: 'offered' } as const;
    expect(snapshotOf(told([link('https://acme.test/a')]))).toMatchObject({ linkTrust: 'listed' });
    expect(snapshotOf(told([offered]))).toMatchObject({ linkTrust: 'offered' });
    const there = { ...code('AAAA-BBBB'), verificationUrl: 'https://sso.test/login' };
    expect(snapshotOf(told([offered, there]))).toMatchObject({ linkTrust: 'offered' });
    // The definition's own page.
    expect(snapshotOf(told([offered, code('AAAA-BBBB')]))).toMatchObject({ linkTrust: 'listed' });
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
