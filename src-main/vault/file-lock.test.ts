import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { FileLock, type LockOwner } from './file-lock.ts';

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'lock');
}

let ids = 0;
/** As process `pid`, in a world where only the pids of `alive` run. */
function lockOf(path: string, pid: number, alive: number[]) {
  return new FileLock(path, {
    clock: systemClock,
    self: async () => ({ pid, startTime: 'then' }),
    isRunning: async (owner: LockOwner) => alive.includes(owner.pid) && owner.startTime === 'then',
    newId: () => `${ids++}`,
  });
}

describe('FileLock', () => {
  it('T-5: lets one in at a time', async () => {
    const path = place();
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        lockOf(path, n + 1, [1, 2, 3, 4, 5, 6, 7, 8]).hold(
          () => false,
          async () => {
            inside += 1;
            most = Math.max(most, inside);
            await new Promise((resolve) => setImmediate(resolve));
            inside -= 1;
          },
        ),
      ),
    );
    expect(most).toBe(1);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('T-5: of many who find the lock of a dead process, one is in at a time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const path = place();
      writeFileSync(path, JSON.stringify({ pid: 99, startTime: 'then', id: 'dead' }));
      let inside = 0;
      let most = 0;
      await Promise.all(
        [1, 2, 3, 4].map((pid) =>
          lockOf(path, pid, [1, 2, 3, 4]).hold(
            () => false,
            async (stillOurs) => {
              inside += 1;
              most = Math.max(most, inside);
              await new Promise((resolve) => setImmediate(resolve));
              expect(await stillOurs()).toBe(true);
              inside -= 1;
            },
          ),
        ),
      );
      expect(most).toBe(1);
      expect(readdirSync(join(path, '..'))).toEqual([]);
    }
  });

  it.each([
    ['a process that ended', JSON.stringify({ pid: 99, startTime: 'then', id: 'x' })],
    ['a pid that another process has now', JSON.stringify({ pid: 1, startTime: 'earlier', id: 'x' })],
  ])('takes over from %s', async (_, content) => {
    const path = place();
    writeFileSync(path, content);
    expect(
      await lockOf(path, 2, [1, 2]).hold(
        () => false,
        async () => 'in',
      ),
    ).toEqual({ value: 'in' });
  });

  it('takes over a lock, and a breaker of it, that were left half made, once they are old', async () => {
    const path = place();
    let looks = 0;
    const young = await lockOf(path, 1, [1]).hold(
      () => looks++ > 3,
      async () => 'in',
    );
    expect(young).toEqual({ value: 'in' });
    for (const file of [path, `${path}.break`]) writeFileSync(file, '');
    looks = 0;
    expect(
      await lockOf(path, 1, [1]).hold(
        () => looks++ > 3,
        async () => 'in',
      ),
    ).toBeNull();
    const old = new Date(Date.now() - 60_000);
    for (const file of [path, `${path}.break`]) utimesSync(file, old, old);
    expect(
      await lockOf(path, 1, [1]).hold(
        () => false,
        async () => 'in',
      ),
    ).toEqual({ value: 'in' });
  });

  it('lets go of it when the work throws, and gives up when told to', async () => {
    const path = place();
    const lock = lockOf(path, 1, [1]);
    await expect(
      lock.hold(
        () => false,
        () => Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no');
    writeFileSync(path, JSON.stringify({ pid: 2, startTime: 'then', id: 'x' }));
    expect(
      await lockOf(path, 1, [1, 2]).hold(
        () => true,
        async () => 'in',
      ),
    ).toBeNull();
    expect(readdirSync(join(path, '..'))).toEqual(['lock']);
  });
});
