import { plainLabel } from '../identities/names.ts';

/** Blanks that look like the usual one, or like none. */
const otherBlanks = /(?! )\p{Zs}/gu;

/**
 * A text of anybody's as it can be put before a person: one line, without characters that cannot be seen or that turn
 * others around (they become U+FFFD), and with its middle left out where it is longer: the begin and the end of a path
 * are what tells it from another one.
 *
 * @param most in characters (code points)
 */
export function shownText(text: string, most: number): string {
  const shown = plainLabel(text.replace(otherBlanks, '\u0000'));
  const characters = [...shown];
  if (characters.length <= most) return shown || (text === '' ? '' : '\ufffd');
  const half = Math.floor((most - 1) / 2);
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`;
}
