import type { Account } from '../identities/model.ts';
import { composeEnvironment } from '../process/environment.ts';
import { accountVariables, machineVariables } from '../providers/account-environment.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { accountProvider } from '../providers/parameters.ts';

export interface BundleEnvironmentInput {
  /** The bundle's accounts, each with its provider, and with a directory where one is made for its key (`KeyHomes`). */
  accounts: { account: Account; provider: ProviderDefinition; keyHome?: string | null }[];
  bundleName: string;
  parent: NodeJS.ProcessEnv;
  searchPath: string;
  platform: NodeJS.Platform;
}

/**
 * the environment of a program that runs as a bundle: the allow-listed one of X-5, each account's own config
 * directory, no variables that would override these logins, and `LANYARD_BUNDLE` for prompts and status lines.
 * Of accounts whose secret is in the vault it has the variables to leave out; the secret itself is never in here, see
 * `accountSecrets`. For the machine's own login the person's variables stay as they are (I-15).
 *
 * @returns `leftOut`: variables of the parent that were left out because they would override a login
 */
export function bundleEnvironment(input: BundleEnvironmentInput): {
  env: Record<string, string>;
  leftOut: string[];
} {
  const set: Record<string, string> = {};
  for (const { account, provider, keyHome = null } of input.accounts) {
    if (account.secretRef.kind === 'machine') Object.assign(set, machineVariables(provider, input.parent));
    const directory = account.secretRef.kind === 'oauth-config-dir' ? account.secretRef.dir : keyHome;
    if (directory !== null)
      Object.assign(set, accountVariables(accountProvider(provider, account), directory));
  }
  Object.assign(set, { LANYARD_BUNDLE: markValue(input.bundleName) });
  const { parent, searchPath, platform } = input;
  const unset = [
    ...new Set(
      input.accounts
        // The machine's own login is whatever the person's environment makes of it.
        .filter(({ account }) => account.secretRef.kind !== 'machine')
        .flatMap(({ provider }) => provider.environment.unset),
    ),
  ];
  // What one provider sets wins over another's wish to leave it out; the parent's value is gone either way.
  const removed = unset.filter((name) => !(name in set));
  const { env } = composeEnvironment({ parent, searchPath, platform, set, unset: removed });
  const { leftOut } = composeEnvironment({ parent, searchPath, platform, set: {}, unset });
  return { env, leftOut };
}

/** The entry by which programs that run as a bundle are known. */
export function bundleMark(bundleName: string): string {
  return `LANYARD_BUNDLE=${markValue(bundleName)}`;
}

/** A control character in a prompt or a status line could pass for something else. */
function markValue(bundleName: string): string {
  return bundleName.replace(/[\x00-\x1f\x7f]/g, ' ');
}
