import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import { FileLock } from '../vault/file-lock.ts';

/**
 * One house per data directory: identities are read whole and replaced whole, so a second one would undo what the first
 * one saves. The app alone would see to that with its single-instance lock; `lanyard serve` has none.
 *
 * @param data the data directory, absolute; made when missing
 * @returns what gives the claim back; a process that dies without loses it
 * @throws LanyardError `already_running`
 */
export async function claimHouse(data: string, clock: Clock): Promise<() => Promise<void>> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lock = new FileLock(join(data, 'house.lock'), {
    clock,
    newId: randomUUID,
    self: async () => ({ pid: process.pid, startTime: (await processStartTime(process.pid)) ?? '' }),
    isRunning: isAlive,
  });
  let looks = 0;
  let giveBack = () => {};
  const over = new Promise<void>((resolve) => {
    giveBack = resolve;
  });
  return new Promise((resolve, reject) => {
    const held = lock.hold(
      // A second look, for one that goes at this moment.
      () => looks++ > 0,
      () => {
        resolve(async () => {
          giveBack();
          await held;
        });
        return over;
      },
    );
    held.then((outcome) => {
      if (outcome === null) reject(alreadyRunning());
    }, reject);
  });
}

function alreadyRunning(): LanyardError {
  return new LanyardError({
    code: 'already_running',
    title: 'Lanyard is running already with this data directory.',
    hint: 'Use the one that runs, or end it first: quit the app, or run: lanyard serve --stop',
  });
}
