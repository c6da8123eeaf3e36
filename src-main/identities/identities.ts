import { isDeepStrictEqual } from 'node:util';
import type { Failure, Problem } from '../../src-preload/contract/values.ts';
import type { SignedInIdentity } from '../broker/method.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Vault } from '../vault/vault.ts';
import type { AccountDirectories, DirectoryId, RecordedProcess } from './account-directories.ts';
import { type Account, type AccountContext, type Bundle, blankBundleId, type SecretRef } from './model.ts';
import { blankName, cleanName, freeName, nextColour, sameName } from './names.ts';
import type { SavedSignIn, SignInTarget, SignInTargets } from './sign-in-target.ts';
import { couldNotSave, type IdentityState, type IdentityStore, type LooseSecret } from './store.ts';

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
  accounts: Account[];
}

export interface SignOutReport {
  /** Every bundle that lost the account. */
  bundleIds: string[];
  /** Why the provider's own logout did not work; the account is gone from here all the same. */
  logoutFailure: Failure | null;
}

export interface ApiKeyAccount {
  providerId: string;
  /** `null` for a bundle made now. */
  bundleId: string | null;
  displayName: string;
  secret: LooseSecret;
  status: 'valid' | 'unknown';
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
 * Identity bundles, their accounts and the bindings between them. Every change is one write of the store; what a
 * change leaves without an owner (directories, keychain entries) is marked before the write and removed after it, so
 * that the next start can finish what a crash interrupted.
 */
export class Identities implements SignInTargets {
  readonly #parts: IdentitiesParts;
  #startProblems: Problem[] = [];

  constructor(parts: IdentitiesParts) {
    this.#parts = parts;
  }

  /** All bundles in the order in which they were made, the blank identity last, and what could not be read. */
  list(): { bundles: ListedBundle[]; problems: Problem[] } {
    const { bundles, accounts, bindings } = this.#parts.store.state;
    return {
      bundles: [
        ...bundles.map((bundle) => ({
          ...bundle,
          blank: false,
          accounts: accounts.filter((account) =>
            bindings.some((binding) => binding.bundleId === bundle.id && binding.accountId === account.id),
          ),
        })),
        blankBundle,
      ],
      problems: [...(this.#parts.fileProblems ?? []), ...this.#parts.store.problems, ...this.#startProblems],
    };
  }

  /**
   * One bundle as `list` has it, the blank identity included.
   * @throws LanyardError `unknown_bundle`
   */
  bundle(bundleId: string): ListedBundle {
    const bundle = this.list().bundles.find((candidate) => candidate.id === bundleId);
    if (bundle) return bundle;
    throw unknownBundle();
  }

  /** Throws LanyardError `unknown_account`. */
  account(accountId: string): Account {
    const account = this.#parts.store.state.accounts.find((candidate) => candidate.id === accountId);
    if (account) return account;
    throw new LanyardError({
      code: 'unknown_account',
      title: 'This account is no longer there.',
      hint: 'Choose another one from the list.',
    });
  }

  /** The account that a bundle uses for a provider, if any. */
  boundAccount(bundleId: string, providerId: string): Account | undefined {
    return boundAccount(this.#parts.store.state, bundleId, providerId);
  }

  /** The bundles that use an account. */
  bundlesOf(accountId: string): Bundle[] {
    const { bundles, bindings } = this.#parts.store.state;
    return bundles.filter((bundle) =>
      bindings.some((binding) => binding.bundleId === bundle.id && binding.accountId === accountId),
    );
  }

  /**
   * @param colour `#rrggbb`; without it the next of the palette
   * @throws LanyardError `invalid_name`, `name_taken`, `could_not_save`
   */
  createBundle(name: string, colour?: string): Bundle {
    const bundle = this.#parts.store.change((draft) => {
      assertFree(draft, cleanName(name), null);
      return this.#addBundle(draft, cleanName(name), colour);
    });
    this.#parts.onChanged(bundle.id);
    return bundle;
  }

  /** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_name`, `name_taken`, `could_not_save`. */
  renameBundle(bundleId: string, name: string): void {
    this.#parts.store.change((draft) => {
      const bundle = bundleOf(draft, bundleId);
      assertFree(draft, cleanName(name), bundleId);
      bundle.name = cleanName(name);
      bundle.updatedAt = this.#parts.clock.now();
    });
    this.#parts.onChanged(bundleId);
  }

