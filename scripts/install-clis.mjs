import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheDirectory, projectRoot, runOrThrow, say, toolsPath } from './project.mjs';

const manifestFiles = ['package.json', 'package-lock.json', '.npmrc'];

/** The CLIs that `npm test` signs in to. */
const small = {
  manifest: join(projectRoot, 'e2e', 'clis'),
  saying: 'Installing the agent CLIs for the end-to-end tests (900 MB, once per user)...',
  // Claude Code 2.1 puts its native program in place in its postinstall; the other packages need no script, and
  // gemini's would compile a node-pty that it has a prebuilt one for.
  finish: ['@anthropic-ai/claude-code/install.cjs'],
};

/** Those that only `npm run test:providers` does. */
const more = {
  manifest: join(projectRoot, 'contracts', 'clis'),
  saying: 'Installing more agent CLIs for the contracts (1.6 GB, once per user)...',
  finish: ['opencode-ai/postinstall.mjs'],
};

/**
 * Installs the real agent CLIs that the end-to-end tests sign in to, once per lockfile and user, outside the checkout.
 * @returns {Promise<{binDirectory: string}>} directory with `codex`, `claude`, `gemini` and `copilot`
 */
export function ensureClis() {
  return ensure(small);
}

/**
 * The same for the contracts' further CLIs.
 * @returns {Promise<{binDirectory: string}>} directory with `kimi`, `openclaw`, `opencode`, `pi` and `qwen`
 */
export function ensureMoreClis() {
  return ensure(more);
}

/**
 * Where they are, if somebody had them installed before.
 * @returns {string | null}
 */
export function moreClisThere() {
  const { binDirectory } = placeOf(more.manifest);
  return existsSync(binDirectory) ? binDirectory : null;
}

/** Where the CLIs of a manifest belong. */
function placeOf(manifest) {
  const lock = readFileSync(join(manifest, 'package-lock.json'));
  const name = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const target = join(cacheDirectory, 'clis', name);
  return { target, binDirectory: join(target, 'node_modules', '.bin') };
}

/** One stat when they are there already. Two runs at once each install and the second finds the first's result. */
async function ensure({ manifest, saying, finish }) {
  const { target, binDirectory } = placeOf(manifest);
  if (statSync(binDirectory, { throwIfNoEntry: false })?.isDirectory()) return { binDirectory };

  say(saying);
  const parent = join(cacheDirectory, 'clis');
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, '.install-'));
  try {
    for (const file of manifestFiles) copyFileSync(join(manifest, file), join(work, file));
    const env = { ...process.env, PATH: toolsPath };
    const options = { cwd: work, env, stdio: ['ignore', 2, 2] };
    await runOrThrow(
      'npm',
      ['ci', '--ignore-scripts', '--include=optional', '--loglevel=error', '--no-progress', '--silent'],
      options,
    );
    for (const script of finish) {
      await runOrThrow(process.execPath, [join(work, 'node_modules', script)], options);
    }
    try {
      renameSync(work, target);
    } catch (error) {
      // Another run was faster: its result is the same.
      if (!existsSync(binDirectory)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { binDirectory };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${(await ensureClis()).binDirectory}\n`);
}
