/**
 * Control characters, line separators, marks that change the reading direction of what follows, and characters that
 * cannot be seen, so that two texts would look the same. Joiners and variation selectors stay: scripts and emoji need them.
 */
const unprintable =
  /[\p{Cc}\p{Bidi_Control}\u2028\u2029\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]|\u034f/u;
const unprintables = new RegExp(unprintable, 'gu');

/** Whether there is anything in it that a person would not see as it is. */
export function isPlainText(text: string): boolean {
  return !unprintable.test(text);
}

/**
 * A text of anybody's as a person may be shown it, also in a terminal: names of directories, what CLIs print and what
 * other programs wrote down may clear no screen, write to no clipboard and turn no reading direction. What could is put
 * where it can be seen (U+FFFD) and not left out: without it, the text would be another one.
 *
 * @param kept characters of those that stay, such as line breaks in a text of several lines
 */
export function plainText(text: string, kept = ''): string {
  return text.replace(unprintables, (character) => (kept.includes(character) ? character : '\ufffd'));
}
