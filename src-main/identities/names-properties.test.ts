import { posix, win32 } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdsFor } from '../property.fixture.ts';
import { cleanName, copyName, freeName, sameName } from './names.ts';
import { isSafeSegment } from './safe-segment.ts';

const pieces = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    ':',
    'C:',
    'a',
    ' ',
    '\0',
    '\n',
    '%2e%2e',
    'CON',
    'nul',
    'com1',
    'COM\u00b9',
    'LPT9',
    'conin$',
    '.txt',
    '~',
    '$HOME',
    '-',
    '\u202e',
    '\u200b',
    '\uff0e',
    '\u2024',
    'é',
    '\ud800',
    '👩‍💻',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const texts = fc.array(pieces, { maxLength: 6 }).map((all) => all.join(''));

/** Names that Windows opens as a device whatever directory and ending they have. */
const windowsDevices = new Set(
  ['con', 'prn', 'aux', 'nul', 'conin$', 'conout$'].concat(
    ['com', 'lpt'].flatMap((port) => [...'0123456789\u00b9\u00b2\u00b3'].map((digit) => port + digit)),
  ),
);

it('I-5: what counts as a safe segment is one name below the root on every system', async () => {
  let safe = 0;
  await holdsFor('path segments', { seed: 20_260_509, runs: 10_000 }, texts, (id) => {
    if (!isSafeSegment(id)) return;
    safe += 1;
    for (const [system, root] of [
      [posix, '/data/accounts'],
      [win32, 'C:\\data\\accounts'],
    ] as const) {
      const path = system.resolve(root, id, '1');
      expect(path).toBe([root, id, '1'].join(system.sep));
      expect(system.dirname(system.dirname(path))).toBe(root);
    }
    expect(id).not.toContain('\0');
    const stem = id.split('.')[0]?.trimEnd().toLowerCase() ?? '';
    expect(windowsDevices.has(stem), 'is a device').toBe(false);
    // Windows drops these at the end, so that two ids would be one directory.
    expect(id).not.toMatch(/[. ]$/);
    expect(id.isWellFormed()).toBe(true);
  });
  expect(safe).toBeGreaterThan(1_000);
});

function cleaned(name: string): string | null {
  try {
    return cleanName(name);
  } catch (error) {
    expect(error).toMatchObject({ failure: { code: 'invalid_name' } });
    return null;
  }
}

it('I-1: a name that is taken can be seen, is one line, and stays as it is', async () => {
  let taken = 0;
  const names = fc.oneof(texts, fc.string({ unit: 'grapheme', maxLength: 100 }));
  await holdsFor('names', { seed: 20_260_510, runs: 5_000 }, names, (name) => {
    const clean = cleaned(name);
    if (clean === null) return;
    taken += 1;
    expect(cleanName(clean)).toBe(clean);
    expect(clean.length).toBeLessThanOrEqual(80);
    expect(clean).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    expect(clean, 'nothing to be seen').toMatch(/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u);
    expect(clean.isWellFormed()).toBe(true);
    expect(sameName(clean, name)).toBe(true);
  });
  expect(taken).toBeGreaterThan(1_000);
});

it('I-8: a free name is a good one that nobody has', async () => {
  const name = fc.oneof(
    fc.constantFrom('Work', 'work', 'Work 2', 'WORK 3', 'No credentials', 'New identity', 'new identity 2'),
    fc.constantFrom('n', '👩‍💻', 'a '.repeat(2), 'é').map((piece) => piece.repeat(80).slice(0, 80)),
    fc.string({ unit: 'grapheme', minLength: 70, maxLength: 90 }),
    texts,
  );
  const cases = fc.tuple(
    fc.array(fc.option(name, { nil: undefined }), { maxLength: 3 }),
    fc.array(name, { maxLength: 5 }),
  );
  await holdsFor('free names', { seed: 20_260_511, runs: 3_000 }, cases, ([wishes, others]) => {
    // The names that are there include the one that it would have given: it has to number it.
    const taken = [...others, freeName(wishes, []), freeName(wishes, others)];
    const free = freeName(wishes, taken);
    expect(cleanName(free)).toBe(free);
    const copy = copyName(free, taken);
    expect(cleanName(copy)).toBe(copy);
    for (const other of [...taken, 'No credentials']) {
      expect(sameName(free, other)).toBe(false);
      expect(sameName(copy, other)).toBe(false);
    }
    expect(sameName(copy, free)).toBe(false);
  });
});
