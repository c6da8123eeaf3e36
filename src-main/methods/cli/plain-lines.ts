import type { ScreenListener } from './terminal-lines.ts';

/** What a terminal needs to go on where plain text ended. */
export interface PlainState {
  /** The rows that would be on the screen, oldest first; the last one is not finished. */
  rows: string[];
  /** How many rows scrolled off above them. */
  scrolled: number;
}

/** Colours, and erasing where nothing is: the cursor of plain text is always at the end. */
const harmless = /\x1b\[(?:[\d;:]*m|0?[KJ])/g;
/** What moves a cursor, or may. */
const special = /[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\r*\n)/;
/** Longest line that is kept; more of it is only counted. */
const longestLine = 32_768;
const isAscii = /^[\0-\x7f]*$/;

/**
 * Lines of output that no terminal is needed for: text, line ends and colours. This is most of what CLIs print, and all
 * of what some print without end. It reports exactly what a terminal would.
 */
export class PlainLines {
  readonly #columns: number;
  readonly #screenRows: number;
  readonly #convertEol: boolean;
  readonly #listener: ScreenListener;
  /** Finished rows that are still on the screen. */
  readonly #above: string[] = [];
  /** Place of the current line. */
  #row = 0;
  #line = '';
  /** Length of the current line, also of what was not kept. */
  #length = 0;

  constructor(size: { columns: number; rows: number }, convertEol: boolean, listener: ScreenListener) {
    this.#columns = size.columns;
    this.#screenRows = size.rows;
    this.#convertEol = convertEol;
    this.#listener = listener;
  }

  /** @returns the rest of the text, from where a terminal has to take over; null while none has to */
  take(text: string): string | null {
    const clean = text.includes('\x1b') ? text.replace(harmless, '') : text;
    const stop = clean.search(special);
    const end = stop === -1 ? clean.length : stop;
    let from = 0;
    for (let at = clean.indexOf('\n'); at !== -1 && at < end; at = clean.indexOf('\n', from)) {
      let lineEnd = at;
      while (lineEnd > from && clean.charCodeAt(lineEnd - 1) === 13) lineEnd--;
      // Without a return the next line would begin below the end of this one.
      const staircase = !this.#convertEol && lineEnd === at && this.#length + at - from > 0;
      if (staircase || !this.#append(clean.slice(from, lineEnd))) return clean.slice(from);
      this.#finish();
      from = at + 1;
    }
    if (!this.#append(clean.slice(from, end))) return clean.slice(from);
    if (stop !== -1) return clean.slice(stop);
    return null;
  }

  /** Reports the unfinished line. */
  report(stage: 'growing' | 'passed' | 'finished'): void {
    if (this.#length > 0) this.#tell(stage, false);
  }

  state(): PlainState {
    const rows = [...this.#above, this.#line];
    return { rows, scrolled: this.#row - this.#above.length };
  }

  /** @returns false, having done nothing, when the number of rows that the text takes is not certain */
  #append(text: string): boolean {
    if (text === '') return true;
    const length = this.#length + text.length;
    const mayWrap = length * 2 > this.#columns;
    if (mayWrap && !(isAscii.test(text) && isAscii.test(this.#line))) return false;
    if (this.#line.length < longestLine) this.#line += text.slice(0, longestLine - this.#line.length);
    this.#length = length;
    return true;
  }

  #finish(): void {
    this.#tell('finished', true);
    const rows = Math.max(1, Math.ceil(this.#length / this.#columns));
    this.#row += rows;
    if (rows === 1) this.#above.push(this.#line);
    else for (let at = 0; at < rows; at++) this.#above.push(this.#line.slice(at * this.#columns, (at + 1) * this.#columns));
    const excess = this.#above.length - (this.#screenRows - 1);
    if (excess > 0) this.#above.splice(0, excess);
    this.#line = '';
    this.#length = 0;
  }

  #tell(stage: 'growing' | 'passed' | 'finished', newline: boolean): void {
    const full = this.#length > 0 && this.#length % this.#columns === 0;
    this.#listener.onLine({ id: this.#row, screen: 'normal', text: this.#line, full, stage, newline });
  }
}
