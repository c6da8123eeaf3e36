import type { Problem } from '../../src-preload/contract/values.ts';
import type { AccountDirectories, RecordedProcess } from './account-directories.ts';
import type { Commits } from './commits.ts';
import type { IdentityStore } from './store.ts';

/**
 * Finishes what an earlier run left: attempts that were not saved, superseded directories, loose keychain entries.
 *
 * @param endRecorded ends a process of an earlier run, if it is still the one that was recorded
 * @returns what was left alone because nobody knows whose it is
 */
export async function recoverFromEarlierRun(
  store: IdentityStore,
  directories: AccountDirectories,
  commits: Commits,
  endRecorded: (process: RecordedProcess) => Promise<unknown>,
): Promise<Problem[]> {
  const unreadable = store.unreadableAccountIds;
  const known = store.state.accounts.flatMap((account) => commits.directoryOf(account.secretRef) ?? []);
  const report = await directories.sweep(known, endRecorded, (accountId) => unreadable.has(accountId));
  await commits.deleteLoose(store.state.looseSecrets);
  return report.problems;
}
