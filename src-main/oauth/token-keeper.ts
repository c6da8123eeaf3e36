import type { Failure } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault, VaultEntry, VaultFault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { OAuthError } from './oauth-error.ts';
import { oauthFailure, transportReasonOf } from './oauth-failures.ts';
import type { TransportReason } from './provider-http.ts';
import { isExpired, openTokens, sealTokens, type TokenSet } from './token-set.ts';

/** The answer to "a token, please" (T-6). */
export type Bearer =
  | { status: 'ok'; token: Secret; expiresAt: number }
  /** The issuer could not be asked: the account stays signed in. */
  | { status: 'unreachable'; failure: Failure; reason: TransportReason }
  /** The issuer said no: only signing in again helps. */
  | { status: 'rejected'; failure: Failure }
  /** The vault, or what it held, was in the way. */
  | { status: 'other'; failure: Failure };

/** Asks an issuer; `OidcClient` is one. */
export interface TokenIssuer {
  refresh(old: TokenSet): Promise<TokenSet>;
  revoke(tokens: TokenSet): Promise<void>;
}

/** One task at a time over all processes; `FileLock` is one. */
export interface TokenLock {
  hold<T>(
    expired: () => boolean,
    work: (stillOurs: () => Promise<boolean>) => Promise<T>,
  ): Promise<{ value: T } | null>;
}

export interface TokenAccount {
  id: string;
  entry: VaultEntry;
  provider: ProviderDefinition;
}

export interface TokenKeeperParts {
  vault: Vault;
  clock: Clock;
  /** The lock of one account's tokens. */
  lockFor: (accountId: string) => TokenLock;
  /** Reads the issuer's metadata when it is first needed. */
  issuerFor: (account: TokenAccount) => Promise<TokenIssuer>;
  /** Told when an account's tokens were renewed, or refused for good. Must not throw. */
  onChanged: (accountId: string, what: 'renewed' | 'refused') => void;
}

/** Waiting for another process that refreshes: longer than its request may take, ms. */
const lockDeadlineMs = 45_000;

/**
 * Tokens that stay fresh. A refresh token is used once and by one caller, over all callers and processes (T-5): many
 * issuers take a second use for theft and revoke everything. So the lock is held from reading the vault to saving the
 * answer, and whoever comes later finds the new token there.
 *
 * When the process dies between the answer and the save, the old refresh token is spent: the issuer refuses it once,
 * the refusal is kept with the tokens, and nobody asks again before the next sign-in.
 */
export class TokenKeeper {
  readonly #parts: TokenKeeperParts;
  readonly #running = new Map<string, Promise<Bearer>>();
  /** Renewed while the vault was closed: the only copies there are. */
  readonly #unsaved = new Map<string, TokenSet>();

  constructor(parts: TokenKeeperParts) {
    this.#parts = parts;
  }

  /** A token that is good for another 30 s at least; refreshed first where it is not (T-4). */
  currentBearer(account: TokenAccount): Promise<Bearer> {
    return this.#once(account, (tokens) => !isExpired(tokens, this.#parts.clock.now()));
  }

  /** A new token, also where the old one is still good: for "Refresh now" and for refreshing ahead (T-8). */
  refreshNow(account: TokenAccount): Promise<Bearer> {
    const asked = this.#parts.clock.now();
    // Another process may have done it while this one waited for the lock.
    return this.#once(account, (tokens) => tokens.refreshedAt !== null && tokens.refreshedAt >= asked);
  }

  /**
   * A token that is good until then, ms since the Unix epoch, UTC; refreshed where it is not, once, also when the new one
   * is not (T-8).
   */
  goodUntil(account: TokenAccount, until: number): Promise<Bearer> {
    return this.#once(account, (tokens) => tokens.expiresAt * 1000 > until);
  }

  /**
   * What is known of how long an account's token lives, without asking the issuer.
   * @returns null when there is none that can be read. `expiresAt` is in ms since the Unix epoch, UTC; `lastsMs` is how
   *   long it lived in all, where that is known; `renews` when the issuer would renew it
   */
  async lifetimeOf(
    account: TokenAccount,
  ): Promise<{ expiresAt: number; lastsMs: number | null; renews: boolean } | null> {
    const read = await this.#read(account);
    if (read.kind === 'failed') return null;
    const { expiresAt, refreshedAt, refreshToken } = read.tokens;
    return {
      expiresAt: expiresAt * 1000,
      lastsMs: refreshedAt === null ? null : expiresAt * 1000 - refreshedAt,
      renews: refreshToken !== null,
    };
  }

  /**
   * Tells the issuer that the account's tokens are done with, where it takes that (T-7). The vault's entry is the
   * caller's to delete.
   * @returns why the issuer was not told; null when it was, or when there was nothing to tell
   */
  async revoke(account: TokenAccount): Promise<Failure | null> {
    const read = await this.#read(account);
    if (read.kind === 'failed') return read.bearer.status === 'ok' ? null : read.bearer.failure;
    try {
      const issuer = await this.#parts.issuerFor(account);
      await issuer.revoke(read.tokens);
      return null;
    } catch (error) {
      return failureOf(error, account);
    }
  }

