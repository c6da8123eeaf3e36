import { type IBuffer, Terminal } from '@xterm/headless';
import type { PlainState } from './plain-lines.ts';
import { RowReader } from './row-reader.ts';

/** A line of the screen, soft wraps undone, at a moment that says how final it is. */
export interface ScreenLine {
  /** The same for the same place on the screen, also after it scrolled. Counts on for as long as the terminal lives. */
  id: number;
  /** Which screen it is on: the normal or the alternate one. */
  screen: 'normal' | 'alternate';
  text: string;
  /** The last column is taken, so the program may have broken the line here because the terminal ends. */
  full: boolean;
  /**
   * `growing`: the output has stopped here for now, the cursor stands after `text`. `passed`: the cursor went back to
   * write over it. `finished`: the cursor left the line, or what is on it is about to be erased.
   */
  stage: 'growing' | 'passed' | 'finished';
  /** It ended with a line feed, so even an empty one was printed. */
  newline: boolean;
}

export interface ScreenListener {
  onLine(line: ScreenLine): void;
  /** Target of an OSC 8 hyperlink that begins here. */
  onHyperlink(target: string): void;
  /** The screen was erased or exchanged: what appears on it now is new even where it looks the same. */
  onCleared(): void;
}

export interface ScreenOptions {
  columns: number;
  rows: number;
  /** Pipes: a line feed also returns to the first column. */
  convertEol: boolean;
  /** Answers of the terminal to queries (cursor position, device attributes); null to give none. */
  respond: ((text: string) => void) | null;
}

/** A logical line beyond this is read in part: its last rows, and not while it grows. */
const longestLine = 32_768;
/** Unparsed output, bytes, above which writes wait for each other. */
const backlogBytes = 1024 * 1024;

const backspace = 0x08;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/**
 * Reads what a program prints the way a person would see it: through a headless terminal. Lines are reported at
 * places that the bytes decide (line feeds, cursor movements, erasures), never by how the bytes were cut into chunks;
 * the one exception is `growing`, which reports the unfinished line where a chunk ends.
 *
 * Each row is read when the cursor leaves it, so the screen as a whole is never scanned, however often it is repainted.
 */
