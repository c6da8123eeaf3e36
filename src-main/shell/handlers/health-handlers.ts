import type { healthCalls } from '../../../src-preload/contract/health.ts';
import type { AccountHealth } from '../../identities/health.ts';
import type { Identities } from '../../identities/identities.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

/** How accounts are, and who is signed in to them. */
export function healthHandlers(
  health: AccountHealth,
  identities: Identities,
): HandlersOf<typeof healthCalls> {
  return {
    'accounts.check': ({ accountId }) => outcome(() => health.check(accountId)),
    'accounts.checkAll': ({ bundleId }) =>
      outcome(() => health.check(...identities.bundle(bundleId).accounts.map(({ id }) => id))),
    'accounts.acceptPerson': ({ accountId, found }) =>
      outcome(() => identities.acceptPerson(accountId, found)),
  };
}
