import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CliProcess, runOnPipes } from './cli-process.ts';
import { createGate, type Fault, type FaultOptions, faultProvider, faults } from './fault-providers.ts';
import { processesMarkedWith } from './process-list.ts';

let home: string;
const started: CliProcess[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lanyard-fault-'));
});
afterEach(async () => {
  for (const cli of started.splice(0)) {
    cli.kill();
    await cli.exited;
  }
  await rm(home, { recursive: true, force: true });
});

function request(fault: Fault, args: string[], options: FaultOptions) {
  const { program, environment } = faultProvider(fault, options);
  return {
    file: program.names[0] ?? '',
    args,
    env: { PATH: '/usr/bin:/bin', FAULT_HOME: home, ...environment.set },
    cwd: home,
  };
}

function start(fault: Fault, args = ['login'], options: FaultOptions = {}): CliProcess {
  const cli = runOnPipes(request(fault, args, options));
  started.push(cli);
  return cli;
}

it('every fault but the missing one is a program, and nobody is signed in at first', async () => {
  for (const fault of faults) {
    if (fault === 'missing') {
      expect(existsSync(faultProvider(fault).program.names[0] ?? '')).toBe(false);
      continue;
    }
    const status = start(fault, ['status']);
    expect([fault, await status.exited]).toEqual([fault, 1]);
    expect(status.text()).toContain('Not logged in');
  }
});

it('exits-1 fails, and exits-0-signed-out only says that it did not', async () => {
  expect(await start('exits-1').exited).toBe(1);
  const liar = start('exits-0-signed-out');
  expect(await liar.exited).toBe(0);
  expect(liar.text()).toContain('Logged in as');
});

it('foreign-link prints its link and waits, as hangs does without one', async () => {
  await start('foreign-link').waitFor(/https:\/\/evil\.test\/oauth\/authorize\?/);
  await start('hangs').waitFor(/Contacting/);
});

it('prints-link-late prints nothing but its first line until the gate opens, then takes its code', async () => {
  const gate = await createGate(join(home, 'gate'));
  try {
    const late = start('prints-link-late', ['login'], { gate: gate.path });
    await late.waitFor(/Contacting/);
    expect(late.text()).not.toContain('https://');
    await gate.open();
    await late.waitFor(/https:\/\/login\.fault\.test\/.*\nPaste code here > $/);
    late.write('fault-code\n');
    expect(await late.exited).toBe(0);
    expect(await start('prints-link-late', ['status']).exited).toBe(0);
  } finally {
    await gate.close();
  }
});

it('floods writes 200 MB, then its link, then signs in', async () => {
  // Counted, not kept: this is what the app must cope with.
  const { file, args, env, cwd } = request('floods', ['login'], {});
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  let tail = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    tail = (tail + chunk.subarray(-300).toString('latin1')).slice(-300);
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(bytes).toBeGreaterThan(200 * 1024 * 1024);
  expect(tail).toMatch(/https:\/\/login\.fault\.test\/.*\nLogged in as flood@fault\.test\n$/);
  expect(await start('floods', ['status']).exited).toBe(0);
});

it('ignores-sigterm survives SIGTERM and SIGHUP with both grandchildren, one of them outside its group', async () => {
  await mkdir(join(home, 'pids'));
  const pidFile = join(home, 'pids', 'pids');
  const stubborn = start('ignores-sigterm', ['login'], { pidFile });
  await stubborn.waitFor(/https:\/\/login\.fault\.test\//);
  const pids = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
  expect(pids).toHaveLength(3);
  const alive = () =>
    processesMarkedWith(pidFile)
      .map(({ pid }) => pid)
      .filter((pid) => pids.includes(pid));
  try {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) for (const pid of pids) process.kill(pid, signal);
    // The script answers nothing on its input, so the proof that the signals were dealt with is their ignored mask.
    for (const pid of pids) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const ignored = BigInt(`0x${/^SigIgn:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`);
      expect([pid, (ignored >> 14n) & 1n, ignored & 1n]).toEqual([pid, 1n, 1n]);
    }
    expect(alive().sort()).toEqual([...pids].sort());
    process.kill(-stubborn.pid, 'SIGKILL');
    await expect.poll(alive).toEqual(pids.slice(2));
  } finally {
    // The last one holds the output open: the script counts as closed only once it is gone.
    for (const pid of alive()) process.kill(pid, 'SIGKILL');
  }
  await stubborn.exited;
});
