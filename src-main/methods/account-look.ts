import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { type AccountFinding, unknownFinding } from '../identities/account-finding.ts';
import { statusByTime } from '../identities/expiry.ts';
import type { LookReason } from '../identities/health.ts';
import type { Account, SecretRef } from '../identities/model.ts';
import { isExpired, neverExpires, openTokens } from '../oauth/token-set.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import type { CliAccountCheck } from './cli/account-check.ts';

export interface AccountLookParts {
  providers: { find(idOrAlias: string): ProviderDefinition | null };
  cli: Pick<CliAccountCheck, 'look'>;
  /** Asks the provider about a key. Throws LanyardError `key_rejected` or `key_check_unreachable`. */
  checkKey: (provider: ProviderDefinition, key: Secret) => Promise<void>;
  vault: Pick<Vault, 'get'>;
  clock: Clock;
}

/** How each kind of account is looked at (I-12). */
export class AccountLook {
  readonly #parts: AccountLookParts;

  constructor(parts: AccountLookParts) {
    this.#parts = parts;
  }

  /** @returns null where there is nothing to look at for this reason */
  async look(account: Account, reason: LookReason, signal: AbortSignal): Promise<AccountFinding | null> {
    const { secretRef } = account;
    const provider = this.#parts.providers.find(account.provider);
    switch (secretRef.kind) {
      case 'oauth-config-dir':
      case 'machine':
        return this.#parts.cli.look(provider, account, signal);
      case 'keychain':
        if (account.expiresAt !== undefined) return this.#byTime(account, account.expiresAt);
        // It opens the vault, which may ask its person, and sends the key away: only for who asks for it.
        if (reason !== 'asked') return null;
        return this.#key(provider, account, secretRef);
      case 'env':
        return null;
    }
  }

  #byTime(account: Account, expiresAt: number): AccountFinding {
    const timed = statusByTime({ expiresAt, renews: false }, account.updatedAt, this.#parts.clock.now());
    return {
      ...timed,
      expiresAt,
      ...(timed.status === 'needs-sign-in' ? { detail: 'Its token has expired.' } : {}),
    };
  }

  /** What the tokens say of themselves; the issuer is not asked, for asking would renew them. */
  #tokens(sealed: Secret): AccountFinding {
    const tokens = openTokens(sealed);
    if (!tokens) return unknownFinding('Its saved tokens cannot be read.');
    if (tokens.refused) return { status: 'needs-sign-in', detail: 'The issuer no longer renews its tokens.' };
    const isOver = isExpired(tokens, this.#parts.clock.now());
    if (tokens.refreshToken) return { status: isOver ? 'expired-refreshable' : 'valid' };
    if (tokens.expiresAt >= neverExpires) return { status: 'valid' };
    const expiresAt = tokens.expiresAt * 1000;
    return isOver
      ? { status: 'needs-sign-in', detail: 'Its token has expired.', expiresAt }
      : { status: 'valid', expiresAt };
  }

  async #key(
    provider: ProviderDefinition | null,
    { kind }: Account,
    { service, account }: Extract<SecretRef, { kind: 'keychain' }>,
  ): Promise<AccountFinding> {
    const isIssuer = provider?.issuer !== undefined;
    if (!isIssuer && (!provider?.apiKey || kind === 'oauth'))
      return unknownFinding('There is no way to check it.');
    const kept = await this.#parts.vault.get({ service, account });
    if (kept.status === 'not-found') {
      return { status: 'needs-sign-in', detail: 'Its key is not kept here any more.' };
    }
    if (kept.status !== 'ok') return unknownFinding(vaultError(kept).failure.title);
    if (!provider || isIssuer) return this.#tokens(kept.secret);
    try {
      await this.#parts.checkKey(provider, kept.secret);
      return { status: 'valid' };
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      const { code, title } = error.failure;
      return code === 'key_rejected' ? { status: 'needs-sign-in', detail: title } : unknownFinding(title);
    }
  }
}
