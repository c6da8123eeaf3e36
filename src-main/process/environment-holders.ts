import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Holder {
  pid: number;
  /** The program's name as the system shows it. */
  name: string;
}

/**
 * Processes of this person whose environment holds one of these values: a directory (or a path below it), or a whole
 * `NAME=value`. Best effort: what a process was started with is seen, what it changed since is not. We ourselves are left
 * out, as the app with all its processes; in plain Node, where many CLIs run as well, as this process alone.
 *
 * @returns null where the system does not tell (anywhere but on Linux)
 */
export async function environmentHolders(
  sought: { directories: readonly string[]; variables: readonly string[] },
  platform: NodeJS.Platform = process.platform,
): Promise<Holder[] | null> {
  if (platform !== 'linux') return null;
  if (sought.directories.length === 0 && sought.variables.length === 0) return [];
  const own = process.versions.electron === undefined ? '' : await readlink('/proc/self/exe').catch(() => '');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.filter((pid) => pid !== process.pid).map((pid) => holderOf(pid, own, sought)),
  );
  return found.filter((holder) => holder !== null).sort((a, b) => a.pid - b.pid);
}

async function holderOf(
  pid: number,
  /** The app's program; empty where that says nothing. */
  own: string,
  { directories, variables }: { directories: readonly string[]; variables: readonly string[] },
): Promise<Holder | null> {
  try {
    const entries = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    const holds = entries.some((entry) => {
      if (variables.includes(entry)) return true;
      const value = entry.slice(entry.indexOf('=') + 1);
      return directories.some((directory) => value === directory || value.startsWith(`${directory}/`));
    });
    if (!holds || (await readlink(`/proc/${pid}/exe`)) === own) return null;
    return { pid, name: (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() };
  } catch {
    // It is another person's, or has ended.
    return null;
  }
}
