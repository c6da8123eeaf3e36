import { basename } from 'node:path';
import { LanyardError } from '../failures.ts';
import { readArguments } from './arguments.ts';
import { type Command, done, UsageError } from './command.ts';
import { findBundle } from './named-bundle.ts';
import { chooseScope, type ScopeParts, saysScope } from './scope.ts';
import type { Shims } from './shims.ts';

export interface ShimParts extends ScopeParts {
  shims: Shims;
  platform: NodeJS.Platform;
}

/** `lanyard shim`: programs that are others as an identity. */
export function shimCommand(parts: ShimParts): Command {
  return {
    name: 'shim',
    usage: `lanyard shim add <program> [--as <identity>] [--name <name>]
lanyard shim list
lanyard shim remove <name>`,
    help: `Makes a small program, such as claude-work, that runs another one as an identity: for editors and launchers
that take the name of a program and nothing else. It stands beside the lanyard command, in ~/.local/bin, and
stays with its identity when that is renamed. What is not a shim of Lanyard's is never replaced or removed.

  --as <identity>   by name; see lanyard --help for what holds without it
  --name <name>     what it is called; the program's name and the identity's when absent`,
    run: async (args, caller) => {
      const { shims, identities, platform } = parts;
      const options = { as: { type: 'string' }, name: { type: 'string' } } as const;
      const { values, words } = readArguments(args, options, { needs: 'Say add, list or remove.', most: 2 });
      const [verb, what] = words;
      if (platform === 'win32') throw notOnWindows();
      if (verb === 'list' && what === undefined) {
        const all = await shims.list();
        if (all.length === 0) caller.say('There is no shim. To make one: lanyard shim add <program>');
        for (const { name, program, bundleId } of all) {
          const identity = findBundle(identities, bundleId)?.name ?? 'an identity that is gone';
          caller.out(`${name}: ${program} as ${identity}\n`);
        }
        return done;
      }
      if (verb !== 'add' && verb !== 'remove')
        throw new UsageError(`"${verb}" is nothing that can be done with a shim: say add, list or remove.`);
      if (what === undefined || what === '')
        throw new UsageError(
          verb === 'add' ? 'Say which program: lanyard shim add claude' : 'Say which shim: lanyard shim list',
        );
      if (verb === 'remove') {
        await shims.remove(what);
        caller.say(`${what} is removed.`);
        return done;
      }
      const scope = await chooseScope(parts, values.as, caller);
      const name = values.name ?? suggestedName(what, scope.bundle.name);
      const path = await shims.add({ name, program: what, bundleId: scope.bundle.id });
      const said = saysScope(scope);
      if (said !== null) caller.say(said);
      caller.say(`${path} runs ${what} as ${scope.bundle.name}.`);
      return done;
    },
  };
}

/** `claude-client-a`. Throws LanyardError `invalid_shim` where a name has nothing that could stand in a file's. */
function suggestedName(program: string, identity: string): string {
  const words = identity
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  if (words) return `${basename(program)}-${words.join('-')}`.slice(0, 64);
  throw new LanyardError({
    code: 'invalid_shim',
    title: `No name for the shim can be made of "${identity}".`,
    hint: 'Say one with --name.',
  });
}

function notOnWindows(): LanyardError {
  return new LanyardError({
    code: 'no_shims_here',
    title: 'Shims are shell scripts, which Windows does not run.',
    hint: 'Use: lanyard run --as <identity> -- <command>',
  });
}
