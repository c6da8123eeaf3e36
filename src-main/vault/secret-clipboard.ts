import type { Clock } from '../clock.ts';
import type { Secret } from './secret.ts';

/** The part of the system's clipboard that is used; Electron's is one, whose version 45 answers with promises. */
export interface TextClipboard {
  readText(): string | Promise<string>;
  writeText(text: string): void | Promise<void>;
  clear(): void | Promise<void>;
}

/** How long what was lent stays, ms. */
export const lentMs = 60_000;

/** Puts secrets on the clipboard and takes them off again; what somebody copied since stays. */
export class SecretClipboard {
  readonly #clipboard: TextClipboard;
  readonly #clock: Clock;
  #lent: { secret: Secret; cancel: () => void } | null = null;

  constructor(clipboard: TextClipboard, clock: Clock) {
    this.#clipboard = clipboard;
    this.#clock = clock;
  }

  async lend(secret: Secret): Promise<void> {
    this.#lent?.cancel();
    await this.#clipboard.writeText(secret.reveal());
    this.#lent = { secret, cancel: this.#clock.after(lentMs, () => void this.takeBack()) };
  }

  /** At once: the app is quitting, or its time is over. */
  async takeBack(): Promise<void> {
    const lent = this.#lent;
    this.#lent = null;
    lent?.cancel();
    if (lent && (await this.#clipboard.readText()) === lent.secret.reveal()) await this.#clipboard.clear();
  }
}
