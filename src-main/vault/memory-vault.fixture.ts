import { Secret } from './secret.ts';
import type {
  Vault,
  VaultBackend,
  VaultDelete,
  VaultEntry,
  VaultFault,
  VaultRead,
  VaultWrite,
} from './vault.ts';

/** A backend in memory that stops on request: at a call by number, as a crash would, or with a fault. */
export class MemoryVault implements Vault {
  readonly values = new Map<string, string>();
  readonly backend: VaultBackend;
  /** Answers every call from now on. */
  fault: VaultFault['status'] | null = null;
  /** The calls until the power is cut: none after that has an effect. */
  callsLeft = Number.POSITIVE_INFINITY;
  /** The longest value it takes. */
  limit = Number.POSITIVE_INFINITY;
  calls = 0;

  constructor(backend: VaultBackend) {
    this.backend = backend;
  }

  async get(entry: VaultEntry): Promise<VaultRead> {
    const stopped = this.#stopped();
    if (stopped) return stopped;
    const text = this.values.get(entry.account);
    return text === undefined ? { status: 'not-found' } : { status: 'ok', secret: new Secret(text) };
  }

  async set(entry: VaultEntry, secret: Secret): Promise<VaultWrite> {
    const stopped = this.#stopped();
    if (stopped) return stopped;
    const text = secret.reveal();
    if (text.length > this.limit) return { status: 'denied', backend: this.backend, detail: 'too long' };
    this.values.set(entry.account, text);
    return { status: 'ok' };
  }

  async delete(entry: VaultEntry): Promise<VaultDelete> {
    const stopped = this.#stopped();
    if (stopped) return stopped;
    return { status: this.values.delete(entry.account) ? 'ok' : 'not-found' };
  }

  #stopped(): VaultFault | null {
    this.calls += 1;
    if (this.fault) return { status: this.fault, backend: this.backend, detail: 'told to' };
    this.callsLeft -= 1;
    return this.callsLeft < 0 ? { status: 'unavailable', backend: this.backend, detail: 'no power' } : null;
  }
}
