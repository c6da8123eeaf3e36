import type { RemovalPlan, RemovalReport, RemovalStep } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { LanyardError } from '../failures.ts';
import type { Commits, LostLogin } from './commits.ts';
import type { Account, Bundle } from './model.ts';
import type { IdentityStore } from './store.ts';

export interface AccountRemovalParts {
  store: IdentityStore;
  commits: Commits;
  logout: (
    providerId: string,
    directory: string,
    parameters?: Account['parameters'],
  ) => Promise<'done' | 'none'>;
  hasLogout: (providerId: string) => boolean;
  /** Tells an issuer that an account's tokens are done with; `none` for accounts without any. */
  revoke?: (account: Account) => Promise<'done' | 'none'>;
  /** Whether an account's secret is something that an issuer can be told about. */
  isRevocable?: (account: Account) => boolean;
  removeKeyHome?: (accountId: string) => Promise<void>;
}

/** What taking a bundle or an account away takes along. */
export interface LoginsToRemove {
  /** The bundle that goes with them, if one does. */
  bundle: Bundle | null;
  removed: { account: Account; usedBy: readonly Bundle[]; steps: RemovalStep['what'][] }[];
  kept: { account: Account; keptBy: readonly Bundle[] }[];
  /** Directories of ours among them: what still runs with one of them holds it in its environment. */
  directories: string[];
}

/** I-11: which accounts go, what that takes, and what became of it. */
export class AccountRemoval {
  readonly #parts: AccountRemovalParts;

  constructor(parts: AccountRemovalParts) {
    this.#parts = parts;
  }

  ofBundle(bundle: Bundle): LoginsToRemove {
    const { index } = this.#parts.store;
    const accounts = index.accountsOf(bundle.id).map((account) => ({
      account,
      others: index.bundlesOf(account.id).filter(({ id }) => id !== bundle.id),
    }));
    return this.#plan(
      bundle,
      accounts.filter(({ others }) => others.length === 0).map(({ account }) => account),
      accounts
        .filter(({ others }) => others.length > 0)
        .map(({ account, others }) => ({ account, keptBy: others })),
    );
  }

  ofAccount(account: Account): LoginsToRemove {
    return this.#plan(null, [account], []);
  }

  /**
   * Removes what was kept for accounts whose rows are gone. Goes through all of it, whatever fails on the way.
   * @param lost what the commit that removed the rows left without an owner
   */
  async finish(
    removed: LoginsToRemove['removed'],
    lost: readonly LostLogin[],
  ): Promise<RemovalReport['removed']> {
    const report: RemovalReport['removed'] = [];
    for (const { account } of removed) {
      const login = lost.find((each) => each.account.id === account.id);
      report.push({ ...accountView(account), steps: login ? await this.#remove(login) : [] });
    }
    return report;
  }

  async #remove({ account, place }: LostLogin): Promise<RemovalStep[]> {
    const { commits } = this.#parts;
    switch (place.kind) {
      case 'directory': {
        const logout = await this.#logOut(account, place.path, commits.isSafe(place.id));
        return [...logout, await commits.removeDirectory(place.id)];
      }
      case 'keychain': {
        const revoked = await this.#revoke(account);
        // There is no login in it; what is left of it goes at the next start.
        await this.#parts.removeKeyHome?.(account.id).catch(() => {});
        return [...revoked, ...(await commits.deleteLoose([place.secret]))];
      }
      case 'not-ours':
        return [{ what: 'pointer', outcome: 'done' }];
    }
  }

  async #revoke(account: Account): Promise<RemovalStep[]> {
    const { revoke, isRevocable } = this.#parts;
    if (!revoke || !isRevocable?.(account)) return [];
    try {
      return [{ what: 'logout', outcome: (await revoke(account)) === 'done' ? 'done' : 'not-there' }];
    } catch (error) {
      return [{ what: 'logout', outcome: 'failed', failure: logoutFailure(error) }];
    }
  }

  /** Not where a link stands in the directory's place: it leads to somebody else's login. */
  async #logOut(account: Account, directory: string, safe: boolean): Promise<RemovalStep[]> {
    if (!safe) return [];
    try {
      const outcome = await this.#parts.logout(account.provider, directory, account.parameters);
      return [{ what: 'logout', outcome: outcome === 'done' ? 'done' : 'not-there' }];
    } catch (error) {
      return [{ what: 'logout', outcome: 'failed', failure: logoutFailure(error) }];
    }
  }

  #plan(bundle: Bundle | null, removed: readonly Account[], kept: LoginsToRemove['kept']): LoginsToRemove {
    const { store, commits, hasLogout, isRevocable } = this.#parts;
    const places = removed.map((account) => ({ account, place: commits.placeOf(account) }));
    return {
      bundle,
      removed: places.map(({ account, place }) => ({
        account,
        usedBy: store.index.bundlesOf(account.id),
        steps:
          place.kind === 'directory'
            ? [...(hasLogout(account.provider) ? (['logout'] as const) : []), 'directory']
            : place.kind === 'keychain'
              ? [...(isRevocable?.(account) ? (['logout'] as const) : []), 'keychain']
              : ['pointer'],
      })),
      kept,
      directories: places.flatMap(({ place }) => (place.kind === 'directory' ? [place.path] : [])),
    };
  }
}

/** A plan as windows see it: without where logins are. */
export function planView({ removed, kept }: LoginsToRemove): Pick<RemovalPlan, 'removed' | 'kept'> {
  return {
    removed: removed.map(({ account, usedBy, steps }) => ({
      ...accountView(account),
      steps,
      usedBy: usedBy.map(({ name }) => name),
    })),
    kept: kept.map(keptView),
  };
}

export function keptView({ account, keptBy }: LoginsToRemove['kept'][number]): RemovalReport['kept'][number] {
  return { ...accountView(account), keptBy: keptBy.map(({ name }) => name) };
}

function accountView({ id, provider, context, displayName }: Account) {
  return { accountId: id, providerId: provider, label: context.email ?? displayName };
}

function logoutFailure(error: unknown): Failure {
  if (error instanceof LanyardError) return error.failure;
  return {
    code: 'logout_failed',
    title: "The provider's logout did not work.",
    hint: 'Remove this session on the provider’s website if it is still listed there.',
  };
}
