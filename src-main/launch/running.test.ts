import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import { Running, type RunningProgram } from './running.ts';

const program = (id: string, changes: Partial<RunningProgram> = {}): RunningProgram => ({
  id,
  pid: process.pid,
  startTime: '1',
  bundleId: 'work',
  command: 'bash',
  since: 0,
  origin: 'tab',
  ...changes,
});
const ids = (running: Running) => running.list().map(({ id }) => id);

describe('Running', () => {
  it('R-3: lists what runs, the oldest first, and tells of every change', () => {
    const running = new Running({ isAlive, clock: new ManualClock() });
    let told = 0;
    const stop = running.onChange(() => {
      told += 1;
    });
    running.add(program('later', { since: 2 }));
    running.add(program('earlier', { since: 1, cloudSessionId: 's' }));
    expect(ids(running)).toEqual(['earlier', 'later']);
    running.ended('later');
    running.ended('later');
    expect(told).toBe(3);
    expect(running.list()).toEqual([program('earlier', { since: 1, cloudSessionId: 's' })]);
    stop();
    running.ended('earlier');
    expect(told).toBe(3);
  });

  it('R-3: a process that is not our child goes when it has ended, and one that got its pid does not count', async () => {
    const clock = new ManualClock();
    const running = new Running({ isAlive, clock });
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    try {
      const pid = child.pid ?? 0;
      const startTime = (await processStartTime(pid)) ?? '';
      running.add(program('real', { pid, startTime, origin: 'terminal' }));
      running.add(program('stranger', { pid, startTime: 'before', origin: 'terminal' }));
      const changed = (): Promise<void> =>
        new Promise((resolve) => {
          const stop = running.onChange(() => {
            stop();
            resolve();
          });
        });
      let next = changed();
      clock.advance(15_000);
      await next;
      expect(ids(running)).toEqual(['real']);
      child.kill('SIGKILL');
      await once(child, 'exit');
      next = changed();
      // The next look is set when the one before is through.
      await new Promise(setImmediate);
      clock.advance(15_000);
      await next;
      expect(ids(running)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      running.stop();
    }
  });

  it('nobody is asked while all that runs tells its end', () => {
    const clock = new ManualClock();
    let asked = 0;
    const running = new Running({
      isAlive: async () => {
        asked += 1;
        return true;
      },
      clock,
    });
    running.add(program('tab'));
    running.add(program('command', { origin: 'command' }));
    clock.advance(3_600_000);
    expect(asked).toBe(0);
  });
});
