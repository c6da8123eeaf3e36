import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { type Handover, type HandoverParts, handOver } from './secret-handover.ts';

const command = ['/bin/sh', '-c', 'printf "%s|%s" "$KEY_A" "$KEY_B"'];
const secrets = { KEY_A: new Secret('a-0123'), KEY_B: new Secret('b-0123') };

let parts: HandoverParts;
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-handover-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  parts = {
    directory,
    clock: new ManualClock(),
    find: async (names) => names.find((name) => existsSync(name)) ?? null,
  };
});

/** Runs what a terminal would, and presses Enter where it waits for that. */
function run([file = '', ...args]: string[]) {
  const { stdout, status } = spawnSync(file, args, { input: '\n', encoding: 'utf8', timeout: 10_000 });
  return { stdout, status };
}

const handed = async (): Promise<Handover> => {
  const handover = await handOver(secrets, command, parts);
  onTestFinished(() => handover.withdraw());
  return handover;
};

describe.skipIf(process.platform === 'win32')('secrets that are handed over', () => {
  it('R-1: reach the command whole', async () => {
    expect(run((await handed()).command)).toEqual({ stdout: 'a-0123|b-0123', status: 0 });
  });

  it('R-2: come once: a second reader gets no shell', async () => {
    const { command: receiving } = await handed();
    run(receiving);
    const second = run(receiving);
    expect(second.stdout).toContain('did not arrive');
    expect(second.status).toBe(1);
  });

  it('R-2: of which another reader got one: no shell with the rest', async () => {
    const { command: receiving } = await handed();
    const pipe = receiving.find((word) => word.endsWith('/keys')) ?? '';
    // What the other one took is a line of the pipe.
    execFileSync('/bin/sh', ['-c', 'IFS= read -r line <"$1"', 'thief', pipe]);
    const rest = run(receiving);
    expect(rest.stdout).toContain('did not arrive');
    expect(rest.stdout).not.toContain('b-0123');
    expect(rest.status).toBe(1);
  });

  it.each(['a\nPATH=/tmp', 'a\0b'])(
    'that would become another line or end early are not handed over: %j',
    async (text) => {
      await expect(handOver({ KEY_A: new Secret(text) }, command, parts)).rejects.toMatchObject({
        failure: { code: 'no_handover' },
      });
      expect(readdirSync(parts.directory)).toEqual([]);
    },
  );

  it('that do not fit into the pipe leave nothing behind', async () => {
    const long = { KEY_A: new Secret('x'.repeat(1024 * 1024)) };
    await expect(handOver(long, command, parts)).rejects.toMatchObject({ failure: { code: 'no_handover' } });
    expect(readdirSync(parts.directory)).toEqual([]);
  });

  it('are in nobody’s reach after they were taken back, also where the folder is busy', async () => {
    const { command: receiving, withdraw } = await handed();
    const pipe = receiving.find((word) => word.endsWith('/keys')) ?? '';
    writeFileSync(join(pipe, '..', 'other'), '');
    await withdraw();
    expect(readdirSync(parts.directory)).toEqual([]);
    expect(run(receiving).stdout).toContain('did not arrive');
  });
});
