import type { SignedInIdentity, YieldedSecret } from '../broker/method.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Vault } from '../vault/vault.ts';
import type { AccountDirectories, DirectoryId } from './account-directories.ts';
import { accountWith, bindAccount, boundAccount, putAccount } from './accounts.ts';
import { addBundle, bundleOf, freeBundleName } from './bundles.ts';
import { type Commits, ignoringFaults, sameSecret } from './commits.ts';
import { unexpectedPerson } from './expected-person.ts';
import { contextOf } from './findings.ts';
import { keepSecret } from './keep-secret.ts';
import { type Bundle, blankBundleId, type SecretRef } from './model.ts';
import { judgePerson } from './same-person.ts';
import type { SavedSignIn, SignInTarget, SignInWay } from './sign-in-target.ts';
import { type IdentityState, type IdentityStore, type LooseSecret, notSaved } from './store.ts';

export interface AccountSavingParts {
  store: IdentityStore;
  directories: AccountDirectories;
  commits: Commits;
  /** Where the secret goes that a sign-in yields. */
  vault: Pick<Vault, 'set'>;
  clock: Clock;
  /** A fresh safe id, such as a UUID. */
  newId: () => string;
  /** What a bundle is named after when nobody knows an email. */
  providerName: (providerId: string) => string;
  /** Start time of a process as the system tells it; `null` when it is gone. */
  processStartTime: (pid: number) => Promise<string | null>;
  /** Called with the account after its row was written. */
  onSaved: (accountId: string) => void;
}

export interface ApiKeyAccount {
  providerId: string;
  /** `api-key` when absent. */
  kind?: 'api-key' | 'pat';
  /** `null` for a bundle made now. */
  bundleId: string | null;
  displayName: string;
  secret: LooseSecret;
  status: 'valid' | 'unknown';
}

export interface AdoptedLogin {
  providerId: string;
  /** `null` for a bundle made now. */
  bundleId: string | null;
  /** Absolute, outside of our own directories; `null` for the place that the program uses by itself. */
  directory: string | null;
  identity: SignedInIdentity;
}

interface Attempt {
  providerId: string;
  bundleId: string | null;
  accountId: string;
  place: (DirectoryId & { directory: string }) | null;
  way: SignInWay | undefined;
}

/** A sign-in's secret that is in the vault. */
interface KeptSecret {
  entry: LooseSecret;
  expiresAt?: number;
}

/** How accounts come in: sign-ins, each into a directory of its own, and API keys. */
export class AccountSaving {
  readonly #parts: AccountSavingParts;

  constructor(parts: AccountSavingParts) {
    this.#parts = parts;
  }

