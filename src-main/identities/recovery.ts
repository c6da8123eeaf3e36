import type { Problem } from '../../src-preload/contract/values.ts';
import type { AccountDirectories, SweepHelp } from './account-directories.ts';
import type { Commits } from './commits.ts';
import type { IdentityStore } from './store.ts';

/**
 * Finishes what an earlier run left: attempts that were not saved, superseded directories, logouts that were due, loose
 * keychain entries.
 *
 * @returns what was left alone because nobody knows whose it is
 */
export async function recoverFromEarlierRun(
  store: IdentityStore,
  directories: AccountDirectories,
  commits: Commits,
  help: SweepHelp,
): Promise<Problem[]> {
  const unreadable = store.unreadableAccountIds;
  const known = store.state.accounts.flatMap((account) => commits.directoryOf(account.secretRef) ?? []);
  const report = await directories.sweep(known, help, (accountId) => unreadable.has(accountId));
  await commits.deleteLoose(store.state.looseSecrets);
  return report.problems;
}
