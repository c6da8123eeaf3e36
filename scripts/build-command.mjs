/**
 * Builds the `lanyard` command with the Go on the PATH. `node scripts/build-command.mjs` builds it for this machine into
 * dist/command/; `--check` runs its vet and tests as well.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheDirectory, projectRoot, runOrThrow, say } from './project.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const source = join(projectRoot, 'command');
const systems = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const architectures = { x64: 'amd64', arm64: 'arm64' };

/** Only the standard library, only this Go: nothing is fetched. */
function goEnvironment(platform, arch) {
  return {
    ...process.env,
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=mod',
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    GOCACHE: join(cacheDirectory, 'go-build'),
    GOOS: systems[platform] ?? platform,
    GOARCH: architectures[arch] ?? arch,
  };
}

function hasGo() {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
}

/** Whether there is a Go; where there is none it is installed as other system packages are. */
export async function ensureGo() {
  if (hasGo()) return true;
  if (process.platform === 'linux') return ensureSystemPackages(['command']);
  say(
    'The lanyard command is built with Go 1.19 or newer. Install it from https://go.dev/dl and run this again.',
  );
  return false;
}

/** Where the command of a platform is built to. */
export function commandPath(platform = process.platform) {
  return join(projectRoot, 'dist', 'command', platform === 'win32' ? 'lanyard.exe' : 'lanyard');
}

/**
 * @param {{platform?: string, arch?: string}} [target] this machine when absent
 * @returns {Promise<string>} the built program
 */
export async function buildCommand({ platform = process.platform, arch = process.arch } = {}) {
  if (!(await ensureGo())) throw new Error('the lanyard command cannot be built without Go');
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const output = commandPath(platform);
  mkdirSync(join(projectRoot, 'dist', 'command'), { recursive: true });
  const flags = ['-trimpath', '-buildvcs=false', `-ldflags=-s -w -X main.version=${version}`];
  const env = goEnvironment(platform, arch);
  // Whoever starts it meanwhile finds the old one or the new one.
  const unfinished = `${output}.${process.pid}`;
  await runOrThrow('go', ['build', ...flags, '-o', unfinished, '.'], { cwd: source, env });
  renameSync(unfinished, output);
  return output;
}

/** For starting the app from a checkout, which needs no Go: without it the app runs, and the command is not there. */
export async function buildCommandIfPossible() {
  if (hasGo()) await buildCommand();
  else say('There is no Go here, so the lanyard command is not built; the app needs it for nothing else.');
}

/** Vet and tests, and that it builds for the other systems that it is for. */
export async function checkCommand() {
  const env = goEnvironment(process.platform, process.arch);
  const unformatted = execFileSync('gofmt', ['-l', '.'], { cwd: source, env, encoding: 'utf8' }).trim();
  if (unformatted !== '') throw new Error(`not formatted by gofmt: ${unformatted}`);
  await runOrThrow('go', ['test', './...'], { cwd: source, env });
  for (const platform of Object.keys(systems)) {
    await runOrThrow('go', ['vet', './...'], { cwd: source, env: goEnvironment(platform, process.arch) });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildCommand();
  if (process.argv.includes('--check')) await checkCommand();
}
