import { writeSync } from 'node:fs';
import type { Clock } from '../clock.ts';

/** A PTY takes about 4 KB that its program has not read; this much more may wait for it. */
const waitingLimitBytes = 64 * 1024;
const retryMs = 20;

/**
 * Writes to a PTY's own descriptor. libuv cannot: for this end of a PTY it falls back to writes that spin on a full
 * buffer, so a program that does not read its input would stop our whole process (seen with Node 20 and 24).
 */
export class PtyInput {
  readonly #descriptor: number;
  readonly #clock: Clock;
  #waiting = Buffer.alloc(0);
  #cancelRetry: (() => void) | null = null;
  #closed = false;

  /** @param descriptor open, and not blocking */
  constructor(descriptor: number, clock: Clock) {
    this.#descriptor = descriptor;
    this.#clock = clock;
  }

  /** False when it is closed, or the program leaves too much unread: nothing of the text is written then. */
  write(text: string): boolean {
    const bytes = Buffer.from(text, 'utf8');
    if (this.#closed || this.#waiting.length + bytes.length > waitingLimitBytes) return false;
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    if (!this.#cancelRetry) this.#flush();
    return !this.#closed;
  }

  /** To be called before the descriptor is closed: its number belongs to somebody else after that. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #flush(): void {
    try {
      while (this.#waiting.length > 0) {
        this.#waiting = this.#waiting.subarray(writeSync(this.#descriptor, this.#waiting));
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        this.close();
        return;
      }
      // Node has no way to say when a descriptor takes more.
      this.#cancelRetry = this.#clock.after(retryMs, () => {
        this.#cancelRetry = null;
        this.#flush();
      });
    }
  }
}
