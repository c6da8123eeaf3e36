import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Lines kept of a program's output, and characters of each. */
const linesKept = 200;
const longest = 500;

/** The last lines of what a program prints behind pipes, made fit to be shown: without colours, and without secrets. */
export class OutputLines {
  readonly #redact: (text: string) => string;
  readonly #rest = { stdout: '', stderr: '' };
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #lines: string[] = [];
  #dropped = 0;

  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  add(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void {
    const text = this.#rest[stream] + this.#decoders[stream].write(Buffer.from(bytes));
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    // A line without end is cut long before it can fill the memory.
    this.#rest[stream] = (lines.pop() ?? '').slice(0, longest * 8);
    for (const line of lines) this.#keep(line);
  }

  /** What stands there without a line's end is a line, too. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#keep(this.#rest[stream]);
      this.#rest[stream] = '';
    }
  }

  read(): { lines: string[]; dropped: number } {
    return { lines: [...this.#lines], dropped: this.#dropped };
  }

  #keep(line: string): void {
    // Redacted before it is cut: half a secret is not recognised as one.
    const shown = this.#redact(stripVTControlCharacters(line))
      .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
      .trimEnd();
    if (shown === '') return;
    this.#lines.push(shown.length > longest ? `${shown.slice(0, longest)}…` : shown);
    if (this.#lines.length <= linesKept) return;
    this.#dropped += this.#lines.length - linesKept;
    this.#lines = this.#lines.slice(-linesKept);
  }
}
