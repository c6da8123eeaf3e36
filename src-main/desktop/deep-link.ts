import { LanyardError } from '../failures.ts';
import { splitWords } from './split-words.ts';

/** Of links that lead to us from outside; the same as in `electron-builder.yml`. */
export const linkScheme = 'lanyard';

/** What a link asks for, in its own words: nothing of it has been looked up. */
export type LinkRequest =
  | { kind: 'connect'; provider: string; as: string | null }
  | { kind: 'run'; as: string; command: string[] };

/** Longer than any link that a person would want, in characters. */
const longestLink = 2048;
const longestName = 80;
const longestCommand = 1000;

/**
 * What nobody sees, or what makes a text look like another one: controls, line separators, marks that turn the reading
 * direction, characters without width, private and unassigned ones, and the sign for what could not be decoded.
 */
const misleading = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\u2028\u2029\u115f\u1160\u3164\uffa0\ufffd]/u;

/**
 * Reads a `lanyard://` link, which anybody can have written. It must be exactly of one of these forms:
 *
 *     lanyard://connect?provider=codex&as=Work      `as` may be absent
 *     lanyard://run?as=Work&command=codex%20--help
 *
 * @throws LanyardError `bad_link` with what is wrong; the link itself is not repeated
 */
export function readLink(text: string): LinkRequest {
  if (text.length > longestLink) throw badLink('It is too long.');
  if (misleading.test(text) || !text.isWellFormed()) throw badLink('It has characters that cannot be shown.');
  // The parser takes backslashes, missing slashes and more for what was meant; a link of ours needs none of that.
  const [, host, query] = /^lanyard:\/\/([a-z]+)\/?(?:\?([^#]*))?$/i.exec(text) ?? [];
  if (host === undefined) throw badLink('It is not of the form lanyard://connect?… or lanyard://run?…');
  const values = readQuery(query ?? '');
  switch (host.toLowerCase()) {
    case 'connect': {
      const { provider, as } = pick(values, ['provider'], ['as']);
      return {
        kind: 'connect',
        provider: name(provider, 'provider'),
        as: as === null ? null : name(as, 'as'),
      };
    }
    case 'run': {
      const { as, command } = pick(values, ['as', 'command'], []);
      return { kind: 'run', as: name(as, 'as'), command: commandOf(command) };
    }
    default:
      throw badLink('It asks for something that Lanyard does not know.');
  }
}

/** Finds the link among the arguments that a start of the app was given; null without one. The last is the system's. */
export function linkAmong(args: readonly string[]): string | null {
  return args.findLast((arg) => arg.toLowerCase().startsWith(`${linkScheme}:`)) ?? null;
}

function readQuery(query: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const [key = '', ...rest] = pair.split('=');
    const name = decode(key);
    if (values.has(name)) throw badLink('It says something twice.');
    values.set(name, decode(rest.join('=')));
  }
  return values;
}

/** Strict, unlike URLSearchParams, which puts a sign in the place of what it cannot decode. */
function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    if (!misleading.test(decoded)) return decoded;
  } catch {
    // Not percent-encoded UTF-8: said below.
  }
  throw badLink('It has characters that cannot be shown.');
}

function pick<R extends string, O extends string>(
  values: ReadonlyMap<string, string>,
  required: readonly R[],
  optional: readonly O[],
): Record<R, string> & Record<O, string | null> {
  const known: readonly string[] = [...required, ...optional];
  for (const key of values.keys()) if (!known.includes(key)) throw badLink('It says something unknown.');
  const found = known.map((key) => [key, values.get(key) ?? null] as const);
  const missing = required.find((key) => !values.get(key));
  if (missing !== undefined) throw badLink(`It does not say "${missing}".`);
  return Object.fromEntries(found) as Record<R, string> & Record<O, string | null>;
}

function name(text: string, key: string): string {
  const clean = text.trim();
  if (clean === '' || clean.length > longestName) throw badLink(`Its "${key}" cannot be a name.`);
  return clean;
}

function commandOf(text: string): string[] {
  if (text.length > longestCommand) throw badLink('Its command is too long.');
  const words = splitWords(text);
  if (words === null) throw badLink('A quote in its command is not closed.');
  const [program] = words;
  if (!program) throw badLink('Its command is empty.');
  if (program.startsWith('-')) throw badLink('Its command begins with an option.');
  if (program.includes('=')) throw badLink('Its command begins with a setting.');
  return words;
}

export function badLink(why: string): LanyardError {
  return new LanyardError({
    code: 'bad_link',
    title: `This link cannot be used. ${why}`,
    hint: 'Nothing was changed. Ask whoever gave you the link for another one.',
  });
}
