import {
  chmodSync,
  closeSync,
  type Dirent,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Problem } from '../../src-preload/contract/values.ts';
import { LanyardError } from '../failures.ts';
import { isSafeSegment } from './safe-segment.ts';

/** One directory of one account: `<root>/<accountId>/<generation>/`. Generations count from 1. */
export interface DirectoryId {
  accountId: string;
  generation: number;
}

/** A process that works in a directory. The start time tells it from a later process with the same pid. */
export interface RecordedProcess {
  pid: number;
  startTime: string;
}

export interface SweepReport {
  removed: DirectoryId[];
  ended: RecordedProcess[];
  /** What was left alone because nobody knows whose it is. */
  problems: Problem[];
}

interface PendingMark {
  sessionId: string;
  /** Milliseconds since the Unix epoch, UTC. */
  startedAt: number;
  processes: RecordedProcess[];
  /** Whose logout is due before the directory goes: the account was signed out. */
  logout?: string;
  /** What that account was signed in with. */
  parameters?: Parameters;
}

type Parameters = Readonly<Record<string, string>>;

/** What a sweep asks others to do. Neither may throw. */
export interface SweepHelp {
  /** Ends a process if it is still the one that was recorded. */
  endRecorded: (process: RecordedProcess) => Promise<unknown>;
  /** Runs a provider's logout in a directory that is about to go. */
  logOut: (providerId: string, directory: string, parameters?: Parameters) => Promise<unknown>;
}

const privateDirectory = 0o700;
const privateFile = 0o600;
const pendingSuffix = '.pending';
const temporarySuffix = '.pending.tmp';

/**
 * The directories that CLIs sign in to (I-4, I-6). A directory is used at its final path from the start, since some
 * CLIs key their keychain entry by it; what says that it is not (or no longer) an account's is the pending mark
 * beside it, `<generation>.pending`, which exists before the directory does. A start-up `sweep` removes marked
 * directories that no account row refers to, so a crash at any moment leaves either the old state or the new one.
 */
export class AccountDirectories {
  readonly #root: string;
  /** Marks of this run: a sweep of this run leaves them alone. */
  readonly #live = new Set<string>();