  #once(account: TokenAccount, isGood: (tokens: TokenSet) => boolean): Promise<Bearer> {
    const running = this.#running.get(account.id);
    if (running) return running;
    const work = this.#bearer(account, isGood).finally(() => this.#running.delete(account.id));
    this.#running.set(account.id, work);
    return work;
  }

  async #bearer(account: TokenAccount, isGood: (tokens: TokenSet) => boolean): Promise<Bearer> {
    const { clock, lockFor } = this.#parts;
    const before = await this.#read(account);
    if (before.kind === 'failed') return before.bearer;
    if (isGood(before.tokens)) return bearerOf(before.tokens);
    const startedAt = clock.now();
    const held = await lockFor(account.id).hold(
      () => clock.now() - startedAt > lockDeadlineMs,
      async () => {
        const unsaved = this.#unsaved.get(account.id);
        if (unsaved) {
          const saved = await this.#save(account, unsaved);
          if (saved.status !== 'ok' || isGood(unsaved)) return saved;
        }
        const now = await this.#read(account);
        if (now.kind === 'failed') return now.bearer;
        return isGood(now.tokens) ? bearerOf(now.tokens) : this.#refresh(account, now.tokens);
      },
    );
    return held?.value ?? { status: 'other', failure: busy };
  }

  async #refresh(account: TokenAccount, old: TokenSet): Promise<Bearer> {
    const { vault, issuerFor, onChanged, clock } = this.#parts;
    let fresh: TokenSet;
    try {
      const issuer = await issuerFor(account);
      fresh = { ...(await issuer.refresh(old)), refreshedAt: clock.now() };
    } catch (error) {
      const failure = failureOf(error, account);
      if (!isRefusal(error)) return { status: 'unreachable', failure, reason: transportReasonOf(error) };
      // Somebody who does not hold our lock may have won: theirs counts.
      const now = await this.#read(account);
      if (now.kind === 'tokens' && !sameText(now.tokens.refreshToken, old.refreshToken))
        return bearerOf(now.tokens);
      // Kept, so that no process asks again with a token that is spent.
      await vault.set(account.entry, sealTokens({ ...old, refused: true }));
      onChanged(account.id, 'refused');
      return { status: 'rejected', failure };
    }
    return this.#save(account, fresh);
  }

  /** Before anybody uses it (T-4): a token that was used but not saved would be lost with this process. */
  async #save(account: TokenAccount, fresh: TokenSet): Promise<Bearer> {
    const saved = await this.#parts.vault.set(account.entry, sealTokens(fresh));
    if (saved.status !== 'ok') {
      this.#unsaved.set(account.id, fresh);
      return { status: 'other', failure: vaultFailure(saved) };
    }
    this.#unsaved.delete(account.id);
    this.#parts.onChanged(account.id, 'renewed');
    return bearerOf(fresh);
  }

  async #read(
    account: TokenAccount,
  ): Promise<{ kind: 'tokens'; tokens: TokenSet } | { kind: 'failed'; bearer: Bearer }> {
    const read = await this.#parts.vault.get(account.entry);
    switch (read.status) {
      case 'ok': {
        const tokens = openTokens(read.secret);
        if (!tokens) return { kind: 'failed', bearer: { status: 'other', failure: unreadable } };
        if (tokens.refused) {
          return {
            kind: 'failed',
            bearer: { status: 'rejected', failure: signInAgain(account.provider.name) },
          };
        }
        return { kind: 'tokens', tokens };
      }
      case 'not-found':
        return {
          kind: 'failed',
          bearer: { status: 'rejected', failure: signInAgain(account.provider.name) },
        };
      default:
        return { kind: 'failed', bearer: { status: 'other', failure: vaultFailure(read) } };
    }
  }
}

function sameText(a: Secret | null, b: Secret | null): boolean {
  return a?.reveal() === b?.reveal();
}

function bearerOf({ accessToken, expiresAt }: TokenSet): Bearer {
  return { status: 'ok', token: accessToken, expiresAt };
}

/** RFC 6749 section 5.2: these say that the token or the client is no good; anything else may pass. */
const refusals = ['invalid_grant', 'invalid_client', 'unauthorized_client', 'unsupported_grant_type'];

function isRefusal(error: unknown): boolean {
  if (!(error instanceof OAuthError) || error.category !== 'token_endpoint_rejected') return false;
  return refusals.includes(error.provider?.code ?? '');
}

function failureOf(error: unknown, { provider }: TokenAccount): Failure {
  if (error instanceof OAuthError) return oauthFailure(error, provider.name);
  throw error;
}

function vaultFailure(fault: VaultFault): Failure {
  return vaultError(fault).failure;
}

function signInAgain(issuerName: string): Failure {
  return {
    code: 'token_endpoint_rejected',
    title: `${issuerName} no longer accepts this sign-in`,
    hint: 'Sign in again.',
  };
}

const unreadable: Failure = {
  code: 'tokens_unreadable',
  title: 'The saved tokens of this account cannot be read',
  hint: 'Sign in again.',
};

const busy: Failure = {
  code: 'tokens_busy',
  title: 'Another program is renewing this account and does not finish',
  hint: 'Try again in a minute.',
};
