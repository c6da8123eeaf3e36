import { LanyardError } from '../../failures.ts';
import type { ListedBundle } from '../../identities/identities.ts';
import type { Account } from '../../identities/model.ts';
import { jwtClaims } from '../../jwt-claims.ts';
import { readTokens, tokenAccountOf } from '../../oauth/account-tokens.ts';
import type { TokenAccount, TokenKeeper } from '../../oauth/token-keeper.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { Secret } from '../../vault/secret.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Caller } from '../caller.ts';
import { chooseScope, type ScopeParts } from '../scope.ts';
import { accountNamed } from '../token.ts';
import type { HandOut, HandOutRequest } from './hand-out.ts';

interface IdTokenParts {
  keeper: Pick<TokenKeeper, 'currentBearer' | 'refreshNow'>;
  vault: Pick<Vault, 'get'>;
  providers: Pick<ProviderRegistry, 'find'>;
  /** Milliseconds since the Unix epoch, UTC. */
  now: () => number;
}

export interface TokenHookParts extends ScopeParts, IdTokenParts {
  handOut: HandOut;
}

/** What a tool asks for; `as` and `account` as they were typed. */
export interface IdTokenRequest extends Pick<HandOutRequest, 'hook' | 'host'> {
  as: string | undefined;
  account: string | undefined;
}

export interface IdToken {
  token: Secret;
  /** Milliseconds since the Unix epoch, UTC. */
  expiresAt: number;
}

/** One that is to reach its reader must be good for as long as this, ms. */
const marginMs = 30_000;

/**
 * A tool gets the ID token of an account of the caller's identity.
 * @throws LanyardError of `chooseScope`, `issuerAccount`, `HandOut.give` and `freshIdToken`
 */
export async function handOutIdToken(
  parts: TokenHookParts,
  caller: Caller,
  { hook, host, as, account: name }: IdTokenRequest,
): Promise<IdToken> {
  const { bundle } = await chooseScope(parts, as, caller);
  const account = issuerAccount(bundle, name, parts.providers);
  const request = { hook, bundle, host, accountId: account.id };
  return parts.handOut.give(caller, request, () => freshIdToken(account, parts));
}

/**
 * The account at an issuer that is meant, or the identity's only one.
 * @throws LanyardError `unknown_account`, `no_tokens`, `account_ambiguous`
 */
function issuerAccount(
  bundle: ListedBundle,
  name: string | undefined,
  providers: IdTokenParts['providers'],
): Account {
  const atIssuer = (account: Account) => tokenAccountOf(account, providers.find(account.provider)) !== null;
  if (name !== undefined) {
    const account = accountNamed(bundle.accounts, name, bundle.name, providers);
    if (atIssuer(account)) return account;
  }
  const all = bundle.accounts.filter(atIssuer);
  const [only] = all;
  if (name === undefined && only && all.length === 1) return only;
  if (name === undefined && only) {
    throw new LanyardError({
      code: 'account_ambiguous',
      title: `${bundle.name} has several accounts at issuers.`,
      hint: `Name one: ${all.map((account) => account.provider).join(', ')}`,
    });
  }
  throw new LanyardError({
    code: 'no_tokens',
    title: `${name === undefined ? bundle.name : `"${name}"`} has no account at an issuer.`,
    hint: 'Add the issuer under Settings > Providers, or as a provider file (docs/providers.md), then: lanyard connect <issuer> --as <identity>',
  });
}

/**
 * An account's ID token, renewed first where it is about to expire: it may end before the access token does.
 * @throws LanyardError of the keeper's failures, `no_id_token`
 */
async function freshIdToken(account: Account, parts: IdTokenParts): Promise<IdToken> {
  const tokens = tokenAccountOf(account, parts.providers.find(account.provider));
  if (!tokens) throw noIdToken(account);
  const held = await heldAfter('currentBearer', tokens, parts);
  if (held && held.expiresAt - marginMs > parts.now()) return held;
  const renewed = await heldAfter('refreshNow', tokens, parts);
  if (renewed && renewed.expiresAt > parts.now()) return renewed;
  throw noIdToken(account);
}

async function heldAfter(
  act: 'currentBearer' | 'refreshNow',
  account: TokenAccount,
  { keeper, vault }: IdTokenParts,
): Promise<IdToken | null> {
  const bearer = await keeper[act](account);
  if (bearer.status !== 'ok') throw new LanyardError(bearer.failure);
  const { idToken } = await readTokens(account, vault);
  const expiresAt = idToken ? expiryOf(idToken) : null;
  return idToken && expiresAt !== null ? { token: idToken, expiresAt } : null;
}

/** `exp` of its claims (RFC 7519), which its reader checks with the signature; ms. Null for what is no such token. */
function expiryOf(token: Secret): number | null {
  const exp = jwtClaims(token.reveal())?.exp;
  return typeof exp === 'number' ? exp * 1000 : null;
}

function noIdToken({ displayName }: Account): LanyardError {
  return new LanyardError({
    code: 'no_id_token',
    title: `The issuer gave "${displayName}" no ID token that is still good.`,
    hint: 'Sign in again. The issuer has to know the scope "openid".',
  });
}
