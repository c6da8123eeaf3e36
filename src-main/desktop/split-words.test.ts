import { expect, it } from 'vitest';
import { splitWords } from './split-words.ts';

it.each<[string, string[] | null]>([
  ['', []],
  ['  codex   login ', ['codex', 'login']],
  [`git commit -m 'it is "done"'`, ['git', 'commit', '-m', 'it is "done"']],
  [`say "it's \\"fine\\""`, ['say', `it's "fine"`]],
  [`a"b"'c'd`, ['abcd']],
  [`x '' ""`, ['x', '', '']],
  ['a\\ b \\"', ['a b', '"']],
  [`'a\\b' "a\\b"`, ['a\\b', 'a\\b']],
  ['a; rm -rf $HOME `id` *', ['a;', 'rm', '-rf', '$HOME', '`id`', '*']],
  [`say "never closed`, null],
  [`say 'never closed "`, null],
  ['ends with \\', null],
])('R-9: %j is split into %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});
