import type { Clock } from '../clock.ts';
import { CallQueue } from './call-queue.ts';
import { Secret } from './secret.ts';
import type { Vault, VaultDelete, VaultEntry, VaultFault, VaultRead, VaultWrite } from './vault.ts';

/** Service under which all of Lanyard's entries stand. */
export const keychainService = 'Lanyard';

const backend = 'keychain';

/** The part of `@napi-rs/keyring` that is used. */
export interface KeyringModule {
  AsyncEntry: new (
    service: string,
    account: string,
    options?: { linux?: { store?: 'secret-service' | 'keyutils' } },
  ) => {
    getPassword(): Promise<string | null>;
    setPassword(text: string): Promise<void>;
    deletePassword(): Promise<boolean>;
  };
}

/**
 * The system's keychain: Keychain, Secret Service or Credential Manager (T-2).
 *
 * On Linux the Secret Service is asked for by name: left to itself the library falls back to the kernel's keyring,
 * which forgets everything at shutdown.
 *
 * Calls run one after the other. One that hangs (a prompt nobody answers) blocks a thread of Node's pool, and a few
 * of those would stop all file access; queued calls time out instead.
 */
export class Keychain implements Vault {
  readonly #queue: CallQueue;
  readonly #load: () => Promise<KeyringModule>;
  #module: Promise<KeyringModule> | null = null;

  /**
   * @param deadlineMs how long a call may take, in milliseconds; long enough to type a keychain's password
   * @param load loads the native module, on the first call
   */
  constructor(clock: Clock, deadlineMs = 60_000, load: () => Promise<KeyringModule> = loadKeyring) {
    this.#queue = new CallQueue(clock, deadlineMs);
    this.#load = load;
  }

  async get(entry: VaultEntry): Promise<VaultRead> {
    const answer = await this.#call(entry, (item) => item.getPassword());
    if ('fault' in answer) return answer.fault;
    return answer.value === null
      ? { status: 'not-found' }
      : { status: 'ok', secret: new Secret(answer.value) };
  }

  async set(entry: VaultEntry, secret: Secret): Promise<VaultWrite> {
    const answer = await this.#call(entry, (item) => item.setPassword(secret.reveal()));
    return 'fault' in answer ? without(answer.fault, secret) : { status: 'ok' };
  }

  async delete(entry: VaultEntry): Promise<VaultDelete> {
    const answer = await this.#call(entry, (item) => item.deletePassword());
    if ('fault' in answer) return answer.fault;
    return { status: answer.value ? 'ok' : 'not-found' };
  }

  #call<T>(
    entry: VaultEntry,
    use: (item: InstanceType<KeyringModule['AsyncEntry']>) => Promise<T>,
  ): Promise<{ value: T } | { fault: VaultFault }> {
    return this.#queue.run<{ value: T } | { fault: VaultFault }>(
      async () => {
        try {
          this.#module ??= this.#load();
          const { AsyncEntry } = await this.#module;
          // The constructor already talks to the Secret Service and throws when there is none.
          const item = new AsyncEntry(entry.service, entry.account, { linux: { store: 'secret-service' } });
          return { value: await use(item) };
        } catch (error) {
          return { fault: faultOf(error) };
        }
      },
      (detail) => ({ fault: { status: 'timed-out', backend, detail } }),
    );
  }
}

async function loadKeyring(): Promise<KeyringModule> {
  return import('@napi-rs/keyring');
}

/** The library has one error class and one code for everything, so its text decides (texts of 2.1.2, by system). */
function faultOf(error: unknown): VaultFault {
  const detail = error instanceof Error ? error.message : 'The keychain failed.';
  // Secret Service: the closed collection's prompt was dismissed, or there is nobody to ask. macOS -25308.
  if (/prompt (was )?dismissed|object locked|is locked|interaction is not allowed/i.test(detail)) {
    return { status: 'locked', backend, detail };
  }
  // macOS -128, -25293, -67671; D-Bus policies.
  if (/user canceled|passphrase you entered is not correct|denied|not permitted|authoriz/i.test(detail)) {
    return { status: 'denied', backend, detail };
  }
  // The library's own D-Bus timeout of two seconds.
  if (/did not receive a reply|timed? ?out/i.test(detail)) {
    return { status: 'timed-out', backend, detail };
  }
  return { status: 'unavailable', backend, detail };
}

function without(fault: VaultFault, secret: Secret): VaultFault {
  const text = secret.reveal();
  return text === '' ? fault : { ...fault, detail: fault.detail.replaceAll(text, '[secret]') };
}
