const maxLines = 2000;
const maxBytes = 1024 * 1024;
/** The beginning says what was asked, the end says how it went: the middle is what a flood loses. */
const headLines = 500;

/** Longest line that is shown, and how far a secret that begins before its end may reach beyond it, characters. */
const longestLine = 8192;
const longestSecret = 4096;

/** How many lines have their length told, so that a flood does not fill the log. */
const toldLengths = 200;

/**
 * What a CLI printed, bounded (S-13): 2,000 lines or 1 MiB, the first 500 lines and the newest of the rest. Secrets are
 * taken out when it is read, so those that became known later are, too.
 */
export class Transcript {
  readonly #redact: (line: string) => string;
  readonly #head: string[] = [];
  #tail: string[] = [];
  readonly #lengths: number[] = [];
  #bytes = 0;
  #dropped = 0;

  /** @param redact takes the secrets out of a line */
  constructor(redact: (line: string) => string) {
    this.#redact = redact;
  }

  /** @param line as it was printed */
  add(line: string): void {
    if (this.#lengths.length < toldLengths) this.#lengths.push(Buffer.byteLength(line));
    const kept =
      line.length > longestLine + longestSecret ? line.slice(0, longestLine + longestSecret) : line;
    this.#bytes += kept.length;
    if (this.#head.length < headLines && this.#bytes < maxBytes / 2) {
      this.#head.push(kept);
      return;
    }
    this.#tail.push(kept);
    // Cut in steps, so that a flood does not move the whole array for each line.
    if (this.#tail.length > 2 * (maxLines - headLines) || this.#bytes > 2 * maxBytes) this.#trim();
  }

  /** How many lines there were. */
  get count(): number {
    return this.#head.length + this.#tail.length + this.#dropped;
  }

  /** What may be logged of it: how many lines there were, and how long the first ones, in UTF-8 bytes (S-14). */
  lengths(): { lines: number; lineBytes: string } {
    const more = this.count > this.#lengths.length ? ['…'] : [];
    return { lines: this.count, lineBytes: [...this.#lengths, ...more].join(' ') };
  }

  /** The lines in order, redacted, and how many are missing after the first `head` of them. */
  read(): { lines: string[]; head: number; dropped: number } {
    this.#trim();
    const lines = [...this.#head, ...this.#tail].map((line) => this.#shown(line));
    return { lines, head: this.#head.length, dropped: this.#dropped };
  }

  /** Redacted before it is cut: a secret across the cut would not be known any more. */
  #shown(line: string): string {
    const shown = this.#redact(line);
    return line.length > longestLine ? `${shown.slice(0, longestLine)}…` : shown;
  }

  #trim(): void {
    const room = maxLines - this.#head.length;
    let first = Math.max(0, this.#tail.length - room);
    let bytes = this.#bytes;
    for (const line of this.#tail.slice(0, first)) bytes -= line.length;
    while (bytes > maxBytes && first < this.#tail.length) {
      bytes -= this.#tail[first]?.length ?? 0;
      first += 1;
    }
    this.#dropped += first;
    this.#bytes = bytes;
    this.#tail = this.#tail.slice(first);
  }
}
