import { execFile } from 'node:child_process';
import type { HookAnswer } from './hook-guide.ts';

/** Longer than a renewal at an issuer or a cloud takes, ms. */
const patienceMs = 60_000;

/**
 * Runs the `lanyard` command as another tool does: a program of its own, with a question on its input.
 * @param program absolute
 * @returns also where it could not be started or took too long: then `code` is null
 */
export function askCommand(
  program: string,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv,
): Promise<HookAnswer> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { env, timeout: patienceMs }, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
      resolve({ code, out, err });
    });
    // One that has ended before it read is told by its code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
