import { execFile } from 'node:child_process';
import { readFile, readlink, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process as somebody who looks at it from outside can name it. */
export interface RunningProgram {
  pid: number;
  /** The file's name; where that cannot be seen, what the process calls itself. */
  name: string;
  /** The executable, absolute; null where the system does not tell. */
  path: string | null;
  /** Another one as soon as the executable is another file; null where that cannot be seen. */
  file: string | null;
}

type Row = { parent: number; name: string; path: string | null };

const run = promisify(execFile);
const listing = { maxBuffer: 32 * 1024 * 1024, windowsHide: true, timeout: 10_000 };
/** Deeper trees than this have no reader. */
const mostParents = 16;

/**
 * A process and what started it, one after the other up to the first one of the system. On Linux each is read from
 * `/proc`, where the executable is the kernel's word. On macOS it is what `ps` says, on Windows what CIM says: the same
 * for honest programs. A parent that has ended is not found, there and here.
 *
 * @returns itself first; empty where it cannot be seen
 */
export async function ancestryOf(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<RunningProgram[]> {
  if (pid <= 0) return [];
  return platform === 'linux' ? linuxAncestry(pid) : listedAncestry(pid, await rowsOf(platform));
}

async function linuxAncestry(pid: number): Promise<RunningProgram[]> {
  const found: RunningProgram[] = [];
  let child = Number.POSITIVE_INFINITY;
  for (let at = pid; at > 0 && found.length <= mostParents; ) {
    const seen = await linuxProcess(at);
    // A pid that was given away since: what is there now started later than its child.
    if (seen === null || seen.startTicks > child) break;
    found.push(seen.program);
    child = seen.startTicks;
    at = seen.parent;
  }
  return found;
}

async function linuxProcess(
  pid: number,
): Promise<{ program: RunningProgram; parent: number; startTicks: number } | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    const own = text.slice(text.indexOf('(') + 1, end);
    const path = await readlink(`/proc/${pid}/exe`).catch(() => null);
    return {
      program: {
        pid,
        name: path === null ? own : nameOf(path),
        path,
        // Through the link, so that it is the file that runs, also when another one lies at its path by now.
        file: path === null ? null : await fileOf(`/proc/${pid}/exe`),
      },
      parent: Number(fields[1]),
      startTicks: Number(fields[19]),
    };
  } catch {
    return null;
  }
}

async function listedAncestry(pid: number, rows: ReadonlyMap<number, Row>): Promise<RunningProgram[]> {
  const found: RunningProgram[] = [];
  const seen = new Set<number>();
  for (let at = pid; at > 0 && !seen.has(at) && found.length <= mostParents; ) {
    seen.add(at);
    const row = rows.get(at);
    if (!row) break;
    const { name, path } = row;
    found.push({ pid: at, name, path, file: path === null ? null : await fileOf(path) });
    at = row.parent;
  }
  return found;
}

async function rowsOf(platform: NodeJS.Platform): Promise<Map<number, Row>> {
  const { stdout } =
    platform === 'win32'
      ? await run(
          'powershell.exe',
          [
            '-NoProfile',
            '-NonInteractive',
            '-Command',
            'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $(if ($_.ExecutablePath) { $_.ExecutablePath } else { $_.Name })" }',
          ],
          listing,
        )
      : await run('ps', ['-A', '-o', 'pid=,ppid=,comm='], {
          ...listing,
          env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
        });
  return parseRows(stdout);
}

/** `<pid> <parent> <path or name>` a line. */
function parseRows(text: string): Map<number, Row> {
  const rows = new Map<number, Row>();
  for (const line of text.split(/\r?\n/)) {
    const [, pid, parent, what] = /^\s*(\d+)\s+(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (what === undefined) continue;
    const path = /^(?:\/|[A-Za-z]:\\)/.test(what) ? what : null;
    rows.set(Number(pid), { parent: Number(parent), name: nameOf(what), path });
  }
  return rows;
}

/** Another text as soon as another file, or another content, is at a path; null where that cannot be seen. */
export async function fileOf(path: string): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(path);
    return [dev, ino, size, mtimeMs].join(':');
  } catch {
    return null;
  }
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}
