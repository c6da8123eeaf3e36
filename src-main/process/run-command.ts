import type { Clock } from '../clock.ts';
import type { Secret } from '../vault/secret.ts';
import type { ChildTransport, SpawnRequest } from './transport.ts';

/** Output kept of each stream, bytes. */
const outputCap = 1024 * 1024;

export interface CommandResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface CommandRunner {
  /**
   * Runs a command to its end behind pipes.
   * @param timeoutMs after which its process tree is ended
   * @param signal ends its process tree, too; the result comes when that is done
   * @param input written to its input once, for what must not stand in its arguments; nothing when absent
   * @throws LanyardError `program_not_found` or `could_not_start`
   */
  run(request: SpawnRequest, timeoutMs: number, signal?: AbortSignal, input?: Secret): Promise<CommandResult>;
}

/** Runs short commands of a provider: its status check, its logout. */
export class PipedCommandRunner implements CommandRunner {
  readonly #spawn: (request: SpawnRequest) => ChildTransport;
  readonly #kill: (pid: number) => Promise<unknown>;
  readonly #clock: Clock;

  constructor(
    spawn: (request: SpawnRequest) => ChildTransport,
    kill: (pid: number) => Promise<unknown>,
    clock: Clock,
  ) {
    this.#spawn = spawn;
    this.#kill = kill;
    this.#clock = clock;
  }

  run(
    request: SpawnRequest,
    timeoutMs: number,
    signal?: AbortSignal,
    input?: Secret,
  ): Promise<CommandResult> {
    const child = this.#spawn(request);
    if (input) child.write(input.reveal());
    return new Promise((resolve) => {
      const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
      const sizes = { stdout: 0, stderr: 0 };
      let timedOut = false;
      const finish = (exitCode: number | null) => {
        const text = (parts: Uint8Array[]) => Buffer.concat(parts).subarray(0, outputCap).toString('utf8');
        resolve({ exitCode, stdout: text(chunks.stdout), stderr: text(chunks.stderr), timedOut });
      };
      // Whatever still holds its output open, nobody waits longer than for the end of the tree.
      const stop = () => {
        const done = () => finish(null);
        this.#kill(child.pid).then(done, done);
      };
      const stopTimer = this.#clock.after(timeoutMs, () => {
        timedOut = true;
        stop();
      });
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) stop();
      child.onOutput((bytes, stream) => {
        if (sizes[stream] >= outputCap) return;
        sizes[stream] += bytes.length;
        chunks[stream].push(bytes);
      });
      child.onExit(({ code }) => {
        stopTimer();
        signal?.removeEventListener('abort', stop);
        finish(code);
      });
    });
  }
}
