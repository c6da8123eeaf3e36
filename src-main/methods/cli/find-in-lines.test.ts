import { describe, expect, it } from 'vitest';
import { CodeFinder, codeLifetimeMs } from './find-code.ts';
import { findEmail } from './find-email.ts';
import { findLinks } from './find-links.ts';

describe('device codes', () => {
  const anchored = new CodeFinder({ codeAnchor: 'code', failures: [] });

  it.each([
    'Enter code ABCD-1234',
    'code: "ABCD-1234"',
    'code [ABCD-1234]',
    'code (ABCD-1234).',
    'code ABCD-1234, once more: ABCD-1234',
    'code `ABCD-1234`',
    'code\tABCD-1234',
  ])('L-3: %j has it', (line) => {
    expect(anchored.find(line, [])).toBe('ABCD-1234');
  });

  it.each([
    'Enter code abcd-1234',
    'code ABCD-12345',
    'code XABCD-1234',
    'code ABCD-1234-EFGH',
    'code https://github.com/login/device?user_code=ABCD-1234',
    'code for build 26-0401 or ABC-1234',
    'ABCD-1234',
  ])('L-3: %j has none', (line) => {
    expect(anchored.find(line, [])).toBeNull();
  });

  it('L-3: the anchor may stand up to three lines above', () => {
    expect(anchored.find('   ABCD-1234', ['First copy your code:', 'x', 'y'])).toBe('ABCD-1234');
  });

  it("L-3: a provider's own shape", () => {
    const finder = new CodeFinder({ code: 'PIN ([0-9]{6})', failures: [] });
    expect(finder.find('Your PIN 123456', [])).toBe('123456');
    expect(finder.find('ABCD-1234', [])).toBeNull();
  });

  const worded = new CodeFinder({ code: 'enter code: ([A-Za-z0-9-]{4,32})', failures: [] });

  it.each([
    'enter code: "ABCD-1234"',
    'enter code: [ABCD-1234].',
    'enter code: “ABCD-1234”',
    'To go on, enter code: **ABCD-1234**',
  ])('L-3: words that stand in the pattern do not keep it from %j', (line) => {
    expect(worded.find(line, [])).toBe('ABCD-1234');
  });

  it('L-3: the code may stand alone below the words of its pattern', () => {
    expect(worded.find('   ABCD-1234', ['x', '│ Now enter code: │'])).toBe('ABCD-1234');
    expect(worded.find('│ (ABCD-1234) │', ['x', '│ Now enter code: │'])).toBe('ABCD-1234');
    expect(worded.find('(ABCD-1234).', ['enter code:'])).toBe('ABCD-1234');
    expect(worded.find('ABCD-1234 and so on', ['enter code:'])).toBeNull();
    expect(worded.find('Waiting', ['enter code: ABCD-1234'])).toBeNull();
    expect(worded.find('Waiting', ['enter code: ABCD-1234 please'])).toBeNull();
    expect(worded.find('Waiting...', ['enter code:'])).toBeNull();
    expect(worded.find('ABCD-1234', ['enter code:', 'x'])).toBeNull();
  });

  it.each([
    ['(expires in 15 minutes)', 900_000],
    ['The code is valid for 90 seconds.', 90_000],
    ['Expires in 1 hour', 3_600_000],
    ['expires soon', null],
    ['15 minutes', null],
  ])('L-3: %j gives %s ms', (text, ms) => {
    expect(codeLifetimeMs(text)).toBe(ms);
  });
});

describe('emails', () => {
  it.each([
    ['Logged in as dev@example.test.', 'dev@example.test'],
    ['Logged in as [First.Last+x@sub.firm.co.uk]', 'First.Last+x@sub.firm.co.uk'],
    ['you@example.com or dev@firm.test', 'dev@firm.test'],
    ['your_name@firm.de?', null],
    ['Signed in as me@firm.de', 'me@firm.de'],
    ['user@example.test', 'user@example.test'],
  ])('S-6: %j has %s', (text, email) => {
    expect(findEmail(text)).toBe(email);
  });

  it.each([
    '<email>',
    'you@example.com',
    'name@company.com',
    'a@b.example',
    '@example',
    'git@',
    'a@@b.test',
    'pkg@1.2.3',
    'x@localhost',
  ])('S-6: %j is nobody', (text) => {
    expect(findEmail(text)).toBeNull();
  });
});

describe('links in a line', () => {
  it.each([
    ['visit https://a.test/login and', 'https://a.test/login'],
    ['(https://a.test/x).', 'https://a.test/x'],
    ['https://a.test/(x)', 'https://a.test/(x)'],
    ['"https://a.test/x",', 'https://a.test/x'],
    ['<https://a.test/x>', 'https://a.test/x'],
    ['[docs](https://a.test/x)', 'https://a.test/x'],
    ['**https://a.test/x**', 'https://a.test/x'],
    ['│ https://a.test/x │', 'https://a.test/x'],
    ['│https://a.test/x│', 'https://a.test/x'],
    ['https://a.test/x?state=ab_-', 'https://a.test/x?state=ab_-'],
    ['https://a.test\\@b.test', 'https://a.test\\@b.test'],
    ['https://a.test/x。', 'https://a.test/x'],
  ])('L-1: %j', (text, url) => {
    expect(findLinks(text).map((link) => link.url)).toEqual([url]);
  });

  it('L-1: a link that the program cut short is none', () => {
    expect(findLinks('https://a.test/oauth… https://a.test/oauth...')).toEqual([]);
  });

  it('L-1: a link at the end of the text may still grow', () => {
    expect(findLinks('https://a.test https://b.test').map(({ complete }) => complete)).toEqual([true, false]);
  });

  it('stays fast on a line of nothing but brackets and links', () => {
    const started = performance.now();
    findLinks(`https://a.test/${')'.repeat(30_000)}`);
    findLinks('https://'.repeat(10_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
