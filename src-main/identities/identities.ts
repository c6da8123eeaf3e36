import type { Failure, Problem } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Vault } from '../vault/vault.ts';
import type { AccountDirectories, RecordedProcess } from './account-directories.ts';
import { AccountSaving, type ApiKeyAccount } from './account-saving.ts';
import { addBundle, assertFree, bundleOf, deleteBundle, renameBundle, unknownBundle } from './bundles.ts';
import { Commits } from './commits.ts';
import type { IdentityIndex } from './identity-index.ts';
import { type Account, type Bundle, blankBundleId } from './model.ts';
import { blankName, cleanName } from './names.ts';
import { recoverFromEarlierRun } from './recovery.ts';
import type { SignInTarget, SignInTargets } from './sign-in-target.ts';
import type { IdentityStore, LooseSecret } from './store.ts';

export interface IdentitiesParts {
  store: IdentityStore;
  directories: AccountDirectories;
  /** Where keychain entries of accounts are deleted. */
  vault: Pick<Vault, 'delete'>;
  clock: Clock;
  /** A fresh safe id, such as a UUID. */
  newId: () => string;
  /** What a bundle is named after when nobody knows an email. */
  providerName: (providerId: string) => string;
  /** Start time of a process as the system tells it; `null` when it is gone. */
  processStartTime: (pid: number) => Promise<string | null>;
  /** Told after every change that is on disk. Must not throw. */
  onChanged: (bundleId: string) => void;
  /** What went wrong while the store's file was opened. */
  fileProblems?: Problem[];
}

export interface ListedBundle extends Bundle {
  blank: boolean;
  /** In the order in which they were first connected. */
  accounts: readonly Account[];
}

export interface SignOutReport {
  /** Every bundle that lost the account. */
  bundleIds: string[];
  /** Why the provider's own logout did not work; the account is gone from here all the same. */
  logoutFailure: Failure | null;
}

const blankBundle: ListedBundle = {
  id: blankBundleId,
  name: blankName,
  description: "The machine's own logins",
  colour: '#85857f',
  blank: true,
  createdAt: 0,
  updatedAt: 0,
  accounts: [],
};

/**
 * Identity bundles, their accounts and the bindings between them: what the rest of the app asks and tells. Every change
 * is one write of the store (`commits.ts`).
 */
export class Identities implements SignInTargets {
  readonly #parts: IdentitiesParts;
  readonly #commits: Commits;
  readonly #saving: AccountSaving;
  #startProblems: Problem[] = [];

