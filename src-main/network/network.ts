import type { X509Certificate } from 'node:crypto';
import type { NetworkState, NetworkTest, ProxyForm } from '../../src-preload/contract/network.ts';
import type { Clock } from '../clock.ts';
import { couldNotSave, LanyardError } from '../failures.ts';
import { describeFault } from '../journal/describe-fault.ts';
import type { Fetch } from '../oauth/provider-http.ts';
import type { JsonFile } from '../programs/json-file.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault, VaultEntry, VaultFault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { factsOf, readAuthorities } from './authorities.ts';
import type { AuthorityStore } from './authority-files.ts';
import { type AuthorityFiles, type NetworkVariables, networkVariables } from './network-environment.ts';
import {
  type ProxyCredentials,
  type ProxySettings,
  readProxyForm,
  readSettings,
  settingsFile,
} from './network-settings.ts';
import { testNetwork } from './network-test.ts';
import type { Transport } from './transport.ts';

export interface NetworkParts {
  file: JsonFile;
  authorities: AuthorityStore;
  vault: Pick<Vault, 'get' | 'set' | 'delete'>;
  transport: Transport;
  /** As Lanyard was started with. */
  environment: NodeJS.ProcessEnv;
  redactor: { add(secret: Secret): void };
  clock: Clock;
  /** Told when something of the state is another. Must not throw. */
  onChanged: () => void;
  log: {
    error(event: string, fields?: Record<string, string | number | boolean>): void;
  };
}

/** Where the proxy's password is. */
export const proxyEntry: VaultEntry = { service: 'Lanyard', account: 'network/proxy' };
/** Stands for the whole network when the system is asked for its proxy. */
const anywhere = 'https://example.com/';

/**
 * Settings > Network: the proxy and the certificate authorities, for Lanyard's own requests and for what it starts.
 * Requests wait until the settings are in use.
 */
