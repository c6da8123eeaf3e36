import type { IBuffer, IBufferCell, IBufferLine } from '@xterm/headless';

/** What may be left where one half of a wide letter was written over, cells. */
const orphans = 4;
const tab = 0x09;
/** Begins the letters U+0080 to U+00BF in UTF-8; up to U+009F they are controls. */
const c1Lead = 0xc2;

/**
 * Reads rows without looking at all of their columns, of which there may be thousands. A row can have text behind empty
 * cells only where the cursor was put, or something was erased. Once the column is known up to which that was done, as
 * many empty cells side by side are the row's end.
 */
export class RowReader {
  readonly #cell: IBufferCell;
  /** For each row of the screen, the column that no gap in it reaches beyond; a ring that begins at `#top`. */
  readonly #gaps: Uint32Array;
  #top = 0;
  /** Something may have moved text anywhere. */
  #readsAll = false;

  constructor(buffer: IBuffer, rows: number) {
    this.#cell = buffer.getNullCell();
    this.#gaps = new Uint32Array(rows);
  }

  /** There may be a gap in a row that ends at this column at most. */
  gapUpTo(row: number, column: number): void {
    const slot = this.#slot(row);
    if (column > (this.#gaps[slot] ?? 0)) this.#gaps[slot] = column;
  }

  /** Rows changed places. */
  shuffled(): void {
    this.#gaps.fill(Math.max(...this.#gaps));
  }

  /** From now on there may be gaps everywhere. */
  gapsAnywhere(): void {
    this.#readsAll = true;
  }

  /** One row left the screen at its top, and an empty one came in below. */
  scrolled(): void {
    this.#gaps[this.#top] = 0;
    this.#top = (this.#top + 1) % this.#gaps.length;
  }

  /** Looks for what moves the cursor and cannot be seen otherwise: tabs and C1 controls. */
  willParse(bytes: Uint8Array): void {
    if (this.#readsAll) return;
    this.#readsAll = bytes.includes(tab);
    for (let at = bytes.indexOf(c1Lead); at !== -1 && !this.#readsAll; at = bytes.indexOf(c1Lead, at + 1)) {
      this.#readsAll = (bytes[at + 1] ?? 0) < 0xa0;
    }
  }

  /** The text of a row up to the last cell that was written to. */
  textOf(line: IBufferLine, row: number): string {
    const gap = (this.#gaps[this.#slot(row)] ?? 0) + orphans;
    // Looking at single cells costs more for each.
    if (this.#readsAll || gap * 8 > line.length) return line.translateToString(true);
    return line.translateToString(false, 0, this.#endOf(line, gap + 1));
  }

  #slot(row: number): number {
    return (this.#top + row) % this.#gaps.length;
  }

  /** @param width more empty cells than there can be before text */
  #endOf(line: IBufferLine, width: number): number {
    for (let start = 0; ; ) {
      let at = Math.min(start + width, line.length) - 1;
      while (at >= start && this.#isEmpty(line, at)) at--;
      if (at < start) return start;
      start = at + 1;
    }
  }

  #isEmpty(line: IBufferLine, column: number): boolean {
    const cell = line.getCell(column, this.#cell);
    // The second half of a wide letter has no width.
    return cell === undefined || (cell.getCode() === 0 && cell.getWidth() !== 0);
  }
}
