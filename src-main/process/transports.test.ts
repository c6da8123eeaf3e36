import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { killTree, processStartTime } from './kill-tree.ts';
import { spawnPiped } from './spawn-piped.ts';
import { spawnPty } from './spawn-pty.ts';
import type { ChildTransport, SpawnRequest } from './transport.ts';

const node = process.execPath;
const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
const pty = (request: SpawnRequest) => spawnPty(request, { columns: 1000, rows: 50 });
const sh = (script: string): SpawnRequest => ({ file: '/bin/sh', args: ['-c', script], env, cwd: '/' });
const script = (source: string): SpawnRequest => ({ file: node, args: ['-e', source], env, cwd: '/' });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanyard-transports-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  stdout: string;
  stderr: string;
  exit: { code: number | null; signal: string | null };
}

function toEnd(child: ChildTransport): Promise<Run> {
  const chunks: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
  child.onOutput((bytes, stream) => chunks[stream].push(bytes));
  return new Promise((resolve) => {
    child.onExit((exit) =>
      resolve({
        stdout: Buffer.concat(chunks.stdout).toString(),
        stderr: Buffer.concat(chunks.stderr).toString(),
        exit,
      }),
    );
  });
}

/** Resolves when the child's output so far holds the text. */
function untilOutput(child: ChildTransport, text: string): Promise<void> {
  let seen = '';
  return new Promise((resolve) => {
    child.onOutput((bytes) => {
      seen += Buffer.from(bytes).toString();
      if (seen.includes(text)) resolve();
    });
  });
}

function failureOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}

