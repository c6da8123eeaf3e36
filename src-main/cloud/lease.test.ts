import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ttlPresets } from '../../src-preload/contract/sessions.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { holdsFor } from '../property.fixture.ts';
import { charge } from './budget.ts';
import { cloudSession, sessionStart } from './cloud-session.fixture.ts';
import { parseDuration } from './duration.ts';
import { endsAt, extendLease, LeaseWatch, mustEndAt, nextLifetime } from './lease.ts';
import type { CloudSession } from './session-record.ts';

const hour = 3_600_000;

describe('C-20: lengths of time', () => {
  it.each([
    ['45m', 2700],
    ['8h', 28_800],
    ['1h30m', 5400],
    [' 900 ', 900],
    ['900s', 900],
    ['1D', 86_400],
  ])('C-20: %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each([
    '',
    '  ',
    '0',
    '0h',
    'h',
    '8 h',
    '-8h',
    '8.5h',
    '8x',
    'never',
    'Infinity',
    '1m1h',
    '99999999999999999999h',
  ])('C-20: "%s" is an error, not "no cap"', (text) => {
    expect(() => parseDuration(text)).toThrow('invalid_duration');
  });

  it('C-20: presets are within what AWS grants', () => {
    for (const seconds of ttlPresets) expect(seconds >= 900 && seconds <= 43_200).toBe(true);
  });
});

describe('C-16: lifetimes within a lease', () => {
  it('C-16: one renewal after the other ends exactly with the lease, and never later', async () => {
    const numbers = fc.record({
      lease: fc.integer({ min: 900, max: 200_000 }),
      usual: fc.integer({ min: 900, max: 43_200 }),
      // How much before the end the holder asks for the next one, in parts of the lifetime.
      early: fc.double({ min: 0, max: 0.5, noNaN: true }),
    });
    await holdsFor('lifetimes', { seed: 6002, runs: 500 }, numbers, ({ lease, usual, early }) => {
      let expires = 0;
      for (let now = 0; expires < lease; ) {
        const lifetime = nextLifetime(lease - now, usual, 900);
        if (lifetime === null) throw new Error(`${lease - expires} s of the lease are left over`);
        if (lifetime < 900 || lifetime > Math.max(usual, 1799)) throw new Error(`lives ${lifetime} s`);
        expires = now + lifetime;
        if (expires > lease) throw new Error('passes the lease');
        now = expires - Math.floor(lifetime * early);
      }
    });
  });

  it('C-16: nothing is issued that would outlive the lease', () => {
    expect(nextLifetime(899.9, 3600, 900)).toBeNull();
    expect(nextLifetime(0, 3600, 900)).toBeNull();
    expect(nextLifetime(-5, 3600, 900)).toBeNull();
    expect(nextLifetime(900, 3600, 900)).toBe(900);
  });
});

describe('C-20: extend', () => {
  const session = cloudSession();
  const extend = (until: number, capSeconds: number, now = sessionStart, of: CloudSession = session) =>
    extendLease(of, until, { now, capSeconds });

  it('C-20: up to the cap and not beyond', () => {
    const end = endsAt(extend(sessionStart + 8 * hour, 8 * 3600));
    expect(end).toBe(sessionStart + 8 * hour);
    expect(() => extend(sessionStart + 8 * hour + 1, 8 * 3600)).toThrow('beyond_cap');
    expect(() => extend(sessionStart + 8 * hour, Number.NaN)).toThrow('beyond_cap');
    expect(() => extend(Number.NaN, 8 * 3600)).toThrow('beyond_cap');
  });

  it('C-20: only a later end, and only while it is active', () => {
    expect(() => extend(session.expiresAt, 8 * 3600)).toThrow('not_an_extension');
    expect(() => extend(sessionStart + 2 * hour, 8 * 3600, session.expiresAt)).toThrow('session_ended');
    const revoked = cloudSession({ status: 'revoked' });
    expect(() => extend(sessionStart + 2 * hour, 8 * 3600, sessionStart, revoked)).toThrow('session_ended');
  });
});

