/** `npm run package`: the app as an unpacked directory under release/, with its fuses set. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCommand } from './build-command.mjs';
import { ensureInstalled } from './install.mjs';
import { projectRoot, run, runOrThrow, say, toolsPath } from './project.mjs';

await ensureInstalled();
const { distWithoutLoader, ensureElectron } = await import('./electron-runtime.mjs');
const runtime = await ensureElectron();
const env = { ...process.env, PATH: toolsPath };
await runOrThrow('vite', ['build', '--app', '--logLevel', 'warn'], { env });
await buildCommand();

const args = ['--dir', '--publish', 'never'];
let dist = null;
if (runtime.fallback) {
  say(`Packaging on Electron ${runtime.version}: a development runtime, not for release.`);
  dist = distWithoutLoader(runtime, join(projectRoot, 'test-results', 'electron-dist'));
  args.push(`-c.electronDist=${dist}`, `-c.electronVersion=${runtime.version}`);
}
const code = await run('electron-builder', args, { env });
if (dist && existsSync(dist)) rmSync(dist, { recursive: true, force: true });
process.exit(code);
