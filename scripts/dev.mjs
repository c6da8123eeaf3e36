/** `npm run dev`: builds on every change; a changed renderer reloads its windows, anything else restarts the app. */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { projectRoot, run, say, toolsPath } from './project.mjs';

await ensureInstalled();
const { appArguments, prepareApp } = await import('./run-app.mjs');
const { runtime, env, stopDisplay } = await prepareApp();
const build = () =>
  run('vite', ['build', '--app', '--logLevel', 'warn'], { env: { ...process.env, PATH: toolsPath } });

let app = null;
let stopping = false;
function startApp() {
  // The app reloads its windows when the built renderer changes.
  const child = spawn(runtime.executable, [...appArguments, '--lanyard-reload'], {
    cwd: projectRoot,
    env,
    stdio: 'inherit',
  });
  child.on('close', async (code) => {
    if (app !== child || stopping) return;
    stopping = true;
    await stopDisplay();
    process.exit(code ?? 1);
  });
  app = child;
}

let changed = new Set();
let building = false;
let timer;
async function rebuild() {
  if (building || changed.size === 0) return;
  building = true;
  const onlyRenderer = [...changed].every((name) => name === 'src-renderer');
  changed = new Set();
  const ok = (await build()) === 0;
  if (ok && !onlyRenderer) {
    const old = app;
    app = null;
    await new Promise((resolve) => {
      old.once('close', resolve);
      old.kill();
    });
    startApp();
  }
  say(ok ? (onlyRenderer ? 'Reloaded.' : 'Restarted.') : 'The build failed; the app goes on as it was.');
  building = false;
  await rebuild();
}

for (const name of ['src-main', 'src-preload', 'src-renderer', 'resources']) {
  watch(join(projectRoot, name), { recursive: true }, () => {
    changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(rebuild, 100);
  });
}
if ((await build()) !== 0) process.exit(1);
startApp();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => app?.kill(signal));
