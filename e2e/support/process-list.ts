import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A live process as /proc shows it. */
export interface ListedProcess {
  pid: number;
  parent: number;
  /** One text with spaces where the program rewrote its title, as Electron does. */
  arguments: string[];
  /** Start environment as `NAME=value`; empty for processes of others, and where a rewritten title took its place. */
  environment: string[];
  /** Working directory; `null` for processes of others. */
  directory: string | null;
}

function readProcess(pid: number): ListedProcess | null {
  const nulSeparated = (file: string) =>
    readFileSync(`/proc/${pid}/${file}`, 'utf8')
      .split('\0')
      .filter((text) => text !== '');
  try {
    // "pid (name) state parent ...": the name may hold spaces and brackets, so count from its end.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (state === 'Z' || state === 'X') return null;
    let environment: string[] = [];
    let directory: string | null = null;
    try {
      environment = nulSeparated('environ');
      directory = readlinkSync(`/proc/${pid}/cwd`);
    } catch {
      // Another user's process: only its command line can be read.
    }
    return { pid, parent: Number(parent), arguments: nulSeparated('cmdline'), environment, directory };
  } catch {
    // It ended while we looked.
    return null;
  }
}

/** Live processes, zombies left out, for which `predicate` holds. Linux only. */
export function processesOf(predicate: (process: ListedProcess) => boolean): ListedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((process) => process !== null)
    .filter(predicate);
}

/**
 * Live processes whose command line, environment or working directory holds `marker`, such as a test's own data
 * directory; this process and `except` are left out.
 */
export function processesMarkedWith(marker: string, except: number[] = []): ListedProcess[] {
  return processesOf(
    (listed) =>
      listed.pid !== process.pid &&
      !except.includes(listed.pid) &&
      [...listed.arguments, ...listed.environment, listed.directory ?? ''].some((text) =>
        text.includes(marker),
      ),
  );
}

/** The process and everything below it, by the parent chain. */
export function processTreeOf(root: number): ListedProcess[] {
  const all = processesOf(() => true);
  const members = new Set([root]);
  for (let before = 0; before !== members.size; ) {
    before = members.size;
    for (const listed of all) if (members.has(listed.parent)) members.add(listed.pid);
  }
  return all.filter((listed) => members.has(listed.pid));
}
