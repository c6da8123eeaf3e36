/** Longest text that is put together from rows, characters. */
const longestText = 8_192;
/** Text that may be the next piece of what the row above began. */
const continuation = /^\s*[!-~]+$/;

export interface Taken {
  /** Lines that may be shown now; rows that were put together are one. */
  lines: string[];
  /** Secrets in them, to be known to whoever takes secrets out of lines before the lines are shown. */
  secrets: string[];
}

/**
 * Finds the secret that a flow yields in finished lines. A row that reaches the last column is held back until it is
 * known whether the next one goes on with it: half a secret would be neither found nor taken out.
 */
export class YieldedSecretFinder {
  readonly #pattern: RegExp;
  #held: string | null = null;

  /** @param pattern has the secret in group 1 */
  constructor(pattern: string) {
    this.#pattern = new RegExp(pattern, 'g');
  }

  /**
   * @param line a finished line without the space at its end
   * @param full whether the terminal ends where it ends
   */
  take(line: string, full: boolean): Taken {
    const before: string[] = [];
    let text = line;
    if (this.#held !== null) {
      if (continuation.test(line)) text = this.#held + line.trim();
      else before.push(this.#held);
      this.#held = null;
    }
    if (full && /\S$/.test(text) && text.length < longestText) {
      this.#held = text;
      return this.#taken(before);
    }
    return this.#taken([...before, text]);
  }

  /** The output is over. */
  rest(): Taken {
    const held = this.#held === null ? [] : [this.#held];
    this.#held = null;
    return this.#taken(held);
  }

  #taken(lines: string[]): Taken {
    const secrets = lines.flatMap((line) =>
      [...line.matchAll(this.#pattern)].map(([, secret]) => secret ?? ''),
    );
    return { lines, secrets: secrets.filter((secret) => secret !== '') };
  }
}
