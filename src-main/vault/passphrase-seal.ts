import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock.ts';
import { Secret } from './secret.ts';

/** What goes to the worker thread, within this process. */
export type SealJob =
  | { kind: 'seal'; passphrase: string; text: string; workFactor: number }
  | { kind: 'open'; passphrase: string; text: string };
export type SealAnswer = { kind: 'done'; text: string } | { kind: 'wrong-passphrase' } | { kind: 'broken' };

export type OpenedSeal =
  | { status: 'ok'; text: Secret }
  | { status: 'wrong-passphrase' }
  /** It is no age file sealed with a passphrase. */
  | { status: 'broken' }
  | { status: 'failed'; detail: string };

/** Seals a short text with a passphrase, as armored age files. Takes a second by design, and never throws. */
export interface PassphraseSeal {
  seal(
    passphrase: Secret,
    text: Secret,
  ): Promise<{ status: 'ok'; armored: string } | { status: 'failed'; detail: string }>;
  open(passphrase: Secret, armored: string): Promise<OpenedSeal>;
}

export interface WorkerSealOptions {
  /** The worker's script, `passphrase-worker`. */
  script: string;
  clock: Clock;
  /** Milliseconds after which the thread is ended. */
  deadlineMs?: number;
  /** Base-2 logarithm of scrypt's cost; age's own 18 when absent, which is a second and 256 MB. */
  workFactor?: number;
}

/** Does the work in a thread of its own: on the main thread it would freeze every window for its second. */
export class WorkerSeal implements PassphraseSeal {
  readonly #options: WorkerSealOptions;

  constructor(options: WorkerSealOptions) {
    this.#options = options;
  }

  async seal(passphrase: Secret, text: Secret) {
    const answer = await this.#run({
      kind: 'seal',
      passphrase: typed(passphrase),
      text: text.reveal(),
      workFactor: this.#options.workFactor ?? 18,
    });
    if (answer.kind === 'done') return { status: 'ok' as const, armored: answer.text };
    return { status: 'failed' as const, detail: answer.kind === 'failed' ? answer.detail : answer.kind };
  }

  async open(passphrase: Secret, armored: string): Promise<OpenedSeal> {
    const answer = await this.#run({ kind: 'open', passphrase: typed(passphrase), text: armored });
    switch (answer.kind) {
      case 'done':
        return { status: 'ok', text: new Secret(answer.text) };
      case 'failed':
        return { status: 'failed', detail: answer.detail };
      default:
        return { status: answer.kind };
    }
  }

  #run(job: SealJob): Promise<SealAnswer | { kind: 'failed'; detail: string }> {
    const { script, clock, deadlineMs = 20_000 } = this.#options;
    return new Promise((resolve) => {
      // Nothing of the app's arguments and environment: they have no business there.
      const worker = new Worker(script, { workerData: job, argv: [], env: {} });
      const finish = (answer: SealAnswer | { kind: 'failed'; detail: string }) => {
        cancelTimer();
        resolve(answer);
        void worker.terminate();
      };
      const cancelTimer = clock.after(deadlineMs, () =>
        finish({ kind: 'failed', detail: `Not done after ${deadlineMs} ms.` }),
      );
      worker.once('message', (answer: SealAnswer) => finish(answer));
      // Such as no memory for scrypt. The text is Node's; the job is not in it.
      worker.once('error', (error: Error) =>
        finish({ kind: 'failed', detail: `${error.name} in the worker` }),
      );
      worker.once('exit', () => finish({ kind: 'failed', detail: 'The worker ended early.' }));
    });
  }
}

/** One spelling, whichever way a keyboard composes its letters. */
function typed(passphrase: Secret): string {
  return passphrase.reveal().normalize('NFC');
}
