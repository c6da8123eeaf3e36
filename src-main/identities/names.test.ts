import { describe, expect, it } from 'vitest';
import { bundleColours, cleanName, copyName, freeName, nextColour, plainLabel, sameName } from './names.ts';

describe('names of bundles', () => {
  it.each(['', '   ', 'a\nb', 'a\u0000', 'x\u202ey', 'n'.repeat(81), '\u200b', 'a\ud800'])(
    'I-1: refuses %j',
    (name) => {
      expect(() => cleanName(name)).toThrow('invalid_name');
    },
  );

  it('I-1: trims, and keeps everything else', () => {
    expect(cleanName('  Client Ä 👩‍💻 ')).toBe('Client Ä 👩‍💻');
  });

  it('I-1: sees through case and the way an accent is written', () => {
    expect(sameName('CAFÉ', 'cafe\u0301 ')).toBe(true);
    expect(sameName('Work', 'Works')).toBe(false);
  });

  it.each([
    'Wo\u200brk',
    'Work\u200e',
    'Wo\u00adrk',
    'Work\u061c',
    'Wo\ufeffrk',
    'Work\u{e0041}',
    'a\u202eb',
  ])('I-1: %j has what cannot be seen in it and is refused, so that no two names look the same', (name) =>
    expect(() => cleanName(name)).toThrow('invalid_name'),
  );

  it('I-1: what scripts and emoji need is no hidden character', () => {
    for (const name of ['می\u200cخواهم', '👩\u200d💻', '❤\ufe0f']) expect(cleanName(name)).toBe(name);
  });

  it('I-16: a hidden character in what a provider calls somebody can be seen, and makes it somebody else', () => {
    expect(plainLabel(' ada@x.test\n')).toBe('ada@x.test');
    expect(plainLabel('ad\u200ba@x.test')).toBe('ad\ufffda@x.test');
    expect(plainLabel('\u202etset.x@ada')).toBe('\ufffdtset.x@ada');
  });

  it('I-8: takes the first usable wish and numbers it when taken', () => {
    expect(freeName(['a@b.test', 'Codex'], [])).toBe('a@b.test');
    expect(freeName([undefined, 'Codex'], ['codex', 'Codex 2'])).toBe('Codex 3');
    expect(freeName(['bad\nname', 'Codex'], [])).toBe('Codex');
    expect(freeName(['no credentials'], [])).toBe('no credentials 2');
  });

  it('I-8: a numbered name stays within 80 characters', () => {
    const long = 'n'.repeat(80);
    expect(freeName([long], [long])).toBe(`${'n'.repeat(78)} 2`);
    const faces = '🙂'.repeat(40);
    expect(freeName([faces], [faces])).toBe(`${'🙂'.repeat(39)} 2`);
    expect(freeName([`n${faces}`.slice(0, 79)], [`n${faces}`.slice(0, 79)])).toBe(`n${'🙂'.repeat(38)} 2`);
  });

  it('I-1: gives colours in turn and fills gaps first', () => {
    expect(nextColour([])).toBe(bundleColours[0]);
    expect(nextColour([...bundleColours])).toBe(bundleColours[0]);
    expect(nextColour(bundleColours.filter((_, place) => place !== 1))).toBe(bundleColours[1]);
  });
});

describe('names of copies', () => {
  it.each([
    ['Work', [], 'Work 2'],
    ['Work', ['work 2'], 'Work 3'],
    ['Work 2', ['Work'], 'Work 3'],
    ['Client 7', [], 'Client 8'],
    ['Client 2026', ['Client 2027'], 'Client 2028'],
    ['7', [], '7 2'],
    ['n'.repeat(80), [], `${'n'.repeat(78)} 2`],
  ])('I-1: a copy of %s, with %j there, is %s', (name, others, copy) => {
    expect(copyName(name, [name, ...others])).toBe(copy);
  });
});
