import { expect, it } from 'vitest';
import { recentCommands, recentFirst, rememberCommand } from './recent.ts';

function storage(kept: Record<string, string> = {}) {
  return {
    kept,
    getItem: (name: string) => kept[name] ?? null,
    setItem: (name: string, value: string) => {
      kept[name] = value;
    },
  };
}

it('R-9: what was used last comes first, each once, the rest in its order', () => {
  const items = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
  const own = storage();
  for (const id of ['b', 'd', 'gone', 'b']) rememberCommand(own, id);
  expect(recentCommands(own)).toEqual(['b', 'gone', 'd']);
  expect(recentFirst(items, recentCommands(own)).map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c']);
});

it('R-9: only the last few are remembered', () => {
  const own = storage();
  for (let n = 0; n < 30; n += 1) rememberCommand(own, `${n}`);
  expect(recentCommands(own)).toEqual(['29', '28', '27', '26', '25', '24', '23', '22']);
});

it.each(['{', '{}', '[1, null]', '"x"'])('R-9: %s where the memory should be is no memory', (text) => {
  expect(recentCommands(storage({ 'palette-recent': text }))).toEqual([]);
});

it('R-9: a storage that is full costs only the memory', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  expect(() => rememberCommand(full, 'a')).not.toThrow();
});