  /** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `bundle_in_use`, `could_not_save`. */
  deleteBundle(bundleId: string): void {
    this.#parts.store.change((draft) => {
      bundleOf(draft, bundleId);
      if (draft.bindings.some((binding) => binding.bundleId === bundleId)) {
        throw new LanyardError({
          code: 'bundle_in_use',
          title: 'This identity still has accounts.',
          hint: 'Sign its accounts out first, then delete it.',
        });
      }
      draft.bundles = draft.bundles.filter((bundle) => bundle.id !== bundleId);
    });
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
    const { cleanUp } = this.#commit((draft) => {
      draft.accounts = draft.accounts.filter((other) => other.id !== accountId);
      draft.bindings = draft.bindings.filter((binding) => binding.accountId !== accountId);
    });
    await cleanUp();
    for (const bundleId of bundleIds) this.#parts.onChanged(bundleId);
    return { bundleIds, logoutFailure };
  }

  open(providerId: string, usesConfigDir: boolean, bundleId: string | null, sessionId: string): SignInTarget {
    if (bundleId === blankBundleId) return blankTarget(sessionId);
    const { store, directories, newId, processStartTime } = this.#parts;
    if (bundleId !== null) bundleOf(store.state, bundleId);
    const bound = bundleId === null ? undefined : this.boundAccount(bundleId, providerId);
    const accountId = bound?.id ?? newId();
    const place = usesConfigDir ? this.#makeDirectory(accountId, sessionId) : null;
    const attempt: Attempt = { providerId, bundleId, accountId, place };

    let state: 'open' | 'saved' | 'discarded' = 'open';
    let saved: Promise<SavedSignIn> | null = null;
    return {
      directory: place?.directory ?? null,
      recordProcess: (pid) => {
        if (!place) return;
        processStartTime(pid)
          .then((startTime) => {
            if (startTime !== null && state === 'open') directories.recordProcess(place, { pid, startTime });
          })
          // Without the note a crash would leave the process running; the sign-in itself is none the worse.
          .catch(() => {});
      },
      save: async (identity) => {
        if (state === 'discarded') throw sessionEnded();
        if (saved) return saved;
        const { value, cleanUp } = this.#commit((draft) => this.#saveAttempt(draft, attempt, identity));
        state = 'saved';
        saved = (async () => {
          if (place) ignoringFaults(() => directories.confirm(place));
          await cleanUp();
          return value;
        })();
        for (const bundle of this.bundlesOf(accountId)) this.#parts.onChanged(bundle.id);
        return saved;
      },
      discard: async () => {
        if (state !== 'open') return;
        state = 'discarded';
        // When it fails the mark stays, and the next start removes the directory.
        if (place) await directories.remove(place).catch(() => {});
      },
    };
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

  /** Deletes an announced entry that will not be used. */
  async abandonSecret(secret: LooseSecret): Promise<void> {
    await this.#deleteLoose([secret]);
  }

  /**
   * Saves an account whose key is in the keychain, its binding and, with `bundleId` null, its bundle, in one write.
   * The account that the bundle had for the provider becomes this one (I-7). There is no directory (I-10).
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`, `could_not_save`; nothing is saved then
   */
  async saveApiKey(key: ApiKeyAccount): Promise<{ accountId: string; bundleId: string }> {
    const { providerId } = key;
    const { value, cleanUp } = this.#commit((draft) => {
      const bound = key.bundleId === null ? undefined : boundAccount(draft, key.bundleId, providerId);
      const bundle =
        key.bundleId === null
          ? this.#addBundle(draft, freeName([this.#parts.providerName(providerId)], bundleNames(draft)))
          : bundleOf(draft, key.bundleId);
      const accountId = bound?.id ?? this.#parts.newId();
      this.#putAccount(draft, {
        id: accountId,
        name: `${providerId}-api-key`,
        provider: providerId,
        kind: 'api-key',
        displayName: key.displayName,
        secretRef: { kind: 'keychain', ...key.secret },
        context: {},
        status: key.status,
      });
      bind(draft, bundle.id, providerId, accountId);
      draft.looseSecrets = draft.looseSecrets.filter((loose) => !sameSecret(loose, key.secret));
      return { accountId, bundleId: bundle.id };
    });
    await cleanUp();
    for (const bundle of this.bundlesOf(value.accountId)) this.#parts.onChanged(bundle.id);
    return value;
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
    const unreadable = store.unreadableAccountIds;
    const known = store.state.accounts.flatMap((account) => this.#directoryOf(account.secretRef) ?? []);
    const report = await directories.sweep(known, endRecorded, (accountId) => unreadable.has(accountId));
    this.#startProblems = report.problems;
    // Windows may have listed the bundles already.
    if (report.problems.length > 0) this.#parts.onChanged(blankBundleId);
    await this.#deleteLoose(store.state.looseSecrets);
  }

  #makeDirectory(accountId: string, sessionId: string): DirectoryId & { directory: string } {
    const { directories, clock } = this.#parts;
    try {
      const id = { accountId, generation: directories.nextGeneration(accountId) };
      return { ...id, directory: directories.create(id, { sessionId, startedAt: clock.now() }) };
    } catch (error) {
      if (error instanceof LanyardError) throw error;
      throw couldNotSave('Check that the data directory can be written and has space, and try again.', error);
    }
  }

  #saveAttempt(draft: IdentityState, attempt: Attempt, identity: SignedInIdentity): SavedSignIn {
    const { providerId, accountId, place } = attempt;
    const providerName = this.#parts.providerName(providerId);
    const context = contextOf(identity);
    const bundle =
      attempt.bundleId === null
        ? this.#addBundle(draft, freeName([context.email, providerName], bundleNames(draft)))
        : draft.bundles.find((candidate) => candidate.id === attempt.bundleId);
    if (!bundle) throw couldNotSave('Its identity was deleted meanwhile. Start again with another one.');
    const row = draft.accounts.find((account) => account.id === accountId);
    const saved = row && this.#directoryOf(row.secretRef);
    if (saved && place && saved.generation > place.generation) {
      throw couldNotSave('A newer sign-in to the same account was saved meanwhile. There is nothing to do.');
    }
    this.#putAccount(draft, {
      id: accountId,
      name: `${providerId}-oauth`,
      provider: providerId,
      kind: 'oauth',
      displayName: context.email ?? context.organisation ?? providerName,
      secretRef: place ? { kind: 'oauth-config-dir', dir: place.directory } : { kind: 'machine' },
      context,
      status: 'valid',
    });
    bind(draft, bundle.id, providerId, accountId);
    return { bundleId: bundle.id, accountId, bundleName: bundle.name };
  }

  #putAccount(draft: IdentityState, account: Omit<Account, 'createdAt' | 'updatedAt'>): void {
    const now = this.#parts.clock.now();
    const index = draft.accounts.findIndex((other) => other.id === account.id);
    const existing = draft.accounts[index];
    if (existing) draft.accounts[index] = { ...account, createdAt: existing.createdAt, updatedAt: now };
    else draft.accounts.push({ ...account, createdAt: now, updatedAt: now });
  }

  #addBundle(draft: IdentityState, name: string, colour?: string): Bundle {
    const now = this.#parts.clock.now();
    const usable = colour !== undefined && /^#[0-9a-f]{6}$/i.test(colour);
    const bundle: Bundle = {
      id: this.#parts.newId(),
      name,
      description: '',
      colour: usable ? colour : nextColour(draft.bundles.map((other) => other.colour)),
      createdAt: now,
      updatedAt: now,
    };
    draft.bundles.push(bundle);
    return bundle;
  }

  /**
   * Writes a change. The directories that no account refers to afterwards are marked first and keychain entries are
   * noted in the same write; the returned `cleanUp` then removes both and never fails, since the next start would
   * do it. The write is done when this returns.
   */
  #commit<T>(edit: (draft: IdentityState) => T): { value: T; cleanUp: () => Promise<void> } {
    const { store, directories, clock } = this.#parts;
    const before = store.state.accounts.map((account) => account.secretRef);
    const dropped: DirectoryId[] = [];
    const loose: LooseSecret[] = [];
    try {
      const value = store.change((draft) => {
        const result = edit(draft);
        const after = draft.accounts.map((account) => account.secretRef);
        for (const ref of before.filter((old) => !after.some((kept) => isDeepStrictEqual(old, kept)))) {
          const directory = this.#directoryOf(ref);
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
        await this.#deleteLoose(loose);
      };
      return { value, cleanUp };
    } catch (error) {
      for (const directory of dropped) ignoringFaults(() => directories.confirm(directory));
      if (error instanceof LanyardError) throw error;
      throw couldNotSave('Check that the data directory can be written, and try again.', error);
    }
  }

  /** Deletes keychain entries and their notes. A closed keychain keeps both for the next start (T-3). */
  async #deleteLoose(secrets: readonly LooseSecret[]): Promise<void> {
    const gone: LooseSecret[] = [];
    for (const secret of secrets) {
      const { status } = await this.#parts.vault.delete(secret);
      if (status === 'ok' || status === 'not-found') gone.push(secret);
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

  #directoryOf(ref: SecretRef): DirectoryId | null {
    return ref.kind === 'oauth-config-dir' ? this.#parts.directories.locate(ref.dir) : null;
  }
}

