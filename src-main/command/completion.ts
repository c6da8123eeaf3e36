import { ToolIdSchema } from '../../src-preload/contract/command.ts';
import type { Identities } from '../identities/identities.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { readArguments } from './arguments.ts';
import { type Command, done, UsageError } from './command.ts';

/** What the scripts ask for with each Tab; the command starts nothing for it and says nothing when it is not answered. */
const ask = '__complete';

/** `lanyard completion`: the program itself prints the scripts; this has what it does not know. */
export function completionCommand(): Command {
  return {
    name: 'completion',
    usage: 'lanyard completion bash|zsh|fish',
    help: `Prints a script that completes words of this command, also the names of identities and providers.

In ~/.bashrc: eval "$(lanyard completion bash)"     In ~/.zshrc, after compinit: eval "$(lanyard completion zsh)"
In fish: lanyard completion fish > ~/.config/fish/completions/lanyard.fish`,
    run: async (args) => {
      const { words } = readArguments(args, {}, { needs: 'Say which shell: bash, zsh or fish.', most: 1 });
      throw new UsageError(`There is no script for "${words[0]}".`);
    },
  };
}

export interface CandidateParts {
  identities: Pick<Identities, 'list'>;
  providers: Pick<ProviderRegistry, 'list'>;
  commands: () => readonly Command[];
}

/** What the scripts ask: words up to the one that is being typed, and the candidates for that, one a line. */
export function candidatesCommand(parts: CandidateParts): Command {
  return {
    name: ask,
    usage: `lanyard ${ask} <words>`,
    help: 'For completion scripts.',
    run: async (args, caller) => {
      caller.out(
        candidates(args, parts)
          .map((word) => `${word}\n`)
          .join(''),
      );
      return done;
    },
  };
}

/** @param typed the words after `lanyard`, the last of them unfinished */
export function candidates(
  typed: readonly string[],
  { identities, providers, commands }: CandidateParts,
): string[] {
  const [name = '', ...rest] = typed;
  const last = typed.at(-1) ?? '';
  const fitting = (words: readonly string[]) =>
    words.filter((word) => word.toLowerCase().startsWith(last.toLowerCase()));
  const known = commands().filter((command) => !command.name.startsWith('__'));
  if (typed.length <= 1) return fitting(known.map((command) => command.name));
  const command = known.find((each) => each.name === name);
  if (!command || rest.slice(0, -1).includes('--')) return [];
  const before = typed.at(-2);
  if (before === '--as') return fitting(identities.list().bundles.map((bundle) => bundle.name));
  if (before === '--format') return fitting(['sh', 'fish', 'powershell', 'dotenv', 'json']);
  if (last.startsWith('-')) {
    const options = [...`${command.usage}\n${command.help}`.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(
      ([word]) => word,
    );
    return fitting([...new Set([...options, '--help'])]);
  }
  if (name === 'credential' && rest.length === 1) return fitting(ToolIdSchema.options);
  if (name === 'completion' || name === 'hook') return fitting(['bash', 'zsh', 'fish']);
  if (name === 'shim' && rest.length === 1) return fitting(['add', 'list', 'remove']);
  if (['connect', 'logout', 'token'].includes(name) && rest.length === 1)
    return fitting(providers.list().map(({ definition }) => definition.id));
  return [];
}
