import type { bundleCalls } from '../../../src-preload/contract/bundles.ts';
import type { Identities } from '../../identities/identities.ts';
import { bundleSummary, bundleView } from '../../identities/views.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

export interface BundleHandlerParts {
  identities: Identities;
  signOut: (accountId: string) => Promise<void>;
}

/** Identity bundles and the accounts in them. */
export function bundleHandlers({ identities, signOut }: BundleHandlerParts): HandlersOf<typeof bundleCalls> {
  return {
    'bundles.list': () => {
      const { bundles, problems } = identities.list();
      return { bundles: bundles.map(bundleSummary), problems };
    },
    'bundles.get': ({ bundleId }) => bundleView(identities.bundle(bundleId)),
    'bundles.create': ({ name }) => ({ bundleId: identities.createBundle(name).id }),
    'bundles.rename': ({ bundleId, name }) => outcome(() => identities.renameBundle(bundleId, name)),
    'bundles.delete': ({ bundleId }) => outcome(() => identities.deleteBundle(bundleId)),
    'accounts.signOut': ({ accountId }) => outcome(() => signOut(accountId)),
  };
}
