import type { Caller } from './caller.ts';

/** Exit codes of ours; docs/command.md has them for people. A program that was started ends with its own. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3, launchFailed: 125 } as const;

/** How a command ends. */
export type Ending =
  | { kind: 'exit'; code: number }
  /** The caller's process becomes this program. */
  | { kind: 'exec'; start: ProgramStart };

export interface ProgramStart {
  /** As typed: a name is looked for on the PATH of `environment`. */
  file: string;
  /** With the program's name first. */
  argv: string[];
  /** The whole of it, secrets included. */
  environment: Record<string, string>;
  cwd: string;
  /** What helps where there is no such program; absent where nobody knows. */
  missing?: string;
  /** Told once it is running. */
  onStarted: (pid: number) => void;
}

export const done: Ending = { kind: 'exit', code: exitCodes.done };

/** One of the command's words: arguments and a caller in, an ending out. Anything that is wrong is a thrown LanyardError. */
export interface Command {
  readonly name: string;
  /** How it is called, from `lanyard` on; one line per way. */
  readonly usage: string;
  /** What the options are, in plain sentences; each line at most 100 characters. */
  readonly help: string;
  /** The exit code of what is wrong before a program is started; `exitCodes.failed` when absent. */
  readonly failureCode?: number;
  run(args: string[], caller: Caller): Promise<Ending>;
}

/** What `--help` prints. */
export function helpOf({ usage, help }: Pick<Command, 'usage' | 'help'>): string {
  return `Usage: ${usage.replaceAll('\n', '\n       ')}\n\n${help.trim()}\n`;
}

/** The line cannot be understood: its usage is shown, and the exit code is 2. */
export class UsageError extends Error {}
