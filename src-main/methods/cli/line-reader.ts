import { PlainLines } from './plain-lines.ts';
import { type ScreenListener, type ScreenOptions, TerminalLines } from './terminal-lines.ts';

const carriageReturn = 0x0d;
const escapeByte = 0x1b;
const leftBracket = 0x5b;
const rightBracket = 0x5d;
/** Longest beginnings of escape sequences that are waited for: of most, and of titles and the like. */
const longestSequence = 32;
const longestString = 4_096;
/** Written in pieces of this size, so that a piece's text and the terminal's buffer stay small. */
const pieceBytes = 262_144;

/**
 * Reads a stream of output as lines. Text goes the short way for as long as it is only text, then a terminal takes over
 * for good. Either way the last bytes wait while what follows decides what they mean, so it does not matter how the
 * stream was cut.
 */
export class LineReader {
  readonly #options: ScreenOptions;
  readonly #listener: ScreenListener;
  readonly #plain: PlainLines;
  #terminal: TerminalLines | null = null;
  #held: Uint8Array = new Uint8Array(0);
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(options: ScreenOptions, listener: ScreenListener) {
    this.#options = options;
    this.#listener = listener;
    this.#plain = new PlainLines(options, options.convertEol, listener);
  }

  /** Resolves when all lines in the bytes were reported. Calls may overlap; they are read in order. */
  write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) this.#write(bytes.subarray(at, at + pieceBytes));
    return this.#lastWrite;
  }

  /** Reports the unfinished line once more, as one that will not go on. */
  settle(): void {
    if (this.#terminal) this.#terminal.settle();
    else this.#plain.report('passed');
  }

  /** Reports what is left. Nothing may be written afterwards. */
  async end(): Promise<void> {
    this.#read(this.#held);
    await this.#lastWrite;
    if (this.#terminal) await this.#terminal.end();
    else this.#plain.report('finished');
  }

  #write(added: Uint8Array): void {
    const bytes = this.#held.length > 0 ? Buffer.concat([this.#held, added]) : added;
    const end = decidedLength(bytes);
    this.#held = bytes.slice(end);
    this.#read(end === bytes.length ? bytes : bytes.subarray(0, end));
  }

  #read(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#terminal) {
      this.#lastWrite = this.#terminal.write(bytes);
      return;
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    const rest = this.#plain.take(text);
    if (rest === null) {
      this.#plain.report('growing');
      return;
    }
    this.#terminal = new TerminalLines(this.#options, this.#plain.state(), this.#listener);
    this.#lastWrite = this.#terminal.write(Buffer.from(rest));
  }
}

/**
 * How many of the bytes mean the same whatever follows. A carriage return waits for a line feed, the beginning of a
 * character for the rest of it (the terminal, 6.0.0, loses one that comes in three pieces with 0x80 in the middle),
 * and the beginning of an escape sequence for its end.
 */
function decidedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === carriageReturn) end--;
  if (end < bytes.length) return end;
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? end - back : end;
  }
  const sequence = bytes.lastIndexOf(escapeByte);
  return sequence !== -1 && isOpen(bytes.subarray(sequence + 1)) ? sequence : end;
}

/** Whether a sequence is not over yet. @param bytes what follows the escape character */
function isOpen(bytes: Uint8Array): boolean {
  const [first] = bytes;
  if (first === undefined) return true;
  if (first === leftBracket) return bytes.length < longestSequence && !bytes.subarray(1).some(isFinal);
  return first === rightBracket && bytes.length < longestString && !bytes.some(isControl);
}

function isControl(byte: number): boolean {
  return byte < 0x20;
}

function isFinal(byte: number): boolean {
  return byte >= 0x40 && byte <= 0x7e;
}
