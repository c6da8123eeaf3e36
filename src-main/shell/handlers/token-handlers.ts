import type { tokenCalls } from '../../../src-preload/contract/tokens.ts';
import { LanyardError } from '../../failures.ts';
import type { Identities } from '../../identities/identities.ts';
import type { Audit } from '../../journal/audit.ts';
import { readTokens, tokenAccountOf } from '../../oauth/account-tokens.ts';
import type { Bearer, TokenAccount, TokenKeeper } from '../../oauth/token-keeper.ts';
import { neverExpires } from '../../oauth/token-set.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { SecretClipboard } from '../../vault/secret-clipboard.ts';
import type { Vault } from '../../vault/vault.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface TokenHandlerParts {
  identities: Identities;
  providers: ProviderRegistry;
  keeper: TokenKeeper;
  vault: Vault;
  audit: Audit;
  clipboard: SecretClipboard;
}

/** Tokens of accounts at an issuer. */
export function tokenHandlers(parts: TokenHandlerParts): HandlersOf<typeof tokenCalls> {
  const { identities, providers, keeper, vault, audit, clipboard } = parts;
  const find = (accountId: string): TokenAccount => {
    const account = identities.account(accountId);
    const found = tokenAccountOf(account, providers.find(account.provider));
    if (found) return found;
    throw new LanyardError({
      code: 'no_tokens',
      title: 'This account has no tokens of its own.',
      hint: 'Only accounts at an issuer have.',
    });
  };
  return {
    'tokens.show': ({ accountId }) =>
      answer(async () => {
        const { identity, scope, expiresAt, refreshToken, refused } = await readTokens(
          find(accountId),
          vault,
        );
        return {
          facts: {
            issuer: identity?.issuer ?? '',
            ...(identity ? { subject: identity.subject } : {}),
            ...(identity?.email === undefined ? {} : { email: identity.email }),
            scopes: scope.split(' ').filter((each) => each !== ''),
            expiresAt: expiresAt >= neverExpires ? null : expiresAt * 1000,
            renews: refreshToken !== null,
            refused,
          },
        };
      }),
    'tokens.refresh': ({ accountId }) =>
      outcome(async () => {
        tokenOf(await keeper.refreshNow(find(accountId)));
      }),
    'tokens.copy': ({ accountId }) =>
      outcome(async () => {
        await clipboard.lend(tokenOf(await keeper.currentBearer(find(accountId))));
        audit.record({ kind: 'token.copied', accountId });
      }),
  };
}

function tokenOf(bearer: Bearer) {
  if (bearer.status === 'ok') return bearer.token;
  throw new LanyardError(bearer.failure);
}
