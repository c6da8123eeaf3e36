import type { Clock } from '../clock.ts';
import { assertNever, LanyardError } from '../failures.ts';
import type { Vault } from '../vault/vault.ts';
import type { AccountDirectories, DirectoryId } from './account-directories.ts';
import type { Account, SecretRef } from './model.ts';
import { couldNotSave, type IdentityState, type IdentityStore, type LooseSecret } from './store.ts';

export interface CommitParts {
  store: IdentityStore;
  directories: AccountDirectories;
  /** Where keychain entries of accounts are deleted. */
  vault: Pick<Vault, 'delete'>;
  clock: Clock;
}

/**
 * Changes of the store together with what they leave without an owner: directories are marked and keychain entries
 * noted before the write, and removed after it, so that the next start can finish what a crash interrupted.
 */
export class Commits {
  readonly #parts: CommitParts;
  /** Vault entries whose deletion did not work, such as in a locked vault. */
  #undeleted: LooseSecret[] = [];

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /**
   * Writes a change. The directories that no account refers to afterwards are marked first and keychain entries are
   * noted in the same write; the returned `cleanUp` then removes both and never fails, since the next start would
   * do it. The write is done when this returns.
   * @throws LanyardError `could_not_save`, and what `edit` throws; nothing has changed then
   */
  commit<T>(edit: (draft: IdentityState) => T): { value: T; cleanUp: () => Promise<void> } {
    const { store, directories, clock } = this.#parts;
    const before = store.state.accounts;
    const dropped: DirectoryId[] = [];
    const loose: LooseSecret[] = [];
    try {
      const value = store.change((draft) => {
        const result = edit(draft);
        for (const ref of secretsLost(before, draft.accounts)) {
          const directory = this.directoryOf(ref);
          if (directory && directories.isSafe(directory)) {
            dropped.push(directory);
            directories.condemn(directory, clock.now());
          } else if (ref.kind === 'keychain') {
            loose.push({ service: ref.service, account: ref.account });
          }
        }
        draft.looseSecrets.push(...loose);
        return result;
      });
      const cleanUp = async () => {
        for (const directory of dropped) await directories.remove(directory).catch(() => {});
        await this.deleteLoose(loose);
      };
      return { value, cleanUp };
    } catch (error) {
      for (const directory of dropped) ignoringFaults(() => directories.confirm(directory));
      if (error instanceof LanyardError) throw error;
      throw couldNotSave('Check that the data directory can be written, and try again.', error);
    }
  }

  /** Deletes keychain entries and their notes. A closed keychain keeps both for the next start (T-3). */
  async deleteLoose(secrets: readonly LooseSecret[]): Promise<void> {
    const gone: LooseSecret[] = [];
    for (const secret of secrets) {
      const { status } = await this.#parts.vault.delete(secret);
      if (status === 'ok' || status === 'not-found') gone.push(secret);
      else this.#undeleted.push(secret);
    }
    if (gone.length === 0) return;
    ignoringFaults(() =>
      this.#parts.store.change((draft) => {
        draft.looseSecrets = draft.looseSecrets.filter(
          (loose) => !gone.some((other) => sameSecret(loose, other)),
        );
      }),
    );
  }

  /** Tries again what `deleteLoose` could not do. Entries that are on their way in are not among them. */
  async retryDeletions(): Promise<void> {
    const secrets = this.#undeleted;
    this.#undeleted = [];
    await this.deleteLoose(secrets);
  }

  /** Which of our directories a reference is; `null` when it is none of ours. */
  directoryOf(ref: SecretRef): DirectoryId | null {
    return ref.kind === 'oauth-config-dir' ? this.#parts.directories.locate(ref.dir) : null;
  }
}

/** The secrets that accounts referred to before and none refers to after. */
function secretsLost(before: readonly Account[], after: readonly Account[]): SecretRef[] {
  const kept = new Map(after.map((account) => [account.id, account]));
  const changed = before.filter((account) => kept.get(account.id) !== account);
  if (changed.length === 0) return [];
  const placesLeft = new Set(after.map(({ secretRef }) => placeOf(secretRef)));
  return changed.map(({ secretRef }) => secretRef).filter((ref) => !placesLeft.has(placeOf(ref)));
}

function placeOf(ref: SecretRef): string {
  switch (ref.kind) {
    case 'oauth-config-dir':
      return JSON.stringify([ref.kind, ref.dir]);
    case 'keychain':
      return JSON.stringify([ref.kind, ref.service, ref.account]);
    case 'env':
      return JSON.stringify([ref.kind, ref.envVar]);
    case 'machine':
      return ref.kind;
    default:
      return assertNever(ref);
  }
}

export function sameSecret(a: LooseSecret, b: LooseSecret): boolean {
  return a.service === b.service && a.account === b.account;
}

/** For steps that the next start would repeat. */
export function ignoringFaults(step: () => void): void {
  try {
    step();
  } catch {
    // See above.
  }
}