interface Attempt {
  providerId: string;
  bundleId: string | null;
  accountId: string;
  place: (DirectoryId & { directory: string }) | null;
}

/** I-8: the machine's own login. Nothing is kept. */
function blankTarget(sessionId: string): SignInTarget {
  return {
    directory: null,
    recordProcess: () => {},
    save: async () => ({ bundleId: `pending-bundle-for-${sessionId}` }),
    discard: async () => {},
  };
}

function sessionEnded(): LanyardError {
  return new LanyardError({
    code: 'session_ended',
    title: 'This sign-in has ended.',
    hint: 'Nothing was saved. Press Connect to start again.',
  });
}

function bundleOf(state: Readonly<IdentityState>, bundleId: string): Bundle {
  if (bundleId === blankBundleId) {
    throw new LanyardError({
      code: 'blank_is_fixed',
      title: `"${blankName}" cannot be changed.`,
      hint: 'It stands for this machine as it is. Create an identity of your own instead.',
    });
  }
  const bundle = state.bundles.find((candidate) => candidate.id === bundleId);
  if (bundle) return bundle;
  throw unknownBundle();
}

function unknownBundle(): LanyardError {
  return new LanyardError({
    code: 'unknown_bundle',
    title: 'This identity is no longer there.',
    hint: 'Choose another one from the list.',
  });
}

