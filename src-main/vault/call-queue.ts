import type { Clock } from '../clock.ts';

/**
 * Calls of a backend, one after the other, each with a deadline. A call that is past its deadline has been answered:
 * when its turn comes it is not started, and one that runs can ask whether anybody still waits for it.
 */
export class CallQueue {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param deadlineMs how long a call may take, waiting included, in milliseconds */
  constructor(clock: Clock, deadlineMs: number) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * @param call gets a function that says whether its deadline has passed
   * @param timedOut makes the answer of a call that is late from the reason
   * @throws what `call` throws before the deadline
   */
  async run<T>(call: (expired: () => boolean) => Promise<T>, timedOut: (detail: string) => T): Promise<T> {
    let expired = false;
    let cancelTimer = () => {};
    const deadline = new Promise<T>((resolve) => {
      cancelTimer = this.#clock.after(this.#deadlineMs, () => {
        expired = true;
        resolve(timedOut(`No answer after ${this.#deadlineMs} ms.`));
      });
    });
    const work = this.#last.then(async () => {
      // Nobody waits for this any more, and a late write would surprise.
      if (expired) return timedOut('Not started in time.');
      return call(() => expired);
    });
    this.#last = work.catch(() => {});
    try {
      return await Promise.race([work, deadline]);
    } finally {
      cancelTimer();
    }
  }
}
