/**
 * The line of a terminal on which a question waits for its answer: what is said meanwhile goes onto a line of its own,
 * and the question stands below it again. What was typed by then the terminal still has.
 */
export class PromptLine {
  /** Stands there without a line's end. */
  #prompt: string | null = null;
  #waits = false;
  readonly #echoes: boolean;

  /** @param echoes whether the Enter of an answer shows: on a terminal */
  constructor(echoes: boolean) {
    this.#echoes = echoes;
  }

  /** The text that puts a question. */
  asked(prompt: string): string {
    const text = `${this.#prompt === null ? '' : '\n'}${prompt}`;
    this.#prompt = prompt;
    this.#waits = true;
    return text;
  }

  /** `null`: the input has ended; then the command itself ends the line. */
  answered(text: string | null): void {
    this.#waits = false;
    if (text === null || this.#echoes) this.#prompt = null;
  }

  /** The answer does not matter any more, and may never come. */
  withdrawn(): void {
    this.#waits = false;
  }

  /** The text that says these lines, each with its end. */
  said(lines: string): string {
    if (this.#prompt === null) return lines;
    const again = this.#waits ? this.#prompt : null;
    this.#prompt = again;
    return `\n${lines}${again ?? ''}`;
  }
}
