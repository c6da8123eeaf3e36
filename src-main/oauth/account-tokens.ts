import { LanyardError } from '../failures.ts';
import type { Account } from '../identities/model.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { Vault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { type IssuerSettings, OidcClient } from './oidc-client.ts';
import type { TokenAccount, TokenIssuer, TokenKeeper } from './token-keeper.ts';
import { openTokens, type TokenSet } from './token-set.ts';

/**
 * An account whose secret is a set of tokens, as the keeper knows it.
 * @returns null for accounts of another kind
 */
export function tokenAccountOf(account: Account, provider: ProviderDefinition | null): TokenAccount | null {
  if (!provider?.issuer || account.secretRef.kind !== 'keychain') return null;
  const { service, account: entry } = account.secretRef;
  return { id: account.id, entry: { service, account: entry }, provider };
}

/** One client per issuer: its metadata is read once for as long as its settings stay the same. */
export class IssuerClients {
  readonly #http: Parameters<typeof OidcClient.discover>[1];
  readonly #clients = new Map<string, Promise<OidcClient>>();

  constructor(http: Parameters<typeof OidcClient.discover>[1]) {
    this.#http = http;
  }

  /** @throws OAuthError when the metadata cannot be had; the next call tries again */
  of(provider: ProviderDefinition): Promise<TokenIssuer> {
    if (!provider.issuer) throw new Error(`${provider.id} is no issuer`);
    const { url, callback: _, ...rest } = provider.issuer;
    const settings: IssuerSettings = { issuer: url, ...rest };
    const key = JSON.stringify(settings);
    const known = this.#clients.get(key);
    if (known) return known;
    const client = OidcClient.discover(settings, this.#http);
    this.#clients.set(key, client);
    client.catch(() => this.#clients.delete(key));
    return client;
  }
}

/**
 * What is in the vault for an account, for showing what is known of it.
 * @throws LanyardError of the vault's faults, `tokens_unreadable`
 */
export async function readTokens(account: TokenAccount, vault: Pick<Vault, 'get'>): Promise<TokenSet> {
  const read = await vault.get(account.entry);
  if (read.status !== 'ok' && read.status !== 'not-found') throw vaultError(read);
  const tokens = read.status === 'ok' ? openTokens(read.secret) : null;
  if (tokens) return tokens;
  throw new LanyardError({
    code: 'tokens_unreadable',
    title: 'The saved tokens of this account cannot be read',
    hint: 'Sign in again.',
  });
}

/**
 * Tells the issuer that an account's tokens are done with (T-7).
 * @returns whether there was anything to tell
 * @throws LanyardError when it could not be told
 */
export async function revokeTokens(
  account: TokenAccount,
  keeper: Pick<TokenKeeper, 'revoke'>,
): Promise<'done' | 'none'> {
  const failure = await keeper.revoke(account);
  if (failure) throw new LanyardError(failure);
  return 'done';
}
