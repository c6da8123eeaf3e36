import { composeEnvironment } from '../../process/environment.ts';
import type { OpenerShim } from '../../process/opener-shim.ts';
import { accountVariables, machineVariables } from '../../providers/account-environment.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';

export interface ProgramEnvironmentInput {
  provider: ProviderDefinition;
  /** The account's own; `null` for the login that the machine has. */
  directory: string | null;
  parent: NodeJS.ProcessEnv;
  searchPath: string;
  platform: NodeJS.Platform;
  /** Catches what the program wants opened. */
  shim: Pick<OpenerShim, 'directory' | 'browserProgram'>;
}

/**
 * What a provider's program runs with for one account.
 * @returns `leftOut`: variables of the parent that were left out because they would override the login
 */
export function programEnvironment(input: ProgramEnvironmentInput): {
  env: Record<string, string>;
  leftOut: string[];
} {
  const { provider, directory, parent, searchPath, platform, shim } = input;
  return composeEnvironment({
    parent,
    searchPath,
    set: directory === null ? machineVariables(provider, parent) : accountVariables(provider, directory),
    unset: [...provider.environment.unset],
    platform,
    openerDirectory: shim.directory,
    browserProgram: shim.browserProgram,
  });
}
