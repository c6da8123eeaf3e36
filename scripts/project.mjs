import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root directory. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Per-user cache for what is too large or too slow to make per checkout. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lanyard');

/** PATH with the tools' own Node and the project's binaries first, as npm scripts have it. */
export const toolsPath = `${join(projectRoot, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;

/**
 * Runs a program with inherited stdio and resolves with its exit code; a signal counts as 128.
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: projectRoot, stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
}

/** Like {@link run}, but throws when the program fails. */
export async function runOrThrow(file, args, options = {}) {
  const code = await run(file, args, options);
  if (code !== 0) throw new Error(`${[file, ...args].join(' ')} ended with exit code ${code}`);
}

/** Messages of the scripts go to stderr: stdout belongs to what a script is asked to print. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
