import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Identities } from '../identities/identities.ts';
import type { Account } from '../identities/model.ts';
import type { ProgramFinder } from '../process/program-finder.ts';
import type { ProviderPrograms } from '../programs/provider-programs.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Vault } from '../vault/vault.ts';
import { accountSecrets } from './account-secrets.ts';
import { bundleEnvironment } from './bundle-environment.ts';
import type { KeyHomes } from './key-homes.ts';
import { openTerminal } from './terminal.ts';

export interface BundleTerminalParts {
  identities: Identities;
  providers: ProviderRegistry;
  programs: ProviderPrograms;
  finder: ProgramFinder;
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  /** Refuses accounts that would not work, or that somebody else is signed in to. */
  beforeLaunch: (accountIds: readonly string[]) => Promise<void>;
  platform: NodeJS.Platform;
  vault: Pick<Vault, 'get'>;
  keyHomes: KeyHomes;
  /** Absolute, private to the person. */
  runtimeDirectory: string;
  clock: Clock;
}

/**
 * Opens the system's terminal as a bundle: with its accounts' directories and keys in the environment. An account that
 * cannot be handed over stops it, since the terminal would use the machine's own login for it (R-2).
 * @throws LanyardError `unknown_bundle`, `provider_gone`, `account_needs_sign_in`, `unexpected_person`, those of `accountSecrets` and of `openTerminal`
 */
export async function openBundleTerminal(bundleId: string, parts: BundleTerminalParts): Promise<void> {
  const { identities, providers, programs, finder, parentEnvironment, homeDirectory, platform } = parts;
  await parts.beforeLaunch(identities.bundle(bundleId).accounts.map(({ id }) => id));
  const bundle = identities.bundle(bundleId);
  const accounts = bundle.accounts.map((account) => {
    const provider = providers.find(account.provider);
    if (!provider) throw providerGone(account);
    return { account, provider };
  });
  const secrets = await accountSecrets(accounts, parts.vault);
  const withHomes = accounts.map(async ({ account, provider }) => ({
    account,
    provider,
    // The token of a sign-in goes before any login that its program finds.
    keyHome:
      account.secretRef.kind === 'keychain' && account.kind !== 'oauth'
        ? await parts.keyHomes.of(account.id, provider)
        : null,
  }));
  const { env, leftOut } = bundleEnvironment({
    accounts: await Promise.all(withHomes),
    bundleName: bundle.name,
    parent: parentEnvironment,
    searchPath: await programs.searchPathFor(accounts.map(({ provider }) => provider)),
    platform,
  });
  await openTerminal({
    platform,
    env,
    secrets,
    runtimeDirectory: parts.runtimeDirectory,
    clock: parts.clock,
    unset: leftOut,
    cwd: homeDirectory,
    find: (names) => finder.find(names),
  });
}

function providerGone(account: Account): LanyardError {
  return new LanyardError({
    code: 'provider_gone',
    title: `Nothing is known any more of the provider "${account.provider}", which this identity has an account of.`,
    hint: 'Put its provider file back, or sign the account out.',
  });
}
