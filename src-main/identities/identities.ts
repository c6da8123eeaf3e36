import type { RemovalReport } from '../../src-preload/contract/bundles.ts';
import type { Problem } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';
import type { Vault } from '../vault/vault.ts';
import type { AccountDirectories, RecordedProcess, SweepHelp } from './account-directories.ts';
import type { AccountFinding } from './account-finding.ts';
import { AccountRemoval, keptView, type LoginsToRemove } from './account-removal.ts';
import { AccountSaving, type AdoptedLogin, type ApiKeyAccount } from './account-saving.ts';
import { accountOf, accountWith, dropAccount, expectPerson } from './accounts.ts';
import {
  addBundle,
  assertFree,
  bundleOf,
  defaultBundle,
  deleteBundle,
  describeBundle,
  duplicateBundle,
  moveBundle,
  recolourBundle,
  renameBundle,
  setDefaultBundle,
  unknownBundle,
} from './bundles.ts';
import { Commits } from './commits.ts';
import { nobodyToAccept, nobodyToExpect, personChanged, personOf } from './expected-person.ts';
import { afterAccepting, afterFinding, isSameSignIn } from './findings.ts';
import type { IdentityIndex } from './identity-index.ts';
import { type Account, type Bundle, blankBundleId, type ExpectedPerson, type SecretRef } from './model.ts';
import { blankName, cleanName } from './names.ts';
import { recoverFromEarlierRun } from './recovery.ts';
import { personLabel, tellApart } from './same-person.ts';
import type { SignInTarget, SignInTargets, SignInWay } from './sign-in-target.ts';
import type { IdentityState, IdentityStore, LooseSecret } from './store.ts';

export interface IdentitiesParts {
  store: IdentityStore;
  directories: AccountDirectories;
  /** Where the secrets of accounts are. */
  vault: Pick<Vault, 'set' | 'delete'>;
  clock: Clock;
  /** A fresh safe id, such as a UUID. */
  newId: () => string;
  /** What a bundle is named after when nobody knows an email. */
  providerName: (providerId: string) => string;
  /**
   * Runs a provider's own logout in an account's directory; `none` where it has none. What it throws stands in the report.
   * The parameters are what the account was signed in with.
   */
  logout: (
    providerId: string,
    directory: string,
    parameters?: Account['parameters'],
  ) => Promise<'done' | 'none'>;
  /** Whether a provider has a logout of its own. */
  hasLogout: (providerId: string) => boolean;
  /** Tells an issuer that an account's tokens are done with; `none` for accounts without any. */
  revoke?: (account: Account) => Promise<'done' | 'none'>;
  /** Whether an account's secret is something that an issuer can be told about. */
  isRevocable?: (account: Account) => boolean;
  /** Removes the directory that was made for a key account's programs, if there is one. */
  removeKeyHome?: (accountId: string) => Promise<void>;
  /** Start time of a process as the system tells it; `null` when it is gone. */
  processStartTime: (pid: number) => Promise<string | null>;
  /** Told after every change that is on disk. Must not throw. */
  onChanged: (bundleId: string) => void;
  /** What went wrong while the store's file was opened. */
  fileProblems?: Problem[];
  /** Told what came and went. */
  audit?: Audit;
}

export interface ListedBundle extends Bundle {
  blank: boolean;
  /** In the order in which they were first connected. */
  accounts: readonly Account[];
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
  readonly #removal: AccountRemoval;
  #startProblems: Problem[] = [];

