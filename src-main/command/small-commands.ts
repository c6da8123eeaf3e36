import { LanyardError } from '../failures.ts';
import type { ChosenVault } from '../vault/chosen-vault.ts';
import { minPassphraseLength } from '../vault/chosen-vault.ts';
import { Secret } from '../vault/secret.ts';
import { readArguments } from './arguments.ts';
import { type Command, done, UsageError } from './command.ts';
import type { ScopeFile } from './directory-scopes.ts';
import { bundleNamed, findBundle, otherIdentities } from './named-bundle.ts';
import { quoted } from './run.ts';
import type { ScopeParts } from './scope.ts';

/** `lanyard trust`: what the nearest `.lanyard` file says now may choose the identity. */
export function trustCommand({ directories, identities }: ScopeParts): Command {
  return {
    name: 'trust',
    usage: 'lanyard trust [--keys]\nlanyard trust --undo',
    help: `Lets the .lanyard file of this directory, or the nearest above it, choose the identity for what is run
below it. When the file changes it has to be trusted again.

A .lanyard file holds the name of one identity on a line of its own; lines that begin with # are remarks.

  --keys   shells that follow it (lanyard hook) get the identity's keys as well, and so does all they start
  --undo   takes it back, also for a file that is gone`,
    run: async (args, caller) => {
      const { values } = readArguments(
        args,
        { undo: { type: 'boolean' }, keys: { type: 'boolean' } } as const,
        {
          most: 0,
        },
      );
      if (values.undo) {
        const { path, was } = await directories.distrust(caller.cwd);
        caller.say(
          was ? `${path} is not trusted any more.` : `${path} was not trusted. Nothing was changed.`,
        );
        return done;
      }
      const known = (file: ScopeFile) => {
        if (!findBundle(identities, file.identity)) throw namesNobody(file, identities);
      };
      const { path, identity, keys } = await directories.trust(caller.cwd, values.keys ?? false, known);
      const { name } = bundleNamed(identities, identity);
      caller.say(`${path} is trusted: ${name}`);
      if (keys)
        caller.say(`Shells that follow it get the keys of ${name} as well, and so does all they start.`);
      return done;
    },
  };
}

/** It would stop everything that is run below it. */
function namesNobody({ path, identity }: ScopeFile, identities: ScopeParts['identities']): LanyardError {
  return new LanyardError({
    code: 'unknown_identity',
    title: `${path} names "${identity}", and there is no identity of that name.`,
    hint: `${otherIdentities(identities, identity)}\nIt is not trusted. To make one: lanyard connect <provider> --as ${quoted(identity)}`,
  });
}

/** `lanyard unlock`: opens the sealed file, or makes it where there is no keychain. */
export function unlockCommand(vault: Pick<ChosenVault, 'state' | 'unlock' | 'choose'>): Command {
  return {
    name: 'unlock',
    usage: 'lanyard unlock',
    help: `Opens the sealed file in which keys are kept, with its passphrase. Where keys are in the keychain and
that does not answer, it makes a sealed file instead. The passphrase is asked for on the terminal, or read from
the standard input.`,
    run: async (args, caller) => {
      readArguments(args, {}, { most: 0 });
      const { backend, status, sealedFile } = await vault.state();
      if (status === 'ready') {
        caller.say('Nothing is locked.');
        return done;
      }
      const isNew = sealedFile === 'absent';
      const ask = async (prompt: string) => {
        const text = await caller.ask(prompt, { hidden: true });
        if (text === null || text === '') throw new UsageError('There is no passphrase.');
        return text;
      };
      const passphrase = await ask(
        isNew
          ? `A passphrase for the sealed file (${minPassphraseLength} characters or more): `
          : 'Passphrase of the sealed file: ',
      );
      if (isNew && caller.tty.in && (await ask('The same again: ')) !== passphrase) {
        throw new LanyardError({
          code: 'passphrases_differ',
          title: 'The two are not the same.',
          hint: 'Nothing was changed. Try again.',
        });
      }
      if (backend === 'sealed-file' && !isNew) await vault.unlock(new Secret(passphrase));
      else
        await vault.choose({ backend: 'sealed-file', passphrase: new Secret(passphrase), leaveBehind: true });
      caller.say('The sealed file is open.');
      return done;
    },
  };
}

/** `lanyard serve --stop`: `lanyard serve` itself is no request but a house of its own. */
export function stopCommand(host: 'app' | 'serve', stop: () => void): Command {
  return {
    name: 'serve',
    usage: 'lanyard serve [--passphrase-stdin]\nlanyard serve --stop',
    help: `Runs Lanyard without windows until it is stopped: for hosts that are reached over SSH, and containers. Keys
are kept in a sealed file where there is no keychain; its passphrase is asked for on the terminal.

  --passphrase-stdin   the first line of the standard input is the passphrase
  --stop               ends the one that runs`,
    run: async (args, caller) => {
      const { values } = readArguments(args, { stop: { type: 'boolean' } } as const, { most: 0 });
      if (!values.stop) throw new UsageError('Lanyard runs already.');
      if (host === 'app') {
        throw new LanyardError({
          code: 'not_serving',
          title: 'What runs is the app, not lanyard serve.',
          hint: 'Quit it from its own menu.',
        });
      }
      caller.say('Lanyard ends.');
      caller.gone.addEventListener('abort', stop);
      return done;
    },
  };
}
