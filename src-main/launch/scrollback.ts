/** Private modes that a program sets in its terminal (DECSET), and what ends all of them. */
const modes = /\x1b(?:\[\?([\d;]+)([hl])|(c)|\[!p)/g;
const escapeByte = 0x1b;
const lineFeed = 0x0a;

/**
 * What a terminal said, as far back as a limit allows, for a window that comes later. What was said before that is gone,
 * but for the modes it set: without them a full-screen program would be painted into the ordinary screen.
 */
export class Scrollback {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #length = 0;
  readonly #modes = new Map<string, 'h' | 'l'>();

  /** @param limit in bytes; up to a quarter more is kept for a while */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The bytes are copied. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(new Uint8Array(bytes));
    this.#length += bytes.length;
    // Seldom: cutting copies everything that stays.
    if (this.#length > this.#limit * 1.25) this.#cut();
  }

  /** Everything that is kept, behind the sequences that set the modes. A copy of its own. */
  read(): Uint8Array<ArrayBuffer> {
    const set = [...this.#modes].map(([mode, how]) => `\x1b[?${mode}${how}`).join('');
    return joined([new TextEncoder().encode(set), ...this.#chunks]);
  }

  /** Cuts where a sequence or a line begins, which is never inside of a character. */
  #cut(): void {
    const all = joined(this.#chunks);
    let start = all.length - this.#limit;
    while (start < all.length && all[start] !== escapeByte && all[start] !== lineFeed) start += 1;
    this.#note(all.subarray(0, start));
    this.#chunks = [all.slice(start)];
    this.#length = all.length - start;
  }

  #note(dropped: Uint8Array): void {
    const text = Buffer.from(dropped.buffer, dropped.byteOffset, dropped.length).toString('latin1');
    for (const [, list, how, reset] of text.matchAll(modes)) {
      if (list === undefined) this.#modes.clear();
      if (list === undefined || reset !== undefined) continue;
      for (const mode of list.split(';')) {
        // Set last is set last again.
        this.#modes.delete(mode);
        this.#modes.set(mode, how === 'h' ? 'h' : 'l');
      }
    }
  }
}

/** One array with memory of its own: what leaves the process takes the whole memory behind it along. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