export class TerminalLines {
  readonly #terminal: Terminal;
  readonly #rows: RowReader;
  readonly #options: ScreenOptions;
  readonly #listener: ScreenListener;
  /** Rows that scrolled off the top so far, per screen; added to a row's position it makes the line's id. */
  readonly #scrolled: { normal: number; alternate: number };
  /** Scroll margins move rows without moving the screen; ids only need to count whole-screen scrolls. */
  #hasMargins = false;
  #active: IBuffer;
  /**
   * Where the cursor came to, and whether the line there was told of as finished; null while that is not known. A cursor
   * that is still there has printed nothing that is to be read.
   */
  #arrived: Arrival | null = null;
  /** Where the program saved the cursor, per screen. */
  readonly #saved: { normal: Place; alternate: Place } = { normal: origin, alternate: origin };
  #unparsed = 0;
  readonly #passed = () => {
    // In a string, such as a title, it does not return: the cursor may stay, and what is behind it may be a gap.
    const gap = this.#whereItArrived()?.gap ?? 0;
    this.#go('passed', 0, this.#active.cursorY, gap);
  };
  /** It may come to where it had come to before, with something printed there. */
  readonly #stepsBack = () => {
    if (!this.#whereItArrived()) this.#forget();
  };
  /** Writes that wait until others are parsed. */
  #queued = 0;
  #lastWrite: Promise<void> = Promise.resolve();

  /** @param before what is on the screen already; it was reported */
  constructor(options: ScreenOptions, before: PlainState, listener: ScreenListener) {
    this.#options = options;
    this.#listener = listener;
    this.#scrolled = { normal: before.scrolled, alternate: 0 };
    this.#terminal = new Terminal({
      cols: options.columns,
      rows: options.rows,
      scrollback: 0,
      convertEol: options.convertEol,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.#active = this.#terminal.buffer.active;
    this.#rows = new RowReader(this.#active, options.rows);
    this.#terminal.buffer.onBufferChange((buffer) => {
      this.#active = buffer;
    });
    this.#countScrolls();
    this.#terminal.write(before.screen, () => this.#watch());
  }

  /**
   * Resolves when the bytes were parsed and all lines in them reported. Calls may overlap; they are parsed in order.
   * @param bytes must not end in a carriage return or within a character, unless they are the last
   */
  write(bytes: Uint8Array): Promise<void> {
    // The terminal throws at 50 MB of unparsed text, so a writer who does not wait is made to queue here.
    const waits = this.#queued > 0 || this.#unparsed + bytes.length > backlogBytes;
    if (waits) this.#queued++;
    this.#lastWrite = waits
      ? this.#lastWrite.then(() => {
          this.#queued--;
          return this.#writeNow(bytes);
        })
      : this.#writeNow(bytes);
    return this.#lastWrite;
  }

  #writeNow(bytes: Uint8Array): Promise<void> {
    this.#rows.willParse(bytes);
    let from = 0;
    // Returns that no line feed follows let the next text overwrite the line: read it just before.
    for (let at = 0; at < bytes.length; ) {
      const start = nextStop(bytes, at);
      if (start === -1) break;
      const stop = bytes[start];
      at = start;
      while (bytes[at] === stop) at++;
      if (stop === carriageReturn && bytes[at] === lineFeed) continue;
      const act = stop === carriageReturn ? this.#passed : this.#stepsBack;
      this.#terminal.write(bytes.subarray(from, start), act);
      from = start;
    }
    this.#unparsed += bytes.length;
    return new Promise((resolve) => {
      this.#terminal.write(from === 0 ? bytes : bytes.subarray(from), () => {
        this.#unparsed -= bytes.length;
        this.#report('growing');
        resolve();
      });
    });
  }

  /** Reports the line under the cursor once more, as one that will not go on. */
  settle(): void {
    if (!this.#whereItArrived()) this.#report('passed');
  }

  /** Reports what is left and frees the terminal. Nothing may be written afterwards. */
  async end(): Promise<void> {
    await this.#lastWrite;
    this.#report('finished');
    this.#terminal.dispose();
  }

  #countScrolls(): void {
    const { buffer } = this.#terminal;
    let shown = buffer.active.type;
    this.#terminal.onScroll(() => {
      // Exchanging the screens is reported as a scroll, too, and before it is reported as such.
      const exchanged = shown !== buffer.active.type;
      shown = buffer.active.type;
      if (exchanged || this.#hasMargins) return this.#rows.shuffled();
      this.#scrolled[shown]++;
      if (this.#arrived) this.#rows.gapUpTo(this.#arrived.y, this.#arrived.gap);
      this.#rows.scrolled();
    });
  }

  #watch(): void {
    const terminal = this.#terminal;
    const { parser } = terminal;
    terminal.onLineFeed(() => this.#lineFed());
    const { respond } = this.#options;
    if (respond) terminal.onData(respond);

    const go = (final: string, where: (step: number, params: Params) => [x: number, y: number]) => {
      parser.registerCsiHandler({ final }, (params) => {
        this.#go('finished', ...where(first(params, 0) || 1, params));
        return false;
      });
    };
    const x = () => Math.min(this.#active.cursorX, this.#options.columns - 1);
    const y = () => this.#active.cursorY;
    // Up, down, next and previous line, position, row.
    go('A', (step) => [x(), y() - step]);
    for (const final of 'Be') go(final, (step) => [x(), y() + step]);
    go('E', (step) => [0, y() + step]);
    go('F', (step) => [0, y() - step]);
    for (const final of 'Hf') go(final, (row, params) => [(first(params, 1) || 1) - 1, row - 1]);
    go('d', (row) => [x(), row - 1]);
    // Insert and delete lines; insert, delete and erase characters.
    for (const final of 'LM') {
      parser.registerCsiHandler({ final }, () => {
        this.#go('finished', 0, y());
        this.#rows.shuffled();
        return false;
      });
    }
    go('P', () => [x(), y()]);
    parser.registerCsiHandler({ final: 'X' }, (params) => {
      this.#go('finished', x(), y(), x() + (first(params, 0) || 1));
      return false;
    });
    go('@', () => {
      this.#rows.gapsAnywhere();
      return [x(), y()];
    });
    // Scroll: what is on the screen is moved, and keeps its ids.
    for (const [final, direction] of [
      ['S', 1],
      ['T', -1],
    ] as const) {
      parser.registerCsiHandler({ final }, (params) => {
        this.#go('finished', x(), y());
        this.#scrolledBy(direction * (first(params, 0) || 1));
        return false;
      });
    }
    const onEscape = (final: string, act: () => void) => {
      parser.registerEscHandler({ final }, () => {
        act();
        return false;
      });
    };
    onEscape('D', () => this.#go('finished', x(), y() + 1));
    onEscape('E', () => this.#go('finished', 0, y() + 1));
    onEscape('M', () => {
      const isAtTop = y() === 0;
      this.#go('finished', x(), y() - 1);
      if (isAtTop) this.#scrolledBy(-1);
    });
    const save = () => {
      this.#saved[this.#screen()] = { x: x(), y: y() };
    };
    const restore = () => {
      const saved = this.#saved[this.#screen()];
      this.#go('finished', saved.x, saved.y);
    };
    onEscape('7', save);
    onEscape('8', restore);
    parser.registerCsiHandler({ final: 's' }, () => {
      save();
      return false;
    });
    parser.registerCsiHandler({ final: 'u' }, () => {
      restore();
      return false;
    });
    onEscape('c', () => {
      this.#report('finished');
      this.#listener.onCleared();
    });
    parser.registerCsiHandler({ final: 'r' }, (params) => {
      this.#report('finished');
      const bottom = first(params, 1) || this.#options.rows;
      this.#hasMargins = (first(params, 0) || 1) > 1 || bottom < this.#options.rows;
      return false;
    });
    // Erasing to the right leaves what was just printed, and what was printed there before was read when it was left.
    parser.registerCsiHandler({ final: 'K' }, (params) => {
      if (first(params, 0) > 0) this.#go('finished', x(), y(), x() + 1);
      return false;
    });
    parser.registerCsiHandler({ final: 'J' }, (params) => {
      if (first(params, 0) > 0) this.#go('finished', x(), y(), x() + 1);
      if (first(params, 0) >= 2) this.#listener.onCleared();
      return false;
    });
    // Columns: only a step back writes over something.
    const column = (to: number) => {
      if (to < this.#cursorColumn()) this.#go('passed', to, y());
      else this.#goOn(to);
      return false;
    };
    for (const final of 'G`')
      parser.registerCsiHandler({ final }, (params) => column((first(params, 0) || 1) - 1));
    parser.registerCsiHandler({ final: 'D' }, (params) => column(x() - (first(params, 0) || 1)));
    for (const final of 'Ca')
      parser.registerCsiHandler({ final }, (params) => column(x() + (first(params, 0) || 1)));
    parser.registerCsiHandler({ final: 'Z' }, () => {
      this.#stepsBack();
      return false;
    });
    for (const final of 'hl') {
      parser.registerCsiHandler({ prefix: '?', final }, (params) => {
        if (params.includes(1048)) this.#rows.gapsAnywhere();
        if (params.some((param) => param === 47 || param === 1047 || param === 1049)) {
          // The cursor stays where it is, or goes back to where it was saved.
          this.#rows.gapUpTo(y(), Math.max(x(), this.#saved.normal.x, this.#saved.alternate.x));
          this.#rows.shuffled();
          this.#report('finished');
          this.#hasMargins = false;
          this.#listener.onCleared();
        }
        return false;
      });
    }
    // Tab stops, and what moves text to the right: insert mode, columns.
    const spread = (id: Parameters<typeof parser.registerCsiHandler>[0]) => {
      parser.registerCsiHandler(id, () => {
        this.#rows.gapsAnywhere();
        return false;
      });
    };
    for (const final of 'gIh') spread({ final });
    spread({ intermediates: ' ', final: 'A' });
    spread({ intermediates: "'", final: '}' });
    onEscape('H', () => this.#rows.gapsAnywhere());
    parser.registerOscHandler(8, (data) => {
      const target = data.slice(data.indexOf(';') + 1);
      if (target !== '') this.#listener.onHyperlink(target);
      return true;
    });
    // The clipboard is not the program's to write.
    parser.registerOscHandler(52, () => true);
  }

  /** The cursor is on the new line already; what was finished is the line above. */
  #lineFed(): void {
    const { cursorX, cursorY } = this.#active;
    if (this.#arrived) this.#rows.gapUpTo(this.#arrived.y, this.#arrived.gap);
    if (cursorY > 0) this.#read(cursorY - 1, 'finished', true);
    this.#arrive(cursorX, cursorY, true, cursorX);
  }

  /**
   * The cursor goes to another place. The line is read, unless nothing was printed since the cursor came to it.
   * @param gap the column up to which something is erased there
   */
  #go(stage: 'passed' | 'finished', x: number, y: number, gap = 0): void {
    const before = this.#whereItArrived();
    if (before === null || (stage === 'finished' && !before.finished)) this.#report(stage);
    this.#rows.gapUpTo(this.#active.cursorY, gap);
    const isBehind = y === this.#active.cursorY && x <= this.#active.cursorX;
    const gapBefore = isBehind ? Math.min(before?.gap ?? 0, x) : x;
    this.#arrive(x, y, stage === 'finished' || (before?.finished ?? false), gapBefore);
  }

  /** The cursor goes on in its line, over what stands there. */
  #goOn(x: number): void {
    const before = this.#whereItArrived();
    if (before) this.#arrive(x, before.y, before.finished, Math.max(x, before.gap));
    else this.#rows.gapUpTo(this.#active.cursorY, x);
  }

  #arrive(column: number, row: number, finished: boolean, gap: number): void {
    const { columns, rows } = this.#options;
    const x = clamp(column, columns - 1);
    const y = clamp(row, rows - 1);
    this.#arrived = { x, y, finished, gap };
    if (!this.#hasMargins) return;
    // They may hold the cursor back.
    this.#forget();
    this.#rows.shuffled();
  }

  /** The place that the cursor came to, if it is still there. */
  #whereItArrived(): Arrival | null {
    const { cursorX, cursorY } = this.#active;
    return this.#arrived?.x === cursorX && this.#arrived.y === cursorY ? this.#arrived : null;
  }

  /** Something was printed where the cursor had come to. */
  #forget(): void {
    if (this.#arrived) this.#rows.gapUpTo(this.#arrived.y, this.#arrived.gap);
    this.#arrived = null;
  }

  #scrolledBy(lines: number): void {
    const { rows } = this.#options;
    if (!this.#hasMargins) this.#scrolled[this.#screen()] += Math.max(-rows, Math.min(rows, lines));
    // Another row is under the cursor now.
    this.#rows.gapUpTo(this.#active.cursorY, this.#active.cursorX);
    this.#rows.shuffled();
  }

  #report(stage: ScreenLine['stage']): void {
    // A chunk ends wherever it does, so that must change nothing.
    if (stage !== 'growing') this.#forget();
    this.#read(this.#active.cursorY, stage, false);
  }

  #read(y: number, stage: ScreenLine['stage'], newline: boolean): void {
    const active = this.#active;
    const { columns } = this.#options;
    // The cursor may leave a line from its middle; a line feed comes at its end.
    let top = stage === 'finished' && !newline ? this.#lastRowOf(y) : y;
    let line = active.getLine(active.baseY + top);
    if (!line) return;
    // Until it is finished, what stands right of the cursor is left over from older text that was read already.
    const end = stage === 'finished' ? undefined : active.cursorX;
    if (end === 0 && !line.isWrapped) return;
    let text = end === undefined ? this.#rows.textOf(line, top) : line.translateToString(false, 0, end);
    const full = text.length >= columns;
    while (line?.isWrapped && top > 0) {
      if (text.length > longestLine) {
        if (stage !== 'finished') return;
        break;
      }
      top--;
      line = active.getLine(active.baseY + top);
      if (line) text = line.translateToString(false) + text;
    }
    const screen = this.#screen();
    this.#listener.onLine({ id: this.#scrolled[screen] + top, screen, text, full, stage, newline });
  }

  #lastRowOf(y: number): number {
    const active = this.#active;
    let last = y;
    while (last + 1 < this.#options.rows && active.getLine(active.baseY + last + 1)?.isWrapped) last++;
    return last;
  }

  #cursorColumn(): number {
    return this.#active.cursorX;
  }

  #screen(): 'normal' | 'alternate' {
    return this.#active.type;
  }
}

interface Place {
  x: number;
  y: number;
}

interface Arrival extends Place {
  finished: boolean;
  /** The column up to which there is a gap if something is printed here. */
  gap: number;
}

const origin: Place = { x: 0, y: 0 };

/** The next carriage return or backspace. */
function nextStop(bytes: Uint8Array, from: number): number {
  const next = bytes.indexOf(carriageReturn, from);
  const back = bytes.subarray(from, next === -1 ? bytes.length : next).indexOf(backspace);
  return back === -1 ? next : from + back;
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

type Params = (number | number[])[];

function first(params: Params, index: number): number {
  const param = params[index];
  return typeof param === 'number' ? param : 0;
}
