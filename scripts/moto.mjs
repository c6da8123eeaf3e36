import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheDirectory, runOrThrow, say } from './project.mjs';

const version = '5.2.5';
const parent = join(cacheDirectory, 'moto');
const target = join(parent, version);

/**
 * Installs moto's server, which is AWS for the tests of cloud sessions: once per user, into a Python environment of its
 * own outside the checkout. It is started with `python -m moto.server`.
 *
 * @returns {Promise<{python: string} | {missing: string}>} the environment's Python, or why there is none
 */
export async function ensureMoto() {
  const python = pythonOf(target);
  if (existsSync(python)) return { python };
  const system = systemPython();
  if (system === null) {
    return {
      missing:
        "Python 3 is needed for moto's server, which stands in for AWS: install python3 and python3-venv.",
    };
  }
  say("Installing moto's server for the tests of cloud sessions (300 MB, once per user)...");
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, '.install-'));
  try {
    const options = { stdio: ['ignore', 2, 2] };
    await runOrThrow(system, ['-m', 'venv', work], options);
    await runOrThrow(
      pythonOf(work),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `moto[server]==${version}`],
      options,
    );
    try {
      renameSync(work, target);
    } catch (error) {
      // Another run was faster: its result is the same.
      if (!existsSync(python)) throw error;
    }
  } catch (error) {
    return {
      missing: `moto's server could not be installed: ${error instanceof Error ? error.message : error}`,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { python };
}

function pythonOf(environment) {
  return process.platform === 'win32'
    ? join(environment, 'Scripts', 'python.exe')
    : join(environment, 'bin', 'python');
}

function systemPython() {
  for (const name of ['python3', 'python']) {
    try {
      execFileSync(name, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 9))'], {
        stdio: 'ignore',
      });
      return name;
    } catch {
      // Not there, too old, or without venv.
    }
  }
  return null;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const moto = await ensureMoto();
  if ('missing' in moto) say(moto.missing);
  else process.stdout.write(`${moto.python}\n`);
  process.exitCode = 'missing' in moto ? 1 : 0;
}
