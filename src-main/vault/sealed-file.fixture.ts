import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import { WorkerSeal } from './passphrase-seal.ts';
import { SealedDisk } from './sealed-disk.ts';
import { SealedFile } from './sealed-file.ts';

/** A sealed file as the app makes it, with a scrypt that takes milliseconds instead of a second. */
export function sealedFileAt(path: string, clock: Clock = systemClock, deadlineMs = 30_000): SealedFile {
  return new SealedFile({
    disk: new SealedDisk(path, {
      clock,
      newId: randomUUID,
      self: async () => ({ pid: process.pid, startTime: (await processStartTime(process.pid)) ?? '' }),
      isRunning: isAlive,
    }),
    seal: new WorkerSeal({
      script: join(import.meta.dirname, 'passphrase-worker.ts'),
      clock: systemClock,
      workFactor: 8,
    }),
    clock,
    deadlineMs,
  });
}
