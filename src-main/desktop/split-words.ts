/**
 * Splits a command line into its words: at blanks outside of quotes. Between '…' everything stands for itself; between
 * "…" a backslash makes a following " or \ stand for itself, and outside of quotes for any character. Nothing is
 * expanded: `$HOME`, `*`, `;` and backticks are ordinary characters.
 *
 * @returns null when a quote is not closed, or the text ends with a backslash
 */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  const characters = [...text];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    const next = characters[at + 1];
    if (quote === null && /\s/u.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    word ??= '';
    if (quote !== "'" && character === '\\') {
      if (next === undefined) return null;
      if (quote === null || next === '"' || next === '\\') {
        word += next;
        at += 1;
      } else word += character;
    } else if (quote === character) quote = null;
    else if (quote === null && (character === '"' || character === "'")) quote = character;
    else word += character;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}
