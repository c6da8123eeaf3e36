import type { Account, Bundle } from './model.ts';
import type { IdentityState } from './store.ts';

/** Ways through one state that do not pass by every row. Made once for a state, used until the next change. */
export class IdentityIndex {
  readonly bundles: ReadonlyMap<string, Bundle>;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly #accountsOf = new Map<string, Account[]>();
  readonly #bundlesOf = new Map<string, Bundle[]>();

  constructor(state: Readonly<IdentityState>) {
    this.bundles = new Map(state.bundles.map((bundle) => [bundle.id, bundle]));
    this.accounts = new Map(state.accounts.map((account) => [account.id, account]));
    const bundleIdsOf = new Map<string, Set<string>>();
    for (const { bundleId, accountId } of state.bindings) {
      const ids = bundleIdsOf.get(accountId);
      if (ids) ids.add(bundleId);
      else bundleIdsOf.set(accountId, new Set([bundleId]));
    }
    for (const account of state.accounts) {
      for (const bundleId of bundleIdsOf.get(account.id) ?? []) {
        const accounts = this.#accountsOf.get(bundleId);
        if (accounts) accounts.push(account);
        else this.#accountsOf.set(bundleId, [account]);
      }
    }
    for (const bundle of state.bundles) {
      for (const account of this.#accountsOf.get(bundle.id) ?? []) {
        const bundles = this.#bundlesOf.get(account.id);
        if (bundles) bundles.push(bundle);
        else this.#bundlesOf.set(account.id, [bundle]);
      }
    }
  }

  /** A bundle's accounts in the order in which they were first connected. */
  accountsOf(bundleId: string): readonly Account[] {
    return this.#accountsOf.get(bundleId) ?? [];
  }

  /** The bundles that use an account, in their order. */
  bundlesOf(accountId: string): readonly Bundle[] {
    return this.#bundlesOf.get(accountId) ?? [];
  }

  boundAccount(bundleId: string, providerId: string): Account | undefined {
    return this.accountsOf(bundleId).find((account) => account.provider === providerId);
  }
}
