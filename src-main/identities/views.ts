import type { AccountView, BundleView } from '../../src-preload/contract/bundles.ts';
import type { ListedBundle } from './identities.ts';
import type { Account } from './model.ts';

/** A bundle as windows see it: without where secrets live. */
export function bundleView({ accounts, ...bundle }: ListedBundle): BundleView {
  return { ...bundle, accounts: accounts.map(accountView) };
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
