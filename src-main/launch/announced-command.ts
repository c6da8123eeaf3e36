import { randomUUID } from 'node:crypto';
import { readFileSync, watch } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

/** How long a terminal may take to open, ms. */
const patienceMs = 60_000;

/** Writes its process id where it is told and becomes the command, which so has that id. */
const announcer = `echo "$$" >"$1.part" && mv -f -- "$1.part" "$1"; shift; exec "$@"`;

export interface Announcement {
  /** What to start in the place of a command. */
  wrap: (command: string[]) => string[];
  /** The process id of the command; null when it was not started within a minute. */
  pid: Promise<number | null>;
  /** It will not be started. */
  withdraw: () => void;
}

/**
 * Finds out which process a command becomes that somebody else starts: the shell in a terminal of the system, which may
 * be a child of a server that runs already. It says so itself, in a file of a private directory.
 *
 * @param directory private to the person; absolute
 */
export async function announcing(directory: string, clock: Clock): Promise<Announcement> {
  const folder = join(directory, `started-${randomUUID()}`);
  const file = join(folder, 'pid');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let settle: (pid: number | null) => void = () => {};
  const pid = new Promise<number | null>((resolve) => {
    settle = (found) => {
      watcher.close();
      cancel();
      // A leftover goes with the next start's sweep of the directory.
      void rm(folder, { recursive: true, force: true }).catch(() => {});
      resolve(found);
    };
  });
  const watcher = watch(folder, { persistent: false }, () => {
    const found = readPid(file);
    if (found !== null) settle(found);
  });
  // Then nobody knows, after the time limit.
  watcher.on('error', () => {});
  const cancel = clock.after(patienceMs, () => settle(null));
  return {
    wrap: (command) => ['/bin/sh', '-c', announcer, 'lanyard', file, ...command],
    pid,
    withdraw: () => settle(null),
  };
}

function readPid(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    // Not there yet.
    return null;
  }
}
