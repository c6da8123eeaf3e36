import { execFile } from 'node:child_process';
import { type Clock, systemClock } from '../clock.ts';
import { type ProcessId, type ProcessRow, readProcess, readProcessTable } from './process-table.ts';

export type { ProcessId } from './process-table.ts';

export interface KillOptions {
  clock?: Clock;
  /** Time between the polite signal and SIGKILL, in milliseconds; 1000 when absent (S-9). */
  graceMs?: number;
  /** The polite signal; SIGTERM when absent. */
  polite?: NodeJS.Signals;
  /** The root is known to have ended: whoever has its pid now is a stranger. What it left in its group and session is meant. */
  rootEnded?: boolean;
}

/** After this long, even SIGKILL did not help (a process stuck in the kernel): it is reported instead. */
const giveUpMs = 3000;
const shortestPollMs = 10;
const longestPollMs = 80;

/** The process's start time in the form of {@link ProcessId}, or null when there is none or it is a zombie. */
export async function processStartTime(pid: number): Promise<string | null> {
  const row = await readProcess(pid);
  return row && !row.zombie ? row.startTime : null;
}

/** Whether this very process still runs; another one with the same pid, or a zombie, does not count. */
export async function isAlive(id: ProcessId): Promise<boolean> {
  return (await processStartTime(id.pid)) === id.startTime;
}

/**
 * All live processes that belong to a root process, itself included: its descendants by the parent chain, and
 * members of the process groups and sessions that it or one of them leads, whose parents may have ended already.
 * Never contains us.
 */
export async function describeTree(rootPid: number): Promise<ProcessId[]> {
  return membersOf(await readProcessTable(), new Map(), rootPid).map(toId);
}

/**
 * S-9: ends a process, its group, and its descendants, also those that left the group: the polite signal first, then
 * SIGKILL to what is left after the grace time, and to what was started meanwhile. Returns as soon as none is alive.
 *
 * The tree is taken before the first signal, since parents that end take the parent chain with them, and again while
 * waiting. A process is only signalled while its start time is the one that was seen, and never pid 1 or ourselves.
 *
 * @returns the pids that even SIGKILL did not end within 3 s
 */
export async function killTree(rootPid: number, options: KillOptions = {}): Promise<{ left: number[] }> {
  if (!mayBeSignalled(rootPid)) return { left: [] };
  // Windows keeps no groups: what an ended root has left cannot be told from other processes.
  if (process.platform === 'win32') return options.rootEnded ? { left: [] } : endWindowsTree(rootPid);
  const clock = options.clock ?? systemClock;
  const tree = new KnownTree(rootPid, options.rootEnded ?? false);
  await tree.refresh();
  tree.signal(options.polite ?? 'SIGTERM');
  if (await tree.waitForEnd(clock, options.graceMs ?? 1000)) return { left: [] };
  return tree.killRemaining(clock);
}

/**
 * Ends the tree of a process that was recorded before a crash of ours. Does nothing when that process has ended,
 * also when another one has its pid now.
 *
 * @returns whether it was there; `left` as of {@link killTree}
 */
export async function killRecorded(
  id: ProcessId,
  options: KillOptions = {},
): Promise<{ found: boolean; left: number[] }> {
  if (!mayBeSignalled(id.pid) || !(await isAlive(id))) return { found: false, left: [] };
  return { found: true, ...(await killTree(id.pid, options)) };
}

/** The processes of one tree as they become known, each with the start time it was first seen with. */
class KnownTree {
  readonly #rootPid: number;
  readonly #known = new Map<number, string>();
  #alive: ProcessRow[] = [];
  #ownGroup = 0;

  constructor(rootPid: number, rootEnded: boolean) {
    this.#rootPid = rootPid;
    if (rootEnded) this.#known.set(rootPid, 'ended');
  }

  /** Looks again who is there. True when nobody is. */
  async refresh(): Promise<boolean> {
    const table = await readProcessTable();
    this.#ownGroup = table.get(process.pid)?.group ?? 0;
    this.#alive = membersOf(table, this.#known, this.#rootPid);
    for (const row of this.#alive) this.#known.set(row.pid, row.startTime);
    // A root that had ended before we first looked stays ended, whoever gets its pid; its group may live on.
    if (!this.#known.has(this.#rootPid)) this.#known.set(this.#rootPid, 'ended');
    return this.#alive.length === 0;
  }

  signal(signal: NodeJS.Signals): void {
    // The group first: it reaches those that were forked since we looked. A group's id is not given away while it
    // has members, so a member that we know makes it ours.
    const ledGroups = new Set(this.#alive.map((row) => row.group).filter((group) => this.#known.has(group)));
    for (const group of ledGroups) if (group !== this.#ownGroup) send(-group, signal);
    for (const row of this.#alive) send(row.pid, signal);
  }

  /** Waits until nobody is alive, at most `limitMs`. False when the time is over. */
  async waitForEnd(clock: Clock, limitMs: number): Promise<boolean> {
    let over = false;
    const cancel = clock.after(limitMs, () => {
      over = true;
    });
    try {
      for (let pollMs = shortestPollMs; ; pollMs = Math.min(pollMs * 2, longestPollMs)) {
        if (await this.refresh()) return true;
        if (over) return false;
        await new Promise<void>((resolve) => clock.after(pollMs, resolve));
      }
    } finally {
      cancel();
    }
  }

  async killRemaining(clock: Clock): Promise<{ left: number[] }> {
    let over = false;
    const cancel = clock.after(giveUpMs, () => {
      over = true;
    });
    try {
      // Again and again: what forks faster than we look must not get away.
      while (!(await this.refresh())) {
        if (over) return { left: this.#alive.map((row) => row.pid) };
        this.signal('SIGKILL');
        await new Promise<void>((resolve) => clock.after(shortestPollMs, resolve));
      }
      return { left: [] };
    } finally {
      cancel();
    }
  }
}

/**
 * Rows that belong to the tree. `known` are members seen before: their children, groups and sessions count although
 * they may have ended, but a process that merely has the pid of one does not.
 */
function membersOf(
  table: Map<number, ProcessRow>,
  known: Map<number, string>,
  rootPid: number,
): ProcessRow[] {
  const members = new Set<number>([rootPid, ...known.keys()]);
  for (const [pid, startTime] of known) {
    const row = table.get(pid);
    if (row && row.startTime !== startTime) members.delete(pid);
  }
  const own = table.get(process.pid);
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const row of table.values()) {
      if (!mayBeSignalled(row.pid) || members.has(row.pid)) continue;
      const taken = known.get(row.pid);
      if (taken !== undefined && taken !== row.startTime) continue;
      const inGroup = row.group !== own?.group && members.has(row.group);
      const inSession = row.session !== null && row.session !== own?.session && members.has(row.session);
      if (members.has(row.parent) || inGroup || inSession) members.add(row.pid);
    }
  }
  return [...members]
    .map((pid) => table.get(pid))
    .filter((row) => row !== undefined)
    .filter((row) => !row.zombie && mayBeSignalled(row.pid));
}

function toId(row: ProcessRow): ProcessId {
  return { pid: row.pid, startTime: row.startTime };
}

function mayBeSignalled(pid: number): boolean {
  return Number.isInteger(pid) && pid > 1 && pid !== process.pid;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended (ESRCH), or runs as somebody else (EPERM) and will be reported as left.
  }
}

/** Console programs know no polite signal on Windows, and taskkill finds the tree by itself. */
function endWindowsTree(pid: number): Promise<{ left: number[] }> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, () => {
      // It also fails when the process has ended by itself.
      resolve({ left: exists(pid) ? [pid] : [] });
    });
  });
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
