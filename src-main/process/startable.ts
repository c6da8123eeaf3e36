import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, resolve } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { SpawnRequest } from './transport.ts';
import { resolveCommandShim } from './windows-shim.ts';

/**
 * Says before a spawn what would make it fail, because neither way to spawn says it well: child_process reports a
 * missing folder as a missing program, and a PTY reports either as an exit of the child.
 *
 * @returns the program's absolute path and the arguments to start it with. On Windows a `.cmd` shim is replaced by
 *   the program it stands for where that can be read from it.
 * @throws LanyardError `program_not_found` or `could_not_start`
 */
export function checkStartable(
  request: SpawnRequest,
  platform: NodeJS.Platform = process.platform,
): { file: string; args: string[] } {
  const file = locate(request);
  if (!file) throw programNotFound(request.file);
  try {
    accessSync(file, constants.X_OK);
  } catch (cause) {
    throw couldNotStart(request.file, `Make ${file} executable, or install the program again.`, cause);
  }
  if (!isDirectory(request.cwd)) {
    throw couldNotStart(
      request.file,
      `The folder ${request.cwd} it would run in does not exist: choose another one.`,
    );
  }
  if (platform === 'win32') {
    const shim = resolveCommandShim(file, request.env);
    return shim ? { file: shim.file, args: [...shim.args, ...request.args] } : { file, args: request.args };
  }
  const interpreter = readInterpreter(file);
  if (interpreter && !isFile(interpreter)) {
    throw couldNotStart(
      request.file,
      `${file} needs ${interpreter}, which is missing: install the program again.`,
    );
  }
  return { file, args: request.args };
}

export function programNotFound(program: string): LanyardError {
  return new LanyardError({
    code: 'program_not_found',
    title: `${basename(program)} was not found`,
    hint: 'Install it, or set the path to it in settings, then try again.',
  });
}

/** `cause` is kept for debugging; only its system code (ENOENT, EMFILE, ...) is shown. */
export function couldNotStart(program: string, hint?: string, cause?: unknown): LanyardError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return new LanyardError(
    {
      code: 'could_not_start',
      title: `${basename(program)} could not be started`,
      hint: hint ?? `Run ${basename(program)} in a terminal to see what it says, then try again.`,
      ...(code === undefined ? {} : { detail: code }),
    },
    { cause },
  );
}

function locate(request: SpawnRequest): string | null {
  if (isAbsolute(request.file) || /[/\\]/.test(request.file)) {
    const file = resolve(request.cwd, request.file);
    return isFile(file) ? file : null;
  }
  const folders = (request.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    const file = resolve(folder, request.file);
    if (isFile(file)) return file;
  }
  return null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The program in a script's `#!` line, or null. */
function readInterpreter(file: string): string | null {
  const start = Buffer.alloc(256);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // Executable but not readable is fine for a program.
    return null;
  }
  try {
    const text = start.toString('latin1', 0, readSync(descriptor, start, 0, start.length, 0));
    return /^#![ \t]*(\/\S+)/.exec(text)?.[1] ?? null;
  } finally {
    closeSync(descriptor);
  }
}