  /** As in `SignInTargets`. */
  open(
    providerId: string,
    usesConfigDir: boolean,
    bundleId: string | null,
    sessionId: string,
    way?: SignInWay,
  ): SignInTarget {
    if (bundleId === blankBundleId) return blankTarget(sessionId);
    const { store, directories, newId, processStartTime } = this.#parts;
    if (bundleId !== null) bundleOf(store.state, bundleId);
    const bound = bundleId === null ? undefined : boundAccount(store.state, bundleId, providerId);
    const accountId = bound?.id ?? newId();
    const place = usesConfigDir ? this.#makeDirectory(accountId, sessionId) : null;
    const attempt: Attempt = { providerId, bundleId, accountId, place, way };

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
      save: async (identity, yielded) => {
        if (state === 'discarded') throw sessionEnded();
        const commit = async (kept: KeptSecret | null) => {
          const { value, lost } = this.#parts.commits.commit((draft) =>
            this.#saveAttempt(draft, attempt, identity, kept),
          );
          state = 'saved';
          this.#parts.onSaved(accountId);
          if (place && kept) await directories.remove(place).catch(() => {});
          else if (place) ignoringFaults(() => directories.confirm(place));
          await this.#parts.commits.cleanUp(lost);
          return value;
        };
        saved ??= (yielded ? this.#keep(providerId, yielded, commit) : commit(null)).catch(
          (error: unknown) => {
            saved = null;
            throw error;
          },
        );
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
   * Saves an account whose key is in the keychain, its binding and, with `bundleId` null, its bundle, in one write.
   * The account that the bundle had for the provider becomes this one (I-7). There is no directory (I-10).
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`, `could_not_save`; nothing is saved then
   */
  async saveApiKey(key: ApiKeyAccount): Promise<{ accountId: string; bundleId: string }> {
    const { providerId, kind = 'api-key' } = key;
    const { providerName, newId, clock } = this.#parts;
    const { value, lost } = this.#parts.commits.commit((draft) => {
      const bound = key.bundleId === null ? undefined : boundAccount(draft, key.bundleId, providerId);
      const bundle =
        key.bundleId === null
          ? this.#addBundle(draft, [providerName(providerId)])
          : bundleOf(draft, key.bundleId);
      const accountId = bound?.id ?? newId();
      putAccount(
        draft,
        {
          id: accountId,
          name: `${providerId}-${kind}`,
          provider: providerId,
          kind,
          displayName: key.displayName,
          secretRef: { kind: 'keychain', ...key.secret },
          context: {},
          status: key.status,
        },
        clock.now(),
      );
      bindAccount(draft, bundle.id, providerId, accountId);
      draft.looseSecrets = draft.looseSecrets.filter((loose) => !sameSecret(loose, key.secret));
      return { accountId, bundleId: bundle.id };
    });
    await this.#parts.commits.cleanUp(lost);
    this.#parts.onSaved(value.accountId);
    return value;
  }

  /**
   * I-15: brings in a login that the machine has already, as a pointer to it. Where another bundle points to it already,
   * the account is shared. Another account of the provider is not replaced: its login would be lost.
   * @throws LanyardError `unknown_bundle`, `blank_is_fixed`, `provider_taken`, `could_not_save`; nothing is saved then
   */
  async adopt(login: AdoptedLogin): Promise<{ accountId: string; bundleId: string }> {
    const { providerId, directory, identity } = login;
    const { providerName, newId, clock, commits } = this.#parts;
    const context = contextOf(identity);
    const secretRef: SecretRef =
      directory === null ? { kind: 'machine' } : { kind: 'oauth-config-dir', dir: directory };
    const { value } = commits.commit((draft) => {
      const bundle =
        login.bundleId === null
          ? this.#addBundle(draft, [context.email, providerName(providerId)])
          : bundleOf(draft, login.bundleId);
      const accountId = accountWith(draft, providerId, secretRef)?.id ?? newId();
      const bound = boundAccount(draft, bundle.id, providerId);
      if (bound && bound.id !== accountId) throw providerTaken(bundle.name, providerName(providerId));
      putAccount(
        draft,
        {
          id: accountId,
          name: `${providerId}-oauth`,
          provider: providerId,
          kind: 'oauth',
          displayName: context.email ?? context.login ?? context.organisation ?? providerName(providerId),
          secretRef,
          context,
          status: 'valid',
        },
        clock.now(),
      );
      bindAccount(draft, bundle.id, providerId, accountId);
      return { accountId, bundleId: bundle.id };
    });
    this.#parts.onSaved(value.accountId);
    return value;
  }

  /** Notes a vault entry before it is made: until its account is saved, the next start deletes it. */
  announceSecret(secret: LooseSecret): void {
    this.#parts.store.change((draft) => {
      draft.looseSecrets.push(secret);
    });
  }

  /** Puts a sign-in's secret into the vault, then saves what refers to it. */
  #keep<T>(
    providerId: string,
    { secret, ...rest }: YieldedSecret,
    save: (kept: KeptSecret) => Promise<T>,
  ): Promise<T> {
    const { vault, newId, commits } = this.#parts;
    const keeper = {
      vault,
      newId,
      announce: (entry: LooseSecret) => this.announceSecret(entry),
      abandon: (entry: LooseSecret) => commits.deleteLoose([entry]),
    };
    return keepSecret(keeper, providerId, secret, (entry) => save({ entry, ...rest }));
  }

  #makeDirectory(accountId: string, sessionId: string): DirectoryId & { directory: string } {
    const { directories, clock } = this.#parts;
    try {
      const id = { accountId, generation: directories.nextGeneration(accountId) };
      return { ...id, directory: directories.create(id, { sessionId, startedAt: clock.now() }) };
    } catch (error) {
      if (error instanceof LanyardError) throw error;
      throw notSaved('Check that the data directory can be written and has space, and try again.', error);
    }
  }

  #saveAttempt(
    draft: IdentityState,
    attempt: Attempt,
    identity: SignedInIdentity,
    kept: KeptSecret | null,
  ): SavedSignIn {
    const { providerId, accountId, place } = attempt;
    const { providerName, clock, commits } = this.#parts;
    const context = contextOf(identity);
    const bundle =
      attempt.bundleId === null
        ? this.#addBundle(draft, [context.email, providerName(providerId)])
        : draft.bundles.find((candidate) => candidate.id === attempt.bundleId);
    if (!bundle) throw notSaved('Its identity was deleted meanwhile. Start again with another one.');
    const row = draft.accounts.find((account) => account.id === accountId);
    const saved = row && commits.directoryOf(row.secretRef);
    if (saved && place && saved.generation > place.generation) {
      throw notSaved('A newer sign-in to the same account was saved meanwhile. There is nothing to do.');
    }
    if (row && judgePerson(row, context) === 'different') {
      throw unexpectedPerson(row.expected ?? row.context, context);
    }
    putAccount(
      draft,
      {
        id: accountId,
        name: `${providerId}-oauth`,
        provider: providerId,
        kind: 'oauth',
        displayName: context.email ?? context.login ?? context.organisation ?? providerName(providerId),
        secretRef: secretRefOf(place, kept),
        context,
        ...(attempt.way ?? {}),
        status: 'valid',
        ...(kept?.expiresAt === undefined ? {} : { expiresAt: kept.expiresAt }),
      },
      clock.now(),
    );
    bindAccount(draft, bundle.id, providerId, accountId);
    if (kept) draft.looseSecrets = draft.looseSecrets.filter((loose) => !sameSecret(loose, kept.entry));
    return { bundleId: bundle.id, accountId, bundleName: bundle.name };
  }

  #addBundle(draft: IdentityState, wishes: (string | undefined)[]): Bundle {
    const { newId, clock } = this.#parts;
    return addBundle(draft, { id: newId(), name: freeBundleName(draft, wishes), now: clock.now() });
  }
}

function secretRefOf(place: Attempt['place'], kept: KeptSecret | null): SecretRef {
  if (kept) return { kind: 'keychain', ...kept.entry };
  return place ? { kind: 'oauth-config-dir', dir: place.directory } : { kind: 'machine' };
}

function providerTaken(bundleName: string, providerName: string): LanyardError {
  return new LanyardError({
    code: 'provider_taken',
    title: `${bundleName} already has a ${providerName} account.`,
    hint: 'Choose another identity, or sign out of that account first.',
  });
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
