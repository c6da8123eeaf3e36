import type { Account } from '../identities/model.ts';
import { composeEnvironment } from '../process/environment.ts';
import { accountVariables } from '../providers/account-environment.ts';
import type { ProviderDefinition } from '../providers/definition.ts';

export interface BundleEnvironmentInput {
  /** The bundle's accounts, each with its provider. */
  accounts: { account: Account; provider: ProviderDefinition }[];
  bundleName: string;
  parent: NodeJS.ProcessEnv;
  searchPath: string;
  platform: NodeJS.Platform;
}

/**
 * the environment of a program that runs as a bundle: the allow-listed one of X-5, each account's own config
 * directory, no variables that would override these logins, and `LANYARD_BUNDLE` for prompts and status lines.
 * Accounts whose secret is not a directory contribute nothing but the variables to leave out.
 *
 * @returns `leftOut`: variables of the parent that were left out because they would override a login
 */
export function bundleEnvironment(input: BundleEnvironmentInput): {
  env: Record<string, string>;
  leftOut: string[];
} {
  const set: Record<string, string> = {};
  for (const { account, provider } of input.accounts) {
    if (account.secretRef.kind !== 'oauth-config-dir') continue;
    Object.assign(set, accountVariables(provider, account.secretRef.dir));
  }
  // A control character in a prompt or a status line could pass for something else.
  set.LANYARD_BUNDLE = input.bundleName.replace(/[\x00-\x1f\x7f]/g, ' ');
  const { parent, searchPath, platform } = input;
  const unset = [...new Set(input.accounts.flatMap(({ provider }) => provider.environment.unset))];
  // What one provider sets wins over another's wish to leave it out; the parent's value is gone either way.
  const removed = unset.filter((name) => !(name in set));
  const { env } = composeEnvironment({ parent, searchPath, platform, set, unset: removed });
  const { leftOut } = composeEnvironment({ parent, searchPath, platform, set: {}, unset });
  return { env, leftOut };
}
