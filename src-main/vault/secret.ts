import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that cannot be printed, logged, serialised or cloned by accident: every usual way out shows `[secret]`.
 * `reveal` is the one way to the text, and the place to look for when asking where a secret goes.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** `•••• ` and the last four characters, or only dots where four would be too much of the whole. */
  masked(): string {
    return this.#text.length >= 12 ? `••••${this.#text.slice(-4)}` : '••••';
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
