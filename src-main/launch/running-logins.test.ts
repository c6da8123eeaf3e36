import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import type { Account } from '../identities/model.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { environmentHolders } from '../process/environment-holders.ts';
import { describeTree, isAlive, killRecorded, processStartTime } from '../process/kill-tree.ts';
import { Running } from './running.ts';
import { RunningLogins } from './running-logins.ts';

const account = (changes: Partial<Account> = {}): Account => ({
  id: 'a',
  name: 'codex-oauth',
  provider: 'codex',
  kind: 'oauth',
  displayName: 'ada@acme.test',
  secretRef: { kind: 'oauth-config-dir', dir: `/accounts/${process.pid}/1` },
  context: { email: 'ada@acme.test' },
  status: 'valid',
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});
const renewed = account({
  secretRef: { kind: 'oauth-config-dir', dir: `/accounts/${process.pid}/2` },
  updatedAt: 1,
});

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

function scene() {
  let rows: Account[] = [account()];
  let bundleThere = true;
  let changes = 0;
  const endedTabs: string[] = [];
  const clock = new ManualClock();
  const running = new Running({ isAlive, clock });
  const logins = new RunningLogins({
    running,
    identities: {
      bundle: () => {
        if (!bundleThere) throw new LanyardError({ code: 'unknown_bundle', title: 'gone', hint: '' });
        return { name: 'Work', colour: '#0b6e6e', accounts: rows };
      },
      accounts: () => rows,
    },
    holders: environmentHolders,
    describeTree,
    processStartTime,
    killRecorded: (id, options) => killRecorded(id, options),
    endTab: async (tabId) => {
      endedTabs.push(tabId);
    },
    clock,
    onChanged: () => {
      changes += 1;
    },
    onFault: (error) => {
      throw error;
    },
  });
  /** A program that somebody started with an account's directory. */
  const start = async (env: Record<string, string> = {}) => {
    // Not this very program, which is never a holder.
    const child = spawn('/bin/sh', ['-c', 'echo ready; exec sleep 60'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    if (child.stdout) await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    return { child, pid, startTime: (await processStartTime(pid)) ?? '' };
  };
  const add = async (
    origin: 'tab' | 'terminal' | 'command' = 'command',
    env: Record<string, string> = {},
  ) => {
    const { child, pid, startTime } = await start(env);
    running.add({ id: 'p', pid, startTime, bundleId: 'work', command: 'codex', since: 5, origin });
    return { child, pid, startTime };
  };
  return {
    running,
    logins,
    clock,
    start,
    add,
    endedTabs,
    changes: () => changes,
    become: (next: Account[], there = true) => {
      rows = next;
      bundleThere = there;
      logins.identitiesChanged();
    },
    login: async () => (await logins.list()).programs[0]?.logins[0],
  };
}

describe('RunningLogins', () => {
  it('R-3: per program the identity, since when, what it is, and who its CLI says it is now', async () => {
    const { add, logins } = scene();
    const { pid } = await add();
    expect(await logins.list()).toEqual({
      programs: [
        {
          id: 'p',
          bundleId: 'work',
          bundleName: 'Work',
          colour: '#0b6e6e',
          bundleGone: false,
          command: 'codex',
          since: 5,
          origin: 'command',
          pid,
          logins: [{ providerId: 'codex', startedAs: 'ada@acme.test', state: 'same', now: 'ada@acme.test' }],
        },
      ],
      others: [],
    });
  });

  it('R-3: a difference has both names, until it is none again', async () => {
    const { add, become, login } = scene();
    await add();
    become([account({ unexpected: { email: 'bob@acme.test' } })]);
    const drift = {
      providerId: 'codex',
      startedAs: 'ada@acme.test',
      state: 'somebody-else',
      now: 'bob@acme.test',
    };
    expect(await login()).toEqual(drift);
    // That person was accepted: still another one than the program was started with.
    become([account({ context: { email: 'bob@acme.test' } })]);
    expect(await login()).toEqual(drift);
    // The same person, of whom more is known now.
    become([account({ context: { email: 'ada@acme.test', organisation: 'Acme' } })]);
    expect(await login()).toMatchObject({ state: 'same' });
  });

  it('R-3: after a reconnect, a sign-out and a deletion the program has an old login', async () => {
    const { add, become, login, logins } = scene();
    await add();
    become([renewed]);
    expect(await login()).toEqual({
      providerId: 'codex',
      startedAs: 'ada@acme.test',
      state: 'replaced',
      now: 'ada@acme.test',
    });
    become([]);
    expect(await login()).toEqual({ providerId: 'codex', startedAs: 'ada@acme.test', state: 'gone' });
    become([], false);
    expect((await logins.list()).programs[0]).toMatchObject({
      bundleName: 'Work',
      bundleGone: true,
      logins: [{ state: 'gone' }],
    });
  });

  it('R-3: ends a program of the command or of a terminal with its tree, and asks the tabs for theirs', async () => {
    const { add, logins, running, endedTabs } = scene();
    const program = await add('terminal');
    await logins.end('p');
    expect(await isAlive(program)).toBe(false);
    expect(running.list()).toEqual([]);
    await expect(logins.end('p')).rejects.toMatchObject({ failure: { code: 'not_running' } });
    await add('tab');
    await logins.end('p');
    expect(endedTabs).toEqual(['p']);
  });

  it.runIf(process.platform === 'linux')(
    'R-3: programs that were not started through us and hold the old login are named and can be ended',
    async () => {
      const { add, start, become, logins, clock, changes } = scene();
      const env = { CODEX_HOME: `/accounts/${process.pid}/1` };
      await add('command', env);
      const stranger = await start(env);
      const other = await start({ CODEX_HOME: `/accounts/${process.pid}/2` });
      expect((await logins.list()).others).toEqual([]);
      become([renewed]);
      const before = changes();
      clock.advance(2_000);
      const { others } = await logins.list();
      expect(others).toEqual([{ id: expect.any(String), pid: stranger.pid, name: expect.any(String) }]);
      expect(changes()).toBeGreaterThanOrEqual(before);
      await logins.end(others[0]?.id ?? '');
      expect(await isAlive(stranger)).toBe(false);
      expect(await isAlive(other)).toBe(true);
      expect((await logins.list()).others).toEqual([]);
    },
  );
});
