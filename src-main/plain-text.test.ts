import { expect, it } from 'vitest';
import { isPlainText, plainText } from './plain-text.ts';

it('what a terminal obeys, turns the reading direction or cannot be seen is put where it can be seen', () => {
  const odd = 'a\x1b]52;c;aGk=\x07\x9b2J\r\n\t\u202e\u200b\u2028b';
  expect(plainText(odd)).toBe('a\ufffd]52;c;aGk=\ufffd\ufffd2J\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdb');
  expect(plainText(odd, '\t\n')).toBe('a\ufffd]52;c;aGk=\ufffd\ufffd2J\ufffd\n\t\ufffd\ufffd\ufffdb');
  expect([isPlainText(odd), isPlainText(plainText(odd))]).toEqual([false, true]);
});

it('other scripts and emoji stay as they are', () => {
  const plain = 'Ärger נמל क्षत्रिय 👩‍🔧 ❤️';
  expect([plainText(plain), isPlainText(plain)]).toEqual([plain, true]);
});