describe('LeaseWatch', () => {
  function watching() {
    const clock = new ManualClock(sessionStart);
    const seen: string[] = [];
    const watch = new LeaseWatch(clock, {
      onWarning: (id) => seen.push(`${id} warned ${(clock.now() - sessionStart) / 1000}`),
      onEnd: (id) => seen.push(`${id} ended ${(clock.now() - sessionStart) / 1000}`),
    });
    return { clock, seen, watch };
  }

  it('C-17: warns 60 s ahead and ends on time, each session by itself', () => {
    const { clock, seen, watch } = watching();
    watch.watch('a', sessionStart + 900_000);
    watch.watch('b', sessionStart + 960_000);
    clock.advance(2 * hour);
    expect(seen).toEqual(['a warned 840', 'a ended 900', 'b warned 900', 'b ended 960']);
  });

  it('C-17: a lease shorter than the warning is warned of at once', () => {
    const { clock, seen, watch } = watching();
    watch.watch('a', sessionStart + 20_000);
    clock.advance(0);
    expect(seen).toEqual(['a warned 0']);
    clock.advance(hour);
    expect(seen).toEqual(['a warned 0', 'a ended 20']);
  });

  it('C-20: an extended lease ends later, and warns again', () => {
    const { clock, seen, watch } = watching();
    watch.watch('a', sessionStart + 900_000);
    clock.advance(850_000);
    watch.watch('a', sessionStart + 1_800_000);
    clock.advance(hour);
    expect(seen).toEqual(['a warned 840', 'a warned 1740', 'a ended 1800']);
  });

  it('what is forgotten is silent', () => {
    const { clock, seen, watch } = watching();
    watch.watch('a', sessionStart + 900_000);
    watch.watch('b', sessionStart + 900_000);
    watch.forget('a');
    watch.close();
    clock.advance(hour);
    expect(seen).toEqual([]);
  });
});

describe('C-19: budget', () => {
  it.each(['credentialRequests', 'renewals', 'commands'] as const)(
    'C-19: %s are counted up to their limit',
    (what) => {
      let session = cloudSession({ limits: { [what]: 2 } });
      for (const count of [1, 2]) {
        const charged = charge(session, what, sessionStart);
        expect(charged.exceeded).toBeNull();
        expect(charged.session.usage?.[what]).toBe(count);
        session = charged.session;
      }
      const over = charge(session, what, sessionStart);
      expect(over).toMatchObject({
        exceeded: what,
        session: { status: 'budget_exceeded', usage: { [what]: 2 } },
      });
    },
  );

  it('C-19: a limit of none allows none, and without a limit there is no end', () => {
    expect(charge(cloudSession({ limits: { renewals: 0 } }), 'renewals', sessionStart).exceeded).toBe(
      'renewals',
    );
    let session = cloudSession({ budget: 0.01 });
    for (let index = 0; index < 100; index++)
      session = charge(session, 'credentialRequests', sessionStart).session;
    expect(session).toMatchObject({
      status: 'active',
      usage: { credentialRequests: 100, renewals: 0, commands: 0 },
    });
  });

  it('C-19: minutes end a session before its lease does', () => {
    const session = cloudSession({ limits: { minutes: 10 } });
    expect(mustEndAt(session)).toBe(sessionStart + 600_000);
    expect(mustEndAt(cloudSession({ limits: { minutes: 600 } }))).toBe(sessionStart + hour);
    expect(charge(session, 'commands', sessionStart + 599_999).exceeded).toBeNull();
    expect(charge(session, 'commands', sessionStart + 600_000)).toMatchObject({
      exceeded: 'minutes',
      session: { status: 'budget_exceeded' },
    });
  });

  it('C-2: an ended session is not ended again', () => {
    const session = cloudSession({ status: 'revoked', limits: { commands: 0 } });
    expect(charge(session, 'commands', sessionStart).session).toBe(session);
  });
});