function assertFree(draft: IdentityState, name: string, exceptId: string | null): void {
  const others = draft.bundles.filter((bundle) => bundle.id !== exceptId);
  if ([blankBundle, ...others].some((bundle) => sameName(bundle.name, name))) {
    throw new LanyardError({
      code: 'name_taken',
      title: 'Another identity has this name.',
      hint: 'Choose a different name.',
    });
  }
}

function boundAccount(
  state: Readonly<IdentityState>,
  bundleId: string,
  providerId: string,
): Account | undefined {
  const binding = state.bindings.find(
    (candidate) => candidate.bundleId === bundleId && candidate.providerId === providerId,
  );
  return binding && state.accounts.find((account) => account.id === binding.accountId);
}

/** Binds an account, and drops the one that stood there when no other bundle uses it (I-1, I-7). */
function bind(draft: IdentityState, bundleId: string, providerId: string, accountId: string): void {
  const replaced = boundAccount(draft, bundleId, providerId);
  draft.bindings = draft.bindings.filter(
    (binding) => binding.bundleId !== bundleId || binding.providerId !== providerId,
  );
  draft.bindings.push({ bundleId, providerId, accountId });
  if (replaced && !draft.bindings.some((binding) => binding.accountId === replaced.id)) {
    draft.accounts = draft.accounts.filter((account) => account.id !== replaced.id);
  }
}

function bundleNames(draft: IdentityState): string[] {
  return draft.bundles.map((bundle) => bundle.name);
}

function contextOf(identity: SignedInIdentity): AccountContext {
  const { email, issuer, accountId, organisationId, organisation, plan } = identity;
  return {
    ...(isLabel(email) ? { email } : {}),
    ...(isLabel(issuer) ? { issuer } : {}),
    ...(isLabel(accountId) ? { accountId } : {}),
    ...(isLabel(organisationId) ? { organisationId } : {}),
    ...(isLabel(organisation) ? { organisation } : {}),
    ...(isLabel(plan) ? { plan } : {}),
  };
}

/** A CLI's file may hold anything; what would not load again is not kept. */
function isLabel(text: string | undefined): text is string {
  return text !== undefined && text.length > 0 && text.length <= 1024;
}

function sameSecret(a: LooseSecret, b: LooseSecret): boolean {
  return a.service === b.service && a.account === b.account;
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

/** For steps that the next start would repeat. */
function ignoringFaults(step: () => void): void {
  try {
    step();
  } catch {
    // See above.
  }
}
