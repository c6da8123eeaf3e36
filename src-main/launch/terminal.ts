import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { onlyStdio } from '../process/inherited-descriptors.ts';
import type { Secret } from '../vault/secret.ts';
import { handOver } from './secret-handover.ts';

export interface TerminalInput {
  platform: NodeJS.Platform;
  /** The environment of the shell in the terminal, see `bundleEnvironment`. */
  env: Record<string, string>;
  /**
   * Further variables, see `accountSecrets`. They get into the environment of the shell and nowhere else: no command line,
   * no script, no environment of a terminal that runs other windows, too.
   */
  secrets?: Record<string, Secret>;
  /** Where a named pipe can stand for a moment; absolute, private to the person. */
  runtimeDirectory: string;
  clock: Clock;
  cwd: string;
  /** As `ProgramFinder.find`. */
  find: (names: string[]) => Promise<string | null>;
  /**
   * What a terminal that is already running has in its environment anyway: the app's own. Only variables that differ
   * are written where others can read them (a command line, a script), which leaves a proxy's password out of it.
   * `process.env` when absent; its TERMINAL is the terminal that the person prefers.
   */
  inherited?: NodeJS.ProcessEnv;
  /** Variables to take out of such a terminal's environment: `leftOut` of the bundle's. */
  unset?: string[];
  /** What to run; the person's shell when absent. */
  command?: string[];
  /** What to run in the place of the shell so that it is known which process that is, see `announcing`. */
  announce?: (command: string[]) => string[];
  spawn?: SpawnDetached;
}

/** Starts a program that outlives us. Rejects when it cannot be started. */
export type SpawnDetached = (
  file: string,
  args: string[],
  options: { env: Record<string, string>; cwd: string; windowsVerbatimArguments?: boolean },
) => Promise<void>;

interface LinuxTerminal {
  name: string;
  /** Arguments that open a window running a command in a folder. */
  args: (command: string[], cwd: string) => string[];
  /** It may hand the request to a process that runs already and has another environment. */
  shared: boolean;
}

/** In the order in which they are looked for. The first is Debian's name for the one that the person chose. */
const linuxTerminals: LinuxTerminal[] = [
  { name: 'x-terminal-emulator', args: (command) => ['-e', ...command], shared: true },
  {
    name: 'gnome-terminal',
    args: (command, cwd) => [`--working-directory=${cwd}`, '--', ...command],
    shared: true,
  },
  { name: 'kgx', args: (command, cwd) => [`--working-directory=${cwd}`, '--', ...command], shared: true },
  {
    name: 'ptyxis',
    args: (command, cwd) => ['--new-window', `--working-directory=${cwd}`, '--', ...command],
    shared: true,
  },
  { name: 'konsole', args: (command, cwd) => ['--workdir', cwd, '-e', ...command], shared: true },
  {
    name: 'xfce4-terminal',
    args: (command, cwd) => [`--working-directory=${cwd}`, '-x', ...command],
    shared: true,
  },
  {
    name: 'mate-terminal',
    args: (command, cwd) => [`--working-directory=${cwd}`, '-x', ...command],
    shared: true,
  },
  {
    name: 'alacritty',
    args: (command, cwd) => ['--working-directory', cwd, '-e', ...command],
    shared: false,
  },
  { name: 'kitty', args: (command, cwd) => ['--directory', cwd, ...command], shared: false },
  {
    name: 'wezterm',
    args: (command, cwd) => ['start', '--always-new-process', '--cwd', cwd, '--', ...command],
    shared: false,
  },
  { name: 'foot', args: (command, cwd) => [`--working-directory=${cwd}`, ...command], shared: false },
  { name: 'xterm', args: (command) => ['-e', ...command], shared: false },
];

/** Every terminal says itself what it is. */
const terminalsOwn = new Set(['TERM', 'COLORTERM']);

/**
 * Opens the system's terminal emulator on a shell with the given environment.
 *
 * @throws LanyardError `no_terminal`, `no_handover`, or `could_not_start` when the one that was found does not start
 */
export async function openTerminal(input: TerminalInput): Promise<void> {
  const start = input.spawn ?? spawnDetached;
  switch (input.platform) {
    case 'darwin':
      return openOnMac(input, start);
    case 'win32':
      return openOnWindows(input, start);
    default:
      return openOnLinux(input, start);
  }
}

