import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheDirectory, runOrThrow, say } from './project.mjs';

/** moto's server, and the AWS CLI that asks it. */
const packages = ['moto[server]==5.2.5', 'awscli==1.46.2'];
const parent = join(cacheDirectory, 'moto');
const target = join(parent, createHash('sha256').update(packages.join()).digest('hex').slice(0, 16));

/**
 * Installs moto's server, which is AWS for the tests of cloud sessions, and the AWS CLI: once per user, into a Python
 * environment of their own outside the checkout. They are started with `python -m moto.server` and `python -m awscli`.
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
  say("Installing moto's server and the AWS CLI for the tests of cloud sessions (300 MB, once per user)...");
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, '.install-'));
  try {
    const options = { stdio: ['ignore', 2, 2] };
    await runOrThrow(system, ['-m', 'venv', work], options);
    await runOrThrow(
      pythonOf(work),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
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
      missing: `moto's server and the AWS CLI could not be installed: ${error instanceof Error ? error.message : error}`,
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
