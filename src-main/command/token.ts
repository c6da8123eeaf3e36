import { LanyardError } from '../failures.ts';
import type { Account } from '../identities/model.ts';
import { tokenAccountOf } from '../oauth/account-tokens.ts';
import type { TokenAccount, TokenKeeper } from '../oauth/token-keeper.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Approvals } from './approvals.ts';
import { readArguments } from './arguments.ts';
import { type Command, done } from './command.ts';
import { chooseScope, type ScopeParts } from './scope.ts';

export interface TokenParts extends ScopeParts {
  /** The person's word, before a token is read or renewed. */
  approvals: Pick<Approvals, 'require'>;
  keeper: Pick<TokenKeeper, 'currentBearer'>;
  providers: Pick<ProviderRegistry, 'find'>;
}

/** `lanyard token`: a bearer token that is good for another half a minute at least (T-4), renewed when it has to be. */
export function tokenCommand(parts: TokenParts): Command {
  return {
    name: 'token',
    usage: 'lanyard token <account> [--as <identity>]',
    help: `Prints a fresh access token of an account at an issuer, and nothing else. <account> is the provider's
name, the account's name, or its id.

  --as <identity>   by name; see lanyard --help for what holds without it`,
    run: async (args, caller) => {
      const { values, words } = readArguments(args, { as: { type: 'string' } } as const, {
        needs: 'Say which account: lanyard list shows them.',
        most: 1,
      });
      const { bundle } = await chooseScope(parts, values.as, caller);
      const account = accountNamed(bundle.accounts, words[0] ?? '', bundle.name, parts.providers);
      const tokens = tokensOf(account, parts.providers);
      await parts.approvals.require(caller, {
        what: 'token',
        bundle,
        purpose: [`An access token of ${account.displayName} is printed.`],
        about: account.id,
      });
      const bearer = await parts.keeper.currentBearer(tokens);
      if (bearer.status !== 'ok') throw new LanyardError(bearer.failure);
      caller.out(`${bearer.token.reveal()}\n`);
      return done;
    },
  };
}

function tokensOf(account: Account, providers: TokenParts['providers']): TokenAccount {
  const tokens = tokenAccountOf(account, providers.find(account.provider));
  if (tokens) return tokens;
  throw new LanyardError({
    code: 'no_tokens',
    title: `"${account.displayName}" has no tokens of its own.`,
    hint: 'Only accounts at an issuer have. lanyard run starts programs with any account.',
  });
}

/**
 * The account that a person means: its id, its provider (by id or alias), or its name.
 * @throws LanyardError `unknown_account`
 */
export function accountNamed(
  accounts: readonly Account[],
  name: string,
  bundleName: string,
  providers: TokenParts['providers'],
): Account {
  const provider = providers.find(name)?.id ?? name;
  const found =
    accounts.find(({ id }) => id === name) ??
    accounts.find((account) => account.provider === provider) ??
    accounts.find((account) => account.displayName.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new LanyardError({
    code: 'unknown_account',
    title: `${bundleName} has no account "${name}".`,
    hint:
      accounts.length === 0
        ? 'It has none yet. lanyard list shows all identities.'
        : `It has: ${accounts.map((account) => account.provider).join(', ')}`,
  });
}
