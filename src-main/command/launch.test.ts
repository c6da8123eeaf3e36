import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import { blankBundleId } from '../identities/model.ts';
import type { LaunchOptions } from '../launch/launch-preparation.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { processStartTime } from '../process/kill-tree.ts';
import { spawnPty } from '../process/spawn-pty.ts';
import { Secret } from '../vault/secret.ts';
import { asksNothing, builtCommand, CommandScene, finished, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { runCommand, shellCommand } from './run.ts';
import { type StartedProgram, StartedPrograms } from './started-programs.ts';

/** The commands that launch, over identities Work and Client A, with a made-up key in one variable. */
async function launches(stop?: LanyardError) {
  const directory = temporaryDirectory();
  const { identities } = identitiesIn(directory, new MemoryStoreFile());
  const work = identities.createBundle('Work');
  identities.createBundle('Client A');
  const running: StartedProgram[] = [];
  const ended: string[] = [];
  const clock = new ManualClock();
  const arrivals: (() => void)[] = [];
  const trust = { value: null as unknown };
  const directories = new DirectoryScopes({
    read: () => trust.value,
    write: (value) => {
      trust.value = value;
    },
  });
  const parts = {
    identities,
    directories,
    approvals: asksNothing,
    now: clock.now.bind(clock),
    platform: process.platform,
    providerName: (id: string) => (id === 'acme' ? 'Acme' : id),
    installCommand: (program: string) => (program === 'acme' ? 'npm install -g acme' : null),
    desk: async () => ({ list: () => ({ sessions: [], more: 0, problems: [] }) }),
    started: new StartedPrograms({
      running: {
        started: (program) => {
          running.push(program);
          for (const arrived of arrivals.splice(0)) arrived();
        },
        ended: (id) => {
          ended.push(id);
          for (const arrived of arrivals.splice(0)) arrived();
        },
      },
      cloudRuns: { started: async () => {}, ended: () => {} },
      onFault: (error) => {
        throw error;
      },
      startTime: processStartTime,
      clock,
      newId: () => `run-${running.length + 1}`,
    }),
    preparation: {
      of: async (bundleId: string, { parent = {}, machineLogins }: LaunchOptions = {}) => {
        if (stop && !machineLogins) throw stop;
        const bundle = identities.bundle(bundleId);
        const env = { PATH: parent.PATH ?? '', LANYARD_BUNDLE: bundle.name };
        return { bundle, env, secrets: { ACME_KEY: new Secret('ak-1') }, leftOut: [] };
      },
    },
  };
  const scene = await CommandScene.open([runCommand(parts), shellCommand(parts)]);
  const next = () => new Promise<void>((resolve) => arrivals.push(resolve));
  return { scene, identities, work, directories, running, ended, clock, next };
}

const run = (...command: string[]) => ['run', '--as', 'work', '--', ...command];
const node = process.execPath;

describe('lanyard run', () => {
  it('R-4: the program has exactly the environment that was prepared, and the caller’s directory', async () => {
    const { scene } = await launches();
    const { code, out, err } = await scene.call(run('env'), { env: { OTHER: 'x', LANYARD_AS: 'Client A' } });
    const lines = out.toString().trim().split('\n').sort();
    expect([code, lines, err]).toEqual([
      0,
      ['ACME_KEY=ak-1', 'LANYARD_BUNDLE=Work', `PATH=${process.env.PATH}`],
      '',
    ]);
    const folder = realpathSync(temporaryDirectory());
    expect((await scene.call(run('/bin/pwd'), { cwd: folder })).out.toString()).toBe(`${folder}\n`);
  });

  it('R-4: arguments and directories that are no UTF-8 are what they were', async () => {
    if (process.platform !== 'linux') return;
    const { scene } = await launches();
    const folder = temporaryDirectory();
    const call = [
      'odd=$(printf "caf\\351"); mkdir "$odd"; cd "$odd"',
      `"${builtCommand()}" run --as work -- sh -c 'printf "%s/%s" "$PWD" "$1"' sh "$odd"`,
    ].join('; ');
    const env = { PATH: process.env.PATH ?? '', HOME: scene.data, LANYARD_HOME: scene.data };
    const { code, out } = await finished(spawn('sh', ['-c', call], { cwd: folder, env }));
    const odd = Buffer.from('caf\xe9', 'latin1');
    const wanted = [Buffer.from(`${realpathSync(folder)}/`), odd, Buffer.from('/'), odd];
    expect([code, out.toString('latin1')]).toEqual([0, Buffer.concat(wanted).toString('latin1')]);
  });

  it('R-4: in a directory that was removed, the program is not started in another one', async () => {
    if (process.platform !== 'linux') return;
    const { scene } = await launches();
    const folder = join(temporaryDirectory(), 'gone');
    mkdirSync(folder);
    const call = `cd ${folder}; rmdir ${folder}; "${builtCommand()}" run --as work -- ls /proc/self/cwd/etc`;
    const env = { PATH: process.env.PATH ?? '', HOME: scene.data, LANYARD_HOME: scene.data };
    const { code, out } = await finished(spawn('sh', ['-c', call], { env }));
    expect([code, out.toString()]).toEqual([2, '']);
  });

  it.each([0, 1, 42, 125, 255])('R-4: the exit code %i is its own', async (code) => {
    const { scene } = await launches();
    expect((await scene.call(run('sh', '-c', `exit ${code}`))).code).toBe(code);
  });

  it('R-4: arguments arrive as they are, empty ones and those like ours included', async () => {
    const { scene } = await launches();
    const args = ['', ' ', '--as', '--', '-x', 'ä "\n$HOME', '--help'];
    const tells = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const { out } = await scene.call(run(node, '-e', tells, '--', ...args));
    expect(JSON.parse(out.toString())).toEqual(args);
  });

  it('R-4: input and output pass unchanged, byte for byte, without a terminal', async () => {
    const { scene } = await launches();
    const input = Buffer.from(
      Array.from({ length: 700_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
    );
    const { code, out, err } = await scene.call(run('cat'), { input });
    expect([code, out.equals(input), err]).toEqual([0, true, '']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'R-4: %s reaches the program, which is the very process that was called',
    async (signal) => {
      const { scene } = await launches();
      const child = scene.start(run('sh', '-c', 'echo $$; exec sleep 60'));
      const end = finished(child);
      const [first] = await once(child.stdout ?? child, 'data');
      expect(Number(String(first))).toBe(child.pid);
      child.kill(signal);
      expect(await end).toMatchObject({ code: null, signal });
    },
  );

  it('R-4: signals, limits and descriptors are as they were for the caller', async () => {
    if (process.platform !== 'linux') return;
    const { scene } = await launches();
    const look = 'grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status; ulimit -n; ls /proc/self/fd | wc -l';
    const shell = ['sh', '-c', look];
    const plain = await finished(spawn('sh', shell.slice(1), { env: { PATH: process.env.PATH } }));
    expect((await scene.call(run(...shell))).out.toString()).toBe(plain.out.toString());
  });

  it('R-4: 127 for no such program, 126 for one that cannot be run, 125 for what is ours', async () => {
    const { scene } = await launches();
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'data'), 'no program', { mode: 0o644 });
    writeFileSync(join(folder, 'lost'), '#!/no/such/interpreter\n', { mode: 0o755 });
    mkdirSync(join(folder, 'directory'));
    const calls = [
      run('no-such-program'),
      run(join(folder, 'missing')),
      run(join(folder, 'data')),
      run(join(folder, 'lost')),
      run(join(folder, 'directory')),
      ['run', '--as', 'work', '--'],
      ['run', '--as', 'work', 'env'],
      ['run', '--as', 'nobody', '--', 'env'],
      ['run', '--wrong', '--', 'env'],
    ];
    const ended = await Promise.all(calls.map((args) => scene.call(args)));
    expect(ended.map(({ code }) => code)).toEqual([127, 127, 126, 126, 126, 125, 125, 125, 125]);
    for (const { out, err } of ended) {
      expect(out.length).toBe(0);
      expect(err).toMatch(/^lanyard: /);
    }
  });

  it('a provider’s program that is not there is told with how to install it', async () => {
    const { scene } = await launches();
    const { code, err } = await scene.call(run('acme', 'status'));
    expect([code, err]).toEqual([
      127,
      'lanyard: acme: there is no such program\nInstall it: npm install -g acme\n',
    ]);
    const other = await scene.call(run('no-such-program'));
    expect(other.err).toBe('lanyard: no-such-program: there is no such program\n');
  });

  it('R-4: a script without a first line runs as a shell’s would, and the PATH is searched in order', async () => {
    const { scene } = await launches();
    const [one, two] = [temporaryDirectory(), temporaryDirectory()];
    writeFileSync(join(one, 'tool'), 'not to be run', { mode: 0o644 });
    writeFileSync(join(two, 'tool'), 'echo "$1 $LANYARD_BUNDLE"', { mode: 0o755 });
    chmodSync(join(two, 'tool'), 0o755);
    const { code, out } = await scene.call(run('tool', 'works'), {
      env: { PATH: `${one}:/nowhere:${two}:/usr/bin:/bin` },
    });
    expect([code, out.toString()]).toEqual([0, 'works Work\n']);
  });

  it('R-4: a full-screen program has the terminal, its size, and the keys that are typed', async () => {
    const { scene } = await launches();
    // As an editor does: raw keys, the other screen, the size from the terminal.
    const editor = `
      process.stdin.setRawMode(true);
      process.stdout.write('\\x1b[?1049h' + process.stdout.columns + 'x' + process.stdout.rows + ' ' + process.stdin.isTTY + '\\n');
      process.stdin.on('data', (key) => {
        process.stdout.write('key ' + key.toString('hex') + '\\x1b[?1049l');
        process.exit(7);
      });`;
    const pty = spawnPty(
      {
        file: builtCommand(),
        args: run(node, '-e', editor),
        cwd: scene.data,
        env: { PATH: process.env.PATH ?? '', LANYARD_HOME: scene.data },
      },
      { columns: 93, rows: 31 },
    );
    let text = '';
    const exited = new Promise<{ code: number | null }>((resolve) => pty.onExit(resolve));
    pty.onOutput((bytes) => {
      text += Buffer.from(bytes).toString();
      // Ctrl+C, which only a program in charge of the terminal can see as a key.
      if (text.includes('93x31 true')) pty.write('\x03');
    });
    expect(await exited).toMatchObject({ code: 7 });
    expect(text).toContain('key 03');
  });

  it('R-3: what runs is noted with its process, and its end is noticed', async () => {
    const { scene, running, ended, clock, next, work } = await launches();
    const noted = next();
    const child = scene.start(run('sleep', '60'));
    const end = finished(child);
    await noted;
    expect(running).toEqual([
      {
        id: 'run-1',
        pid: child.pid,
        startTime: await processStartTime(child.pid ?? 0),
        bundleId: work.id,
        command: 'sleep …',
        since: clock.now(),
        origin: 'command',
      },
    ]);
    child.kill();
    await end;
    const over = next();
    clock.advance(5_000);
    await over;
    expect(ended).toEqual(['run-1']);
  });

  it('R-2: an account that needs a sign-in stops it, with the one command that helps', async () => {
    const { scene, identities } = await launches(
      new LanyardError({
        code: 'account_needs_sign_in',
        title: 'Codex needs a new sign-in.',
        hint: 'Reconnect.',
      }),
    );
    const { id } = identities.createBundle("Ada's");
    const target = identities.open('codex', false, id, 'session-1');
    const { accountId = '' } = await target.save({ email: 'ada@example.com' });
    const account = identities.account(accountId);
    identities.keepFindings([{ account, finding: { status: 'needs-sign-in' } }]);
    const { code, out, err } = await scene.call(['run', '--as', "ada's", '--', 'env']);
    expect([code, out.length, err]).toEqual([
      125,
      0,
      `lanyard: Codex needs a new sign-in.\nRun: lanyard connect codex --as 'Ada'\\''s'\n`,
    ]);
  });

  it('R-2: an account that is missing stops it, with the command that helps and the word that allows it', async () => {
    const title = "Work has no account of Acme: acme would use the machine's own login.";
    const { scene } = await launches(
      new LanyardError({
        code: 'program_without_account',
        title,
        hint: 'Connect it.',
        connect: { providerId: 'acme' },
      }),
    );
    const { code, out, err } = await scene.call(run('acme', 'status'));
    expect([code, out.length, err]).toEqual([
      125,
      0,
      `lanyard: ${title}\nRun: lanyard connect acme --as Work\nIf the machine's own login is what you want, add --machine-logins.\n`,
    ]);
    const allowed = await scene.call(['run', '--as', 'work', '--machine-logins', '--', 'true']);
    expect(allowed).toMatchObject({ code: 0, err: '' });
  });
});

describe('which identity it is for', () => {
  it('a name that no identity has: those that there are, and the one that was meant', async () => {
    const { scene } = await launches();
    const near = await scene.call(['run', '--as', 'wrok', '--', 'env']);
    expect([near.code, near.err]).toEqual([
      125,
      'lanyard: There is no identity "wrok".\nDid you mean Work? There are: Work, Client A, No credentials\n',
    ]);
  });

  it('a name that a variable or a file gives is said to come from there', async () => {
    const { scene, directories } = await launches();
    const folder = realpathSync(temporaryDirectory());
    writeFileSync(join(folder, '.lanyard'), 'Gone\n');
    await directories.trust(folder);
    const file = await scene.call(['run', '--', 'env'], { cwd: folder });
    expect(file.err).toBe(
      `lanyard: ${folder}/.lanyard names "Gone", and there is no identity of that name.\nThere are: Work, Client A, No credentials\n`,
    );
    const variable = await scene.call(['run', '--', 'env'], { env: { LANYARD_AS: 'Wrk' } });
    expect(variable.err).toBe(
      'lanyard: LANYARD_AS names "Wrk", and there is no identity of that name.\nDid you mean Work? There are: Work, Client A, No credentials\n',
    );
  });

  it('without any identity, the first one is made by signing in', async () => {
    const { scene, identities } = await launches();
    for (const { id } of identities.list().bundles)
      if (id !== blankBundleId) await identities.deleteBundle(id);
    const make = 'Make one by signing in: lanyard connect <provider> --as <name>\n';
    const none = await scene.call(['run', '--', 'env']);
    expect([none.code, none.err]).toEqual([125, `lanyard: There is no identity yet.\n${make}`]);
    const named = await scene.call(['run', '--as', 'work', '--', 'env']);
    expect(named.err).toBe(`lanyard: There is no identity "work".\nThere is none yet. ${make}`);
  });

  it('R-5: the variable, what it runs as, a trusted file above, the default one; and each run says so', async () => {
    const { scene, identities, directories } = await launches();
    const folder = realpathSync(temporaryDirectory());
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    const file = join(folder, '.lanyard');
    writeFileSync(file, '# the client of this week\nClient A\n');
    const call = (env: Record<string, string> = {}) =>
      scene.call(['run', '--', 'sh', '-c', 'echo $LANYARD_BUNDLE'], { cwd: below, env });

    const untrusted = await call();
    expect([untrusted.code, untrusted.out.length, untrusted.err]).toEqual([
      125,
      0,
      expect.stringContaining(`${file} names an identity, and you have not trusted what it says now.`),
    ]);
    await directories.trust(below);
    expect(await call()).toMatchObject({
      out: Buffer.from('Client A\n'),
      err: `lanyard: as Client A (from ${file})\n`,
    });
    expect(await call({ LANYARD_AS: 'WORK' })).toMatchObject({
      out: Buffer.from('Work\n'),
      err: 'lanyard: as Work (from LANYARD_AS)\n',
    });
    // A shell of Work is nobody else's in any directory; what a hook has set is the directory's.
    expect(await call({ LANYARD_BUNDLE: 'Work' })).toMatchObject({
      out: Buffer.from('Work\n'),
      err: 'lanyard: as Work (the identity that this runs as)\n',
    });
    expect((await call({ LANYARD_BUNDLE: 'Work', LANYARD_HOOK: 'x' })).out.toString()).toBe('Client A\n');
    expect((await call({ LANYARD_BUNDLE: 'Work', LANYARD_AS: 'Client A' })).out.toString()).toBe(
      'Client A\n',
    );
    const gone = await call({ LANYARD_BUNDLE: 'Gone' });
    expect([gone.code, gone.err]).toEqual([125, expect.stringContaining('LANYARD_BUNDLE names "Gone"')]);
    writeFileSync(file, 'Work\n');
    expect((await call()).code).toBe(125);

    const elsewhere = (args: string[]) => scene.call(args, { cwd: temporaryDirectory() });
    identities.setDefaultBundle(blankBundleId);
    const none = await elsewhere(['run', '--', 'env']);
    expect([none.code, none.err]).toEqual([125, expect.stringContaining('Name it: --as <identity>')]);
    identities.setDefaultBundle(identities.list().bundles[1]?.id ?? '');
    const usual = await elsewhere(['run', '--', 'sh', '-c', 'echo $LANYARD_BUNDLE']);
    expect([usual.out.toString(), usual.err]).toEqual([
      'Client A\n',
      'lanyard: as Client A (the default identity)\n',
    ]);
  });
});

it('R-4: lanyard shell is the caller’s own shell, as the identity, and says what it is signed in to', async () => {
  const { scene, identities, work } = await launches();
  await identities.open('acme', true, work.id, 'session-1').save({ email: 'ada@example.com' });
  const { code, out, err } = await scene.call(['shell', '--as', 'Work'], {
    env: { SHELL: '/bin/bash' },
    input: 'echo $0 $LANYARD_BUNDLE; exit 5\n',
  });
  expect([code, out.toString(), err]).toEqual([
    5,
    `${basename('/bin/bash')} Work\n`,
    "lanyard: a shell as Work, signed in to Acme; others use the machine's own logins; exit leaves it\n",
  ]);
});
