import {
  chmodSync,
  type FSWatcher,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import { assertNever, couldNotSave, errorCode, LanyardError } from '../failures.ts';
import { type CloudSession, isFinished, isSessionId, readSession, writeSession } from './session-record.ts';

/** C-4: sessions that are kept. */
export const sessionsKept = 1000;
/** Somebody may be in the middle of writing it: a file that cannot be read is set aside when it still cannot be then. */
export const doubtMs = 2000;
const largestBytes = 256 * 1024;
const oldestUnfinishedMs = 60_000;

interface Entry {
  session: CloudSession;
  /** What the file holds: an event of the watcher with the same text is our own, or nothing. */
  text: string;
}

/**
 * C-4, C-5: the sessions, one file each (`<id>.json`, mode 0600, in a directory of mode 0700), replaced whole. All of
 * them are held in memory; the directory is watched for what other programs write. A file that cannot be read is
 * skipped, named in `problems`, and set aside as `<id>.json.unreadable`.
 */
export class SessionStore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #problems = new Map<string, Problem>();
  readonly #doubts = new Map<string, () => void>();
  readonly #held = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #sorted: readonly CloudSession[] | null = null;
  #watcher: FSWatcher | null = null;

  /**
   * @param directory absolute; made when missing
   * @throws the system's error when it cannot be made or listed
   */
  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    this.#watch();
    this.#readAll();
  }

  /** Newest first. The same array until something changes. */
  get sessions(): readonly CloudSession[] {
    this.#sorted ??= [...this.#entries.values()]
      .map(({ session }) => session)
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
    return this.#sorted;
  }

  /** What was skipped, and why. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  get(id: string): CloudSession | null {
    return this.#entries.get(id)?.session ?? null;
  }

  /** Called after every change, ours or another program's. The returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Keeps a new session. Beyond {@link sessionsKept} the oldest finished ones are forgotten, as many as there are too
   * many; an active one never is.
   * @throws LanyardError `could_not_save`, and nothing has changed; `invalid_session_id`
   */
  add(session: CloudSession): void {
    this.#write(session);
    const excess = this.#entries.size - sessionsKept;
    if (excess > 0) {
      const oldest = this.sessions.filter((other) => isFinished(other) && other.id !== session.id).reverse();
      for (const { id } of oldest.slice(0, excess)) this.#forget(id);
    }
    this.#changed();
  }

  /**
   * Changes a session. What another program wrote to its file meanwhile is read first, and a terminal status sticks
   * (C-2) whoever wrote it. Forgets no other session.
   *
   * @returns the session as it is now
   * @throws LanyardError `session_not_found`, `could_not_save`
   */
  update(id: string, change: (session: CloudSession) => CloudSession): CloudSession {
    this.#refresh(id);
    const before = this.get(id);
    if (!before) {
      throw new LanyardError({
        code: 'session_not_found',
        title: 'This session is not there any more.',
        hint: 'Start a new one.',
      });
    }
    const changed = change(before);
    if (changed === before) return before;
    const after = { ...changed, id };
    // A count that a power cut loses belongs to a session that it ended.
    const isCount = sameBut('usage', before, after);
    this.#write(isFinished(before) ? { ...after, status: before.status } : after, { flush: !isCount });
    this.#changed();
    return this.get(id) ?? after;
  }

  /**
   * Makes this process the one that a session is of: what another program writes into its file may end it, and add fields
   * that only others know, but nothing else. Who runs under a session can reach its file, and must not get a later end,
   * other limits or another identity out of it.
   * @returns what ends that
   */
  hold(id: string): () => void {
    this.#held.add(id);
    return () => {
      this.#held.delete(id);
    };
  }

  /**
   * Forgets a session that has finished; an active one stays.
   * @returns whether it was there and is gone now
   */
  remove(id: string): boolean {
    this.#refresh(id);
    const session = this.get(id);
    if (!session || !isFinished(session)) return false;
    this.#forget(id);
    this.#changed();
    return true;
  }

  /** Stops watching. */
  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
    for (const cancel of this.#doubts.values()) cancel();
    this.#doubts.clear();
    this.#listeners.clear();
  }

  #watch(): void {
    // Linux and macOS name the file; where a name is missing, everything is looked at again.
    this.#watcher = watch(this.#directory, { persistent: false }, (_, name) => {
      try {
        if (name === null ? this.#readAll() : this.#refresh(name.replace(/\.json$/, ''))) this.#changed();
      } catch (error) {
        this.#lost(error);
      }
    });
    this.#watcher.on('error', (error) => this.#lost(error));
  }

  /** The directory went away, or the system has no more watches. What is held in memory goes on. */
  #lost(error: unknown): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#problems.set('', {
      source: 'sessions',
      reason: `What other programs change is not seen until the next start (${codeOf(error)}).`,
    });
    this.#changed();
  }

  #readAll(): boolean {
    const ids = new Set<string>();
    for (const name of readdirSync(this.#directory)) {
      if (name.endsWith('.json')) ids.add(name.slice(0, -'.json'.length));
      else if (name.endsWith('.tmp')) this.#removeUnfinished(name);
    }
    for (const id of this.#entries.keys()) ids.add(id);
    let changed = false;
    for (const id of ids) changed = this.#refresh(id) || changed;
    return changed;
  }

  /** Reads one file again. True when that changed something. */
  #refresh(id: string): boolean {
    if (!isSessionId(id)) return false;
    const found = readSessionFile(this.#path(id), id);
    switch (found.kind) {
      case 'gone':
        this.#trust(id);
        return this.#drop(id);
      case 'refused':
        this.#report(id, `it could not be read (${found.code})`);
        return true;
      case 'faulty':
        this.#doubt(id, found.fault);
        return true;
      case 'good':
        this.#trust(id);
        return this.#take(id, found);
      default:
        return assertNever(found);
    }
  }

  #take(id: string, { session, text }: Entry): boolean {
    const known = this.#entries.get(id);
    if (known?.text === text) return false;
    const kept = known ? this.#kept(known.session, session) : session;
    this.#entries.set(id, { session: kept, text });
    this.#sorted = null;
    if (kept === session) return true;
    try {
      this.#write(kept);
    } catch (error) {
      this.#report(id, `it was changed by another program, and that could not be undone (${codeOf(error)})`);
    }
    return true;
  }

  /** What holds of what another program wrote; in its file as well. */
  #kept(known: CloudSession, written: CloudSession): CloudSession {
    // C-2: a program that held an older state must not bring an ended session back.
    const status = isFinished(known) ? known.status : written.status;
    if (!this.#held.has(known.id)) return status === written.status ? written : { ...written, status };
    const { others: _, ...own } = known;
    return { ...own, status, ...(written.others === undefined ? {} : { others: written.others }) };
  }

  #drop(id: string): boolean {
    this.#sorted = null;
    return this.#entries.delete(id);
  }

  /** A known session stays as it was until the file is set aside. */
  #doubt(id: string, fault: string): void {
    this.#report(id, fault);
    if (this.#doubts.has(id)) return;
    const cancel = this.#clock.after(doubtMs, () => {
      this.#doubts.delete(id);
      this.#setAside(id);
    });
    this.#doubts.set(id, cancel);
  }

  #report(id: string, fault: string): void {
    this.#problems.set(id, problem(id, fault));
  }

  #trust(id: string): void {
    this.#doubts.get(id)?.();
    this.#doubts.delete(id);
    this.#problems.delete(id);
  }

  #setAside(id: string): void {
    const found = readSessionFile(this.#path(id), id);
    if (found.kind !== 'faulty') {
      this.#refresh(id);
    } else {
      const aside = `${id}.json.unreadable`;
      try {
        renameSync(this.#path(id), join(this.#directory, aside));
        this.#drop(id);
        // Not under its id: the file being gone does not end this report.
        this.#problems.delete(id);
        this.#problems.set(aside, problem(id, `${found.fault}. It was kept as ${aside}`));
      } catch (error) {
        this.#report(id, `${found.fault}, and it could not be moved (${codeOf(error)})`);
      }
    }
    this.#changed();
  }

  #write(session: CloudSession, { flush } = { flush: true }): void {
    // Also what comes from our own code: an id becomes a path here.
    if (!isSessionId(session.id)) {
      throw new LanyardError({
        code: 'invalid_session_id',
        title: 'This is not the id of a session.',
        hint: 'Start a new session.',
      });
    }
    const text = `${JSON.stringify(writeSession(session), null, 2)}\n`;
    const path = this.#path(session.id);
    const next = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(next, text, { mode: 0o600, flush });
      renameSync(next, path);
    } catch (error) {
      rmSync(next, { force: true });
      throw couldNotSave('The session could not be saved.', error);
    }
    this.#trust(session.id);
    this.#entries.set(session.id, { session, text });
    this.#sorted = null;
  }

  #forget(id: string): void {
    rmSync(this.#path(id), { force: true });
    this.#drop(id);
  }

  /** What a crash in the middle of a write leaves. */
  #removeUnfinished(name: string): void {
    const path = join(this.#directory, name);
    const age =
      this.#clock.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (isSessionId(name.split('.')[0] ?? '') && age > oldestUnfinishedMs) rmSync(path, { force: true });
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Whether only one field differs, each compared as the value that it is. */
function sameBut(field: keyof CloudSession, one: CloudSession, other: CloudSession): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof CloudSession>;
  names.delete(field);
  return [...names].every((name) => one[name] === other[name]);
}

function problem(id: string, fault: string): Problem {
  return { source: `${id}.json`, reason: `This session was skipped: ${fault}.` };
}

type Found =
  | { kind: 'gone' }
  | { kind: 'refused'; code: string }
  | { kind: 'faulty'; fault: string }
  | ({ kind: 'good' } & Entry);

function readSessionFile(path: string, id: string): Found {
  let text: string;
  try {
    if (lstatSync(path).size > largestBytes) return { kind: 'faulty', fault: 'it is too large' };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? { kind: 'gone' } : { kind: 'refused', code };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'faulty', fault: 'it is not JSON' };
  }
  const result = readSession(value);
  if ('fault' in result) return { kind: 'faulty', fault: result.fault };
  if (result.session.id !== id) return { kind: 'faulty', fault: 'it holds another session' };
  return { kind: 'good', session: result.session, text };
}

function codeOf(error: unknown): string {
  return errorCode(error) ?? 'unknown';
}