async function openOnLinux(input: TerminalInput, start: SpawnDetached): Promise<void> {
  const chosen = (input.inherited ?? process.env).TERMINAL;
  const names = [...(chosen ? [chosen] : []), ...linuxTerminals.map((terminal) => terminal.name)];
  const file = await input.find(names);
  if (file === null) throw noTerminal();
  const known = linuxTerminals.find((terminal) => terminal.name === basename(file));
  // One that we do not know: nearly all take `-e`, and it may be of the shared kind.
  const terminal = known ?? { args: (command: string[]) => ['-e', ...command], shared: true };
  const shell = announced(input, input.command ?? [input.env.SHELL ?? '/bin/sh']);
  const { env, cwd } = input;
  if (!terminal.shared) {
    await start(file, terminal.args(shell, cwd), { env: withSecrets(input), cwd });
    return;
  }
  await handingOver(input, shell, (command) =>
    start(file, terminal.args(withEnvironment(input, command), cwd), { env, cwd }),
  );
}

/**
 * Terminal gets nothing of our environment, and asking it by AppleScript needs the person's permission. A script that
 * it opens needs none; it removes itself first thing.
 */
async function openOnMac(input: TerminalInput, start: SpawnDetached): Promise<void> {
  const opener = await input.find(['/usr/bin/open']);
  if (opener === null) throw noTerminal();
  const { env, cwd } = input;
  const shell = announced(input, input.command ?? [env.SHELL ?? '/bin/zsh', '-l']);
  await handingOver(input, shell, async (command) => {
    const folder = await mkdtemp(join(tmpdir(), 'lanyard-terminal-'));
    const script = join(folder, 'lanyard.command');
    const lines = [
      '#!/bin/sh',
      `rm -rf -- ${quote(folder)}`,
      `cd -- ${quote(cwd)}`,
      `exec ${withEnvironment(input, command).map(quote).join(' ')}`,
      '',
    ];
    await writeFile(script, lines.join('\n'), { mode: 0o700 });
    await start(opener, ['-a', 'Terminal', script], { env, cwd });
  });
}

/** `start` opens the default terminal with the environment of the `cmd` that runs it. */
async function openOnWindows(input: TerminalInput, start: SpawnDetached): Promise<void> {
  const shell = await input.find(['cmd.exe']);
  if (shell === null) throw noTerminal();
  await start(shell, ['/d', '/c', 'start', '"Lanyard"', `"${shell}"`], {
    env: withSecrets(input),
    cwd: input.cwd,
    windowsVerbatimArguments: true,
  });
}

function announced({ announce }: TerminalInput, command: string[]): string[] {
  return announce?.(command) ?? command;
}

/** For a process that is ours alone. */
function withSecrets({ env, secrets = {} }: TerminalInput): Record<string, string> {
  const revealed = Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]);
  return { ...env, ...Object.fromEntries(revealed) };
}

/** For a command that somebody else's process starts. */
async function handingOver(
  input: TerminalInput,
  command: string[],
  start: (command: string[]) => Promise<void>,
): Promise<void> {
  const { secrets = {}, runtimeDirectory, clock, find } = input;
  const handover = await handOver(secrets, command, { directory: runtimeDirectory, clock, find });
  try {
    await start(handover.command);
  } catch (error) {
    await handover.withdraw();
    throw error;
  }
}

/** The command behind an `env` that makes the environment ours wherever it starts. */
function withEnvironment(input: TerminalInput, command: string[]): string[] {
  const changed = Object.entries(input.env).filter(
    ([name, value]) => !terminalsOwn.has(name) && (input.inherited ?? process.env)[name] !== value,
  );
  const removed = (input.unset ?? []).filter((name) => !(name in input.env));
  if (changed.length === 0 && removed.length === 0) return command;
  return [
    '/usr/bin/env',
    ...removed.flatMap((name) => ['-u', name]),
    ...changed.map(([name, value]) => `${name}=${value}`),
    ...command,
  ];
}

/** One word for a POSIX shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function noTerminal(): LanyardError {
  return new LanyardError({
    code: 'no_terminal',
    title: 'No terminal was found',
    hint: 'Install one, or name it in the TERMINAL variable, then try again.',
  });
}

const spawnDetached: SpawnDetached = (file, args, options) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...options,
      detached: true,
      stdio: onlyStdio('ignore', 'ignore', 'ignore'),
    });
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
    child.once('error', (cause) => {
      reject(
        new LanyardError(
          {
            code: 'could_not_start',
            title: `${basename(file)} could not be started`,
            hint: 'Start it by hand to see what it says, then try again.',
          },
          { cause },
        ),
      );
    });
  });
