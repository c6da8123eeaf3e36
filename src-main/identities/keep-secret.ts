import { keychainService } from '../vault/keychain.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import type { LooseSecret } from './store.ts';

export interface SecretKeeper {
  vault: Pick<Vault, 'set'>;
  /** A fresh safe id, such as a UUID. */
  newId: () => string;
  /** Notes an entry before it is made: until it is saved with its account, the next start deletes it. */
  announce: (entry: LooseSecret) => void;
  /** Deletes an announced entry that will not be used. */
  abandon: (entry: LooseSecret) => Promise<unknown>;
}

/**
 * Puts a secret into the vault and saves the account that it belongs to: both, or neither. Each time the entry is a new
 * one, so the old secret stays usable until the account points at the new one.
 *
 * @param save saves the account with the entry, in one write that also takes the entry's announcement back
 * @throws LanyardError of {@link vaultError}, and whatever `save` throws; nothing is kept then
 */
export async function keepSecret<T>(
  keeper: SecretKeeper,
  providerId: string,
  secret: Secret,
  save: (entry: LooseSecret) => Promise<T>,
): Promise<T> {
  const entry = { service: keychainService, account: `${providerId}/${keeper.newId()}` };
  keeper.announce(entry);
  let vaultAnswers = true;
  try {
    const stored = await keeper.vault.set(entry, secret);
    if (stored.status === 'timed-out') vaultAnswers = false;
    if (stored.status !== 'ok') throw vaultError(stored);
    return await save(entry);
  } catch (error) {
    // A vault that hangs would keep the person waiting twice; the entry is noted and goes later.
    const abandoned = keeper.abandon(entry);
    if (vaultAnswers) await abandoned;
    throw error;
  }
}
