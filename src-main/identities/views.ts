import type { AccountView, BundleSummary, BundleView } from '../../src-preload/contract/bundles.ts';
import { nameOfPerson } from './expected-person.ts';
import type { ListedBundle } from './identities.ts';
import type { Account } from './model.ts';

/**
 * A bundle as windows see it: without where secrets live.
 * @param isOnThisMachine as of `Identities`
 */
export function bundleView(
  { accounts, ...bundle }: ListedBundle,
  isOnThisMachine: (account: Account) => boolean,
): BundleView {
  return { ...bundle, accounts: accounts.map((account) => accountView(account, isOnThisMachine(account))) };
}

/** A bundle as a list shows it. */
export function bundleSummary({ accounts, ...bundle }: ListedBundle): BundleSummary {
  return {
    ...bundle,
    accountCount: accounts.length,
    toRenew: accounts.filter(({ status }) => status === 'needs-sign-in' || status === 'expiring').length,
    people: [...new Set(accounts.map(({ context, displayName }) => context.email ?? displayName))],
  };
}

function accountView(account: Account, onThisMachine: boolean): AccountView {
  const { email, login, organisation, plan } = account.context;
  return {
    id: account.id,
    providerId: account.provider,
    kind: account.kind,
    displayName: account.displayName,
    ...(email ? { email } : {}),
    ...(login ? { login } : {}),
    ...(organisation ? { organisation } : {}),
    ...(plan ? { plan } : {}),
    status: account.status,
    onThisMachine,
    ...(account.flowId ? { flowId: account.flowId } : {}),
    ...(account.parameters ? { parameters: account.parameters } : {}),
    ...(account.expected ? { expected: nameOfPerson(account.expected) } : {}),
    createdAt: account.createdAt,
    updatedAt: account.updatedAt,
  };
}
