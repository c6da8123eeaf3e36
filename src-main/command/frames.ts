/** A frame's head: the length of what follows, in bytes, big-endian. */
const headLength = 4;

/** A frame of the protocol that is longer than it may be, or no JSON. What came after it is not looked at. */
export class BadFrame extends Error {}

/** One value as a frame: its length, then its JSON. */
export function frameOf(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(headLength);
  head.writeUInt32BE(text.length);
  return Buffer.concat([head, text]);
}

/** Puts frames together from the pieces in which they arrive. */
export class FrameReader {
  readonly #longest: number;
  #pieces: Buffer[] = [];
  #held = 0;

  /** @param longest of a frame's JSON, in bytes */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /**
   * Takes the next piece.
   * @returns the values that are whole now
   * @throws BadFrame
   */
  push(piece: Buffer): unknown[] {
    this.#pieces.push(piece);
    this.#held += piece.length;
    const values: unknown[] = [];
    for (;;) {
      if (this.#held < headLength) return values;
      // Joined only when there is something to see: a long frame comes in many pieces.
      if ((this.#pieces[0]?.length ?? 0) < headLength) this.#join();
      const length = this.#pieces[0]?.readUInt32BE() ?? 0;
      if (length > this.#longest) throw new BadFrame(`a frame of ${length} bytes`);
      if (this.#held < headLength + length) return values;
      const all = this.#join();
      values.push(parsed(all.subarray(headLength, headLength + length)));
      const rest = all.subarray(headLength + length);
      this.#pieces = rest.length > 0 ? [rest] : [];
      this.#held = rest.length;
    }
  }

  #join(): Buffer {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    // Without the text, which may hold a secret.
    throw new BadFrame('a frame that is no JSON');
  }
}
