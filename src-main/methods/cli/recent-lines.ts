/** Remembers the lines of the last screens, so that a program that repaints itself does not print them again. */
export class RecentLines {
  readonly #limit: number;
  /** The last lines; `#next` is where the next one goes. */
  readonly #lines: string[] = [];
  #next = 0;
  /** What `#lines` holds, made when it is asked for: a program that only prints never asks. */
  #keys: Set<string> | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(line: string): boolean {
    this.#keys ??= new Set(this.#lines.map(lineKey));
    return this.#keys.has(lineKey(line));
  }

  add(line: string): void {
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % this.#limit;
    if (this.#keys === null) return;
    this.#keys.add(lineKey(line));
    // Those that were overwritten are still in it; now and then it is made anew.
    if (this.#keys.size > 2 * this.#limit) this.#keys = null;
  }
}

/** The text without what turns at its beginning: "⠋ Waiting" and "⠙ Waiting" are one line. */
export function lineKey(line: string): string {
  const first = line.charCodeAt(0);
  const plain = (first >= 97 && first <= 122) || (first >= 65 && first <= 90) || (first >= 48 && first <= 57);
  return plain ? line : line.replace(/^[^\p{L}\p{N}]{1,8}/u, '');
}
