import type { ScreenListener } from './terminal-lines.ts';

/** What a terminal needs to go on where plain text ended. */
export interface PlainState {
  /** What fills the screen, from its first row; the last line is not finished, and long ones wrap by themselves. */
  screen: string;
  /** How many rows scrolled off above them. */
  scrolled: number;
}

/**
 * Sequences that change nothing that can be read: colours, keyboards, mice and cursors, titles, the clipboard, character
 * sets as they are, and erasing where nothing is (the cursor of plain text stands at the end). Hyperlinks (OSC 8) and
 * queries are not among them.
 */
const harmlessEscape = [
  '\\[[\\d;:]*m',
  '\\[0?[KJ]',
  '\\[\\?(?:1|12|25|100[0-6]|1015|2004|2026|2031)[hl]',
  '\\[>[\\d;]*m',
  '\\[[<>=][\\d;]*u',
  '\\[\\d? q',
  '\\](?:[0-27]|52|133);[^\\0-\\x1f\\x7f-\\x9f]*(?:\\x07|\\x1b\\\\)',
  '[=>]',
  '\\(B',
].join('|');
/** NUL, bell, and "shift in" while nothing was shifted out. */
const silent = '[\\0\\x07\\x0f]';
const harmless = new RegExp(`${silent}|\\x1b(?:${harmlessEscape})`, 'g');
/** What moves a cursor, or may. */
const special = new RegExp(
  `[\\x01-\\x06\\x08\\x09\\x0b\\x0c\\x0e\\x10-\\x1a\\x1c-\\x1f\\x7f-\\x9f]|\\x1b(?!${harmlessEscape})`,
);
const control = /[\0\x07\x0f\x1b]/;
const erasing = /\x1b\[0?[KJ]/;
const loneReturn = /\r(?![\r\n])/;
const isAscii = /^[\0-\x7f]*$/;
const carriageReturn = 13;
const lineBreak = '\r\n';
/** Longest line that is kept; more of it is only counted. */
const longestLine = 32_768;

/** Stands, once there is nothing special left, between a return and what came after a sequence. */
const apart = '\x01';

/** A return and a line feed with a colour between them are not one end of line: a terminal sees the return alone. */
function withoutHarmless(text: string): string {
  return text.replace(/\r(?=[\0\x07\x0f\x1b])/g, `\r${apart}`).replace(harmless, '');
}

/**
 * Lines of output that no terminal is needed for: text, line ends, returns that overwrite a line, and colours. This is
 * most of what CLIs print, and all of what some print without end. It reports exactly what a terminal would.
 */
export class PlainLines {
  readonly #columns: number;
  readonly #screenRows: number;
  readonly #convertEol: boolean;
  readonly #listener: ScreenListener;
  /** Finished rows that are still on the screen, each after the line break before it; one that was wrapped has none. */
  readonly #above: string[] = [];
  /** Place of the current line. */
  #row = 0;
  /** The current line up to the cursor, and its length, also of what was not kept. */
  #line = '';
  #length = 0;
  /** What stood in the current line when the cursor went back; shows to the right of the cursor. */
  #under = '';

  constructor(size: { columns: number; rows: number }, convertEol: boolean, listener: ScreenListener) {
    this.#columns = size.columns;
    this.#screenRows = size.rows;
    this.#convertEol = convertEol;
    this.#listener = listener;
  }

  /** @returns the rest of the text, from where a terminal has to take over; null while none has to */
  take(text: string): string | null {
    const stop = this.#stopIn(text);
    const head = stop === text.length ? text : text.slice(0, stop);
    const clean = control.test(head) ? withoutHarmless(head) : head;
    let from = 0;
    for (let at = clean.indexOf('\n'); at !== -1; at = clean.indexOf('\n', from)) {
      let end = at;
      while (end > from && clean.charCodeAt(end - 1) === carriageReturn) end--;
      const taken = this.#overwrite(clean, from, end);
      // Without a return the next line would begin below the end of this one.
      const isStaircase = !this.#convertEol && end === at && this.#length > 0;
      if (taken < end || isStaircase) return clean.slice(taken) + text.slice(stop);
      this.#finish();
      from = at + 1;
    }
    const taken = this.#overwrite(clean, from, clean.length);
    return taken === clean.length && stop === text.length ? null : clean.slice(taken) + text.slice(stop);
  }

  /** Reports the unfinished line. */
  report(stage: 'growing' | 'passed' | 'finished'): void {
    if (this.#length > 0 || (stage === 'finished' && this.#under !== '')) this.#tell(stage, false);
  }

  state(): PlainState {
    const line = this.#under === '' ? this.#line : `${this.#under}\r${this.#line}`;
    const above = this.#above.slice(-(this.#screenRows - 1));
    const screen = [...above, lineBreak + line].join('');
    return {
      screen: screen.startsWith(lineBreak) ? screen.slice(lineBreak.length) : screen,
      scrolled: this.#row - above.length,
    };
  }

  /** Where the text stops being plain. */
  #stopIn(text: string): number {
    let stop = text.search(special);
    if (stop === -1) stop = text.length;
    if (text.includes('\x1b')) {
      // Where something is to the right of the cursor, erasing it does matter.
      const overwrites = this.#under !== '' ? 0 : text.search(loneReturn);
      const erases = overwrites === -1 ? -1 : text.slice(overwrites).search(erasing);
      if (erases !== -1) stop = Math.min(stop, this.#under !== '' ? erases : overwrites);
    }
    while (stop > 0 && text.charCodeAt(stop - 1) === carriageReturn) stop--;
    return stop;
  }

  /**
   * Puts text with lone returns into the current line.
   * @returns the index up to which it was taken: `end`, unless a terminal has to say how many rows it fills
   */
  #overwrite(text: string, start: number, end: number): number {
    let from = start;
    for (let at = text.indexOf('\r', from); at !== -1 && at < end; at = text.indexOf('\r', from)) {
      if (!this.#append(text.slice(from, at))) return from;
      if (!this.#goBack()) return at;
      from = at + 1;
    }
    return this.#append(text.slice(from, end)) ? end : from;
  }

  /** @returns false, having done nothing, when the number of rows that the text takes is not certain */
  #append(text: string): boolean {
    if (text === '') return true;
    if (text.includes(apart)) return this.#append(text.replaceAll(apart, ''));
    const length = this.#length + text.length;
    // Foreign letters may be two columns wide.
    if (length * 2 > this.#columns || this.#under !== '') {
      if (!isAscii.test(text) || !isAscii.test(this.#line)) return false;
      if (this.#under !== '' && length > this.#columns) return false;
    }
    if (this.#line.length < longestLine) this.#line += text.slice(0, longestLine - this.#line.length);
    this.#length = length;
    return true;
  }

  /** @returns false, having done nothing, when the cursor goes back to a place that is not certain */
  #goBack(): boolean {
    if (this.#length === 0) return true;
    if (this.#length > this.#columns || !isAscii.test(this.#line)) return false;
    this.#tell('passed', false);
    this.#under = this.#whole();
    this.#line = '';
    this.#length = 0;
    return true;
  }

  #finish(): void {
    this.#tell('finished', true);
    const whole = this.#whole();
    const rows = Math.max(1, Math.ceil(this.#length / this.#columns));
    this.#row += rows;
    if (rows === 1) this.#above.push(lineBreak + whole);
    else {
      for (let row = Math.max(0, rows - this.#screenRows); row < rows; row++) {
        const text = whole.slice(row * this.#columns, (row + 1) * this.#columns);
        this.#above.push(row === 0 ? lineBreak + text : text);
      }
    }
    if (this.#above.length >= 2 * this.#screenRows)
      this.#above.splice(0, this.#above.length - this.#screenRows);
    this.#line = '';
    this.#length = 0;
    this.#under = '';
  }

  #whole(): string {
    return this.#under.length > this.#length ? this.#line + this.#under.slice(this.#length) : this.#line;
  }

  #tell(stage: 'growing' | 'passed' | 'finished', newline: boolean): void {
    const text = stage === 'finished' ? this.#whole() : this.#line;
    const length = Math.max(this.#length, text.length);
    const full = length > 0 && length % this.#columns === 0;
    this.#listener.onLine({ id: this.#row, screen: 'normal', text, full, stage, newline });
  }
}