export class Network {
  /**
   * What children inherit: the environment that Lanyard was started with, over which the settings stand. It is one object
   * that changes with them, for all who start something.
   */
  readonly childEnvironment: NodeJS.ProcessEnv = {};
  readonly #parts: NetworkParts;
  #proxy: ProxySettings;
  #password: Secret | null = null;
  #passwordFault: VaultFault | null = null;
  #systemProxy: string | null = null;
  #authorities: X509Certificate[] = [];
  #files: AuthorityFiles | null = null;
  /** One change at a time. */
  #last: Promise<unknown>;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.#proxy = readSettings(parts.file.read());
    this.#readAuthorities();
    this.#tellChildren();
    this.#last = Promise.resolve();
  }

  /**
   * Puts what is saved in use; again after the vault was opened or the machine was elsewhere. Never rejects: nobody waits
   * for it but requests, which say themselves what is wrong.
   */
  async refresh(): Promise<void> {
    try {
      await this.#alone(async () => {
        await this.#readPassword();
        await this.#use();
      });
    } catch (error) {
      this.#parts.log.error('network.fault', describeFault(error));
    }
  }

  /** For Lanyard's own requests. */
  readonly fetch: Fetch = async (url, init) => {
    await this.#last;
    return this.#parts.transport.fetch(url, init);
  };

  /** Entries of the vault that are in use. */
  entries(): VaultEntry[] {
    return this.#user === '' ? [] : [proxyEntry];
  }

  state(): NetworkState {
    const proxy = this.#proxy;
    const fault = this.#passwordFault;
    return {
      proxy: {
        mode: proxy.mode,
        address: proxy.mode === 'manual' ? proxy.address : '',
        user: this.#user,
        bypass: proxy.mode === 'manual' ? proxy.bypass.join(', ') : '',
      },
      password: this.#user === '' ? 'none' : this.#password ? 'kept' : 'unavailable',
      passwordFailure: this.#user !== '' && !this.#password ? passwordFailure(fault) : null,
      authorities: this.#authorities.map(factsOf),
    };
  }

  /** @throws LanyardError `bad_proxy`, `could_not_save`, and those of the vault; nothing has changed then */
  saveProxy(form: ProxyForm): Promise<void> {
    return this.#alone(async () => {
      const { vault, redactor, file } = this.#parts;
      const next = readProxyForm(form);
      const user = next.mode === 'manual' ? next.user : '';
      let password = this.#password;
      if (user === '') password = null;
      else if (form.password !== '') {
        password = new Secret(form.password);
        redactor.add(password);
        const saved = await vault.set(proxyEntry, password);
        if (saved.status !== 'ok') throw vaultError(saved);
      } else if (user !== this.#user || this.#user === '') throw passwordNeeded();
      saving(() => file.write(settingsFile(next)));
      this.#proxy = next;
      this.#password = password;
      if (user === '' || password) this.#passwordFault = null;
      if (user === '') await this.#forgetPassword();
      await this.#use();
    });
  }

  /**
   * Takes a file in the place of those there were.
   * @returns how many authorities are in it
   * @throws LanyardError as `readAuthorities`, `could_not_save`
   */
  chooseAuthorities(content: Uint8Array): Promise<number> {
    return this.#alone(async () => {
      const found = readAuthorities(content);
      saving(() => this.#parts.authorities.replace(found));
      this.#authorities = found;
      this.#writeFiles();
      await this.#use();
      return found.length;
    });
  }

  removeAuthorities(): Promise<void> {
    return this.#alone(async () => {
      saving(() => this.#parts.authorities.remove());
      this.#authorities = [];
      this.#files = null;
      await this.#use();
    });
  }

  /** @throws LanyardError `no_address` */
  async test(provider: ProviderDefinition): Promise<NetworkTest> {
    await this.#last;
    return testNetwork(provider, this.#parts);
  }

  /** Variables for a child that inherits from somebody else than Lanyard, such as a shell. */
  variablesFor(parent: NodeJS.ProcessEnv): NetworkVariables {
    return networkVariables(
      {
        proxy: this.#proxy,
        credentials: this.#credentials,
        systemProxy: this.#systemProxy,
        authorities: this.#files,
      },
      parent,
    );
  }

  get #user(): string {
    return this.#proxy.mode === 'manual' ? this.#proxy.user : '';
  }

  get #credentials(): ProxyCredentials | null {
    return this.#user === '' || !this.#password ? null : { user: this.#user, password: this.#password };
  }

  async #readPassword(): Promise<void> {
    if (this.#user === '' || this.#password) return;
    const { vault, redactor } = this.#parts;
    const read = await vault.get(proxyEntry);
    if (read.status === 'ok') {
      redactor.add(read.secret);
      this.#password = read.secret;
    }
    this.#passwordFault = read.status === 'ok' || read.status === 'not-found' ? null : read;
  }

  async #forgetPassword(): Promise<void> {
    const gone = await this.#parts.vault.delete(proxyEntry);
    if (gone.status !== 'ok' && gone.status !== 'not-found')
      this.#parts.log.error('network.password_left', { status: gone.status });
  }

  #readAuthorities(): void {
    const { authorities, log } = this.#parts;
    try {
      this.#authorities = authorities.read();
      this.#writeFiles();
    } catch (error) {
      // Without them some servers are refused, which says where to look.
      log.error('network.authorities', describeFault(error));
    }
  }

  #writeFiles(): void {
    const { authorities, log } = this.#parts;
    this.#files = null;
    if (this.#authorities.length === 0) return;
    try {
      this.#files = authorities.filesFor(this.#authorities);
    } catch (error) {
      log.error('network.authorities', describeFault(error));
    }
  }

  async #use(): Promise<void> {
    const { transport, onChanged } = this.#parts;
    const proxy = this.#proxy;
    await transport.use({
      proxy:
        proxy.mode === 'manual'
          ? {
              mode: 'manual',
              address: proxy.address,
              bypass: proxy.bypass,
              credentials: this.#credentials,
            }
          : proxy,
      authorities: this.#authorities.map(String),
    });
    const way = proxy.mode === 'system' ? await transport.wayTo(anywhere) : null;
    this.#systemProxy = way?.kind === 'proxy' ? `http://${way.address}` : null;
    this.#tellChildren();
    onChanged();
  }

  #tellChildren(): void {
    const { environment } = this.#parts;
    const { set, secrets } = this.variablesFor(environment);
    const next: NodeJS.ProcessEnv = { ...environment, ...revealed(secrets, set) };
    for (const name of Object.keys(this.childEnvironment)) delete this.childEnvironment[name];
    for (const [name, value] of Object.entries(next))
      if (value !== undefined) this.childEnvironment[name] = value;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** A child's environment is memory of our own until it has started. */
function revealed(
  secrets: Record<string, Secret>,
  set: NetworkVariables['set'],
): Record<string, string | undefined> {
  return Object.fromEntries([
    ...Object.entries(set).map(([name, value]) => [name, value ?? undefined]),
    ...Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]),
  ]);
}

/** @throws LanyardError `could_not_save` */
function saving(write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw couldNotSave('The network settings could not be saved', cause);
  }
}

function passwordNeeded(): LanyardError {
  return new LanyardError({
    code: 'bad_proxy',
    title: 'The proxy cannot be used like this',
    hint: 'Correct what is marked and save again. Nothing was changed.',
    fields: { password: 'Type the password that goes with the user name.' },
  });
}

function passwordFailure(fault: VaultFault | null) {
  if (fault) return vaultError(fault).failure;
  return {
    code: 'secret_missing',
    title: "The proxy's password is no longer where keys are kept",
    hint: 'Type it again and save.',
  };
}
