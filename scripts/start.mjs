import { spawn } from 'node:child_process';
import { buildCommandIfPossible } from './build-command.mjs';
import { ensureInstalled } from './install.mjs';
import { projectRoot, runOrThrow, toolsPath } from './project.mjs';

await ensureInstalled();
const { appArguments, prepareApp } = await import('./run-app.mjs');
const { runtime, env, stopDisplay } = await prepareApp();
await runOrThrow('vite', ['build', '--app', '--logLevel', 'warn'], {
  env: { ...process.env, PATH: toolsPath },
});
await buildCommandIfPossible();
const app = spawn(runtime.executable, [...appArguments, ...process.argv.slice(2)], {
  cwd: projectRoot,
  env,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => app.kill(signal));
app.on('close', async (code) => {
  await stopDisplay();
  process.exit(code ?? 1);
});
