import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { ProgramFinder } from '../process/program-finder.ts';
import { Secret } from '../vault/secret.ts';
import { openTerminal, type TerminalInput } from './terminal.ts';

let root: string;
let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
  root = mkdtempSync(join(tmpdir(), 'lanyard-terminal-test-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'work'));
  // The person's shell: says where it is and what it was given, the last line first written when all is there.
  program('shell', `{ pwd; env; } > '${root}/report.part'; mv '${root}/report.part' '${root}/report'`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function program(name: string, body: string): string {
  const file = join(root, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o700);
  return file;
}

/** Terminals stand in for the ones of a desktop: real programs that take the same arguments and run the command. */
const afterMark = (mark: string) =>
  `printf '%s\\n' "$@" > '${root}/args'; while [ "$1" != "${mark}" ]; do shift; done; shift`;

function input(changes: Partial<TerminalInput> = {}): TerminalInput {
  const finder = new ProgramFinder({
    environment: { PATH: join(root, 'bin') },
    homeDirectory: root,
    platform: 'linux',
    readLoginPath: async () => null,
  });
  return {
    platform: 'linux',
    runtimeDirectory: join(root, 'run'),
    clock,
    cwd: join(root, 'work'),
    env: {
      PATH: '/usr/bin:/bin',
      SHELL: join(root, 'bin', 'shell'),
      TERM: 'xterm-256color',
      HTTPS_PROXY: 'http://user:password@proxy',
      CODEX_HOME: "/accounts/it's one/1",
      LANYARD_BUNDLE: 'Client A',
    },
    inherited: {
      PATH: '/usr/bin:/bin',
      HTTPS_PROXY: 'http://user:password@proxy',
      SHELL: join(root, 'bin', 'shell'),
    },
    // Only what is in the test's folder, whatever this machine has.
    find: async (names) => {
      for (const name of names) {
        const file = name.startsWith('/') ? name : join(root, 'bin', name);
        if (existsSync(file)) return finder.find([file]);
      }
      return null;
    },
    ...changes,
  };
}

/** What the shell in the terminal saw. */
function report(): Promise<{ cwd: string; env: Record<string, string> }> {
  return new Promise((resolve) => {
    const check = () => {
      if (!existsSync(join(root, 'report'))) return;
      watcher.close();
      const [cwd = '', ...lines] = readFileSync(join(root, 'report'), 'utf8').trimEnd().split('\n');
      const entries = lines.map((line) => [
        line.slice(0, line.indexOf('=')),
        line.slice(line.indexOf('=') + 1),
      ]);
      resolve({ cwd, env: Object.fromEntries(entries) });
    };
    const watcher = watch(root, check);
    check();
  });
}

describe('Linux', () => {
  it('R-1: the shell gets the environment and the folder', async () => {
    program('xterm', `${afterMark('-e')}; exec "$@"`);
    await openTerminal(input());
    const { cwd, env } = await report();
    expect(cwd).toBe(join(root, 'work'));
    expect(env).toMatchObject({ CODEX_HOME: "/accounts/it's one/1", LANYARD_BUNDLE: 'Client A' });
  });

  it('R-1: so it does where a running server with another environment opens the window', async () => {
    // What gnome-terminal's server does: runs the command with what it was started with.
    program(
      'gnome-terminal',
      `${afterMark('--')}; exec env -i PATH=/usr/bin:/bin OPENAI_API_KEY=sk VTE_VERSION=7 TERM=vte "$@"`,
    );
    await openTerminal(input({ unset: ['OPENAI_API_KEY'] }));
    const { env } = await report();
    expect(env).toMatchObject({
      CODEX_HOME: "/accounts/it's one/1",
      LANYARD_BUNDLE: 'Client A',
      VTE_VERSION: '7',
      TERM: 'vte',
    });
    expect(env).not.toHaveProperty('OPENAI_API_KEY');
    const args = readFileSync(join(root, 'args'), 'utf8');
    expect(args).toContain(`--working-directory=${join(root, 'work')}\n`);
    expect(args).not.toContain('password');
  });

  it.each([
    ['x-terminal-emulator', '-e'],
    ['kgx', '--'],
    ['ptyxis', '--'],
    ['konsole', '-e'],
    ['xfce4-terminal', '-x'],
    ['mate-terminal', '-x'],
    ['alacritty', '-e'],
    ['wezterm', '--'],
  ])('%s is known', async (name, mark) => {
    program(name, `${afterMark(mark)}; exec "$@"`);
    await openTerminal(input());
    expect((await report()).env.LANYARD_BUNDLE).toBe('Client A');
  });

  it.each([
    ['kitty', 2],
    ['foot', 1],
  ])('%s is known', async (name, options) => {
    program(name, `shift ${options}; exec "$@"`);
    await openTerminal(input());
    expect((await report()).env.LANYARD_BUNDLE).toBe('Client A');
  });

  it('the person’s TERMINAL comes first', async () => {
    program('xterm', 'exit 0');
    const own = program('my-terminal', `${afterMark('-e')}; exec "$@"`);
    await openTerminal(input({ inherited: { TERMINAL: own } }));
    expect((await report()).env.LANYARD_BUNDLE).toBe('Client A');
  });

  it('none is found', async () => {
    await expect(openTerminal(input())).rejects.toMatchObject({
      failure: { code: 'no_terminal', hint: expect.stringContaining('TERMINAL') },
    });
  });

  it('the one that is found does not start', async () => {
    writeFileSync(join(root, 'bin', 'xterm'), '#!/no/such/interpreter\n', { mode: 0o700 });
    await expect(openTerminal(input())).rejects.toMatchObject({ failure: { code: 'could_not_start' } });
  });
});

describe.skipIf(process.platform === 'win32')('secrets', () => {
  const key = 'sk-it\'s $HOME; `x` \\ "0123456789"';
  const secrets = { OPENAI_API_KEY: new Secret(key), GH_TOKEN: new Secret('ghp_0123456789') };

  /** Everything that is on the disk, by name and content. */
  const onDisk = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .map((entry) =>
        entry.isFile() ? readFileSync(join(entry.parentPath, entry.name), 'utf8') : entry.name,
      )
      .join('\n');

  it('R-1: a terminal that is a process of ours has them in its environment', async () => {
    program('xterm', `${afterMark('-e')}; exec "$@"`);
    await openTerminal(input({ secrets }));
    expect((await report()).env).toMatchObject({ OPENAI_API_KEY: key, GH_TOKEN: 'ghp_0123456789' });
    expect(readFileSync(join(root, 'args'), 'utf8')).not.toContain('0123456789');
  });

  it('R-1: one that runs already gets them through a pipe, and nobody sees them on the way', async () => {
    // Its server runs the command with an environment of its own, in which an older key is.
    program(
      'gnome-terminal',
      `env > '${root}/given'; ${afterMark('--')}; exec env -i PATH=/usr/bin:/bin OPENAI_API_KEY=old "$@"`,
    );
    let disk = '';
    await openTerminal(
      input({
        secrets,
        unset: ['OPENAI_API_KEY'],
        spawn: async (file, args, { env }) => {
          disk = onDisk();
          execFileSync(file, args, { env });
        },
      }),
    );
    const { env } = await report();
    expect(env).toMatchObject({
      OPENAI_API_KEY: key,
      GH_TOKEN: 'ghp_0123456789',
      LANYARD_BUNDLE: 'Client A',
    });
    for (const name of ['line', 'pipe', 'all']) expect(env).not.toHaveProperty(name);
    for (const seen of [
      disk,
      readFileSync(join(root, 'args'), 'utf8'),
      readFileSync(join(root, 'given'), 'utf8'),
    ])
      expect(seen).not.toContain('0123456789');
    expect(disk).toContain('keys');
    await gone(join(root, 'run'));
  });

  it('R-2: what comes too late gets no shell', async () => {
    let late: string[] = [];
    program('gnome-terminal', 'exit 0');
    await openTerminal(
      input({
        secrets,
        spawn: async (_, args) => {
          late = args;
        },
      }),
    );
    clock.advance(60_000);
    await gone(join(root, 'run'));
    const [file = '', ...args] = late.slice(late.indexOf('--') + 1);
    const said = spawnSync(file, args, { input: '\n', encoding: 'utf8' });
    expect(said.stdout).toContain('did not arrive');
    expect(said.status).toBe(1);
    expect(existsSync(join(root, 'report'))).toBe(false);
  });

  it('a terminal that does not start leaves nothing behind', async () => {
    writeFileSync(join(root, 'bin', 'kgx'), '#!/no/such/interpreter\n', { mode: 0o700 });
    await expect(openTerminal(input({ secrets }))).rejects.toMatchObject({
      failure: { code: 'could_not_start' },
    });
    expect(readdirSync(join(root, 'run'))).toEqual([]);
  });

  it('R-2: without named pipes there is no terminal', async () => {
    program('konsole', 'exit 0');
    const finding = input().find;
    const find = async (names: string[]) => (names.includes('mkfifo') ? null : finding(names));
    await expect(openTerminal(input({ secrets, find }))).rejects.toMatchObject({
      failure: { code: 'no_handover' },
    });
  });

  it('R-1: on macOS, the script that Terminal opens names the pipe only', async () => {
    let script = '';
    await openTerminal(
      input({
        secrets,
        platform: 'darwin',
        unset: ['OPENAI_API_KEY'],
        find: async (names) => names.find((name) => existsSync(name)) ?? names[0] ?? null,
        spawn: async (_, args) => {
          script = args.at(-1) ?? '';
        },
      }),
    );
    expect(readFileSync(script, 'utf8')).not.toContain('0123456789');
    execFileSync(script, { env: { PATH: '/usr/bin:/bin', OPENAI_API_KEY: 'old' } });
    expect((await report()).env).toMatchObject({ OPENAI_API_KEY: key, GH_TOKEN: 'ghp_0123456789' });
  });

  it('R-1: on Windows, they are in the environment of the process that starts the terminal', async () => {
    const seen: (string | undefined)[] = [];
    await openTerminal(
      input({
        secrets,
        platform: 'win32',
        find: async () => 'C:\\Windows\\cmd.exe',
        spawn: async (_, args, { env }) => void seen.push(args.join(' '), env.GH_TOKEN),
      }),
    );
    expect(seen).toEqual([expect.not.stringContaining('0123456789'), 'ghp_0123456789']);
  });
});

/** Resolves when nothing is in a directory any more. */
function gone(directory: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (readdirSync(directory).length > 0) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(directory, look);
    look();
  });
}

describe('macOS', () => {
  it('R-1: opens a script that sets the environment, holds nothing inherited, and removes itself', async () => {
    let args: string[] = [];
    await openTerminal(
      input({
        platform: 'darwin',
        unset: ['OPENAI_API_KEY'],
        find: async (names) => names[0] ?? null,
        spawn: async (_, given) => {
          args = given;
        },
      }),
    );
    const script = args.at(-1) ?? '';
    expect(args.slice(0, 2)).toEqual(['-a', 'Terminal']);
    expect(readFileSync(script, 'utf8')).not.toContain('password');
    execFileSync(script, { env: { PATH: '/usr/bin:/bin', OPENAI_API_KEY: 'sk' } });
    const { cwd, env } = await report();
    expect(cwd).toBe(join(root, 'work'));
    expect(env).toMatchObject({ CODEX_HOME: "/accounts/it's one/1", LANYARD_BUNDLE: 'Client A' });
    expect(env).not.toHaveProperty('OPENAI_API_KEY');
    expect(existsSync(script)).toBe(false);
    expect(readdirSync(tmpdir())).not.toContain(script.split('/').at(-2));
  });
});

describe('Windows', () => {
  it('R-1: starts the default terminal from a cmd that has the environment', async () => {
    const calls: unknown[] = [];
    await openTerminal(
      input({
        platform: 'win32',
        find: async () => 'C:\\Windows\\cmd.exe',
        spawn: async (file, args, options) => {
          calls.push([file, args.join(' '), options.env.LANYARD_BUNDLE]);
        },
      }),
    );
    expect(calls).toEqual([
      ['C:\\Windows\\cmd.exe', '/d /c start "Lanyard" "C:\\Windows\\cmd.exe"', 'Client A'],
    ]);
  });
});
