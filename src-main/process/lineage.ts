import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { type ProcessId, readProcess } from './process-table.ts';

/** A process and what it is called. */
export interface NamedProcess extends ProcessId {
  readonly name: string;
}

const mostAncestors = 8;
const run = promisify(execFile);

/**
 * A process and its parents, the nearest first, up to the system's own. Names are what the system says, not what a
 * process says of itself.
 * @returns empty where it is gone, or cannot be seen
 */
export async function lineage(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<NamedProcess[]> {
  const found: NamedProcess[] = [];
  for (let next = pid; next > 1 && found.length < mostAncestors; ) {
    const row = await readProcess(next, platform);
    if (!row) break;
    found.push({ pid: row.pid, startTime: row.startTime, name: await nameOf(row.pid, platform) });
    next = row.parent;
  }
  return found;
}

async function nameOf(pid: number, platform: NodeJS.Platform): Promise<string> {
  try {
    if (platform === 'linux') return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    if (platform === 'win32') return `process ${pid}`;
    const { stdout } = await run('ps', ['-o', 'comm=', '-p', String(pid)], { timeout: 5000 });
    return basename(stdout.trim()) || `process ${pid}`;
  } catch {
    return `process ${pid}`;
  }
}
