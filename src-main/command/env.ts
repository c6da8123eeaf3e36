import { readArguments } from './arguments.ts';
import { type Command, done, UsageError } from './command.ts';
import { type LaunchParts, machineLoginsHelp, prepare, wholeEnvironment } from './run.ts';
import { chooseScope, saysScope } from './scope.ts';

/** What an identity changes in an environment. */
export interface Changes {
  set: Record<string, string>;
  unset: string[];
}

const formats: Record<string, (changes: Changes) => string> = {
  sh: ({ set, unset }) =>
    lines([
      ...unset.map((name) => `unset ${name};`),
      ...each(set, (name, value) => `export ${name}=${shQuoted(value)};`),
    ]),
  fish: ({ set, unset }) =>
    lines([
      ...unset.map((name) => `set -e ${name};`),
      ...each(set, (name, value) => `set -gx ${name} ${fishQuoted(value)};`),
    ]),
  powershell: ({ set, unset }) =>
    lines([
      ...unset.map((name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`),
      ...each(set, (name, value) => `$Env:${name} = '${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`),
    ]),
  dotenv: ({ set }) => lines(each(set, (name, value) => `${name}=${dotenvValue(value)}`)),
  json: (changes) => `${JSON.stringify({ schemaVersion: 1, ...changes }, null, 2)}\n`,
};

/** `lanyard env`: the variables of an identity, for a shell or a tool that cannot be started by us. */
export function envCommand(parts: LaunchParts): Command {
  const names = Object.keys(formats).join('|');
  return {
    name: 'env',
    usage: `lanyard env [--as <identity>] [--format ${names}] [--machine-logins]`,
    help: `Prints what has to be set, and taken away, for programs to run as an identity. Keys are in it: do not
print it on a screen that others see, and do not keep it. lanyard run needs none of this.

  --as <identity>     by name; see lanyard --help for what holds without it
  --format <format>   sh when absent; dotenv cannot say what is to be taken away
  --machine-logins    ${machineLoginsHelp}

In bash and zsh: eval "$(lanyard env --as work)"     In fish: lanyard env --as work --format fish | source`,
    run: async (args, caller) => {
      const options = {
        as: { type: 'string' },
        format: { type: 'string' },
        'machine-logins': { type: 'boolean' },
      } as const;
      const { values } = readArguments(args, options, { most: 0 });
      const format = Object.hasOwn(formats, values.format ?? 'sh')
        ? formats[values.format ?? 'sh']
        : undefined;
      if (!format) throw new UsageError(`"${values.format}" is no format.`);
      const scope = await chooseScope(parts, values.as, caller);
      await parts.approvals.require(caller, {
        what: 'env',
        bundle: scope.bundle,
        purpose: ['Its variables are printed, keys among them.'],
      });
      const prepared = await prepare(parts, scope.bundle, caller, {
        machineLogins: values['machine-logins'] ?? false,
      });
      caller.out(format(changesTo(caller.environment, wholeEnvironment(prepared), prepared.leftOut)));
      const said = saysScope(scope);
      if (said !== null) caller.say(said);
      return done;
    },
  };
}

/** Without the search path: an identity does not change where programs are. */
export function changesTo(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  leftOut: readonly string[],
): Changes {
  const changed = Object.entries(after).filter(
    ([name, value]) => before[name] !== value && !/^(PATH|TERM)$/i.test(name),
  );
  return { set: Object.fromEntries(changed), unset: leftOut.filter((name) => !(name in after)) };
}

function each(set: Record<string, string>, line: (name: string, value: string) => string): string[] {
  return Object.entries(set).map(([name, value]) => line(name, value));
}

function lines(all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

/** One word of sh, bash and zsh. */
export function shQuoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** One word of fish. */
export function fishQuoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Readers of these files agree on little: only what needs quotes gets them. */
function dotenvValue(value: string): string {
  if (/^[\w@%+:,./-]*$/.test(value)) return value;
  if (!value.includes("'") && !value.includes('\n')) return `'${value}'`;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '\\$').replaceAll('\n', '\\n')}"`;
}
