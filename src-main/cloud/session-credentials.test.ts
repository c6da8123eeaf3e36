import { describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { cloudSession, sessionStart } from './cloud-session.fixture.ts';
import { extendLease } from './lease.ts';
import { SessionCredentials } from './session-credentials.ts';
import { type CloudSession, withStatus } from './session-record.ts';

const minute = 60_000;

interface Issued {
  name: string;
  expiresAt: number;
}

/** A session of which each credential lives as long as it is asked for; the test decides when the cloud answers. */
function scene(changes: Partial<CloudSession> = {}, usual = 3600) {
  const clock = new ManualClock(sessionStart);
  let session: CloudSession | null = cloudSession({
    leaseEndsAt: sessionStart + 4 * 60 * minute,
    ...changes,
  });
  const asked: number[] = [];
  let answer: (seconds: number) => Promise<void> = async () => {};
  const issue = async (seconds: number): Promise<Issued> => {
    asked.push(seconds);
    const expiresAt = clock.now() + seconds * 1000;
    await answer(seconds);
    return { name: `key ${asked.length + 1}`, expiresAt };
  };
  const update = (change: (current: CloudSession) => CloudSession): CloudSession => {
    if (session === null) throw new Error('no session');
    session = change(session);
    return session;
  };
  const credentials = new SessionCredentials<Issued>(
    {
      clock,
      session: () => session,
      update,
      issue,
      describe: ({ name }) => ({ accessKeyId: name }),
      lifetimes: { usual, shortest: 900 },
    },
    { name: 'key 1', expiresAt: sessionStart + usual * 1000 },
  );
  const ask = async () => {
    try {
      const { credentials: issued, endsAt } = await credentials.current();
      return `${issued.name}, ${(endsAt - sessionStart) / minute} min`;
    } catch (error) {
      if (error instanceof LanyardError) return error.failure.code;
      throw error;
    }
  };
  return {
    clock,
    credentials,
    asked,
    ask,
    update,
    get session() {
      return session;
    },
    remove: () => {
      session = null;
    },
    answerWith: (next: typeof answer) => {
      answer = next;
    },
  };
}

describe('C-16: credentials of a session', () => {
  it('C-16: are given out again while they last, then renewed, up to the lease’s end and never past it', async () => {
    const { clock, ask, asked } = scene({ leaseEndsAt: sessionStart + 100 * minute });
    expect(await ask()).toBe('key 1, 60 min');
    clock.advance(44 * minute);
    expect(await ask()).toBe('key 1, 60 min');
    clock.advance(2 * minute);
    // 54 minutes are left of the lease.
    expect(await ask()).toBe('key 2, 100 min');
    expect(asked).toEqual([54 * 60]);
    clock.advance(53 * minute);
    expect(await ask()).toBe('key 2, 100 min');
    clock.advance(minute);
    expect(await ask()).toBe('session_ended');
    expect(asked).toHaveLength(1);
  });

  it('C-16: what the cloud granted beyond the lease is told to end with it', async () => {
    const { ask } = scene({ leaseEndsAt: sessionStart + 20 * minute });
    expect(await ask()).toBe('key 1, 20 min');
  });

  it('C-16: a command longer than one lifetime has credentials all the time', async () => {
    const { clock, ask, asked } = scene({ leaseEndsAt: sessionStart + 240 * minute }, 900);
    for (let minutes = 0; minutes < 240; minutes += 5) {
      expect(await ask()).toMatch(/^key/);
      clock.advance(5 * minute);
    }
    expect(await ask()).toBe('session_ended');
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(900);
  });

  it('C-16: those who ask at once share one renewal', async () => {
    const { clock, ask, asked } = scene();
    clock.advance(50 * minute);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill('key 2, 110 min'));
    expect(asked).toHaveLength(1);
  });

  it('C-16: an extended lease is renewed into', async () => {
    const { clock, ask, update } = scene({ leaseEndsAt: sessionStart + 60 * minute });
    clock.advance(50 * minute);
    expect(await ask()).toBe('key 1, 60 min');
    update((session) =>
      extendLease(session, sessionStart + 120 * minute, { now: clock.now(), capSeconds: 8 * 3600 }),
    );
    // Not the full hour: what would be left over then could not be issued.
    expect(await ask()).toBe('key 2, 105 min');
  });

  it('C-1: the record says which key is the newest and when it ends', async () => {
    const renewed = scene();
    expect(renewed.session?.accessKeyId).toBe('ASIAEXAMPLE');
    renewed.clock.advance(50 * minute);
    await renewed.ask();
    expect(renewed.session).toMatchObject({ accessKeyId: 'key 2', expiresAt: sessionStart + 110 * minute });
  });

  it('a cloud that does not answer is no end while what is held is valid', async () => {
    const { clock, ask, asked, answerWith } = scene();
    answerWith(async () => {
      throw new LanyardError({ code: 'aws_unreachable', title: '', hint: '' });
    });
    clock.advance(50 * minute);
    expect(await ask()).toBe('key 1, 60 min');
    clock.advance(10 * minute);
    expect(await ask()).toBe('aws_unreachable');
    answerWith(async () => {});
    expect(await ask()).toBe('key 4, 120 min');
    expect(asked).toHaveLength(3);
  });

  it.each(['revoked', 'completed', 'expired', 'failed', 'budget_exceeded'] as const)(
    'C-17: nothing after the session is %s, not even if its record says otherwise later',
    async (status) => {
      const { ask, update } = scene();
      update((session) => withStatus(session, status));
      expect(await ask()).toBe('session_ended');
      update((session) => ({ ...session, status: 'active' }));
      expect(await ask()).toBe('session_ended');
    },
  );

  it('C-17: nothing after it was ended here, or its record is gone', async () => {
    const ended = scene();
    ended.credentials.end();
    expect(await ended.ask()).toBe('session_ended');
    const gone = scene();
    gone.remove();
    expect(await gone.ask()).toBe('session_ended');
  });

  it('C-18: what the cloud issues after a revocation is not given out', async () => {
    const { clock, ask, update, answerWith } = scene();
    clock.advance(50 * minute);
    answerWith(async () => {
      update((session) => withStatus(session, 'revoked'));
    });
    expect(await ask()).toBe('session_ended');
    expect(await ask()).toBe('session_ended');
  });

  it('C-19: requests, renewals and minutes are counted and enforced', async () => {
    const requests = scene({ limits: { credentialRequests: 2 } });
    expect(await requests.ask()).toMatch(/^key 1/);
    expect(await requests.ask()).toMatch(/^key 1/);
    expect(await requests.ask()).toBe('budget_exceeded');
    expect(requests.session).toMatchObject({ status: 'budget_exceeded', usage: { credentialRequests: 2 } });

    const renewals = scene({ limits: { renewals: 1 } });
    renewals.clock.advance(50 * minute);
    expect(await renewals.ask()).toBe('key 2, 110 min');
    renewals.clock.advance(50 * minute);
    // None is left, and none is needed yet.
    expect(await renewals.ask()).toBe('key 2, 110 min');
    renewals.clock.advance(10 * minute);
    expect(await renewals.ask()).toBe('budget_exceeded');
    expect(renewals.session).toMatchObject({ status: 'budget_exceeded', usage: { renewals: 1 } });

    const minutes = scene({ limits: { minutes: 30 } });
    minutes.clock.advance(30 * minute - 1);
    expect(await minutes.ask()).toBe('key 1, 30 min');
    minutes.clock.advance(1);
    expect(await minutes.ask()).toBe('budget_exceeded');
    expect(minutes.session?.status).toBe('budget_exceeded');
  });
});
