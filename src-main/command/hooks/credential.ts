import type { Caller } from '../caller.ts';
import { type Command, type Ending, UsageError } from '../command.ts';

/** One tool's way of asking: `lanyard credential <name>`. */
export interface Hook {
  readonly name: string;
  /** How it is called, from `lanyard` on. */
  readonly usage: string;
  /** One plain sentence or two; each line at most 100 characters. */
  readonly help: string;
  run(args: string[], caller: Caller): Promise<Ending>;
}

/** `lanyard credential`: for other tools, each in the protocol that it knows. */
export function credentialCommand(hooks: readonly Hook[]): Command {
  return {
    name: 'credential',
    usage: hooks.map(({ usage }) => usage).join('\n'),
    help: `${hooks.map(({ help }) => help.trim()).join('\n\n')}

The tools call these; docs/command.md and Settings > Command line have the lines to paste for each.

  --as <identity>   by name; see lanyard --help for what holds without it`,
    run: async ([name, ...args], caller) => {
      const hook = hooks.find((each) => each.name === name);
      if (hook) return hook.run(args, caller);
      const names = hooks.map((each) => each.name).join(', ');
      throw new UsageError(
        name === undefined ? `Say which tool asks: ${names}.` : `There is no "credential ${name}": ${names}.`,
      );
    },
  };
}
