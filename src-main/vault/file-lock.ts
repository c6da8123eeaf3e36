import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';

/** A process as the system knows it, also when its pid was given to another since. */
export interface LockOwner {
  pid: number;
  startTime: string;
}

export interface FileLockParts {
  clock: Clock;
  /** This process. */
  self: () => Promise<LockOwner>;
  isRunning: (owner: LockOwner) => Promise<boolean>;
  newId: () => string;
}

const shortestPollMs = 5;
const longestPollMs = 100;
/** A lock without an owner in it was left by a crash between making and filling it, once it is this old. */
const unfilledMs = 10_000;

/**
 * A lock between processes, as a file that names its owner. One whose owner has ended is broken: under a second lock
 * of the same kind, so that of two who see it stale the later one cannot remove the lock that the earlier has taken.
 */
export class FileLock {
  readonly #path: string;
  readonly #parts: FileLockParts;

  /** @param path of the lock's file; its directory must exist */
  constructor(path: string, parts: FileLockParts) {
    this.#path = path;
    this.#parts = parts;
  }

  /**
   * Runs `work` while no other process does.
   *
   * @param expired says when to stop waiting
   * @param work gets a function that says whether the lock is still ours, to ask right before what cannot be undone
   * @returns `null` when the lock was not to be had in time
   * @throws what `work` and the file system throw
   */
  async hold<T>(
    expired: () => boolean,
    work: (stillOurs: () => Promise<boolean>) => Promise<T>,
  ): Promise<{ value: T } | null> {
    const content = JSON.stringify({ ...(await this.#parts.self()), id: this.#parts.newId() });
    for (let pollMs = shortestPollMs; !(await take(this.#path, content)); ) {
      if (expired()) return null;
      if (await this.#breakStale(content)) continue;
      await new Promise<void>((resolve) => this.#parts.clock.after(pollMs, resolve));
      pollMs = Math.min(pollMs * 2, longestPollMs);
    }
    const stillOurs = async () => (await readLock(this.#path)) === content;
    try {
      return { value: await work(stillOurs) };
    } finally {
      if (await stillOurs()) await rm(this.#path, { force: true });
    }
  }

  /** True when there was a stale lock that is gone now. */
  async #breakStale(content: string): Promise<boolean> {
    const seen = await readLock(this.#path);
    if (seen === null) return true;
    if (!(await this.#isStale(this.#path, seen))) return false;
    const breaker = `${this.#path}.break`;
    if (!(await take(breaker, content))) {
      const other = await readLock(breaker);
      if (other !== null && (await this.#isStale(breaker, other))) await rm(breaker, { force: true });
      return false;
    }
    try {
      if ((await readLock(this.#path)) === seen) await rm(this.#path, { force: true });
      return true;
    } finally {
      await rm(breaker, { force: true });
    }
  }

  async #isStale(path: string, content: string): Promise<boolean> {
    const owner = ownerIn(content);
    if (owner) return !(await this.#parts.isRunning(owner));
    try {
      // The file system's clock and ours may differ; ten seconds are far more than filling takes.
      return this.#parts.clock.now() - (await stat(path)).mtimeMs > unfilledMs;
    } catch {
      return false;
    }
  }
}

async function take(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readLock(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function ownerIn(content: string): LockOwner | null {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, startTime } = value as Partial<Record<keyof LockOwner, unknown>>;
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : null;
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
