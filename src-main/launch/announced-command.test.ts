import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { announcing } from './announced-command.ts';

const posix = process.platform !== 'win32';
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-announced-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe.runIf(posix)('announcing', () => {
  it('R-3: the process that a command becomes, whoever starts it, with its arguments and nothing else changed', async () => {
    const { wrap, pid } = await announcing(directory, new ManualClock());
    const [folder = ''] = readdirSync(directory);
    expect(statSync(join(directory, folder)).mode & 0o777).toBe(0o700);
    const [file = '', ...args] = wrap(['/bin/sh', '-c', 'echo "$$ $1 $#"; cat', 'x', "it's one", 'two']);
    // Another process starts it, as the server of a terminal does.
    const server = spawn('/bin/sh', ['-c', '"$0" "$@"; exit 0', file, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [said] = await once(server.stdout, 'data');
    const found = await pid;
    expect(String(said)).toBe(`${found} it's one 2\n`);
    expect(found).not.toBe(server.pid);
    server.stdin.end();
    await once(server, 'exit');
  });

  it('what is not started within a minute is not known, and leaves nothing', async () => {
    const clock = new ManualClock();
    const { pid } = await announcing(directory, clock);
    clock.advance(60_000);
    expect(await pid).toBeNull();
    const other = await announcing(directory, clock);
    other.withdraw();
    expect(await other.pid).toBeNull();
    expect(existsSync(join(directory, 'pid'))).toBe(false);
  });
});
