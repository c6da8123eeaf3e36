/** Remembers the lines of the last screens, so that a program that repaints itself does not print them again. */
export class RecentLines {
  readonly #limit: number;
  readonly #keys = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(line: string): boolean {
    return this.#keys.has(keyOf(line));
  }

  add(line: string): void {
    const key = keyOf(line);
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= this.#limit) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      break;
    }
  }
}

/** The text without what turns at its beginning: "⠋ Waiting" and "⠙ Waiting" are one line. */
function keyOf(line: string): string {
  const first = line.charCodeAt(0);
  const plain = (first >= 97 && first <= 122) || (first >= 65 && first <= 90) || (first >= 48 && first <= 57);
  return plain ? line : line.replace(/^[^\p{L}\p{N}]+/u, '') || line;
}
