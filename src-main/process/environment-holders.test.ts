import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { environmentHolders } from './environment-holders.ts';

/** A program that runs until the test ends, with this in its environment. */
async function holding(env: Record<string, string>): Promise<number> {
  const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH ?? '', ...env }, stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

describe.runIf(process.platform === 'linux')('who holds an account', () => {
  it('I-11: is found by its directory, a path below it, or a variable, and nobody else is', async () => {
    const mark = crypto.randomUUID();
    const one = await holding({ CODEX_HOME: `/data/${mark}/1` });
    const below = await holding({ CACHE: `/data/${mark}/1/cache` });
    const named = await holding({ LANYARD_BUNDLE: `Work ${mark}` });
    await holding({ CODEX_HOME: `/data/${mark}/10`, LANYARD_BUNDLE: `Work ${mark} 2` });
    const found = await environmentHolders({
      directories: [`/data/${mark}/1`],
      variables: [`LANYARD_BUNDLE=Work ${mark}`],
    });
    expect(found?.map(({ pid }) => pid).sort()).toEqual([one, below, named].sort());
    expect(found?.[0]?.name).toBe('sleep');
  });

  it('I-11, C-17: programs of the same interpreter are found: lanyard serve runs in the same node as many CLIs', async () => {
    const mark = `LANYARD_SESSION_ID=${crypto.randomUUID()}`;
    const [name = '', value = ''] = mark.split('=');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      env: { [name]: value },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    const found = await environmentHolders({ directories: [], variables: [mark] });
    expect(found?.map(({ pid }) => pid)).toEqual([child.pid]);
  });

  it('finds nobody without looking when nothing is sought', async () => {
    expect(await environmentHolders({ directories: [], variables: [] })).toEqual([]);
  });
});

it('I-11: elsewhere it is not known', async () => {
  expect(await environmentHolders({ directories: ['/x'], variables: [] }, 'darwin')).toBeNull();
});