  constructor(parts: IdentitiesParts) {
    this.#parts = parts;
    this.#commits = new Commits(parts);
    this.#removal = new AccountRemoval({ ...parts, commits: this.#commits });
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
    return accountOf(this.#parts.store.index.accounts.get(accountId));
  }

  /** Whether any account is of this provider. */
  usesProvider(providerId: string): boolean {
    return this.#parts.store.state.accounts.some(({ provider }) => provider === providerId);
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
    this.#parts.audit?.record({ kind: 'bundle.created', bundleId: bundle.id });
    return bundle;
  }

  /** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_name`, `name_taken`, `could_not_save`. */
  renameBundle(bundleId: string, name: string): void {
    this.#change(bundleId, (draft, now) => renameBundle(draft, bundleId, name, now));
  }

  /** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_description`, `could_not_save`. */
  describeBundle(bundleId: string, description: string): void {
    this.#change(bundleId, (draft, now) => describeBundle(draft, bundleId, description, now));
  }

  /**
   * @param colour `#rrggbb`
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_colour`, `could_not_save`
   */
  recolourBundle(bundleId: string, colour: string): void {
    this.#change(bundleId, (draft, now) => recolourBundle(draft, bundleId, colour, now));
  }

  /**
   * @param beforeId the bundle that comes after it; `null` for the end
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`, `could_not_save`
   */
  moveBundle(bundleId: string, beforeId: string | null): void {
    this.#change(bundleId, (draft) => moveBundle(draft, bundleId, beforeId));
  }

  /** Throws LanyardError `unknown_bundle`, `could_not_save`. */
  setDefaultBundle(bundleId: string): void {
    this.#change(bundleId, (draft) => setDefaultBundle(draft, bundleId));
  }

  /** The bundle that new windows and launches start with. */
  get defaultBundleId(): string {
    return defaultBundle(this.#parts.store.state);
  }

  /** Makes a bundle with the same accounts, which are shared. Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `could_not_save`. */
  duplicateBundle(bundleId: string): Bundle {
    const copy = this.#parts.store.change((draft) =>
      duplicateBundle(draft, bundleId, this.#parts.newId(), this.#parts.clock.now()),
    );
    this.#parts.onChanged(copy.id);
    return copy;
  }

  /** What `deleteBundle` would do (I-11). Throws LanyardError `unknown_bundle`, `blank_is_fixed`. */
  planDelete(bundleId: string): LoginsToRemove {
    return this.#removal.ofBundle(bundleOf(this.#parts.store.state, bundleId));
  }

  /**
   * Removes a bundle, and signs out of the accounts that no other bundle uses (I-11). The report says what became of each.
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`, `could_not_save`; nothing has happened then
   */
  async deleteBundle(bundleId: string): Promise<RemovalReport> {
    const { bundle, removed, kept } = this.planDelete(bundleId);
    const { lost } = this.#commits.commit((draft) => deleteBundle(draft, bundleId), true);
    this.#parts.onChanged(bundleId);
    this.#parts.audit?.record({ kind: 'bundle.deleted', bundleId, detail: { identity: bundle?.name ?? '' } });
    const report = { removed: await this.#removal.finish(removed, lost), kept: kept.map(keptView) };
    this.#recordSignOuts(report, bundleId);
    return report;
  }

  /** What `signOut` would do (I-11). Throws LanyardError `unknown_account`. */
  planSignOut(accountId: string): LoginsToRemove {
    return this.#removal.ofAccount(this.account(accountId));
  }

  /**
   * Signs an account out of every bundle that uses it and removes what was kept for it (I-11).
   * @throws LanyardError `unknown_account`, `could_not_save`; nothing has happened then
   */
  async signOut(accountId: string): Promise<RemovalReport> {
    const { removed } = this.planSignOut(accountId);
    const bundles = this.bundlesOf(accountId);
    const { lost } = this.#commits.commit((draft) => dropAccount(draft, accountId), true);
    for (const { id } of bundles) this.#parts.onChanged(id);
    const report = { removed: await this.#removal.finish(removed, lost), kept: [] };
    const [only, other] = bundles;
    this.#recordSignOuts(report, only && !other ? only.id : undefined);
    return report;
  }

  /** With what became of each step. */
  #recordSignOuts({ removed }: RemovalReport, bundleId: string | undefined): void {
    for (const { accountId, providerId, label, steps } of removed) {
      const detail = Object.fromEntries(steps.map(({ what, outcome }) => [what, outcome]));
      this.#parts.audit?.record({
        kind: 'account.signed_out',
        accountId,
        providerId,
        ...(bundleId === undefined ? {} : { bundleId }),
        detail: { account: label, ...detail },
      });
    }
  }

  /**
   * Says who an account should belong to (I-16), or with `null` that anybody may sign in.
   * @throws LanyardError `unknown_account`, `could_not_save`
   */
  setExpected(accountId: string, expected: ExpectedPerson | null): void {
    const { store, clock, onChanged } = this.#parts;
    store.change((draft) => expectPerson(draft, accountId, expected, clock.now()));
    for (const { id } of this.bundlesOf(accountId)) onChanged(id);
  }

  /**
   * Expects whoever an account belongs to now.
   * @throws LanyardError `unknown_account`, `nobody_to_expect`, `could_not_save`
   */
  expectCurrent(accountId: string): void {
    const person = personOf(this.account(accountId).context);
    if (!person) throw nobodyToExpect();
    this.setExpected(accountId, person);
  }

  /** Whether a login is kept outside of what is ours: the machine's own, shared or adopted. */
  isOnThisMachine({ kind, secretRef }: Account): boolean {
    // A token that is in our vault is ours.
    if (kind !== 'oauth' || secretRef.kind === 'keychain') return false;
    return secretRef.kind === 'machine' || this.#commits.directoryOf(secretRef) === null;
  }

  /** The bundles that use a login of this machine already. */
  bundlesThatAdopted(providerId: string, directory: string | null): readonly Bundle[] {
    const ref: SecretRef =
      directory === null ? { kind: 'machine' } : { kind: 'oauth-config-dir', dir: directory };
    const account = accountWith(this.#parts.store.state, providerId, ref);
    return account ? this.bundlesOf(account.id) : [];
  }

  /** See `AccountSaving.adopt`. Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `provider_taken`, `could_not_save`. */
  adopt(login: AdoptedLogin): Promise<{ accountId: string; bundleId: string }> {
    return this.#saving.adopt(login);
  }

  open(
    providerId: string,
    usesConfigDir: boolean,
    bundleId: string | null,
    sessionId: string,
    way?: SignInWay,
  ): SignInTarget {
    return this.#saving.open(providerId, usesConfigDir, bundleId, sessionId, way);
  }

  /** Every account there is. */
  accounts(): readonly Account[] {
    return this.#parts.store.state.accounts;
  }

  /**
   * Keeps what looks at accounts found (I-12), in one write, and in none when nothing changes. An account that was signed
   * in again, or out, since it was looked at keeps what it has.
   *
   * @param looks each with the account's row as it was when the look began
   * @returns the accounts whose row changed
   * @throws LanyardError `could_not_save`
   */
  keepFindings(looks: readonly { account: Account; finding: AccountFinding }[]): Account[] {
    const { store } = this.#parts;
    const changes = new Map<string, Account>();
    for (const { account, finding } of looks) {
      const row = store.index.accounts.get(account.id);
      if (!row || !isSameSignIn(row, account)) continue;
      const next = afterFinding(row, finding);
      if (next !== row) changes.set(row.id, next);
    }
    if (changes.size === 0) return [];
    store.change((draft) => {
      draft.accounts = draft.accounts.map((row) => changes.get(row.id) ?? row);
    });
    return [...changes.values()];
  }

  /**
   * Makes the person who was found in an account the one whose account it is (I-16).
   * @param found who its person said yes to, in the words that were shown
   * @throws LanyardError `unknown_account`, `nobody_to_accept`, `person_changed`, `could_not_save`
   */
  acceptPerson(accountId: string, found: string): void {
    const account = this.account(accountId);
    const { unexpected } = account;
    if (!unexpected) throw nobodyToAccept();
    const now = tellApart(unexpected, account.expected ?? account.context);
    if (now.found !== found) throw personChanged(now.found);
    this.#parts.store.change((draft) => {
      draft.accounts = draft.accounts.map((row) => (row === account ? afterAccepting(row, unexpected) : row));
    });
    for (const bundle of this.bundlesOf(accountId)) this.#parts.onChanged(bundle.id);
    const detail = {
      person: personLabel(unexpected),
      instead: personLabel(account.expected ?? account.context),
    };
    this.#parts.audit?.record({ kind: 'account.person_accepted', accountId, detail });
  }

