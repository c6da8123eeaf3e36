import type { bundleCalls } from '../../../src-preload/contract/bundles.ts';
import { type LoginsToRemove, planView } from '../../identities/account-removal.ts';
import { exportIdentities } from '../../identities/export.ts';
import type { LookNote } from '../../identities/health.ts';
import type { Identities } from '../../identities/identities.ts';
import type { Account } from '../../identities/model.ts';
import { bundleSummary, bundleView, type ViewNotes } from '../../identities/views.ts';
import type { AccountUsers } from '../../launch/account-users.ts';
import type { Adoption } from '../../methods/machine/adoption.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface BundleHandlerParts {
  identities: Identities;
  adoption: Adoption;
  /** What is known of an account beside its row. */
  noteOf: (account: Account) => LookNote;
  /** Ends a look at an account, so that nothing works in its directory when that goes, and until what it returns is called. */
  stopLooking: (accountId: string) => Promise<() => void>;
  users: AccountUsers;
  /** What goes along with a copy, besides what it is made of. */
  onDuplicated: (bundleId: string, copyId: string) => void;
  /** Asks for a file's name and writes it; false when the person chose none. Throws LanyardError `could_not_export`. */
  saveFile: (suggestedName: string, text: string) => Promise<boolean>;
  /** Milliseconds since the Unix epoch, UTC. */
  now: () => number;
  log: { warn(event: string, fields: Record<string, string>): void };
}

/** Identity bundles and the accounts in them. */
export function bundleHandlers(parts: BundleHandlerParts): HandlersOf<typeof bundleCalls> {
  const { identities, adoption, users, log } = parts;
  const notes: ViewNotes = {
    isOnThisMachine: (account) => identities.isOnThisMachine(account),
    noteOf: parts.noteOf,
  };
  const plan = async (logins: LoginsToRemove) => ({ ...planView(logins), ...(await users.of(logins)) });
  /** An answer with a report, or why nothing was done. Steps that did not work are in the log, too. */
  const removal = (planned: () => LoginsToRemove, remove: () => ReturnType<Identities['signOut']>) =>
    answer(async () => {
      // Refused before anything is ended.
      const logins = planned();
      await users.end(logins);
      const stopped = await Promise.all(logins.removed.map(({ account }) => parts.stopLooking(account.id)));
      const report = await remove().finally(() => {
        for (const lookAgain of stopped) lookAgain();
      });
      for (const { failure } of report.removed.flatMap(({ steps }) => steps)) {
        if (failure) log.warn('account.removal_step_failed', { code: failure.code });
      }
      return { report };
    });
  return {
    'bundles.list': () => {
      const { bundles, problems } = identities.list();
      return {
        bundles: bundles.map(bundleSummary),
        defaultBundleId: identities.defaultBundleId,
        problems,
      };
    },
    'bundles.get': ({ bundleId }) => bundleView(identities.bundle(bundleId), notes),
    'bundles.create': ({ name }) => ({ bundleId: identities.createBundle(name).id }),
    'bundles.rename': ({ bundleId, name }) => outcome(() => identities.renameBundle(bundleId, name)),
    'bundles.describe': ({ bundleId, description }) =>
      outcome(() => identities.describeBundle(bundleId, description)),
    'bundles.recolour': ({ bundleId, colour }) => outcome(() => identities.recolourBundle(bundleId, colour)),
    'bundles.move': ({ bundleId, beforeBundleId }) =>
      outcome(() => identities.moveBundle(bundleId, beforeBundleId)),
    'bundles.setDefault': ({ bundleId }) => outcome(() => identities.setDefaultBundle(bundleId)),
    'bundles.duplicate': ({ bundleId }) => {
      const { id, name } = identities.duplicateBundle(bundleId);
      parts.onDuplicated(bundleId, id);
      return { bundleId: id, name };
    },
    'bundles.planDelete': ({ bundleId }) => plan(identities.planDelete(bundleId)),
    'bundles.delete': ({ bundleId }) =>
      removal(
        () => identities.planDelete(bundleId),
        () => identities.deleteBundle(bundleId),
      ),
    'bundles.export': () =>
      answer(async () => {
        const content = exportIdentities(identities.list().bundles, identities.defaultBundleId, parts.now());
        const text = `${JSON.stringify(content, null, 2)}\n`;
        return { saved: await parts.saveFile('lanyard-identities.json', text) };
      }),
    'accounts.planSignOut': ({ accountId }) => plan(identities.planSignOut(accountId)),
    'accounts.signOut': ({ accountId }) =>
      removal(
        () => identities.planSignOut(accountId),
        () => identities.signOut(accountId),
      ),
    'accounts.expect': ({ accountId, expected }) =>
      outcome(() =>
        expected ? identities.expectCurrent(accountId) : identities.setExpected(accountId, null),
      ),
    'accounts.findOnMachine': async () => ({ logins: await adoption.list() }),
    'accounts.adopt': ({ providerId, intoBundleId }) =>
      answer(() => adoption.adopt(providerId, intoBundleId ?? null)),
  };
}
