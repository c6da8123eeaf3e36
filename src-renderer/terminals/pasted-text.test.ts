import { describe, expect, it } from 'vitest';
import { pastedText } from './pasted-text.ts';

describe('what is pasted into a terminal', () => {
  it('cannot end a bracketed paste, or press keys', () => {
    expect(pastedText('ls\x1b[201~\nrm -rf x\n')).toBe('ls\u241b[201~\nrm -rf x\n');
    expect(pastedText('\x03\x04\x15\0\x7f\x9b201~')).toBe('\u2403\u2404\u2415\u2400\u2421\ufffd201~');
  });

  it('is what it was otherwise', () => {
    const text = 'a\tb\r\nä 😀 \u200d';
    expect(pastedText(text)).toBe(text);
  });
});
