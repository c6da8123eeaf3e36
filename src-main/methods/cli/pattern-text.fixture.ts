import * as fc from 'fast-check';

const lookaround = /\(\?<?[=!](?:[^()[\]\\]|\\.|\[[^\]]*\])*\)/g;

/**
 * Texts that a definition's pattern matches, and nothing around them; null for a pattern that is made to match nothing.
 * @param source a regular expression as definitions have them
 */
export function textFor(source: string): fc.Arbitrary<string> | null {
  const plain = source
    .replace(lookaround, '')
    .replaceAll('\\b', '')
    .replace(/(^|[|(])\^/g, '$1')
    .replace(/\$(?=$|[|)])/g, '')
    .replaceAll('\\s', ' ')
    .replaceAll('\\S', '[a-z0-9]')
    .replaceAll('\\w', '[a-z0-9]')
    .replace(/(?<!\\)\./g, '[a-z]');
  if (plain === '') return null;
  const whole = new RegExp(source);
  return fc
    .stringMatching(new RegExp(`^(?:${plain})$`), { size: 'xsmall' })
    .filter((text) => whole.test(text) && /^\P{C}+$/u.test(text));
}
