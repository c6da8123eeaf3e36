/**
 * `npm run bench`: the app's figures against their aims, in one run. `npm run bench -- memory` measures only that (of
 * `link`, `start`, `memory`, `identities`, `interpreter`, `command`, `cloud`). A missed aim is a result; only what could not be measured is a failure.
 */
import { ensureInstalled } from './install.mjs';
import { run, runOrThrow, toolsPath } from './project.mjs';

await ensureInstalled();
const { prepareApp } = await import('./run-app.mjs');
const { env, stopDisplay } = await prepareApp();
try {
  const options = { env: { ...env, PATH: toolsPath } };
  await runOrThrow('vite', ['build', '--app', '--logLevel', 'warn'], options);
  process.exitCode = await run('node', ['bench/run.ts', ...process.argv.slice(2)], options);
} finally {
  await stopDisplay();
}
