import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { basename, isAbsolute } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { onlyStdio } from './inherited-descriptors.ts';

const limitMs = 5000;
const outputLimitBytes = 1024 * 1024;

/**
 * the PATH as the person's login shell sets it up; an app started from a desktop has a shorter one. Runs the
 * shell as an interactive login shell, so that profile and rc files both count, without a terminal and without input.
 *
 * @param shell absolute path of bash, zsh, fish, sh or dash
 * @param environment what the shell starts with
 * @returns null for another shell, on Windows, and when the shell fails or takes longer than 5 s (it is killed then)
 */
export async function readLoginPath(
  shell: string | undefined,
  environment: NodeJS.ProcessEnv,
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<string | null> {
  if (process.platform === 'win32' || !shell || !isAbsolute(shell)) return null;
  // Two halves that the shell joins: the command's own text, should an rc file print it, holds no whole marker.
  const [first, second] = [`lanyard-${randomUUID()}`, randomUUID()];
  const command = printPathCommand(basename(shell), first, second);
  if (command === null) return null;
  const output = await runUntil(
    shell,
    ['-ilc', command],
    environment,
    clock,
    (text) => text.split(`${first}:${second}`).length > 2,
  );
  const path = output?.split(`${first}:${second}`)[1] ?? '';
  return path.split(':').some((folder) => isAbsolute(folder)) ? path : null;
}

/** `builtin` and `command` pass by functions and aliases of that name. */
function printPathCommand(shell: string, first: string, second: string): string | null {
  switch (shell) {
    case 'bash':
    case 'zsh':
      return `builtin printf '%s:%s%s%s:%s' ${first} ${second} "$PATH" ${first} ${second}`;
    case 'sh':
    case 'dash':
      return `command printf '%s:%s%s%s:%s' ${first} ${second} "$PATH" ${first} ${second}`;
    case 'fish':
      return `builtin printf '%s:%s%s%s:%s' ${first} ${second} (string join : -- $PATH) ${first} ${second}`;
    default:
      return null;
  }
}

/** Collects stdout until it is complete. Null when the process ends or the time is over before that. */
function runUntil(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  clock: Clock,
  complete: (text: string) => boolean,
): Promise<string | null> {
  return new Promise((resolve) => {
    // In a session of its own the shell cannot stop us both by reaching for our terminal.
    const child = spawn(file, args, { env, detached: true, stdio: onlyStdio('ignore', 'pipe', 'ignore') });
    const { stdout } = child;
    let text = '';
    const cancelLimit = clock.after(limitMs, () => {
      resolve(null);
      endGroup(child.pid);
      stdout?.destroy();
    });
    stdout?.setEncoding('utf8');
    stdout?.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > outputLimitBytes) endGroup(child.pid);
      else if (complete(text)) {
        resolve(text);
        // What an rc file started (an agent, say) keeps this open for as long as it lives.
        stdout?.destroy();
      }
    });
    child.on('error', () => {
      cancelLimit();
      resolve(null);
    });
    child.on('exit', cancelLimit);
    child.on('close', () => resolve(null));
  });
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
