/** Means the same in every place of a line of every shell. */
const plain = /^[\w./:@%+,-]+$/;

/**
 * One line that sh, bash, zsh and fish all read as exactly these words, and run as the program of that name: neither an
 * alias nor a builtin (`eval`, `source`) nor an assignment, which is why `env` comes first.
 *
 * @param words the program and its arguments; the program has no `=` and does not begin with `-`
 */
export function shellLine(words: readonly string[]): string {
  return ['env', ...words.map(quoted)].join(' ');
}

/**
 * Between single quotes only `'` and, in fish, `\` mean something: these two stand outside of them, after a backslash,
 * which the shells agree on.
 */
function quoted(word: string): string {
  if (plain.test(word)) return word;
  if (word === '') return "''";
  return word
    .split(/(['\\])/)
    .filter((part) => part !== '')
    .map((part) => (part === "'" || part === '\\' ? `\\${part}` : `'${part}'`))
    .join('');
}
