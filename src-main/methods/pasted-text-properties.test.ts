import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdsFor } from '../property.fixture.ts';
import { builtInFlows } from './cli/flow-words.fixture.ts';
import { decidePaste, type KnownLinks } from './pasted-text.ts';

/** What the attempt that runs knows, made up; `known` says it in other words than the links do. */
interface Attempt {
  links: KnownLinks;
  known: { port: number; path: string; state: string; remote: string | null };
}

const word = (min: number, max: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${min},${max}}$`));
const local = fc.constantFrom('localhost', '127.0.0.1', '[::1]');
const path = fc.constantFrom('/callback', '/auth/callback', '/', '/a/b');
const remote = 'https://console.example.test/code/callback';

const attempts: fc.Arbitrary<Attempt> = fc
  .record({
    host: local,
    port: fc.integer({ min: 1025, max: 65_535 }),
    path,
    state: word(4, 20),
    way: fc.nat(3),
  })
  .map(({ host, port, path: at, state, way }) => {
    const to = (redirect: string) =>
      `https://auth.example.test/authorize?client_id=c&redirect_uri=${encodeURIComponent(redirect)}&state=${state}`;
    const loopback = to(`http://${host}:${port}${at}`);
    const manual = to(remote);
    const links = [
      { printed: loopback, captured: null },
      { printed: manual, captured: loopback },
      { printed: manual, captured: null },
      { printed: null, captured: loopback },
    ][way] ?? { printed: null, captured: null };
    return {
      links,
      known: { port: way === 2 ? 0 : port, path: at, state, remote: way === 2 ? remote : null },
    };
  });

const builtIn = builtInFlows().map(({ flow }) => flow.paste);
/** Each kind as often as the others, however many flows have it. */
const pastes = fc.oneof(
  ...['none', 'callback', 'code'].map((kind) =>
    fc.constantFrom(...builtIn.filter((each) => each.kind === kind)),
  ),
);

/** Mostly the first, so that an address often has one thing wrong with it, or nothing. */
const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: right }, { weight: 2, arbitrary: wrong });

/** Right and wrong values for each part of an address, and what people and attackers put around and between them. */
function addresses({ known }: Attempt): fc.Arbitrary<string> {
  const { port, path: at, state } = known;
  const host = mostly(
    fc.constantFrom('localhost', '127.0.0.1', '[::1]'),
    fc.constantFrom(
      'evil.test',
      'localhost.evil.test',
      '127.0.0.1.evil.test',
      'user@localhost',
      'localhost@evil.test',
      'evil.test\\@localhost',
      '0x7f.1',
      '2130706433',
      'LOCALHOST',
      '127.0.0.1%2eevil.test',
      '[::ffff:127.0.0.1]',
      'console.example.test',
    ),
  );
  const anyPort = mostly(fc.constant(`:${port}`), fc.constantFrom(`:${port + 1}`, ':80', '', ':0', ':99999'));
  const anyPath = mostly(
    fc.constant(at),
    fc.constantFrom(`${at}/../admin`, `/x${at}`, `${at}%2f..`, '//evil.test', `${at};x`),
  );
  const name = fc.constantFrom(
    'code',
    'code',
    'state',
    'state',
    'error',
    'error_description',
    'redirect_uri',
    'x',
    '',
  );
  const value = fc.oneof(
    fc.constantFrom(
      state,
      state,
      state,
      encodeURIComponent(state),
      `${state}x`,
      'ac',
      'ac#other',
      '',
      '%00',
      'a%0d%0ab',
    ),
    word(1, 12),
  );
  const parameter = fc.tuple(name, value).map(([key, text]) => `${key}=${text}`);
  const query = mostly(
    fc.constant(`?code=ac&state=${state}`),
    fc.oneof(
      fc.array(parameter, { maxLength: 4 }).map((all) => `?${all.join('&')}`),
      fc
        .array(parameter, { maxLength: 3 })
        .map((all) => `?${['code=ac', `state=${state}`, ...all].join('&')}`),
    ),
  );
  const scheme = mostly(
    fc.constant('http://'),
    fc.constantFrom('', 'https://', 'HTTP://', 'ftp://', 'javascript:'),
  );
  return fc
    .tuple(scheme, host, anyPort, anyPath, query, fc.constantFrom('', '', '#x', `#state=${state}`))
    .map((parts) => parts.join(''));
}

