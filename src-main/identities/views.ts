import type { AccountView, BundleSummary, BundleView } from '../../src-preload/contract/bundles.ts';
import type { LookNote } from './health.ts';
import type { ListedBundle } from './identities.ts';
import type { Account } from './model.ts';
import { personLabel, tellApart } from './same-person.ts';

/** What a view needs to know of an account beside its row. */
export interface ViewNotes {
  /** As of `Identities`. */
  isOnThisMachine: (account: Account) => boolean;
  noteOf: (account: Account) => LookNote;
}

/** A bundle as windows see it: without where secrets live. */
export function bundleView({ accounts, ...bundle }: ListedBundle, notes: ViewNotes): BundleView {
  return { ...bundle, accounts: accounts.map((account) => accountView(account, notes)) };
}

/** A bundle as a list shows it. */
export function bundleSummary({ accounts, ...bundle }: ListedBundle): BundleSummary {
  return {
    ...bundle,
    accountCount: accounts.length,
    toRenew: accounts.filter(
      ({ status, unexpected }) => status === 'needs-sign-in' || status === 'expiring' || unexpected,
    ).length,
    people: [...new Set(accounts.map(({ context, displayName }) => context.email ?? displayName))],
  };
}

function accountView(account: Account, { isOnThisMachine, noteOf }: ViewNotes): AccountView {
  const { expiresAt, unexpected } = account;
  const { checkedAt, detail, checking, renewalProblem } = noteOf(account);
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
    onThisMachine: isOnThisMachine(account),
    ...(account.flowId ? { flowId: account.flowId } : {}),
    ...(account.parameters ? { parameters: account.parameters } : {}),
    ...(account.expected ? { expected: personLabel(account.expected) } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(checkedAt === undefined ? {} : { checkedAt }),
    ...(detail === undefined ? {} : { checkDetail: detail }),
    ...(renewalProblem === undefined ? {} : { renewalProblem }),
    ...(checking ? { checking } : {}),
    ...(unexpected ? { unexpected: tellApart(unexpected, account.expected ?? account.context) } : {}),
    createdAt: account.createdAt,
    updatedAt: account.updatedAt,
  };
}
