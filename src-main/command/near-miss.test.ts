import { describe, expect, it } from 'vitest';
import { listed, nearest } from './near-miss.ts';

describe('nearest', () => {
  const names = ['codex', 'claude', 'copilot', 'aws', 'Client A'];
  it.each([
    ['codx', 'codex'],
    ['coedx', 'codex'],
    ['CODEX', 'codex'],
    ['cluade', 'claude'],
    ['clau', 'claude'],
    ['asw', 'aws'],
    ['client-a', 'Client A'],
    ['x', null],
    ['', null],
    ['kubernetes', null],
    ['co', null],
  ])('to %j is %j', (typed, name) => {
    expect(nearest(typed, names)).toBe(name);
  });
});

it('a long list ends with how many more there are', () => {
  expect(listed(['a', 'b'])).toBe('a, b');
  expect(listed(Array.from({ length: 25 }, (_, index) => `n${index}`))).toMatch(/^n0, .*n19, and 5 more$/);
});
