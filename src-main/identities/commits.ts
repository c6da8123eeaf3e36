import type { RemovalStep } from '../../src-preload/contract/bundles.ts';
import type { Clock } from '../clock.ts';
import { assertNever, LanyardError } from '../failures.ts';
import type { Vault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { type AccountDirectories, type DirectoryId, unsafePath } from './account-directories.ts';
import type { Account, SecretRef } from './model.ts';
import { type IdentityState, type IdentityStore, type LooseSecret, notSaved } from './store.ts';

/** Where a login is; `not-ours`: the machine's own, a directory outside of ours, or a variable of the person's. */
export type LoginPlace =
  | { kind: 'directory'; id: DirectoryId; path: string }
  | { kind: 'keychain'; secret: LooseSecret }
  | { kind: 'not-ours' };

/** A login that no account refers to any more, and the row that did. */
export interface LostLogin {
  account: Account;
  place: LoginPlace;
}

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
   * noted in the same write, so that the next start removes what nobody does now. The write is done when this returns.
   *
   * @param logsOut whether the provider's logout is due for what is lost, and noted in the marks
   * @throws LanyardError `could_not_save`, and what `edit` throws; nothing has changed then
   */
  commit<T>(edit: (draft: IdentityState) => T, logsOut = false): { value: T; lost: LostLogin[] } {
    const { store, directories, clock } = this.#parts;
    const before = store.state.accounts;
    const marked: DirectoryId[] = [];
    try {
      return store.change((draft) => {
        const value = edit(draft);
        const lost = loginsLost(before, draft.accounts).map((account) => ({
          account,
          place: this.placeOf(account),
        }));
        for (const { account, place } of lost) {
          if (place.kind === 'directory' && directories.isSafe(place.id)) {
            marked.push(place.id);
            directories.condemn(place.id, clock.now(), logsOut ? account.provider : null, account.parameters);
          } else if (place.kind === 'keychain') draft.looseSecrets.push(place.secret);
        }
        return { value, lost };
      });
    } catch (error) {
      for (const directory of marked) ignoringFaults(() => directories.confirm(directory));
      if (error instanceof LanyardError) throw error;
      throw notSaved('Check that the data directory can be written, and try again.', error);
    }
  }

  /** Removes what a commit left without an owner. Never fails: what could not be removed is tried again at the next start. */
  async cleanUp(lost: readonly LostLogin[]): Promise<void> {
    for (const { place } of lost) {
      if (place.kind === 'directory') await this.removeDirectory(place.id);
      else if (place.kind === 'keychain') await this.deleteLoose([place.secret]);
    }
  }

  /** Whether a directory is, if it exists, a real one of ours, which may be worked in and removed. */
  isSafe(id: DirectoryId): boolean {
    return this.#parts.directories.isSafe(id);
  }

  /** Removes a marked directory; one that is not safe to remove is left alone. */
  async removeDirectory(id: DirectoryId): Promise<RemovalStep> {
    const { directories } = this.#parts;
    // Not marked either: what is there now is nothing of ours.
    if (!directories.isSafe(id)) {
      return { what: 'directory', outcome: 'failed', failure: unsafePath().failure };
    }
    try {
      await directories.remove(id);
      return { what: 'directory', outcome: 'done' };
    } catch (error) {
      return { what: 'directory', outcome: 'later', failure: couldNotRemove(error).failure };
    }
  }

  /** Deletes keychain entries and their notes. A closed keychain keeps both for the next start (T-3). */
  async deleteLoose(secrets: readonly LooseSecret[]): Promise<RemovalStep[]> {
    const gone: LooseSecret[] = [];
    const steps: RemovalStep[] = [];
    for (const secret of secrets) {
      const answer = await this.#parts.vault.delete(secret);
      if (answer.status === 'ok') steps.push({ what: 'keychain', outcome: 'done' });
      else if (answer.status === 'not-found') steps.push({ what: 'keychain', outcome: 'not-there' });
      else steps.push({ what: 'keychain', outcome: 'later', failure: vaultError(answer).failure });
      if (answer.status === 'ok' || answer.status === 'not-found') gone.push(secret);
      else this.#undeleted.push(secret);
    }
    if (gone.length === 0) return steps;
    ignoringFaults(() =>
      this.#parts.store.change((draft) => {
        draft.looseSecrets = draft.looseSecrets.filter(
          (loose) => !gone.some((other) => sameSecret(loose, other)),
        );
      }),
    );
    return steps;
  }

  /** Tries again what `deleteLoose` could not do. Entries that are on their way in are not among them. */
  async retryDeletions(): Promise<void> {
    const secrets = this.#undeleted;
    this.#undeleted = [];
    await this.deleteLoose(secrets);
  }

  /** Where an account's login is, and whether that is ours to remove. */
  placeOf({ secretRef }: Account): LoginPlace {
    const id = this.directoryOf(secretRef);
    if (id && secretRef.kind === 'oauth-config-dir') return { kind: 'directory', id, path: secretRef.dir };
    if (secretRef.kind !== 'keychain') return { kind: 'not-ours' };
    return { kind: 'keychain', secret: { service: secretRef.service, account: secretRef.account } };
  }

  /** Which of our directories a reference is; `null` when it is none of ours. */
  directoryOf(ref: SecretRef): DirectoryId | null {
    return ref.kind === 'oauth-config-dir' ? this.#parts.directories.locate(ref.dir) : null;
  }
}

/** The accounts, as they were, whose login no account refers to any more. */
function loginsLost(before: readonly Account[], after: readonly Account[]): Account[] {
  const kept = new Map(after.map((account) => [account.id, account]));
  const changed = before.filter((account) => kept.get(account.id) !== account);
  if (changed.length === 0) return [];
  const left = new Set(after.map(({ secretRef }) => textOf(secretRef)));
  return changed.filter(({ secretRef }) => !left.has(textOf(secretRef)));
}

function textOf(ref: SecretRef): string {
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

function couldNotRemove(error: unknown): LanyardError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return new LanyardError({
    code: 'could_not_remove',
    title: "The account's files could not be removed.",
    hint: 'Lanyard tries again when it starts next.',
    ...(code === undefined ? {} : { detail: code }),
  });
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
