import type { RemovalReport } from '../../src-preload/contract/bundles.ts';
import type { Identities } from '../identities/identities.ts';
import type { AccountUsers } from '../launch/account-users.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { readArguments } from './arguments.ts';
import type { Caller } from './caller.ts';
import { type Command, done, exitCodes, UsageError } from './command.ts';
import { chooseScope, type ScopeParts } from './scope.ts';
import { accountNamed } from './token.ts';

export interface LogoutParts extends ScopeParts {
  identities: Identities;
  providers: Pick<ProviderRegistry, 'find'>;
  users: Pick<AccountUsers, 'of' | 'end'>;
  /** Gives up looking at an account that is about to go, until what it returns is called. */
  stopLooking: (accountId: string) => Promise<() => void>;
}

/** `lanyard logout`: signs an account out of every identity that uses it (I-11), after saying what that means. */
export function logoutCommand(parts: LogoutParts): Command {
  const { identities, providers, users } = parts;
  return {
    name: 'logout',
    usage: 'lanyard logout <account> [--as <identity>] [--yes]',
    help: `Signs an account out and removes what was kept for it. <account> is the provider's name, the account's
name, or its id. It says first which other identities lose it, and asks.

  --as <identity>   by name; see lanyard --help for what holds without it
  --yes             does not ask`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' }, yes: { type: 'boolean', short: 'y' } } as const;
      const { values, words } = readArguments(args, options, {
        needs: 'Say which account: lanyard list shows them.',
        most: 1,
      });
      const { bundle } = await chooseScope(parts, values.as, caller);
      const account = accountNamed(bundle.accounts, words[0] ?? '', bundle.name, providers);
      const logins = identities.planSignOut(account.id);
      const { processes, cloudSessions } = await users.of(logins);
      const name = providers.find(account.provider)?.name ?? account.provider;
      const losing = identities.bundlesOf(account.id).map((each) => each.name);
      caller.say(`This signs ${name}, ${account.displayName}, out of: ${losing.join(', ')}.`);
      if (processes.list.length > 0) {
        caller.say(
          `Still running with it: ${processes.list.map((each) => `${each.name} (${each.pid})`).join(', ')}.`,
        );
      }
      if (cloudSessions.length > 0) {
        caller.say(
          `Cloud sessions that are revoked: ${cloudSessions.map(({ principal }) => principal).join(', ')}.`,
        );
      }
      if (!values.yes && !(await agrees(caller))) {
        caller.complain('Nothing was changed.');
        return { kind: 'exit', code: exitCodes.failed };
      }
      await users.end(logins);
      const lookAgain = await parts.stopLooking(account.id);
      const report = await identities.signOut(account.id).finally(lookAgain);
      const failures = failuresOf(report);
      for (const line of failures) caller.complain(line);
      if (failures.length === 0) caller.say('Signed out.');
      return failures.length === 0 ? done : { kind: 'exit', code: exitCodes.failed };
    },
  };
}

async function agrees(caller: Caller): Promise<boolean> {
  if (!caller.tty.in) throw new UsageError('There is no terminal to ask on: say --yes.');
  const answer = await caller.ask('Sign it out? [y/N] ');
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

function failuresOf({ removed }: RemovalReport): string[] {
  return removed
    .flatMap(({ steps }) => steps)
    .flatMap(({ failure }) => (failure ? [`${failure.title} ${failure.hint}`] : []));
}