  /**
   * Whether accounts can join a bundle, before anything is done; `null`, one that is to be made, always can.
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`
   */
  checkBundle(bundleId: string | null): void {
    if (bundleId !== null) bundleOf(this.#parts.store.state, bundleId);
  }

  /** Notes a keychain entry before it is made: until `saveApiKey` takes it, the next start deletes it. */
  announceSecret(secret: LooseSecret): void {
    this.#saving.announceSecret(secret);
  }

  /** Vault entries that accounts refer to, and those noted as on their way in or out. */
  vaultEntries(): { used: LooseSecret[]; loose: LooseSecret[] } {
    const { store } = this.#parts;
    const { accounts, looseSecrets } = store.state;
    const used = accounts.flatMap(({ secretRef }) =>
      secretRef.kind === 'keychain' ? [{ service: secretRef.service, account: secretRef.account }] : [],
    );
    return { used, loose: [...looseSecrets, ...store.unreadableSecrets] };
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
   * Finishes what an earlier run left: attempts that were not saved, superseded directories, logouts that were due, loose
   * keychain entries. Call once at start; sign-ins may begin before it is done.
   *
   * @param endRecorded ends a process of an earlier run, if it is still the one that was recorded
   */
  async recover(endRecorded: (process: RecordedProcess) => Promise<unknown>): Promise<void> {
    const { store, directories, fileProblems = [], logout } = this.#parts;
    // What cannot be read may own any directory.
    if (!store.complete || fileProblems.length > 0) return;
    const help: SweepHelp = {
      endRecorded,
      // The directory goes all the same, as it would have without the crash.
      logOut: (providerId, directory, parameters) =>
        logout(providerId, directory, parameters).catch(() => {}),
    };
    this.#startProblems = await recoverFromEarlierRun(store, directories, this.#commits, help);
    // Windows may have listed the bundles already.
    if (this.#startProblems.length > 0) this.#parts.onChanged(blankBundleId);
  }

  /** Deletes what could not be deleted before: call it when the vault was unlocked or changed. */
  async retryDeletions(): Promise<void> {
    await this.#commits.retryDeletions();
  }

  #change(bundleId: string, edit: (draft: IdentityState, now: number) => void): void {
    const { store, clock, onChanged } = this.#parts;
    store.change((draft) => edit(draft, clock.now()));
    onChanged(bundleId);
  }
}

function listed(bundle: Bundle, index: IdentityIndex): ListedBundle {
  return { ...bundle, blank: false, accounts: index.accountsOf(bundle.id) };
}
