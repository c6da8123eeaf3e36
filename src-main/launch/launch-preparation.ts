import { LanyardError } from '../failures.ts';
import type { Identities, ListedBundle } from '../identities/identities.ts';
import type { Account } from '../identities/model.ts';
import type { Audit } from '../journal/audit.ts';
import type { NetworkVariables } from '../network/network-environment.ts';
import type { ProviderPrograms } from '../programs/provider-programs.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { accountSecrets } from './account-secrets.ts';
import { bundleEnvironment } from './bundle-environment.ts';
import type { KeyHomes } from './key-homes.ts';

export interface LaunchPreparationParts {
  identities: Identities;
  providers: ProviderRegistry;
  programs: ProviderPrograms;
  /** As Lanyard was started with. */
  parentEnvironment: NodeJS.ProcessEnv;
  /** What programs are told of the network, over what they inherit. */
  network: { variablesFor(parent: NodeJS.ProcessEnv): NetworkVariables };
  /** Refuses accounts that would not work, or that somebody else is signed in to. */
  beforeLaunch: (accountIds: readonly string[]) => Promise<void>;
  platform: NodeJS.Platform;
  vault: Pick<Vault, 'get'>;
  keyHomes: KeyHomes;
  /** Told of what did not start, and why. */
  audit: Audit;
}

/** What a program is started with as a bundle. */
export interface PreparedLaunch {
  bundle: ListedBundle;
  /** The whole environment but the secrets. */
  env: Record<string, string>;
  /** Further variables, which may stand in no command line and in no file. */
  secrets: Record<string, Secret>;
  /** Variables of the parent that would override these logins. */
  leftOut: string[];
}

/** what has to be right before anything starts as a bundle, the same for every way of starting it. */
export class LaunchPreparation {
  readonly #parts: LaunchPreparationParts;

  constructor(parts: LaunchPreparationParts) {
    this.#parts = parts;
  }

  /**
   * An account that cannot be handed over stops it, since the program would use the machine's own login for it.
   * @param parent the environment that is composed from; the app's own when absent
   * @throws LanyardError `unknown_bundle`, `provider_gone`, `account_needs_sign_in`, `unexpected_person`, those of `accountSecrets`
   */
  async of(bundleId: string, parent?: NodeJS.ProcessEnv): Promise<PreparedLaunch> {
    try {
      return await this.#prepare(bundleId, parent);
    } catch (error) {
      const reason = error instanceof LanyardError ? error.failure.code : 'internal_error';
      this.#parts.audit.record({ kind: 'launch.refused', bundleId, detail: { reason } });
      throw error;
    }
  }

  async #prepare(bundleId: string, parent?: NodeJS.ProcessEnv): Promise<PreparedLaunch> {
    const { identities, providers, programs, beforeLaunch, vault, keyHomes, platform } = this.#parts;
    await beforeLaunch(identities.bundle(bundleId).accounts.map(({ id }) => id));
    const bundle = identities.bundle(bundleId);
    const accounts = bundle.accounts.map((account) => {
      const provider = providers.find(account.provider);
      if (!provider) throw providerGone(account);
      return { account, provider };
    });
    const secrets = await accountSecrets(accounts, vault);
    const withHomes = accounts.map(async ({ account, provider }) => ({
      account,
      provider,
      // The token of a sign-in goes before any login that its program finds.
      keyHome:
        account.secretRef.kind === 'keychain' && account.kind !== 'oauth'
          ? await keyHomes.of(account.id, provider)
          : null,
    }));
    const inherited = parent ?? this.#parts.parentEnvironment;
    const reached = this.#parts.network.variablesFor(inherited);
    const { env, leftOut } = bundleEnvironment({
      accounts: await Promise.all(withHomes),
      bundleName: bundle.name,
      parent: withNetwork(inherited, reached),
      searchPath: await programs.searchPathFor(
        accounts.map(({ provider }) => provider),
        parent?.PATH,
      ),
      platform,
    });
    const without = Object.keys(reached.set).filter((name) => reached.set[name] === null && inherited[name]);
    return {
      bundle,
      env,
      secrets: { ...reached.secrets, ...secrets },
      leftOut: [...new Set([...leftOut, ...without])],
    };
  }
}

/** A proxy's password is not in it: where that is needed, the whole variable is a secret. */
function withNetwork(parent: NodeJS.ProcessEnv, { set, secrets }: NetworkVariables): NodeJS.ProcessEnv {
  const taken = Object.keys({ ...set, ...secrets });
  return Object.fromEntries([
    ...Object.entries(parent).filter(([name]) => !taken.includes(name)),
    ...Object.entries(set).filter(([name, value]) => value !== null && !(name in secrets)),
  ]) as NodeJS.ProcessEnv;
}

function providerGone(account: Account): LanyardError {
  return new LanyardError({
    code: 'provider_gone',
    title: `Nothing is known any more of the provider "${account.provider}", which this identity has an account of.`,
    hint: 'Put its provider file back, or sign the account out.',
  });
}
