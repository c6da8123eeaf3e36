import { mkdir } from 'node:fs/promises';
import type { Identities } from '../identities/identities.ts';
import type { Account } from '../identities/model.ts';
import { type NetworkVariables, withNetwork } from '../network/network-environment.ts';
import type { ProviderPrograms } from '../programs/provider-programs.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { accountSecrets } from './account-secrets.ts';
import { bundleEnvironment } from './bundle-environment.ts';
import type { KeyHomes } from './key-homes.ts';

export interface ShellPreparationParts {
  identities: Pick<Identities, 'bundle'>;
  providers: Pick<ProviderRegistry, 'find'>;
  programs: Pick<ProviderPrograms, 'searchPathFor'>;
  network: { variablesFor(parent: NodeJS.ProcessEnv): NetworkVariables };
  /** As `LaunchPreparationParts.beforeLaunch`. */
  beforeLaunch: (accountIds: readonly string[]) => Promise<void>;
  vault: Pick<Vault, 'get'>;
  keyHomes: Pick<KeyHomes, 'of'>;
  /** A directory without any login, absolute; made when it is needed. */
  noLogin: string;
  platform: NodeJS.Platform;
}

export interface ShellVariables {
  /** The whole environment but the keys. */
  env: Record<string, string>;
  /** Empty where keys are not wanted. */
  secrets: Record<string, Secret>;
  /** Variables of the shell that would override these logins. */
  leftOut: string[];
  /** Accounts that are keys and were not handed over. */
  withheld: Account[];
}

/**
 * what a person's own shell gets when it enters an identity's directory. Unlike a launch it cannot be refused: the
 * shell goes on. Whatever is not handed over leads its programs to a directory without a login, so that none of them uses
 * the machine's own for it.
 */
export class ShellPreparation {
  readonly #parts: ShellPreparationParts;

  constructor(parts: ShellPreparationParts) {
    this.#parts = parts;
  }

  /**
   * @param keys whether keys are put into the shell, too
   * @throws LanyardError those of `beforeLaunch` and, with keys, of `accountSecrets`
   */
  async open(bundleId: string, parent: NodeJS.ProcessEnv, keys: boolean): Promise<ShellVariables> {
    const accounts = this.#accounts(bundleId);
    await this.#parts.beforeLaunch(accounts.map(({ account }) => account.id));
    // A look may have changed what is known of them.
    const known = this.#accounts(bundleId);
    const secrets = keys ? await accountSecrets(known, this.#parts.vault) : {};
    return this.#variables(bundleId, parent, secrets, { keys, closed: false });
  }

  /** None of the identity's logins, and none of the machine's for its providers: for one that cannot be used now. */
  closed(bundleId: string, parent: NodeJS.ProcessEnv): Promise<ShellVariables> {
    return this.#variables(bundleId, parent, {}, { keys: false, closed: true });
  }

  async #variables(
    bundleId: string,
    parent: NodeJS.ProcessEnv,
    secrets: Record<string, Secret>,
    { keys, closed }: { keys: boolean; closed: boolean },
  ): Promise<ShellVariables> {
    const { identities, programs, network, keyHomes, noLogin, platform } = this.#parts;
    await mkdir(noLogin, { recursive: true, mode: 0o500 });
    const accounts = this.#accounts(bundleId);
    const withHomes = accounts.map(async ({ account, provider }) => {
      const { secretRef } = account;
      if (secretRef.kind === 'machine') return { account, provider };
      if (closed) return { account: { ...account, secretRef: keylessRef }, provider, keyHome: noLogin };
      if (secretRef.kind !== 'keychain' || provider.issuer) return { account, provider };
      if (keys && account.kind === 'oauth') return { account, provider };
      const home = account.kind === 'oauth' ? null : await keyHomes.of(account.id, provider);
      return { account, provider, keyHome: home ?? (keys ? null : noLogin) };
    });
    const { env, leftOut } = bundleEnvironment({
      accounts: await Promise.all(withHomes),
      bundleName: identities.bundle(bundleId).name,
      // What this takes out stays the shell's own affair, such as a proxy whose address has a password in it.
      parent: withNetwork(parent, network.variablesFor(parent)),
      searchPath: await programs.searchPathFor(
        accounts.map(({ provider }) => provider),
        parent.PATH,
      ),
      platform,
    });
    const withheld = accounts
      .filter(({ account, provider }) => account.secretRef.kind === 'keychain' && !provider.issuer)
      .map(({ account }) => account);
    return { env, secrets, leftOut, withheld: keys ? [] : withheld };
  }

  /** A provider that is gone has no variables either, and no program that would know one. */
  #accounts(bundleId: string) {
    return this.#parts.identities.bundle(bundleId).accounts.flatMap((account) => {
      const provider = this.#parts.providers.find(account.provider);
      return provider ? [{ account, provider }] : [];
    });
  }
}

/** Neither a directory nor the machine's. */
const keylessRef = { kind: 'keychain', service: '', account: '' } as const;
