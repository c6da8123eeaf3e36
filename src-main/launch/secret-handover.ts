import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, existsSync, type FSWatcher, watch } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Secret } from '../vault/secret.ts';

/** How long the window may take to open, ms. */
const patienceMs = 60_000;

/**
 * Reads as many `NAME=value` lines as there are, up to an empty one, and only then runs the command: a shell without one
 * of the keys, which another reader may have got, would use the machine's own login. Builtins alone touch the values, so no command line has them.
 */
const receiver = `pipe=$1; left=$2; shift 2; all=
while IFS= read -r line; do
  if [ -z "$line" ]; then all=yes; break; fi
  export "$line"
  left=$((left - 1))
done 2>/dev/null <"$pipe"
rm -f -- "$pipe"
if [ -z "$all" ] || [ "$left" -ne 0 ]; then
  echo 'The keys of this identity did not arrive. Close this window and open the terminal again from Lanyard.'
  read -r line
  exit 1
fi
unset pipe all line left
exec "$@"`;

export interface HandoverParts {
  /** Private to the person, and swept at the next start of the app; absolute. */
  directory: string;
  clock: Clock;
  /** As `ProgramFinder.find`. */
  find: (names: string[]) => Promise<string | null>;
}

export interface Handover {
  command: string[];
  withdraw: () => Promise<void>;
}

/**
 * Hands secrets to a command that somebody else starts, in an environment and on a command line that others can read:
 * through a named pipe, so that they are in the memory of the system for the moment between and nowhere on a disk.
 * Whoever comes first gets them, once; after a minute nobody does.
 *
 * @returns the command to start in the place of `command`, and what takes the secrets back when that cannot be started
 * @throws LanyardError `no_handover` where there are no named pipes
 */
export async function handOver(
  secrets: Record<string, Secret>,
  command: string[],
  parts: HandoverParts,
): Promise<Handover> {
  const lines = Object.entries(secrets).map(([name, secret]) => `${name}=${secret.reveal()}\n`);
  if (lines.length === 0) return { command, withdraw: async () => {} };
  const mkfifo = await parts.find(['/usr/bin/mkfifo', '/bin/mkfifo', 'mkfifo']);
  if (mkfifo === null || lines.some((line) => /[\0\n]/.test(line.slice(0, -1)))) throw noHandover();
  const folder = join(parts.directory, `terminal-${randomUUID()}`);
  const path = join(folder, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const forget = () => rm(folder, { recursive: true, force: true }).catch(() => {});
  try {
    await promisify(execFile)(mkfifo, ['-m', '600', path]);
    // For both directions: a pipe opened for writing alone waits for its reader.
    const pipe = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
    const text = `${lines.join('')}\n`;
    const { bytesWritten } = await pipe.write(text);
    let ended: Promise<void> | null = null;
    const withdraw = () => {
      watcher?.close();
      cancel();
      // Its name first: whoever opens it between the two would wait for ever for somebody who writes.
      ended ??= forget().then(() => pipe.close());
      return ended;
    };
    // The reader removes the pipe when it has read it.
    const watcher = watchFolder(folder, () => {
      if (!existsSync(path)) void withdraw();
    });
    const cancel = parts.clock.after(patienceMs, () => void withdraw());
    if (bytesWritten < Buffer.byteLength(text)) {
      await withdraw();
      throw noHandover();
    }
    return {
      command: ['/bin/sh', '-c', receiver, 'lanyard', path, String(lines.length), ...command],
      withdraw,
    };
  } catch (cause) {
    await forget();
    throw cause instanceof LanyardError ? cause : noHandover(cause);
  }
}

/** `null` where the system gives out no more watches: then the time limit has to do. */
function watchFolder(folder: string, onChange: () => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, onChange).on('error', () => {});
  } catch {
    return null;
  }
}

function noHandover(cause?: unknown): LanyardError {
  return new LanyardError(
    {
      code: 'no_handover',
      title: 'This terminal cannot be given the keys of this identity in private.',
      hint: 'Install xterm, kitty, foot or Alacritty and name it in the TERMINAL variable, then try again.',
    },
    cause === undefined ? undefined : { cause },
  );
}
