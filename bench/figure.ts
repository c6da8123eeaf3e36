import { median, middleHalf } from './statistics.ts';

/** One line of the table. */
export interface Figure {
  name: string;
  /** As printed, with its unit. */
  value: string;
  /** As printed; null for a line that only explains the one above. */
  aim: string | null;
  met: boolean | null;
  /** How it came about: absolute values and spread. */
  detail: string;
}

export function megabytes(value: number): string {
  return `${value.toFixed(0)} MB`;
}

export function ratio(value: number): string {
  return `${value.toFixed(2)}x`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The middle of some values and how much they waver. */
export function middleAndSpread(values: readonly number[], format: (value: number) => string): string {
  const [low, high] = middleHalf(values);
  return `${format(median(values))} (middle half ${format(low)} to ${format(high)})`;
}

/** The table as text, columns aligned. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'value', 'aim', 'met', 'detail'],
    ...figures.map(({ name, value, aim, met, detail }) => [
      name,
      value,
      aim ?? '',
      met === null ? '' : met ? 'yes' : 'NO',
      detail,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
