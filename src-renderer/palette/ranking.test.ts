import { expect, it } from 'vitest';
import { rank } from './ranking.ts';

const titles = [
  'Go to Work',
  'Go to Client A',
  'Open a terminal as Work',
  'Connect Codex as Work',
  'Connect Claude Code as Work',
  'Settings: Providers',
  'Go to Büro Köln',
];
const items = titles.map((title) => ({ title }));
const found = (query: string) => rank(items, query).map(({ title }) => title);

it('R-9: an empty query leaves everything in its order', () => {
  expect(found('  ')).toEqual(titles);
});

it.each([
  ['codex', ['Connect Codex as Work']],
  ['CODEX work', ['Connect Codex as Work']],
  ['work term', ['Open a terminal as Work']],
  ['cxw', []],
  ['ccaw', ['Connect Codex as Work', 'Connect Claude Code as Work']],
  ['cocow', ['Connect Codex as Work', 'Connect Claude Code as Work']],
  ['prov', ['Settings: Providers']],
  ['vider', ['Settings: Providers']],
  ['buro', ['Go to Büro Köln']],
  ['KÖLN', ['Go to Büro Köln']],
  ['(', []],
  ['nothing', []],
])('R-9: %j finds %j', (query, expected) => {
  expect(found(query)).toEqual(expected);
});

it('R-9: what begins with the word comes before what only has it, and the shorter title first', () => {
  expect(found('work')).toEqual([
    'Go to Work',
    'Connect Codex as Work',
    'Open a terminal as Work',
    'Connect Claude Code as Work',
  ]);
  expect(found('co')).toEqual(['Connect Codex as Work', 'Connect Claude Code as Work']);
});

it('R-9: further words find it as well, after what says it in its title', () => {
  const accounts = [{ title: 'Go to Work', words: 'ada@acme.example codex' }, { title: 'Connect Codex' }];
  expect(rank(accounts, 'codex').map(({ title }) => title)).toEqual(['Connect Codex', 'Go to Work']);
  expect(rank(accounts, 'acme').map(({ title }) => title)).toEqual(['Go to Work']);
});

it('R-9: thousands of commands are ranked while one types', () => {
  const many = Array.from({ length: 4000 }, (_, n) => ({
    title: `Open a terminal as Client ${n}`,
    words: 'run shell',
  }));
  const started = performance.now();
  expect(rank(many, 'cli 399')[0]?.title).toBe('Open a terminal as Client 399');
  expect(rank(many, 'zzzz')).toEqual([]);
  expect(rank([{ title: 'a '.repeat(60) }], `${'a'.repeat(30)}b`)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1000);
});
