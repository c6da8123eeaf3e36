import { describe, expect, it, onTestFinished } from 'vitest';
import { killTree } from './kill-tree.ts';
import { spawnPiped } from './spawn-piped.ts';
import { spawnPty } from './spawn-pty.ts';
import type { ChildTransport, SpawnRequest } from './transport.ts';

const env = { PATH: '/usr/bin:/bin' };
const size = { columns: 200, rows: 24 };
const request = (script: string): SpawnRequest => ({ file: '/bin/sh', args: ['-c', script], env, cwd: '/' });
/** Each descriptor with what it leads to. */
const list = 'ls -l /proc/$$/fd; echo over';

function outputOf(child: ChildTransport): Promise<string> {
  let text = '';
  child.onOutput((bytes) => {
    text += Buffer.from(bytes).toString();
  });
  return new Promise((resolve) => child.onExit(() => resolve(text)));
}

/** A sign-in in a PTY that goes on until the test is over. */
function running(): ChildTransport {
  const child = spawnPty(request('exec sleep 60'), size);
  const ended = new Promise<void>((resolve) => child.onExit(() => resolve()));
  onTestFinished(async () => {
    await killTree(child.pid);
    await ended;
  });
  return child;
}

/** What the descriptors above the third lead to. */
const rest = (output: string) =>
  [...output.matchAll(/ (\d+) -> (\S+)/g)].flatMap(([, descriptor, target]) =>
    Number(descriptor) > 2 ? [target] : [],
  );

describe.runIf(process.platform === 'linux')('while others sign in through a PTY', () => {
  it('a program behind pipes reaches none of their terminals', async () => {
    running();
    running();
    const output = await outputOf(spawnPiped(request(list)));
    expect(output).toContain('over');
    expect([...new Set(rest(output))]).toEqual(['/dev/null']);
  });

  it('a program in a PTY reaches none but its own', async () => {
    running();
    running();
    const output = await outputOf(spawnPty(request(list), size));
    expect(output).toContain('over');
    expect(rest(output)).toEqual([]);
    expect(output).toMatch(/ 0 -> \/dev\/pts\/\d+/);
  });

  it.each([{}, { SHLVL: '5' }])(
    'a program in a PTY gets the environment and arguments that were asked for: %j',
    async (more) => {
      running();
      const script =
        'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env])); process.exitCode = 7';
      const args = ['-e', script, 'a "b" $c', ''];
      const child = spawnPty({ file: process.execPath, args, env: { ...more, A: 'b c' }, cwd: '/usr' }, size);
      const exit = new Promise((resolve) => child.onExit(resolve));
      const output = await outputOf(child);
      expect(JSON.parse(output.replaceAll(/[\r\n]/g, ''))).toEqual([
        ['a "b" $c', ''],
        { ...more, A: 'b c', PWD: '/usr', TERM: 'xterm-256color' },
      ]);
      expect(await exit).toEqual({ code: 7, signal: null });
    },
  );
});
