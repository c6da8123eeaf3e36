import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runOrThrow, say } from './project.mjs';

const marker = join(projectRoot, 'node_modules', '.lanyard-installed');

/** Installs the packages of the lockfile when they are not installed yet; one file read when they are. */
export async function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(projectRoot, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  say('Installing packages (once per lockfile)...');
  // An inherited NODE_ENV=production would leave out the tools that build and test.
  // stdout is kept free: `npm run electron-path` prints one line and nothing else.
  await runOrThrow('npm', ['ci', '--include=dev', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  writeFileSync(marker, lock);
}
