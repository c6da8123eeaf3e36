/**
 * Rows of the same shape as a table: the names of the fields once, and each row as the list of its values. A field of a
 * nested object is a column named `outer.inner`. A column whose texts repeat a lot lists them once, and its cells are
 * their places in that list. `null` stands for a field that a row does not have; at a row's end it is left out.
 */
export interface Table {
  columns: Column[];
  /** A list of cells; or the row as it is, where it cannot be told apart from another one that way. */
  rows: unknown[];
}

export type Column = string | [name: string, values: string[]];

/** The fields of a row by the path that leads to each; `null` for a row that the paths would not bring back. */
export type Leaves = ReadonlyMap<string, unknown> | null;

/** Rows that a column must have before repeated texts are listed, and how often each is used on average. */
const listed = { rows: 32, uses: 4 };

/** @param leavesOfRow `leavesOf`, or what remembers its answers */
export function toTable(rows: readonly unknown[], leavesOfRow: (row: unknown) => Leaves = leavesOf): Table {
  const flat = rows.map((row) => ({ row, leaves: leavesOfRow(row) }));
  const filled = new Map<string, unknown[]>();
  for (const { leaves } of flat) {
    for (const [name, value] of leaves ?? []) {
      const values = filled.get(name);
      if (values) values.push(value);
      else filled.set(name, [value]);
    }
  }
  // What most rows have comes first, so that the others end early.
  const columns = [...filled]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([name, values]) => {
      const places = placesOf(values);
      return { name, places, column: places ? ([name, [...places.keys()]] satisfies Column) : name };
    });
  return {
    columns: columns.map(({ column }) => column),
    rows: flat.map(({ row, leaves }) => {
      if (!leaves) return row;
      const cells = columns.map(({ name, places }) => {
        const value = leaves.get(name);
        return value === undefined ? null : places ? places.get(value as string) : value;
      });
      return cells.slice(0, cells.findLastIndex((cell) => cell !== null) + 1);
    }),
  };
}

/** The rows of a table; one that does not fit its columns comes back as it stands there. */
export function fromTable({ columns, rows }: Table): unknown[] {
  const paths = columns.map((column) => {
    const [name, values] = typeof column === 'string' ? [column, null] : column;
    return { path: name.split('.'), values };
  });
  return rows.map((row) => {
    if (!Array.isArray(row) || row.length > paths.length) return row;
    const result: Record<string, unknown> = {};
    for (const [index, { path, values }] of paths.entries()) {
      const cell: unknown = row[index] ?? null;
      if (cell === null) continue;
      // A text in place of a number is what a person wrote there.
      const value = (values && typeof cell === 'number' ? values[cell] : undefined) ?? cell;
      if (!put(result, path, value)) return row;
    }
    return result;
  });
}

export function isTable(value: unknown): value is Table {
  if (!isRecord(value) || !Array.isArray(value.rows) || !Array.isArray(value.columns)) return false;
  return value.columns.every((column) => {
    if (typeof column === 'string') return true;
    if (!Array.isArray(column) || column.length !== 2) return false;
    const [name, values]: unknown[] = column;
    return (
      typeof name === 'string' && Array.isArray(values) && values.every((text) => typeof text === 'string')
    );
  });
}

export function leavesOf(row: unknown): Leaves {
  if (!isRecord(row)) return null;
  const leaves = new Map<string, unknown>();
  const walk = (record: Record<string, unknown>, prefix: string): boolean =>
    Object.entries(record).every(([key, value]) => {
      if (value === undefined) return true;
      if (value === null || key.includes('.') || key === '__proto__') return false;
      if (isRecord(value) && Object.keys(value).length > 0) return walk(value, `${prefix}${key}.`);
      leaves.set(prefix + key, value);
      return true;
    });
  return walk(row, '') ? leaves : null;
}

/** Where each text of a column stands in its list; `null` where a list does not pay or cannot be made. */
function placesOf(values: readonly unknown[]): Map<string, number> | null {
  if (values.length < listed.rows) return null;
  const places = new Map<string, number>();
  for (const value of values) {
    if (typeof value !== 'string') return null;
    if (!places.has(value)) places.set(value, places.size);
    if (places.size * listed.uses > values.length) return null;
  }
  return places;
}

/** False when something else stands in the way. */
function put(into: Record<string, unknown>, path: readonly string[], value: unknown): boolean {
  const [key, ...rest] = path;
  if (key === undefined || key === '__proto__') return false;
  const there = Object.hasOwn(into, key) ? into[key] : undefined;
  if (rest.length === 0) {
    into[key] = value;
    return there === undefined;
  }
  if (there !== undefined && !isRecord(there)) return false;
  const next = there ?? {};
  into[key] = next;
  return put(next as Record<string, unknown>, rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
