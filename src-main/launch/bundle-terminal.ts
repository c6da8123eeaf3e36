import type { Identities } from '../identities/identities.ts';
import type { ProgramFinder } from '../process/program-finder.ts';
import type { ProviderPrograms } from '../programs/provider-programs.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { bundleEnvironment } from './bundle-environment.ts';
import { openTerminal } from './terminal.ts';

export interface BundleTerminalParts {
  identities: Identities;
  providers: ProviderRegistry;
  programs: ProviderPrograms;
  finder: ProgramFinder;
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
}

/**
 * Opens the system's terminal as a bundle: with its accounts' directories in the environment.
 * @throws LanyardError `unknown_bundle`, `no_terminal`
 */
export async function openBundleTerminal(bundleId: string, parts: BundleTerminalParts): Promise<void> {
  const { identities, providers, programs, finder, parentEnvironment, homeDirectory, platform } = parts;
  const bundle = identities.bundle(bundleId);
  const accounts = bundle.accounts.flatMap((account) => {
    const provider = providers.find(account.provider);
    return provider ? [{ account, provider }] : [];
  });
  const { env, leftOut } = bundleEnvironment({
    accounts,
    bundleName: bundle.name,
    parent: parentEnvironment,
    searchPath: await programs.searchPathFor(accounts.map(({ provider }) => provider)),
    platform,
  });
  await openTerminal({
    platform,
    env,
    unset: leftOut,
    cwd: homeDirectory,
    find: (names) => finder.find(names),
  });
}
