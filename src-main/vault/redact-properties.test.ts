import { escape as queryEscape } from 'node:querystring';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdsFor } from '../property.fixture.ts';
import { Redactor } from './redact.ts';
import { Secret } from './secret.ts';

/** How programs write a text into addresses, forms, JSON and the arguments of others. */
const encodings: ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(text).replaceAll('%20', '+'),
  (text) => encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
  (text) => queryEscape(text),
  (text) => new URLSearchParams({ x: text }).toString().slice(2),
  (text) => JSON.stringify(text).slice(1, -1),
];

const mark = '[redacted]';

/** Anything that is not a part of what stands in its place afterwards. */
const secrets = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z0-9_\-./+=~!*'() "\\&%#@:]{4,40}$/),
    fc.string({ unit: 'grapheme', minLength: 4, maxLength: 20 }),
    fc.stringMatching(/^[a-f0-9]{8,64}$/),
  )
  .filter((text) => text.trim().length >= 4 && !mark.includes(text.trim()) && !text.includes(mark));

const pieces = fc.oneof(
  fc.constantFrom(
    ' ',
    '\n',
    '"',
    '?code=',
    '&state=',
    '#',
    'https://a.test/',
    'https://u:p@a.test',
    'access_token":"',
    'Bearer ',
    'Cookie: ',
    'sk-abcdefghijklmnop',
    'eyJhbGciOi.eyJzdWIi.c2ln',
    'password=',
    '%3Fcode%3D',
    mark,
    '[',
    'Authorization: token ',
    'x-api-key: ',
    '%',
    '4/0AbUR2VMabcdefghijkl',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

const texts = fc.array(pieces, { maxLength: 12 }).map((all) => all.join(''));

function redactorOf(registered: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of registered) redactor.add(new Secret(secret));
  return redactor;
}

it('S-13: no registered secret is left in any of the ways to write it', async () => {
  const cases = fc.record({
    registered: fc.array(secrets, { minLength: 1, maxLength: 3 }),
    planted: fc.array(fc.record({ which: fc.nat(2), encode: fc.constantFrom(...encodings), before: texts }), {
      minLength: 1,
      maxLength: 4,
    }),
    after: texts,
  });
  await holdsFor(
    'registered secrets',
    { seed: 20_260_505, runs: 3_000 },
    cases,
    ({ registered, planted, after }) => {
      const text =
        planted
          .map(
            ({ which, encode, before }) =>
              before + encode(registered[which % registered.length]?.trim() ?? ''),
          )
          .join('') + after;
      const redacted = redactorOf(registered).redact(text);
      for (const secret of registered) {
        for (const encode of encodings)
          expect(redacted.replaceAll(mark, '\0')).not.toContain(encode(secret.trim()));
      }
    },
  );
}, 300_000);

it('S-13: what was redacted once stays as it is', async () => {
  const cases = fc.tuple(
    fc.array(secrets, { maxLength: 2 }),
    fc.array(fc.oneof(pieces, secrets), { maxLength: 14 }),
  );
  await holdsFor('redacted texts', { seed: 20_260_506, runs: 4_000 }, cases, ([registered, parts]) => {
    const redactor = redactorOf(registered);
    const once = redactor.redact(parts.join(''));
    expect(redactor.redact(once)).toBe(once);
  });
}, 300_000);

it('S-13: time grows with the length of a line, whatever is repeated in it', async () => {
  const cases = fc.tuple(
    fc.array(pieces, { minLength: 1, maxLength: 3 }),
    fc.array(secrets, { maxLength: 3 }),
  );
  await holdsFor('long lines', { seed: 20_260_507, runs: 60 }, cases, ([parts, registered]) => {
    const piece = parts.join('') || 'x';
    const line = piece.repeat(Math.ceil(100_000 / piece.length));
    const redactor = redactorOf(registered);
    const started = performance.now();
    redactor.redact(line);
    // A quadratic pattern takes many seconds here, the slowest linear one a few hundredths of one.
    expect(performance.now() - started).toBeLessThan(1_500);
  });
}, 300_000);
