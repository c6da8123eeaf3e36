import type { Clock } from '../clock.ts';

/** A paste of this much waits for a program that reads slowly; more is refused. In UTF-16 units. */
const waitingLimit = 4 * 1024 * 1024;
/** A PTY's own queue takes 64 KB; this is at most 48 KB in UTF-8. */
const pieceLength = 16 * 1024;
const retryMs = 20;

/** Hands typed and pasted text on in order and in pieces, as fast as the program takes them. */
export class PatientInput {
  readonly #write: (text: string) => boolean;
  readonly #clock: Clock;
  #waiting = '';
  #cancelRetry: (() => void) | null = null;

  /** @param write takes a piece whole or says false */
  constructor(write: (text: string) => boolean, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** False when too much waits already: nothing of the text is taken then. */
  push(text: string): boolean {
    if (this.#waiting.length + text.length > waitingLimit) return false;
    this.#waiting += text;
    if (!this.#cancelRetry) this.#flush();
    return true;
  }

  /** What waits is forgotten. */
  close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#waiting = '';
  }

  #flush(): void {
    this.#cancelRetry = null;
    while (this.#waiting !== '') {
      const piece = this.#waiting.slice(0, pieceEnd(this.#waiting));
      if (!this.#write(piece)) {
        this.#cancelRetry = this.#clock.after(retryMs, () => this.#flush());
        return;
      }
      this.#waiting = this.#waiting.slice(piece.length);
    }
  }
}

/** Not between the two halves of a character. */
function pieceEnd(text: string): number {
  const last = text.charCodeAt(pieceLength - 1);
  return last >= 0xd800 && last <= 0xdbff ? pieceLength - 1 : pieceLength;
}