  constructor(parts: IdentitiesParts) {
    this.#parts = parts;
    this.#commits = new Commits(parts);
    this.#saving = new AccountSaving({
      ...parts,
      commits: this.#commits,
      onSaved: (accountId) => {
        for (const bundle of this.bundlesOf(accountId)) parts.onChanged(bundle.id);
      },
    });
  }

  /** All bundles in the order in which they were made, the blank identity last, and what could not be read. */
  list(): { bundles: ListedBundle[]; problems: Problem[] } {
    const { state, index } = this.#parts.store;
    return {
      bundles: [...state.bundles.map((bundle) => listed(bundle, index)), blankBundle],
      problems: [...(this.#parts.fileProblems ?? []), ...this.#parts.store.problems, ...this.#startProblems],
    };
  }

  /**
   * One bundle as `list` has it, the blank identity included.
   * @throws LanyardError `unknown_bundle`
   */
  bundle(bundleId: string): ListedBundle {
    if (bundleId === blankBundleId) return blankBundle;
    const { index } = this.#parts.store;
    const bundle = index.bundles.get(bundleId);
    if (bundle) return listed(bundle, index);
    throw unknownBundle();
  }

  /** Throws LanyardError `unknown_account`. */
  account(accountId: string): Account {
    const account = this.#parts.store.index.accounts.get(accountId);
    if (account) return account;
    throw new LanyardError({
      code: 'unknown_account',
      title: 'This account is no longer there.',
      hint: 'Choose another one from the list.',
    });
  }

  /** The account that a bundle uses for a provider, if any. */
  boundAccount(bundleId: string, providerId: string): Account | undefined {
    return this.#parts.store.index.boundAccount(bundleId, providerId);
  }

  /** The bundles that use an account. */
  bundlesOf(accountId: string): readonly Bundle[] {
    return this.#parts.store.index.bundlesOf(accountId);
  }

  /**
   * @param colour `#rrggbb`; without it the next of the palette
   * @throws LanyardError `invalid_name`, `name_taken`, `could_not_save`
   */
  createBundle(name: string, colour?: string): Bundle {
    const { store, newId, clock, onChanged } = this.#parts;
    const bundle = store.change((draft) => {
      assertFree(draft, cleanName(name), null);
      return addBundle(draft, { id: newId(), name: cleanName(name), colour, now: clock.now() });
    });
    onChanged(bundle.id);
    return bundle;
  }

  /** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_name`, `name_taken`, `could_not_save`. */
  renameBundle(bundleId: string, name: string): void {
    const { store, clock, onChanged } = this.#parts;
    store.change((draft) => renameBundle(draft, bundleId, name, clock.now()));
    onChanged(bundleId);
  }

  /** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `bundle_in_use`, `could_not_save`. */
  deleteBundle(bundleId: string): void {
    this.#parts.store.change((draft) => deleteBundle(draft, bundleId));
    this.#parts.onChanged(bundleId);
  }

  /**
   * Signs an account out of every bundle that uses it and removes what was kept for it.
   *
   * @param logout the provider's own logout; when it throws, the account is removed all the same and the report says why
   * @throws LanyardError `unknown_account`, `could_not_save`
   */
  async signOut(accountId: string, logout: (account: Account) => Promise<void>): Promise<SignOutReport> {
    const account = this.account(accountId);
    const logoutFailure = await failureOf(() => logout(account));
    const bundleIds = this.bundlesOf(accountId).map((bundle) => bundle.id);
    const { cleanUp } = this.#commits.commit((draft) => {
      draft.accounts = draft.accounts.filter((other) => other.id !== accountId);
      draft.bindings = draft.bindings.filter((binding) => binding.accountId !== accountId);
    });
    await cleanUp();
    for (const bundleId of bundleIds) this.#parts.onChanged(bundleId);
    return { bundleIds, logoutFailure };
  }

  open(providerId: string, usesConfigDir: boolean, bundleId: string | null, sessionId: string): SignInTarget {
    return this.#saving.open(providerId, usesConfigDir, bundleId, sessionId);
  }

  /**
   * Whether an API key can join a bundle, before anything is done with the key.
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`
   */
  checkApiKeyBundle(bundleId: string | null): void {
    if (bundleId !== null) bundleOf(this.#parts.store.state, bundleId);
  }

  /** Notes a keychain entry before it is made: until `saveApiKey` takes it, the next start deletes it. */
  announceSecret(secret: LooseSecret): void {
    this.#parts.store.change((draft) => {
      draft.looseSecrets.push(secret);
    });
  }

  /** Vault entries that accounts refer to, and those noted as on their way in or out. */
  vaultEntries(): { used: LooseSecret[]; loose: LooseSecret[] } {
    const { accounts, looseSecrets } = this.#parts.store.state;
    const used = accounts.flatMap(({ secretRef }) =>
      secretRef.kind === 'keychain' ? [{ service: secretRef.service, account: secretRef.account }] : [],
    );
    return { used, loose: looseSecrets };
  }

  /** Deletes an announced entry that will not be used. */
  async abandonSecret(secret: LooseSecret): Promise<void> {
    await this.#commits.deleteLoose([secret]);
  }

  /** See `AccountSaving.saveApiKey`. Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `could_not_save`. */
  saveApiKey(key: ApiKeyAccount): Promise<{ accountId: string; bundleId: string }> {
    return this.#saving.saveApiKey(key);
  }

  /**
   * Finishes what an earlier run left: attempts that were not saved, superseded directories, loose keychain entries.
   * Call once at start; sign-ins may begin before it is done.
   *
   * @param endRecorded ends a process of an earlier run, if it is still the one that was recorded
   */
  async recover(endRecorded: (process: RecordedProcess) => Promise<unknown>): Promise<void> {
    const { store, directories, fileProblems = [] } = this.#parts;
    // What cannot be read may own any directory.
    if (!store.complete || fileProblems.length > 0) return;
    this.#startProblems = await recoverFromEarlierRun(store, directories, this.#commits, endRecorded);
    // Windows may have listed the bundles already.
    if (this.#startProblems.length > 0) this.#parts.onChanged(blankBundleId);
  }

  /** Deletes what could not be deleted before: call it when the vault was unlocked or changed. */
  async retryDeletions(): Promise<void> {
    await this.#commits.retryDeletions();
  }
}

function listed(bundle: Bundle, index: IdentityIndex): ListedBundle {
  return { ...bundle, blank: false, accounts: index.accountsOf(bundle.id) };
}

async function failureOf(action: () => Promise<void>): Promise<Failure | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof LanyardError) return error.failure;
    return {
      code: 'logout_failed',
      title: "The provider's logout did not work.",
      hint: 'Remove this session on the provider’s website if it is still listed there.',
    };
  }
}
