/**
 * The line of a terminal on which a question waits for its answer: what is said meanwhile goes onto a line of its own,
 * and the question stands below it again while it still asks something of the person. What was typed by then the
 * terminal still has.
 */
export class PromptLine {
  #question: { prompt: string; stands: () => boolean } | null = null;
  /** A question stands there without a line's end. */
  #open = false;
  readonly #echoes: boolean;

  /** @param echoes whether the Enter of an answer shows: on a terminal */
  constructor(echoes: boolean) {
    this.#echoes = echoes;
  }

  /**
   * The text that puts a question.
   * @param stands whether it has to be seen now: an answer is taken also where it is not
   */
  asked(prompt: string, stands: () => boolean = () => true): string {
    this.#question = { prompt, stands };
    return this.#again();
  }

  /** `null`: the input has ended; then the command itself ends the line. */
  answered(text: string | null): void {
    this.#question = null;
    if (text === null || this.#echoes) this.#open = false;
  }

  /** The answer does not matter any more, and may never come. */
  withdrawn(): void {
    this.#question = null;
  }

  /** The text that says these lines, each with its end. */
  said(lines: string): string {
    const before = this.#open ? '\n' : '';
    this.#open = false;
    return `${before}${lines}${this.#again()}`;
  }

  #again(): string {
    if (!this.#question?.stands()) return '';
    const text = `${this.#open ? '\n' : ''}${this.#question.prompt}`;
    this.#open = true;
    return text;
  }
}
