import { describe, expect, it } from 'vitest';
import { inkOn } from './colour.ts';
import { codeGroups, spellCode } from './device-code.ts';
import { isThisComputer, splitLink, spokenAddress } from './link.ts';
import { sentences } from './sentences.ts';
import { formatSpan, formatTimeLeft } from './time.ts';

describe('time left', () => {
  it.each([
    [600_000, '10:00'],
    [599_001, '10:00'],
    [521_000, '8:41'],
    [900, '0:01'],
    [0, '0:00'],
    [-5_000, '0:00'],
    [3_600_000, '1:00:00'],
    [3_661_000, '1:01:01'],
  ])('%i ms is %s', (milliseconds, text) => expect(formatTimeLeft(milliseconds)).toBe(text));
});

describe('device codes', () => {
  it.each([
    ['WDJB-MJHT', ['WDJB', 'MJHT']],
    ['WDJBMJHT', ['WDJB', 'MJHT']],
    ['AB12-CDE34', ['AB12', 'CDE34']],
    ['ABC123', ['ABC123']],
    ['AB-CD-EF', ['AB', 'CD', 'EF']],
  ])('%s is shown as %j', (code, groups) => expect(codeGroups(code)).toEqual(groups));

  it('is spelled letter by letter, group by group', () => {
    expect(spellCode('WDJB-MJHT')).toBe('W D J B, M J H T');
  });
});

describe('links', () => {
  it.each([
    'https://claude.com/cai/oauth/authorize?code=true&client_id=9d1c#x',
    'http://localhost:1455/auth',
    'https://evil.test?x=auth.openai.com',
    'not a link',
    '',
  ])('%s is shown whole', (url) => {
    const { scheme, host, rest } = splitLink(url);
    expect(scheme + host + rest).toBe(url);
  });

  it('names the host and nothing that only looks like it', () => {
    expect(splitLink('https://evil.test?x=https://auth.openai.com/').host).toBe('evil.test');
    expect(splitLink('http://localhost:1455/auth').host).toBe('localhost:1455');
  });

  it('says an address without what nobody types', () => {
    expect(spokenAddress('https://github.com/login/device?skip=1')).toBe('github.com/login/device');
    expect(spokenAddress('https://example.com/')).toBe('example.com');
  });

  it.each([
    ['http://127.0.0.1:41234/authorize?x=1', true],
    ['http://127.8.9.1/', true],
    ['http://localhost:1455/auth', true],
    ['http://issuer.localhost/auth', true],
    ['http://[::1]:8080/auth', true],
    ['http://0.0.0.0:3000/', true],
    ['https://login.example.test/?redirect_uri=http://localhost:1455/', false],
    ['https://127.0.0.1.evil.test/', false],
    ['https://notlocalhost/', false],
    ['not a link', false],
  ])('%s leads to this computer: %s', (url, expected) => expect(isThisComputer(url)).toBe(expected));
});

describe('a span', () => {
  it.each([
    [-1, '1 min'],
    [59_000, '1 min'],
    [119_000, '1 min'],
    [9 * 60_000, '9 min'],
    [60 * 60_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 days'],
  ])('%i ms is %s', (milliseconds, text) => expect(formatSpan(milliseconds)).toBe(text));
});

describe('a failure as text', () => {
  it.each([
    ['It broke', 'It broke. Try again.'],
    ['It broke.', 'It broke. Try again.'],
    ['Did it break?', 'Did it break? Try again.'],
  ])('%s', (title, text) => expect(sentences({ title, hint: 'Try again.' })).toBe(text));
});

describe('ink on a colour', () => {
  it.each([
    ['#0b6e6e', 'light'],
    ['#c2571a', 'dark'],
    ['#ffd400', 'dark'],
    ['#000000', 'light'],
    ['#ffffff', 'dark'],
    ['teal', 'light'],
  ] as const)('%s takes %s ink', (colour, ink) => expect(inkOn(colour)).toBe(ink));
});
