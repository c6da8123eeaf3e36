import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, copyFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileOf } from '../process/ancestry.ts';
import { type Asker, askerOf } from './asker.ts';
import { builtCommand, CommandScene, commandThat, finished, temporaryDirectory } from './command.fixture.ts';
import { done } from './command.ts';

/** What is seen of who calls the command `who`. */
async function scene() {
  const seen: Asker[] = [];
  const scene = await CommandScene.open([
    commandThat('who', async (_args, caller) => {
      const own = await fileOf(builtCommand());
      seen.push(await askerOf(caller.pid, ({ file }) => file === own));
      return done;
    }),
  ]);
  const start = (script: string, file: string) =>
    spawn(file, ['-c', script], {
      env: { PATH: process.env.PATH ?? '', HOME: scene.data, LANYARD_HOME: scene.data },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const shell = (script: string, file = '/bin/sh') => finished(start(script, file));
  return { seen, start, shell };
}

const command = () => `'${builtCommand()}' who`;

it.runIf(process.platform === 'linux')(
  'R-8: who asks is the program that called the command, by the kernel, with what started it',
  async () => {
    const { seen, shell } = await scene();
    await shell(`${command()}; true`);
    const [asker] = seen;
    expect(asker?.program?.path).toBe(realpathSync('/bin/sh'));
    expect(asker?.parents[0]).toMatchObject({ pid: process.pid, path: realpathSync(process.execPath) });
    expect(asker?.parents.at(-1)?.pid).toBe(1);
    expect(asker?.key).toEqual(expect.any(String));
  },
);

it.runIf(process.platform === 'linux')(
  'R-8: a program that gives itself another name is named by its file, and another file at its path is another one',
  async () => {
    const { seen, shell } = await scene();
    const copy = join(temporaryDirectory(), 'tool');
    copyFileSync(realpathSync('/bin/sh'), copy);
    chmodSync(copy, 0o755);
    await shell(`echo trusted-tool > /proc/$$/comm; ${command()}; true`, copy);
    await shell(`${command()}; true`, copy);
    appendFileSync(copy, 'x');
    await shell(`${command()}; true`, copy);
    expect(seen.map(({ program }) => program?.name)).toEqual(['tool', 'tool', 'tool']);
    expect(seen[0]?.key).toBe(seen[1]?.key);
    expect(seen[1]?.key).not.toBe(seen[2]?.key);
  },
);

it.runIf(process.platform === 'linux')(
  'R-8: one whose parent has gone can be anybody: no answer for it is kept',
  async () => {
    const { seen, start } = await scene();
    // Its caller has ended before it asks: the first process of the system has it then.
    const child = start(`( ( read -r _ <&3; exec ${command()} ) 3<&0 & )`, '/bin/sh');
    await once(child, 'exit');
    child.stdin?.end('\n');
    await expect.poll(() => seen.length).toBe(1);
    expect(seen[0]?.key).toBeNull();
  },
);

it('R-8: a process that cannot be seen is said to be unknown', async () => {
  expect(await askerOf(0, () => false)).toEqual({ program: null, parents: [], key: null });
});
