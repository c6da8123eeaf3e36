import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';
import { nearest } from './near-miss.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Options and words of a command's line; what stands after `--` is left alone.
 * @param words how many words there may be, and what to say when there is none (`needs`; absent: there may be none) and
 *   when there are more
 * @returns `rest`: what stands after `--`; `null` where there is none
 * @throws UsageError
 */
export function readArguments<const O extends Options>(
  args: readonly string[],
  options: O,
  words: { needs?: string; most: number; tooMany?: string },
) {
  const dashes = args.indexOf('--');
  const own = dashes < 0 ? [...args] : args.slice(0, dashes);
  const { values, positionals } = parsed(own, options);
  if (words.needs !== undefined && positionals.length === 0) throw new UsageError(words.needs);
  const [extra] = positionals.slice(words.most);
  if (extra !== undefined)
    throw new UsageError(`"${extra}" is one word too many.${words.tooMany ? ` ${words.tooMany}` : ''}`);
  return { values, words: positionals, rest: dashes < 0 ? null : args.slice(dashes + 1) };
}

function parsed<const O extends Options>(args: string[], options: O) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Its texts name the option, and are in whole sentences up to a hint for programmers.
    const said = error.message.split(/\. To specify/)[0] ?? '';
    const typed = /^Unknown option '--([^']+)'/.exec(said)?.[1];
    const meant = typed === undefined ? null : nearest(typed, Object.keys(options));
    throw new UsageError(meant === null ? said : `${said}. Did you mean --${meant}?`);
  }
}
