import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * One process, for ever: pids are used again, a pid with a start time is not. The start time is comparable text,
 * also across restarts of the system; what it looks like depends on the platform.
 */
export interface ProcessId {
  pid: number;
  startTime: string;
}

export interface ProcessRow extends ProcessId {
  parent: number;
  group: number;
  /** Null where the platform does not tell. */
  session: number | null;
  /** Ended, but not yet collected by its parent: nothing is left to kill. */
  zombie: boolean;
}

const run = promisify(execFile);
const listing = { maxBuffer: 32 * 1024 * 1024, windowsHide: true, timeout: 10_000 };

/** All processes that we may see, our own included. Throws when the platform's way to list them fails. */
export async function readProcessTable(
  platform: NodeJS.Platform = process.platform,
): Promise<Map<number, ProcessRow>> {
  const rows = await readRows(platform);
  return new Map(rows.map((row) => [row.pid, row]));
}

/** One process, or null when there is none of that pid. */
export async function readProcess(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<ProcessRow | null> {
  if (platform === 'linux') return readLinuxProcess(pid, await bootId());
  return (await readProcessTable(platform)).get(pid) ?? null;
}

async function readRows(platform: NodeJS.Platform): Promise<ProcessRow[]> {
  if (platform === 'linux') {
    const [names, boot] = await Promise.all([readdir('/proc'), bootId()]);
    const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
    const rows = await Promise.all(pids.map((pid) => readLinuxProcess(pid, boot)));
    return rows.filter((row) => row !== null);
  }
  if (platform === 'win32') return readWindowsProcesses();
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    ...listing,
    // `lstart` is written in the person's language otherwise, and in another length.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  return parsePs(stdout);
}

/** Start times in `/proc` count from boot: with the boot's id they stay unique after a restart. */
let cachedBootId: Promise<string> | undefined;
function bootId(): Promise<string> {
  cachedBootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => 'unknown',
  );
  return cachedBootId;
}

async function readLinuxProcess(pid: number, boot: string): Promise<ProcessRow | null> {
  try {
    return parseStat(pid, await readFile(`/proc/${pid}/stat`, 'utf8'), boot);
  } catch {
    return null;
  }
}

/** Reads `/proc/<pid>/stat` (proc_pid_stat(5)). The program's name may hold blanks and brackets, hence the last one. */
function parseStat(pid: number, text: string, boot: string): ProcessRow | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return null;
  return {
    pid,
    startTime: `${boot}:${startTicks}`,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie: state === 'Z' || state === 'X',
  };
}

function parsePs(text: string): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line);
    const [, pid, parent, group, state, startTime] = match ?? [];
    if (state === undefined || startTime === undefined) continue;
    rows.push({
      pid: Number(pid),
      startTime: startTime.replace(/\s+/g, ' '),
      parent: Number(parent),
      group: Number(group),
      session: null,
      zombie: state.startsWith('Z'),
    });
  }
  return rows;
}

/** Windows keeps the pid of a parent that has ended, and may have given it away since: such a parent is none. */
async function readWindowsProcesses(): Promise<ProcessRow[]> {
  const script =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CreationDate.Ticks)" }';
  const { stdout } = await run(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', script],
    listing,
  );
  const rows = new Map<number, ProcessRow>();
  for (const line of stdout.split(/\r?\n/)) {
    const match = /^(\d+) (\d+) (\d+)$/.exec(line.trim());
    const [, pid, parent, startTime] = match ?? [];
    if (startTime === undefined) continue;
    rows.set(Number(pid), {
      pid: Number(pid),
      startTime,
      parent: Number(parent),
      group: Number(pid),
      session: null,
      zombie: false,
    });
  }
  for (const row of rows.values()) {
    const parent = rows.get(row.parent);
    if (parent && BigInt(parent.startTime) > BigInt(row.startTime)) row.parent = 0;
  }
  return [...rows.values()];
}
