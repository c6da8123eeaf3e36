import { LanyardError } from '../failures.ts';
import type { Identities, ListedBundle } from '../identities/identities.ts';
import { type Account, blankBundleId } from '../identities/model.ts';
import type { Audit } from '../journal/audit.ts';
import { type NetworkVariables, withNetwork } from '../network/network-environment.ts';
import { linkedNames } from '../programs/linked-names.ts';
import type { ProviderPrograms } from '../programs/provider-programs.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { accountSecrets } from './account-secrets.ts';
import { bundleEnvironment } from './bundle-environment.ts';
import { isCloudLogin } from './cloud-accounts.ts';
import type { KeyHomes } from './key-homes.ts';
import { refuseMachineLogin } from './machine-logins.ts';

export interface LaunchPreparationParts {
  identities: Identities;
  providers: Pick<ProviderRegistry, 'find' | 'list'>;
  programs: Pick<ProviderPrograms, 'searchPathFor'>;
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
  /** What a cloud session adds. Throws LanyardError `session_ended`, `other_identity`. */
  sessionVariables: (
    bundleId: string,
    cloudSessionId: string,
    parent: NodeJS.ProcessEnv,
  ) => Promise<{ open: Record<string, string>; secret: Record<string, string> }>;
}

export interface LaunchOptions {
  /** The environment that is composed from; the app's own when absent. */
  parent?: NodeJS.ProcessEnv;
  /** The cloud session whose credentials it gets, in the place of the identity's own cloud logins (C-15). */
  cloudSessionId?: string;
  /** What is started, a name or a path; absent for a shell, or where it is not known. */
  program?: string;
  /** Where a relative path of it begins, absolute. */
  directory?: string;
  /** The person said that the machine's own logins may be used where the identity has none. */
  machineLogins?: boolean;
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
   * An account that cannot be handed over, or is not there, stops it, since the program would use the machine's own login
   * in its place.
   * @throws LanyardError `unknown_bundle`, those of `refuseMachineLogin`, `provider_gone`, `account_needs_sign_in`, `unexpected_person`, `session_ended`,
   *   `other_identity`, those of `accountSecrets`
   */
  async of(bundleId: string, options: LaunchOptions = {}): Promise<PreparedLaunch> {
    try {
      return await this.#prepare(bundleId, options);
    } catch (error) {
      const reason = error instanceof LanyardError ? error.failure.code : 'internal_error';
      this.#parts.audit.record({ kind: 'launch.refused', bundleId, detail: { reason } });
      throw error;
    }
  }

  async #prepare(bundleId: string, options: LaunchOptions): Promise<PreparedLaunch> {
    const { parent, cloudSessionId } = options;
    const { identities, programs, beforeLaunch, vault, keyHomes, platform } = this.#parts;
    const handedOver = () => this.#accounts(identities.bundle(bundleId), cloudSessionId !== undefined);
    await beforeLaunch(handedOver().map(({ account }) => account.id));
    const bundle = identities.bundle(bundleId);
    const accounts = handedOver();
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
    if (bundleId !== blankBundleId && !options.machineLogins) {
      const own = Object.keys(env).filter((name) => env[name] !== inherited[name]);
      const given = {
        bundleName: bundle.name,
        providers: accounts.map(({ provider }) => provider),
        variables: new Set([...own, ...Object.keys(secrets)]),
        underSession: cloudSessionId !== undefined,
      };
      const { program = '', directory = '/' } = options;
      const names = await linkedNames(program, env.PATH ?? '', directory);
      refuseMachineLogin(names, given, this.#parts.providers);
    }
    const session = await this.#session(bundleId, cloudSessionId, { ...env, ...masked(reached.secrets) });
    const without = Object.keys(reached.set).filter((name) => reached.set[name] === null && inherited[name]);
    return {
      bundle,
      env: { ...env, ...session.env },
      secrets: { ...reached.secrets, ...secrets, ...session.secrets },
      leftOut: [...new Set([...leftOut, ...without])],
    };
  }

  /** Those that are handed over: under a cloud session the identity's other ones only. */
  #accounts({ accounts }: ListedBundle, underSession: boolean) {
    return accounts.flatMap((account) => {
      const provider = this.#parts.providers.find(account.provider);
      if (!provider) throw providerGone(account);
      return underSession && isCloudLogin(provider) ? [] : [{ account, provider }];
    });
  }

  async #session(
    bundleId: string,
    cloudSessionId: string | undefined,
    parent: NodeJS.ProcessEnv,
  ): Promise<{ env: Record<string, string>; secrets: Record<string, Secret> }> {
    if (cloudSessionId === undefined) return { env: {}, secrets: {} };
    const { open, secret } = await this.#parts.sessionVariables(bundleId, cloudSessionId, parent);
    const secrets = Object.entries(secret).map(([name, value]) => [name, new Secret(value)] as const);
    // Where a secret takes its place, the open one must not stand beside it.
    const env = Object.fromEntries(Object.entries(open).filter(([name]) => !(name in secret)));
    return { env, secrets: Object.fromEntries(secrets) };
  }
}

/** For looking at names alone. */
function masked(secrets: Record<string, Secret>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.masked()]));
}

function providerGone(account: Account): LanyardError {
  return new LanyardError({
    code: 'provider_gone',
    title: `Nothing is known any more of the provider "${account.provider}", which this identity has an account of.`,
    hint: 'Put its provider file back, or sign the account out.',
  });
}
