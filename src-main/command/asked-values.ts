import { LanyardError } from '../failures.ts';
import type { FlowDefinition, ParameterDefinition, ProviderDefinition } from '../providers/definition.ts';
import { askedParameters, checkParameters, type ParameterValues } from '../providers/parameters.ts';
import type { Caller } from './caller.ts';
import { UsageError } from './command.ts';
import { didYouMean } from './near-miss.ts';
import { quoted } from './run.ts';
import { cancelled } from './sign-in-dialogue.ts';

/** The values of `--set <name>=<value>`. Throws UsageError. */
export function givenValues(texts: readonly string[]): ParameterValues {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw new UsageError(`"${text}" is not <name>=<value>.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export interface AskedFor {
  provider: ProviderDefinition;
  flow: FlowDefinition;
  /** Whether the sign-in gets a directory of the account's own. */
  ownDirectory: boolean;
  given: ParameterValues;
  caller: Pick<Caller, 'ask' | 'say' | 'tty'>;
  /** The command as it was called, from `connect` on: what is missing is shown behind it. */
  line: readonly string[];
}

/**
 * What the provider needs to know first: as it was said, and on a terminal as it is asked for.
 * @throws LanyardError `bad_parameter` for what was said, `values_missing` where nobody can be asked, `cancelled`
 */
export async function allValues({
  provider,
  flow,
  ownDirectory,
  given,
  caller,
  line,
}: AskedFor): Promise<ParameterValues> {
  const asked = askedParameters(provider, flow, ownDirectory);
  refuseWrong(provider, asked, given);
  const open = asked.filter(({ id }) => !Object.hasOwn(given, id));
  const values: Record<string, string> = { ...given };
  for (const parameter of open) {
    const value = caller.tty.in ? await askedOn(caller, parameter) : parameter.default;
    if (value !== undefined && value !== '') values[parameter.id] = value;
  }
  const missing = asked.filter(({ id, required }) => required && !values[id]);
  if (missing.length > 0) throw valuesMissing(provider, missing, line);
  return values;
}

function refuseWrong(
  { name }: ProviderDefinition,
  asked: readonly ParameterDefinition[],
  given: ParameterValues,
): void {
  const said = asked.filter(({ id }) => Object.hasOwn(given, id));
  const checked = checkParameters(said, given);
  if (checked.ok) return;
  const ids = asked.map(({ id }) => id);
  const others = ids.length === 0 ? '' : `There are: ${ids.join(', ')}`;
  const fields = Object.entries(checked.fields).map(([id, text]) => {
    const more = ids.includes(id) ? '' : ` ${didYouMean(id, ids)}${others}`.trimEnd();
    return [id, `${text}${more}`] as const;
  });
  throw new LanyardError({
    code: 'bad_parameter',
    title: `${name} cannot sign in with this: ${fields.map(([id]) => id).join(', ')}.`,
    hint: 'Correct it and try again. Nothing was started.',
    fields: Object.fromEntries(fields),
  });
}

/** Asks until the answer is right. An empty one stands for the usual value, where there is one. */
async function askedOn(
  caller: AskedFor['caller'],
  parameter: ParameterDefinition,
): Promise<string | undefined> {
  const { id, label, hint, required, default: usual } = parameter;
  const notes = [hint, required ? `For example ${exampleOf(parameter)}.` : 'May stay empty.'];
  const prompt = `${label}${usual === undefined ? '' : ` [${usual}]`} (${notes.filter(Boolean).join(' ')}): `;
  for (;;) {
    const text = await caller.ask(prompt);
    if (text === null) throw new LanyardError(cancelled);
    const value = text.trim() || usual || '';
    const checked = checkParameters([parameter], { [id]: value });
    if (checked.ok) return value;
    caller.say(checked.fields[id] ?? '');
  }
}

function valuesMissing(
  { name }: ProviderDefinition,
  missing: readonly ParameterDefinition[],
  line: readonly string[],
): LanyardError {
  const sets = missing.flatMap((parameter) => ['--set', `${parameter.id}=${exampleOf(parameter)}`]);
  return new LanyardError({
    code: 'values_missing',
    title: `${name} needs to know first: ${missing.map(({ label }) => label).join(', ')}.`,
    hint: `Run it on a terminal, where it asks, or say it: ${['lanyard', ...line, ...sets].map(quoted).join(' ')}`,
    fields: Object.fromEntries(missing.map((parameter) => [parameter.id, described(parameter)])),
  });
}

function described(parameter: ParameterDefinition): string {
  const { label, hint, accepts } = parameter;
  const choices = choicesOf(accepts);
  const like = choices ? `one of ${choices.join(', ')}` : `such as ${exampleOf(parameter)}`;
  return `${label}, ${like}.${hint === undefined ? '' : ` ${hint}`}`;
}

/** What a definition says is right; where that is not one of the only values there are, the first of those. */
function exampleOf({ example, accepts }: ParameterDefinition): string {
  const choices = choicesOf(accepts);
  return choices && !choices.includes(example) ? (choices[0] ?? example) : example;
}

/** The only values that a pattern accepts, where it is a plain list of them. */
function choicesOf(accepts: string): string[] | null {
  const inner = /^\(\?:(.*)\)$/.exec(accepts)?.[1] ?? accepts;
  return /^[\w @:/-]+(?:\|[\w @:/-]+)+$/.test(inner) ? inner.split('|') : null;
}
