import type { AccountView, BundleSummary, BundleView } from '../../src-preload/contract/bundles.ts';
import type { ListedBundle } from './identities.ts';
import type { Account } from './model.ts';

/** A bundle as windows see it: without where secrets live. */
export function bundleView({ accounts, ...bundle }: ListedBundle): BundleView {
  return { ...bundle, accounts: accounts.map(accountView) };
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

function accountView(account: Account): AccountView {
  const { email, organisation, plan } = account.context;
  return {
    id: account.id,
    providerId: account.provider,
    kind: account.kind,
    displayName: account.displayName,
    ...(email ? { email } : {}),
    ...(organisation ? { organisation } : {}),
    ...(plan ? { plan } : {}),
    status: account.status,
    createdAt: account.createdAt,
    updatedAt: account.updatedAt,
  };
}
