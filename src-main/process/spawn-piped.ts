import spawn from 'cross-spawn';
import { type Clock, systemClock } from '../clock.ts';
import { onlyStdio } from './inherited-descriptors.ts';
import { OutputGate } from './output-gate.ts';
import { checkStartable, couldNotStart } from './startable.ts';
import type { ChildTransport, SpawnRequest } from './transport.ts';

/** How long a process that has ended may leave its output open without writing to it. */
const quietAfterExitMs = 2000;

/**
 * starts a program with pipes for stdin, stdout and stderr. On POSIX it leads a session and a process group of
 * its own, so that all of it can be ended together and it has no terminal to ask questions on.
 *
 * `onExit` comes after both outputs ended. A background process that inherited them and stays silent for 2 s
 * after the program's own end is not waited for.
 *
 * @throws LanyardError `program_not_found` or `could_not_start`
 */
export function spawnPiped(
  request: SpawnRequest,
  { clock = systemClock }: { clock?: Clock } = {},
): ChildTransport {
  const { file, args } = checkStartable(request);
  const child = start(file, args, request);
  const { stdin, stdout, stderr, pid } = child;
  if (pid === undefined || !stdin || !stdout || !stderr) {
    // The reason (EMFILE, EAGAIN, ...) comes later, as an event that must not go unheard.
    child.on('error', () => {});
    throw couldNotStart(request.file);
  }
  const gate = new OutputGate();
  let exited: { code: number | null; signal: string | null } | null = null;
  let cancelQuietTimer = (): void => {};

  const watchForSilence = (): void => {
    cancelQuietTimer();
    cancelQuietTimer = clock.after(quietAfterExitMs, () => {
      if (gate.paused) return watchForSilence();
      stdout.destroy();
      stderr.destroy();
    });
  };
  for (const [name, stream] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    stream.on('data', (bytes: Buffer) => {
      if (exited) watchForSilence();
      gate.deliver(bytes, name);
      // Node resumes paused streams when the process exits.
      if (gate.paused) stream.pause();
    });
    stream.on('error', () => stream.destroy());
  }
  // The child may end while we write (EPIPE): that is its right, and its exit says all there is to say.
  stdin.on('error', () => stdin.destroy());
  // After a successful spawn this only tells of a failed kill.
  child.on('error', () => {});
  child.once('exit', (code, signal) => {
    exited = { code, signal };
    watchForSilence();
  });
  child.once('close', (code, signal) => {
    cancelQuietTimer();
    gate.end({ code, signal });
  });

  return {
    pid,
    get ended() {
      return exited !== null;
    },
    enter: '\n',
    onOutput: (listener) => gate.onOutput(listener),
    onExit: (listener) => gate.onExit(listener),
    write: (text) => {
      if (exited || stdin.destroyed || !stdin.writable) return false;
      stdin.write(text);
      // A closed pipe is known at once; the event for it comes later.
      return stdin.errored === null;
    },
    pause: () => {
      gate.pause();
      stdout.pause();
      stderr.pause();
    },
    resume: () => {
      gate.resume();
      if (gate.paused) return;
      stdout.resume();
      stderr.resume();
    },
  };
}

function start(file: string, args: string[], request: SpawnRequest): ReturnType<typeof spawn> {
  try {
    return spawn(file, args, {
      cwd: request.cwd,
      env: request.env,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: onlyStdio('pipe', 'pipe', 'pipe'),
    });
  } catch (cause) {
    // Errors other than a missing or busy program are thrown (E2BIG, a NUL in an argument).
    throw couldNotStart(request.file, undefined, cause);
  }
}