function codes({ known }: Attempt): fc.Arbitrary<string> {
  const part = fc.oneof(word(1, 30), fc.constantFrom('4/0AbUR2VM', 'a b', 'a\tb', 'a\nb', '\u0003', '', 'é'));
  const state = fc.constantFrom(known.state, known.state, `${known.state}x`, 'other', '');
  return fc.oneof(
    part,
    fc.tuple(part, state).map(([code, end]) => `${code}#${end}`),
    fc.tuple(part, state, state).map(([code, end, more]) => `${code}#${end}#${more}`),
    fc.tuple(part, state).map(([code, end]) => `${remote}?code=${code}&state=${end}`),
    fc
      .tuple(part, state, state)
      .map(([code, end, more]) => `${remote}?code=${code}&state=${end}&state=${more}`),
    fc
      .tuple(part, part, state)
      .map(([code, more, end]) => `${remote}?code=${code}&code=${more}&state=${end}`),
    part.map((code) => `https://evil.test/?code=${code}&state=${known.state}`),
  );
}

const around = fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\u00a0', '"', '\u200b');

const cases = fc.tuple(attempts, pastes).chain(([attempt, paste]) =>
  fc.record({
    attempt: fc.constant(attempt),
    paste: fc.constant(paste),
    text: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(around, addresses(attempt), around).map((parts) => parts.join('')) },
      { weight: 3, arbitrary: fc.tuple(around, codes(attempt), around).map((parts) => parts.join('')) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      { weight: 1, arbitrary: fc.constantFrom(attempt.links.printed ?? '', attempt.links.captured ?? '') },
    ),
  }),
);

/** All values of a parameter, read without the URL parser that the code under test uses. */
function valuesOf(text: string, wanted: string): string[] {
  const query = text.split('#')[0]?.split('?').slice(1).join('?') ?? '';
  return query.split('&').flatMap((pair) => {
    const [name = '', ...rest] = pair.split('=');
    return decoded(name) === wanted ? [decoded(rest.join('='))] : [];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

it('V-1 V-2: nothing is sent that does not fit the attempt, and nowhere else', async () => {
  const sent = { write: 0, replay: 0, refuse: 0 };
  await holdsFor('pasted text', { seed: 20_260_503, runs: 5_000 }, cases, ({ attempt, paste, text }) => {
    const { links, known } = attempt;
    const decision = decidePaste(text, paste, links);
    sent[decision.kind] += 1;
    switch (decision.kind) {
      case 'refuse':
        expect(decision.failure).toEqual({
          code: expect.stringMatching(/^[a-z_]+$/),
          title: expect.stringMatching(/./),
          hint: expect.stringMatching(/./),
        });
        break;
      case 'replay': {
        expect(decision.url.href).toMatch(/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\d+\/[!-~]*$/);
        expect(decision.url.port).toBe(String(known.port));
        expect(decision.url.pathname).toBe(known.path);
        expect(decision.url.hash).toBe('');
        for (const state of valuesOf(text.trim(), 'state')) expect(state).toBe(known.state);
        expect(valuesOf(decision.url.href, 'code')).toHaveLength(1);
        expect(valuesOf(decision.url.href, 'code')).not.toContain('');
        expect(valuesOf(decision.url.href, 'error')).toEqual([]);
        break;
      }
      case 'write': {
        if (paste.kind !== 'code') throw new Error('written to a program that reads nothing');
        expect(decision.text).toMatch(new RegExp(`^(?:${paste.accepts})$`));
        // biome-ignore lint/complexity/useRegexLiterals: a literal would hold the characters themselves
        expect(decision.text).not.toMatch(new RegExp('[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]'));
        if (paste.join === 'code#state' && links.printed !== null)
          expect(decision.text.slice(decision.text.indexOf('#') + 1)).toBe(known.state);
        if (/^https?:/i.test(text.trim())) {
          for (const state of valuesOf(text.trim(), 'state')) expect(state).toBe(known.state);
          // Where it should end is said by the printed link alone.
          if (links.printed !== null) expect(text).not.toContain('evil.test');
          expect(valuesOf(text.trim(), 'code')).toHaveLength(1);
        }
      }
    }
  });
  // Otherwise it would prove little; what fits has a property of its own below.
  expect(Math.min(...Object.values(sent))).toBeGreaterThan(25);
}, 300_000);

it('V-1: what fits is sent as it was pasted', async () => {
  const right = attempts.filter(({ known }) => known.port !== 0);
  await holdsFor(
    'callbacks that fit',
    { seed: 20_260_504, runs: 1_000 },
    fc.tuple(right, word(1, 40), local),
    ([attempt, code, host]) => {
      const { links, known } = attempt;
      const { port, path: at, state } = known;
      const text = ` http://${host}:${port}${at}?code=${code}&scope=a%20b&state=${state}\n`;
      const decision = decidePaste(text, { kind: 'callback' }, links);
      if (decision.kind !== 'replay') throw new Error(`refused: ${JSON.stringify(decision)}`);
      expect(decision.url.pathname + decision.url.search).toBe(
        `${at}?code=${code}&scope=a%20b&state=${state}`,
      );
    },
  );
}, 300_000);