  /** @param root made when first needed, mode 0700 */
  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** Absolute path of a directory, whether or not it exists. Throws `unsafe_path` for an id that is no safe segment. */
  path(id: DirectoryId): string {
    return join(this.#account(id.accountId), segment(id.generation));
  }

  /** Whether the directory, if it exists, is a real one inside the root: only then may it be changed. */
  isSafe(id: DirectoryId): boolean {
    try {
      return lstatSync(this.path(id), { throwIfNoEntry: false })?.isDirectory() ?? true;
    } catch {
      return false;
    }
  }

  /** The reverse of `path`: which directory an absolute path is, or `null` when it is none of ours. */
  locate(path: string): DirectoryId | null {
    const accountId = basename(dirname(path));
    const generation = parseGeneration(basename(path));
    if (generation === null || !isSafeSegment(accountId)) return null;
    return dirname(dirname(path)) === this.#root ? { accountId, generation } : null;
  }

  /** A generation that no directory or mark of the account uses yet, above all that do. */
  nextGeneration(accountId: string): number {
    const path = this.#account(accountId);
    if (!exists(path)) return 1;
    const used = readdirSync(path).map((name) => parseGeneration(name.split('.')[0] ?? '') ?? 0);
    return Math.max(0, ...used) + 1;
  }

  /**
   * Makes a directory for a sign-in, mode 0700, its pending mark first. Everything is on disk when it returns.
   * @param startedAt milliseconds since the Unix epoch, UTC
   * @returns the absolute path
   * @throws LanyardError `unsafe_path`, or the file system's error; nothing is left behind then
   */
  create(id: DirectoryId, mark: { sessionId: string; startedAt: number }): string {
    mkdirSync(this.#root, { recursive: true, mode: privateDirectory });
    chmodSync(this.#root, privateDirectory);
    const accountPath = this.#account(id.accountId);
    if (!exists(accountPath)) mkdirSync(accountPath, { mode: privateDirectory });
    syncDirectory(this.#root);
    const path = this.path(id);
    try {
      this.#writeMark(id, { ...mark, processes: [] });
      mkdirSync(path, { mode: privateDirectory });
      syncDirectory(accountPath);
    } catch (error) {
      // Not the directory: an existing one is why `mkdir` fails, and it is somebody's.
      this.#dropMark(id);
      removeIfEmpty(accountPath);
      throw error;
    }
    return path;
  }

  /** Adds a process to a directory's mark, so that the next start can end it. Nothing happens when the mark is gone. */
  recordProcess(id: DirectoryId, process: RecordedProcess): void {
    if (!this.#live.has(key(id))) return;
    const mark = this.#readMark(id);
    this.#writeMark(id, { ...mark, processes: [...mark.processes, process].slice(-16) });
  }

  /**
   * Marks an existing directory: unless `confirm` follows, it is gone at the latest after the next start.
   * @param logout provider whose logout is to be run there first
   * @param parameters what the account was signed in with, for that logout
   */
  condemn(
    id: DirectoryId,
    startedAt: number,
    logout: string | null = null,
    parameters: Parameters | undefined = undefined,
  ): void {
    if (!exists(this.path(id))) return;
    const mark = { sessionId: '', startedAt, processes: [] };
    const due = logout === null ? {} : { logout, ...(parameters ? { parameters } : {}) };
    this.#writeMark(id, { ...mark, ...due });
  }

  /** Takes the mark away: the directory stays. */
  confirm(id: DirectoryId): void {
    this.#dropMark(id);
  }

  /**
   * Removes a directory, its mark after it, and the account's folder when that was the last. Never follows a symbolic
   * link and never leaves the root.
   * @throws LanyardError `unsafe_path`, or the file system's error; the mark stays then
   */
  async remove(id: DirectoryId): Promise<void> {
    const path = this.path(id);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw unsafePath();
    // A CLI that was just killed may still be writing its last file.
    if (stat) await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
    this.#dropMark(id);
    removeIfEmpty(dirname(path));
  }

  /**
   * Cleans up after earlier runs: ends recorded processes and removes the directory of every attempt that was not
   * saved, removes generations older than an account's current one, and takes marks off saved directories.
   * Directories that no row and no mark explain are left and reported.
   *
   * @param known the directories that account rows refer to
   * @param isProtected accounts whose row could not be read: everything of theirs stays
   */
  async sweep(
    known: readonly DirectoryId[],
    help: SweepHelp,
    isProtected: (accountId: string) => boolean = () => false,
  ): Promise<SweepReport> {
    const report: SweepReport = { removed: [], ended: [], problems: [] };
    if (!exists(this.#root)) return report;
    const current = new Map(known.map((id) => [id.accountId, id.generation]));
    for (const entry of this.#entries(report)) {
      if (isProtected(entry.name)) continue;
      try {
        if (!entry.isDirectory()) throw new Error('It is not a directory.');
        await this.#sweepAccount(entry.name, current.get(entry.name), help, report);
      } catch (error) {
        report.problems.push(leftAlone(join(this.#root, entry.name), reasonOf(error)));
      }
    }
    for (const id of known) {
      if (!exists(this.path(id))) {
        report.problems.push({ source: this.path(id), reason: 'The directory of a saved account is gone.' });
      }
    }
    return report;
  }

  #entries(report: SweepReport): Dirent[] {
    try {
      return readdirSync(this.#root, { withFileTypes: true });
    } catch (error) {
      report.problems.push(leftAlone(this.#root, reasonOf(error)));
      return [];
    }
  }

  async #sweepAccount(
    accountId: string,
    current: number | undefined,
    help: SweepHelp,
    report: SweepReport,
  ): Promise<void> {
    const accountPath = this.#account(accountId);
    const names = readdirSync(accountPath);
    const marked = new Set<number>();
    for (const name of names) {
      if (name.endsWith(temporarySuffix)) unlinkSync(join(accountPath, name));
      else if (name.endsWith(pendingSuffix)) {
        const generation = parseGeneration(name.slice(0, -pendingSuffix.length));
        if (generation !== null) marked.add(generation);
      }
    }
    for (const generation of marked) {
      const id = { accountId, generation };
      if (this.#live.has(key(id))) continue;
      if (generation === current) {
        this.#dropMark(id);
        continue;
      }
      const { processes, logout, parameters } = this.#readMark(id);
      for (const process of processes) {
        await help.endRecorded(process);
        report.ended.push(process);
      }
      if (logout !== undefined && exists(this.path(id)) && this.isSafe(id))
        await help.logOut(logout, this.path(id), parameters);
      await this.remove(id);
      report.removed.push(id);
    }
    for (const name of names) {
      if (name.endsWith(pendingSuffix) || name.endsWith(temporarySuffix)) continue;
      const generation = parseGeneration(name);
      if (generation !== null && (marked.has(generation) || generation === current)) continue;
      if (generation !== null && current !== undefined && generation < current) {
        const id = { accountId, generation };
        await this.remove(id);
        report.removed.push(id);
      } else {
        report.problems.push(leftAlone(join(accountPath, name), 'No saved account uses it.'));
      }
    }
    removeIfEmpty(accountPath);
  }

  /** The account's folder, after making sure that it is, if it exists, a real directory inside the root. */
  #account(accountId: string): string {
    if (!isSafeSegment(accountId)) throw unsafePath();
    const path = join(this.#root, accountId);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw unsafePath();
    if (stat && realpathSync(path) !== join(realpathSync(this.#root), accountId)) throw unsafePath();
    return path;
  }

  #markPath(id: DirectoryId): string {
    return join(this.#account(id.accountId), segment(id.generation) + pendingSuffix);
  }

  /** Replaces the mark in one step, so that a crash never leaves half of one. */
  #writeMark(id: DirectoryId, mark: PendingMark): void {
    const path = this.#markPath(id);
    const temporary = join(dirname(path), segment(id.generation) + temporarySuffix);
    this.#live.add(key(id));
    const file = openSync(temporary, 'w', privateFile);
    try {
      writeSync(file, JSON.stringify(mark));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  }

  #readMark(id: DirectoryId): PendingMark {
    const empty: PendingMark = { sessionId: '', startedAt: 0, processes: [] };
    try {
      const mark: unknown = JSON.parse(readFileSync(this.#markPath(id), 'utf8'));
      if (typeof mark !== 'object' || mark === null) return empty;
      const { sessionId, startedAt, processes, logout, parameters } = mark as Partial<
        Record<keyof PendingMark, unknown>
      >;
      return {
        sessionId: typeof sessionId === 'string' ? sessionId : '',
        startedAt: typeof startedAt === 'number' ? startedAt : 0,
        processes: Array.isArray(processes) ? processes.filter(isRecordedProcess) : [],
        ...(typeof logout === 'string' ? { logout } : {}),
        ...(isParameters(parameters) ? { parameters } : {}),
      };
    } catch {
      return empty;
    }
  }

  #dropMark(id: DirectoryId): void {
    const path = this.#markPath(id);
    rmSync(path, { force: true });
    this.#live.delete(key(id));
    if (exists(dirname(path))) syncDirectory(dirname(path));
  }
}

function key(id: DirectoryId): string {
  return `${id.accountId}/${id.generation}`;
}

function segment(generation: number): string {
  if (!Number.isSafeInteger(generation) || generation < 1) throw unsafePath();
  return String(generation);
}

function parseGeneration(name: string): number | null {
  return /^[1-9]\d{0,14}$/.test(name) ? Number(name) : null;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isRecordedProcess(value: unknown): value is RecordedProcess {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTime } = value as Partial<Record<keyof RecordedProcess, unknown>>;
  return Number.isSafeInteger(pid) && Number(pid) > 1 && typeof startTime === 'string';
}

function isParameters(value: unknown): value is Parameters {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

function removeIfEmpty(path: string): void {
  try {
    if (statSync(path).isDirectory()) rmdirSync(path);
  } catch {
    // It is not empty, or gone already.
  }
}

/** Makes renames and new names in a directory survive a power cut. Windows has no such call and needs none. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** The error for a directory that may not be touched: a link, or not inside the root. */
export function unsafePath(): LanyardError {
  return new LanyardError({
    code: 'unsafe_path',
    title: 'This account has no safe directory.',
    hint: 'Look in the accounts folder of the data directory for a link or a name that Lanyard did not make.',
  });
}

function leftAlone(source: string, why: string): Problem {
  return { source, reason: `${why} It was left alone.` };
}

function reasonOf(error: unknown): string {
  if (error instanceof LanyardError) return error.failure.title;
  return error instanceof Error ? error.message : 'It could not be read.';
}