describe.each([
  { kind: 'pipes', spawn: (request: SpawnRequest) => spawnPiped(request), eol: '\n' },
  { kind: 'a PTY', spawn: pty, eol: '\r\n' },
])('$kind', ({ kind, spawn, eol }) => {
  it('X-1: runs a program and reports its exit code', async () => {
    const { stdout, exit } = await toEnd(spawn(sh('echo "to the terminal: $0"; exit 7')));
    expect(stdout).toBe(`to the terminal: /bin/sh${eol}`);
    expect(exit).toEqual({ code: 7, signal: null });
  });

  it('reports the signal that ended it', async () => {
    expect((await toEnd(spawn(sh('kill -KILL $$')))).exit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('X-2: stdin stays open, text is followed by the transport’s Enter', async () => {
    const child = spawn(sh('read -r first; echo "got $first"; read -r second; echo "got $second"'));
    const run = toEnd(child);
    const answered = untilOutput(child, 'got one');
    expect(child.write(`one${child.enter}`)).toBe(true);
    await answered;
    expect(child.write(`two${child.enter}`)).toBe(true);
    expect((await run).stdout).toContain(`got two${eol}`);
  });

  it('X-2: write says no once the child has ended', async () => {
    const child = spawn(sh('exit 0'));
    await toEnd(child);
    expect(child.write('too late\n')).toBe(false);
  });

  it('writing to a child that ends at the same time does no harm', async () => {
    for (let round = 0; round < 20; round++) {
      const child = spawn(sh('exec <&-; exit 3'));
      const run = toEnd(child);
      for (let count = 0; count < 50; count++) child.write(`${'x'.repeat(1000)}\n`);
      expect((await run).exit.code).toBe(3);
    }
  });

  it('X-3: a prompt and a last line without a newline are delivered before the exit', async () => {
    const child = spawn(sh('printf "Paste code here > "; read -r code; printf "bye %s" "$code"'));
    const run = toEnd(child);
    await untilOutput(child, 'Paste code here > ');
    child.write(`abc${child.enter}`);
    expect((await run).stdout).toMatch(/bye abc$/);
  });

  it('X-3: 20 MB arrive whole and in order with pauses in between, and nothing arrives during a pause', async () => {
    const child = spawn(
      script(`
        const block = Buffer.alloc(64 * 1024);
        let next = 0;
        let blocks = 320;
        const write = () => {
          for (let i = 0; i < block.length; i += 8) block.write((next++).toString(36).padStart(8, '0'), i, 'latin1');
          if (--blocks > 0) process.stdout.write(block, write);
          else process.stdout.write(block, () => process.exit(0));
        };
        write();
      `),
    );
    const chunks: Uint8Array[] = [];
    let total = 0;
    let paused = false;
    let pauses = 0;
    let deliveredWhilePaused = 0;
    let sincePause = 0;
    child.onOutput((bytes) => {
      if (paused) deliveredWhilePaused += bytes.length;
      chunks.push(bytes);
      total += bytes.length;
      sincePause += bytes.length;
      if (sincePause < 1024 * 1024) return;
      sincePause = 0;
      paused = true;
      pauses++;
      child.pause();
      // A few turns of the event loop, in which a careless transport would read on.
      let turns = 20;
      const turn = () => {
        if (--turns > 0) {
          setImmediate(turn);
          return;
        }
        paused = false;
        child.resume();
      };
      setImmediate(turn);
    });
    await new Promise<void>((resolve) => child.onExit(() => resolve()));
    expect(total).toBe(20 * 1024 * 1024);
    expect(deliveredWhilePaused).toBe(0);
    expect(pauses).toBeGreaterThan(15);
    const all = Buffer.concat(chunks).toString('latin1');
    let wrong = -1;
    for (let i = 0; i < all.length / 8 && wrong < 0; i++) {
      if (Number.parseInt(all.slice(i * 8, i * 8 + 8), 36) !== i) wrong = i;
    }
    expect(wrong).toBe(-1);
  });

  it('X-3: output and exit of a child that ended during a pause wait for resume', async () => {
    const child = spawn(sh(`printf '%04000d' 0 1; exit 4`));
    const id = { pid: child.pid };
    child.pause();
    const events: string[] = [];
    let size = 0;
    child.onOutput((bytes) => {
      size += bytes.length;
      if (events.at(-1) !== 'output') events.push('output');
    });
    const ended = new Promise<void>((resolve) => {
      child.onExit(({ code }) => {
        events.push(`exit ${code}`);
        resolve();
      });
    });
    await processEnd(id.pid);
    expect(events).toEqual([]);
    child.resume();
    await ended;
    expect(events).toEqual(['output', 'exit 4']);
    expect(size).toBe(8000);
  });

  it('a listener that comes after the end still hears of it', async () => {
    const child = spawn(sh('exit 5'));
    await toEnd(child);
    expect((await toEnd(child)).exit.code).toBe(5);
  });

  it('starts in the given folder with the given environment and nothing else', async () => {
    const request = { ...script('console.log(JSON.stringify([process.cwd(), process.env]))'), cwd: folder };
    const { stdout } = await toEnd(spawn({ ...request, env: { ONLY: 'this' } }));
    const [cwd, got] = JSON.parse(stdout) as [string, Record<string, string>];
    expect(cwd).toBe(folder);
    expect(got).toEqual(
      kind === 'pipes' ? { ONLY: 'this' } : { ONLY: 'this', PWD: folder, TERM: 'xterm-256color' },
    );
  });

  it('leads a session and process group of its own', async () => {
    const { stdout } = await toEnd(spawn(sh('ps -o pid=,pgid=,sess= -p $$')));
    const [pid, group, session] = stdout.trim().split(/\s+/);
    expect(group).toBe(pid);
    // macOS prints an address there.
    if (process.platform === 'linux') expect(session).toBe(pid);
  });

  it('finds a bare name on the PATH it is given', async () => {
    expect((await toEnd(spawn({ ...sh('exit 6'), file: 'sh' }))).exit.code).toBe(6);
  });

  describe('what cannot be started', () => {
    it.each([
      ['a missing file', () => join(folder, 'missing'), 'program_not_found'],
      ['a missing bare name', () => 'no-such-program', 'program_not_found'],
      ['a folder', () => folder, 'program_not_found'],
      ['a file that is not executable', () => makeFile('plain', '', 0o600), 'could_not_start'],
      [
        'a script without its interpreter',
        () => makeFile('script', '#!/no/such\n', 0o700),
        'could_not_start',
      ],
    ])('%s', (_, file, code) => {
      expect(failureOf(() => spawn({ file: file(), args: [], env, cwd: '/' }))).toMatchObject({
        failure: { code, title: expect.any(String), hint: expect.stringMatching(/\w/) },
      });
    });

    it('a folder to run in that does not exist', () => {
      expect(failureOf(() => spawn({ ...sh('exit 0'), cwd: join(folder, 'gone') }))).toMatchObject({
        failure: { code: 'could_not_start', hint: expect.stringContaining('folder') },
      });
    });

    // root may do this; it is a Linux that refuses it that is shown.
    it.skipIf(process.platform !== 'linux')('arguments that the system does not take', async () => {
      const request = { ...sh('exit 0'), args: ['-c', 'exit 0', 'x'.repeat(4 * 1024 * 1024)] };
      if (kind === 'pipes') {
        expect(failureOf(() => spawn(request))).toMatchObject({ failure: { code: 'could_not_start' } });
      } else {
        // A PTY's child reports it itself, after the fork.
        expect((await toEnd(spawn(request))).exit.code).not.toBe(0);
      }
    });
  });
});

describe('pipes', () => {
  it('X-1: stdout and stderr are told apart', async () => {
    const { stdout, stderr } = await toEnd(spawnPiped(sh('echo out; echo err >&2')));
    expect([stdout, stderr]).toEqual(['out\n', 'err\n']);
  });

  it('a background process that keeps the output open is waited for while it writes, then no longer', async () => {
    const clock = new ManualClock();
    const child = spawnPiped(sh(`exec sleep 600 & echo "background $!"; exit 0`), { clock });
    const run = toEnd(child);
    await processEnd(child.pid);
    // The exit event comes with the next turns of the loop; time is moved until then.
    let done = false;
    void run.then(() => {
      done = true;
    });
    for (let turns = 0; turns < 1000 && !done; turns++) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(done).toBe(true);
    const { stdout, exit } = await run;
    expect(exit.code).toBe(0);
    const background = Number(/background (\d+)/.exec(stdout)?.[1]);
    await killTree(background);
  });

  it('X-7: a program with quotes, blanks and shell characters in its arguments gets them as they are', async () => {
    const args = ['a b', '"quoted"', "it's", '$HOME', '%PATH%', '&|<>^', '', '\\'];
    const request = { ...script('console.log(JSON.stringify(process.argv.slice(1)))') };
    const { stdout } = await toEnd(spawnPiped({ ...request, args: [...request.args, ...args] }));
    expect(JSON.parse(stdout)).toEqual(args);
  });
});

describe('a PTY', () => {
  it('X-1: is a terminal of the given size', async () => {
    const { stdout } = await toEnd(
      pty(
        script(
          'const { stdin, stdout } = process; console.log([stdin.isTTY, stdout.isTTY, stdout.columns, stdout.rows].join())',
        ),
      ),
    );
    expect(stdout).toBe('true,true,1000,50\r\n');
  });

  it('X-3: what a child writes right before it ends is never lost', async () => {
    const size = 11_000;
    for (let round = 0; round < 150; round++) {
      const run = toEnd(pty(sh(`printf '%0${size}d' 0`)));
      // On every third run we are busy while the child ends, as a main process may be.
      if (round % 3 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      const { stdout, exit } = await run;
      expect({ round, size: stdout.length, code: exit.code }).toEqual({ round, size, code: 0 });
    }
  });

  it('a child that reads none of its input does not stop us, and what it cannot take is refused', async () => {
    const child = pty(sh('printf ready; sleep 600'));
    await untilOutput(child, 'ready');
    const line = `${'x'.repeat(999)}\r`;
    let taken = 0;
    while (taken < 1000 && child.write(line)) taken++;
    expect(taken).toBeGreaterThan(60);
    expect(taken).toBeLessThan(100);
    const run = toEnd(child);
    await killTree(child.pid);
    await run;
    expect(child.write(line)).toBe(false);
  });

  it('X-2: text that waited for a slow reader arrives whole and in order', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `${index} ${'y'.repeat(900)}`);
    const gate = join(folder, 'gate');
    const pasted = join(folder, 'pasted');
    execFileSync('mkfifo', [gate]);
    const child = pty(sh(`stty -echo; printf ready; read -r go < '${gate}'; cat > '${pasted}'`));
    await untilOutput(child, 'ready');
    const run = toEnd(child);
    for (const line of lines) expect(child.write(`${line}\r`)).toBe(true);
    child.write('\x04');
    writeFileSync(gate, 'go\n');
    await run;
    expect(readFileSync(pasted, 'utf8')).toBe(`${lines.join('\n')}\n`);
  });

  it('passes bytes on as they are', async () => {
    const child = pty(sh(`printf '\\303'; printf '\\377\\200'`));
    const chunks: Uint8Array[] = [];
    child.onOutput((bytes) => chunks.push(bytes));
    await toEnd(child);
    expect([...Buffer.concat(chunks)]).toEqual([0xc3, 0xff, 0x80]);
  });
});

function makeFile(name: string, text: string, mode: number): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** Resolves when the process is gone or a zombie, however its transport sees it. */
async function processEnd(pid: number): Promise<void> {
  while ((await processStartTime(pid)) !== null) await new Promise((resolve) => setImmediate(resolve));
}
