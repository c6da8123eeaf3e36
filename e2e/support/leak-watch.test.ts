import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { canaries } from './canaries.ts';
import { LeakWatch } from './leak-watch.ts';
import { createTestPlace } from './test-place.ts';

/** A process in the place, with these arguments and variables. */
async function started(name: string, env: Record<string, string>) {
  const place = await createTestPlace();
  onTestFinished(() => place.remove());
  await mkdir(place.data);
  const watch = new LeakWatch(place);
  const child = spawn('sleep', ['30'], { argv0: name, cwd: place.root, env, stdio: 'ignore' });
  onTestFinished(() => void child.kill());
  await once(child, 'spawn');
  watch.sample();
  return (output = '') => watch.end(output);
}

const onLinux = it.skipIf(process.platform !== 'linux');

onLinux('finds a secret in the arguments of what an app started', async () => {
  const end = await started('sk-argument-0123456789', {});
  canaries.plant('API key', 'sk-argument-0123456789');
  expect(() => end()).toThrow(/^secrets where none may be:\nAPI key in the arguments of process \d+$/);
});

onLinux('finds a secret in an environment, but for what a person starts as an identity', async () => {
  const family = await started('sleep', { SOME_KEY: 'sk-canary-in-a-variable' });
  expect(() => family()).toThrow(/canary in the environment of process \d+/);
  const launched = await started('sleep', { SOME_KEY: 'sk-canary-in-a-variable', LANYARD_BUNDLE: 'Work' });
  expect(() => launched()).not.toThrow();
});

onLinux('finds a secret in what the app printed', async () => {
  const end = await started('sleep', {});
  canaries.plant('code verifier', 'verifier-0123456789');
  expect(() => end('GET /?code_verifier=verifier-0123456789')).toThrow(
    'secrets where none may be:\ncode verifier in what the app printed',
  );
});
