import type {
  AccountView,
  BundleSummary,
  RemovalPlan,
  RemovalReport,
} from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { Reply } from '../../src-preload/contract.ts';
import type { App } from '../state/create-app.ts';
import { allWentWell, stepText } from './removal-words.ts';

/** What a person wants to take away. It outlives what it is about: a card, or a row, is gone before the report is read. */
export interface RemovalRequest {
  title: string;
  keepLabel: string;
  confirmLabel: string;
  /** While it runs, which may take as long as a provider's logout does. */
  busyLabel: string;
  /** Title once it is done and there is something to read. */
  doneTitle: string;
  /** What is said when there is no account in it. */
  emptyText: string;
  plan: () => Promise<Reply<RemovalPlan>>;
  remove: () => Promise<
    Reply<{ success: true; report: RemovalReport } | { success: false; failure: Failure }>
  >;
  /** Whether a report is worth a dialog of its own. */
  isWorthReading: (report: RemovalReport) => boolean;
  /** What is said where it is not. */
  note: (report: RemovalReport) => string;
  /** What gets the focus back when nothing goes. */
  opener: HTMLElement | undefined;
}

export function deletionOf(
  app: App,
  { id: bundleId, name }: Pick<BundleSummary, 'id' | 'name'>,
  opener: HTMLElement | undefined,
): RemovalRequest {
  return {
    title: `Delete ${name}?`,
    keepLabel: 'Keep',
    confirmLabel: 'Delete',
    busyLabel: 'Deleting…',
    doneTitle: `${name} was deleted`,
    emptyText: 'It holds no accounts. This cannot be undone.',
    plan: () => app.bridge.bundles.planDelete({ bundleId }),
    remove: () => app.bridge.bundles.delete({ bundleId }),
    isWorthReading: ({ removed }) => removed.length > 0,
    note: ({ kept }) => `${name} was deleted.${kept.length === 0 ? '' : ' Accounts that others use stay.'}`,
    opener,
  };
}

export function signOutOf(
  app: App,
  { id: accountId }: Pick<AccountView, 'id'>,
  providerName: string,
  opener: HTMLElement | undefined,
): RemovalRequest {
  return {
    title: `Sign out of ${providerName}?`,
    keepLabel: 'Stay signed in',
    confirmLabel: 'Sign out',
    busyLabel: 'Signing out…',
    doneTitle: `Signed out of ${providerName}`,
    emptyText: '',
    plan: () => app.bridge.accounts.planSignOut({ accountId }),
    remove: () => app.bridge.accounts.signOut({ accountId }),
    isWorthReading: (report) => !allWentWell(report),
    note: ({ removed }) =>
      [
        `Signed out of ${providerName}.`,
        ...removed.flatMap(({ steps }) => steps.map((step) => stepText(providerName, step))),
      ].join(' '),
    opener,
  };
}
