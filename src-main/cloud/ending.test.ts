import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { isAlive, killRecorded, processStartTime } from '../process/kill-tree.ts';
import { cloudSession, sessionStart } from './cloud-session.fixture.ts';
import { endOrphans } from './recovery.ts';
import { reusableSession } from './reuse.ts';
import { describeRevocation, revokeSession, type ServiceRevoker } from './revoke.ts';
import { type CloudSession, type SessionProcess, withStatus } from './session-record.ts';
import { SessionStore } from './session-store.ts';

let directory: string;
let store: SessionStore;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-ending-'));
  store = new SessionStore(directory, new ManualClock(sessionStart));
});
afterEach(() => {
  store.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

describe('C-18: revoke', () => {
  const showTime = (time: number) => new Date(time).toISOString().slice(11, 16);

  async function revoke(session: CloudSession, atService: ServiceRevoker | null) {
    const order: string[] = [];
    store.add(session);
    const result = await revokeSession(session, {
      now: () => sessionStart + 60_000,
      update: (change) => store.update(session.id, change),
      endLocally: async () => {
        order.push(`local, ${store.get(session.id)?.status}`);
      },
      atService:
        atService &&
        (async (of) => {
          order.push('service');
          return atService(of);
        }),
    });
    const told = result.revocation && describeRevocation(result, result.revocation, showTime);
    return { result, order, told };
  }

  it('C-18: without a way at the cloud it says when the credentials die', async () => {
    const { result, order, told } = await revoke(cloudSession(), null);
    expect(result.status).toBe('revoked');
    expect(order).toEqual(['local, revoked']);
    expect(told).toBe('Ended here. AWS cannot take back what was handed out: it dies at 01:00.');
  });

  it('C-18: what the cloud took back is said to be', async () => {
    const { result, order, told } = await revoke(cloudSession({ provider: 'gcp' }), async () => ({
      how: 'the token was revoked',
    }));
    expect(order).toEqual(['local, revoked', 'service']);
    expect(told).toBe('Ended here, and taken back at Google Cloud: the token was revoked.');
    expect(store.get(result.id)).toEqual(result);
  });

  it('C-18: a role that denies the session is said to, and one that does not, with why', async () => {
    const denied = await revoke(cloudSession(), async () => ({ how: 'the role agent denies it everything' }));
    expect(denied.told).toBe('Ended here, and denied at AWS: the role agent denies it everything.');
    const refused = await revoke(cloudSession(), async () => {
      throw new LanyardError({ code: 'deny_refused', title: 'the account may not', hint: '' });
    });
    expect(refused.told).toBe(
      'Ended here. AWS did not deny what was handed out (the account may not): it dies at 01:00.',
    );
  });

  it('C-18: a cloud that refuses is an outcome, without its text', async () => {
    const { result, told } = await revoke(cloudSession({ provider: 'gcp' }), async () => {
      throw new TypeError('secret in a message');
    });
    expect(result.status).toBe('revoked');
    expect(told).toBe(
      'Ended here. Google Cloud did not take back what was handed out (TypeError): it dies at 01:00.',
    );
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it('C-2: a session that ended before is left alone', async () => {
    const { result, order } = await revoke(cloudSession({ status: 'expired' }), null);
    expect(result.status).toBe('expired');
    expect(result.revocation).toBeUndefined();
    expect(order).toEqual([]);
  });

  it('C-2: what ends later does not change that it was revoked', async () => {
    const { result } = await revoke(cloudSession(), null);
    expect(store.update(result.id, (session) => withStatus(session, 'completed'))).toEqual(result);
  });
});

describe.skipIf(process.platform === 'win32')('C-21: after a crash', () => {
  async function process_(): Promise<SessionProcess & { child: ChildProcess }> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)'], {
      detached: true,
    });
    children.push(child);
    await once(child.stdout, 'data');
    const startTime = await processStartTime(child.pid ?? 0);
    return { pid: child.pid ?? 0, startTime: startTime ?? '', child };
  }
  async function recover(now = sessionStart + 1000) {
    const removed: string[] = [];
    const result = await endOrphans({
      sessions: store.sessions,
      now,
      isAlive,
      endProcess: killRecorded,
      removeFiles: async ({ id }) => removed.push(id),
      update: (id, change) => store.update(id, change),
    });
    return { ...result, removed };
  }

  it('C-21: sessions whose owner was killed are ended with what they ran; the same request works at once', async () => {
    const owner = await process_();
    const run = await process_();
    const { child: _, ...owned } = owner;
    const orphan = cloudSession({ process: owned, runs: [{ pid: run.pid, startTime: run.startTime }] });
    const living = await process_();
    const kept = cloudSession({ process: { pid: living.pid, startTime: living.startTime } });
    const foreign = cloudSession();
    for (const session of [orphan, kept, foreign]) store.add(session);

    const gone = once(owner.child, 'exit');
    owner.child.kill('SIGKILL');
    await gone;
    const runGone = once(run.child, 'exit');
    expect(await recover()).toEqual({ ended: [orphan.id], failed: [], removed: [orphan.id] });
    await runGone;
    expect(store.get(orphan.id)).toMatchObject({ status: 'failed' });
    expect(store.get(orphan.id)).not.toHaveProperty('runs');
    expect(store.get(kept.id)).toEqual(kept);
    expect(store.get(foreign.id)).toEqual(foreign);
    const wish = { now: sessionStart, atLeastSeconds: 60, isHeld: (id: string) => id === orphan.id };
    expect(reusableSession(store.sessions, orphan, wish)).toBeNull();
    store.add({ ...orphan, id: cloudSession().id });
  });

  it('C-21: another process with the pid of an owner is not taken for it, nor ended', async () => {
    const other = await process_();
    const stale = { pid: other.pid, startTime: 'another boot:1' };
    store.add(cloudSession({ process: stale, runs: [stale] }));
    expect((await recover()).ended).toHaveLength(1);
    expect(await isAlive(other)).toBe(true);
  });

  it('C-21: what is over is expired, and one that cannot be cleaned up does not keep the others from it', async () => {
    const nobody = { pid: 2 ** 30, startTime: 'x' };
    const [first, second] = [cloudSession({ process: nobody }), cloudSession()];
    for (const session of [first, second]) store.add(session);
    const cause = new Error('busy');
    const result = await endOrphans({
      sessions: store.sessions,
      now: second.expiresAt,
      isAlive,
      endProcess: killRecorded,
      removeFiles: async ({ id }) => {
        if (id === first.id) throw cause;
      },
      update: (id, change) => store.update(id, change),
    });
    expect(result).toEqual({ ended: [second.id], failed: [{ id: first.id, cause }] });
    expect(store.get(second.id)?.status).toBe('expired');
    expect(store.get(first.id)?.status).toBe('active');
  });
});
