import { createHash } from 'node:crypto';
import { Secret } from './secret.ts';
import type { Vault, VaultDelete, VaultEntry, VaultFault, VaultRead, VaultWrite } from './vault.ts';

/** Windows' Credential Manager takes 2,560 bytes (T-2), which are 1,280 letters in its UTF-16; with a margin. */
export const windowsLimit = 1200;

const generations = ['a', 'b'] as const;
type Generation = (typeof generations)[number];

/** What stands in an entry whose value is in parts. */
interface Head {
  generation: Generation;
  count: number;
  sha256: string;
}

const marker = 'lanyard-parts:';

/**
 * A vault over one that limits the length of a value: a longer one is kept in several entries beside it (T-2).
 *
 * There are two sets of parts. A new value goes into the set that is not in use, and the entry itself, written last,
 * says which one is: a crash in between leaves the old value. The entry also has the value's hash, so parts that do
 * not belong together are `corrupt` and never a wrong value.
 */
export class SplitEntries implements Vault {
  readonly #vault: Vault;
  readonly #limit: number;

  /** @param limit the longest value of the vault below, in UTF-16 units; at least 120 */
  constructor(vault: Vault, limit: number) {
    this.#vault = vault;
    this.#limit = limit;
  }

  async get(entry: VaultEntry): Promise<VaultRead> {
    for (;;) {
      const found = await this.#vault.get(entry);
      if (found.status !== 'ok' || !isHead(found.secret)) return found;
      const value = await this.#join(entry, found.secret);
      if (value.status !== 'corrupt') return value;
      // Replaced by another process while we read: then the entry says something else now.
      const again = await this.#vault.get(entry);
      if (again.status === 'ok' && again.secret.reveal() === found.secret.reveal()) return value;
    }
  }

  async set(entry: VaultEntry, secret: Secret): Promise<VaultWrite> {
    const text = secret.reveal();
    const old = await this.#vault.get(entry);
    if (old.status !== 'ok' && old.status !== 'not-found') return old;
    const used = old.status === 'ok' ? readHead(old.secret)?.generation : undefined;
    if (text.length <= this.#limit && !isHead(secret)) {
      const written = await this.#vault.set(entry, secret);
      return written.status === 'ok' ? this.#written(entry, null) : written;
    }
    const generation = used === 'a' ? 'b' : 'a';
    // What an unfinished write left there may be longer than what comes now.
    const cleared = await this.#deleteParts(entry, generation);
    if (cleared) return cleared;
    const encoded = Buffer.from(text, 'utf8').toString('base64');
    const count = Math.ceil(encoded.length / this.#limit);
    for (let n = 0; n < count; n += 1) {
      const part = new Secret(encoded.slice(n * this.#limit, (n + 1) * this.#limit));
      const written = await this.#vault.set(partOf(entry, generation, n), part);
      if (written.status !== 'ok') return written;
    }
    const head = new Secret(`${marker}1:${generation}:${count}:${hash(text)}`);
    const written = await this.#vault.set(entry, head);
    return written.status === 'ok' ? this.#written(entry, generation) : written;
  }

  async delete(entry: VaultEntry): Promise<VaultDelete> {
    const deleted = await this.#vault.delete(entry);
    if (deleted.status !== 'ok' && deleted.status !== 'not-found') return deleted;
    for (const generation of generations) {
      const fault = await this.#deleteParts(entry, generation);
      if (fault) return fault;
    }
    return deleted;
  }

  async #join(entry: VaultEntry, head: Secret): Promise<VaultRead> {
    const parsed = readHead(head);
    if (!parsed) return corrupt('The entry says that it is in parts, in a way that is not understood.');
    let encoded = '';
    for (let n = 0; n < parsed.count; n += 1) {
      const part = await this.#vault.get(partOf(entry, parsed.generation, n));
      if (part.status === 'not-found') return corrupt(`Part ${n + 1} of ${parsed.count} is missing.`);
      if (part.status !== 'ok') return part;
      encoded += part.secret.reveal();
    }
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    if (hash(text) !== parsed.sha256) return corrupt('Its parts do not belong together.');
    return { status: 'ok', secret: new Secret(text) };
  }

  /** The value is in force; parts that are not of it are removed as far as that works. */
  async #written(entry: VaultEntry, used: Generation | null): Promise<VaultWrite> {
    for (const generation of generations) if (generation !== used) await this.#deleteParts(entry, generation);
    return { status: 'ok' };
  }

  /** From the last to the first, so that what a crash leaves is found again from the first. */
  async #deleteParts(entry: VaultEntry, generation: Generation): Promise<VaultFault | null> {
    let count = 0;
    for (;;) {
      const part = await this.#vault.get(partOf(entry, generation, count));
      if (part.status === 'not-found') break;
      if (part.status !== 'ok') return part;
      count += 1;
    }
    for (let n = count - 1; n >= 0; n -= 1) {
      const deleted = await this.#vault.delete(partOf(entry, generation, n));
      if (deleted.status !== 'ok' && deleted.status !== 'not-found') return deleted;
    }
    return null;
  }
}

function partOf({ service, account }: VaultEntry, generation: Generation, n: number): VaultEntry {
  return { service, account: `${account}#${generation}${n}` };
}

function isHead(secret: Secret): boolean {
  return secret.reveal().startsWith(marker);
}

function readHead(secret: Secret): Head | null {
  const found = /^lanyard-parts:1:([ab]):(\d{1,4}):([0-9a-f]{64})$/.exec(secret.reveal());
  if (!found) return null;
  return { generation: found[1] === 'a' ? 'a' : 'b', count: Number(found[2]), sha256: found[3] ?? '' };
}

function hash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function corrupt(detail: string): VaultFault {
  return { status: 'corrupt', backend: 'keychain', detail };
}
