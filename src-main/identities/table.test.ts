import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTable, isTable, toTable } from './table.ts';

/** What goes into the file and comes out of it. */
const throughJson = (rows: unknown[]): unknown[] => {
  const table: unknown = JSON.parse(JSON.stringify(toTable(rows)));
  if (!isTable(table)) throw new Error('not a table');
  return fromTable(table);
};

describe('rows as a table', () => {
  it('names each field once, lists repeated texts once, and leaves out what a row does not have', () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({
      id: `id-${index}`,
      who: { plan: index % 2 ? 'team' : 'pro', ...(index === 39 ? { note: 'last' } : {}) },
    }));
    const table = toTable(rows);
    expect(table.columns).toEqual(['id', ['who.plan', ['pro', 'team']], 'who.note']);
    expect(table.rows[1]).toEqual(['id-1', 1]);
    expect(table.rows[39]).toEqual(['id-39', 1, 'last']);
    expect(throughJson(rows)).toEqual(rows);
  });

  it('brings back any rows of JSON as they were', () => {
    const names = fc.constantFrom('id', 'a', 'b', 'a.b', '__proto__', 'toString', '');
    const row = fc.dictionary(
      names,
      fc.oneof(
        fc.constantFrom('x', 'y'),
        fc.jsonValue(),
        fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true }),
      ),
      { noNullPrototype: true },
    );
    const seed = 20_261_121;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: row }, fc.jsonValue()), { maxLength: 60 }),
        (rows) => {
          // As JSON has it: no -0, no `__proto__` that is a prototype.
          const plain: unknown[] = JSON.parse(JSON.stringify(rows));
          // A row that is a list would be read as cells; the store has none.
          const objects = plain.filter((each) => !Array.isArray(each));
          expect(throughJson(objects)).toEqual(objects);
        },
      ),
      { seed, numRuns: 500 },
    );
  });

  it.each([
    ['more cells than columns', ['a', 'b'], [1, 2, 3]],
    ['a field inside a text', ['a', 'a.b'], ['text', 1]],
    ['a prototype', ['__proto__.x'], [1]],
  ])('gives a row with %s back as it stands', (_, columns, row) => {
    expect(fromTable({ columns, rows: [row] })).toEqual([row]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('takes a text, or a number that leads nowhere, in a listed column as it is', () => {
    const columns: [string, string[]][] = [['a', ['x']]];
    expect(fromTable({ columns, rows: [['y'], [7], [0]] })).toEqual([{ a: 'y' }, { a: 7 }, { a: 'x' }]);
  });

  it.each([
    [null],
    [[]],
    [{ rows: [] }],
    [{ rows: [], columns: [1] }],
    [{ rows: [], columns: [['a', [1]]] }],
  ])('%j is no table', (value) => expect(isTable(value)).toBe(false));
});
