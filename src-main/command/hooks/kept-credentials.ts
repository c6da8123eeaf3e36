import * as v from 'valibot';
import { couldNotSave, LanyardError } from '../../failures.ts';
import type { StrictJsonFile } from '../../programs/json-file.ts';
import { keychainService } from '../../vault/keychain.ts';
import type { Secret } from '../../vault/secret.ts';
import type { Vault, VaultEntry } from '../../vault/vault.ts';
import { vaultError } from '../../vault/vault-failures.ts';

const RowSchema = v.object({
  id: v.string(),
  bundleId: v.string(),
  /** Who asked us to keep it: what git keeps is not shown to docker. */
  tool: v.picklist(['git', 'docker']),
  /** `https` and such; empty for docker, whose addresses have it in them or not. */
  protocol: v.string(),
  /** With its port where it has one; docker's whole address. */
  host: v.string(),
  path: v.exactOptional(v.string()),
  username: v.string(),
  /** Milliseconds since the Unix epoch, UTC. */
  keptAt: v.number(),
});

/** What is known of a kept credential beside its secret. */
export type KeptRow = v.InferOutput<typeof RowSchema>;

const FileSchema = v.object({ version: v.literal(1), kept: v.array(RowSchema) });

/** What a tool knows of what it looks for; absent: any. */
export interface Wanted {
  protocol: string;
  host: string;
  path?: string | undefined;
  username?: string | undefined;
}

export interface KeptCredentialsParts {
  file: Pick<StrictJsonFile, 'readStrictly' | 'write'>;
  vault: Vault;
  newId: () => string;
  /** Milliseconds since the Unix epoch, UTC. */
  now: () => number;
  /** Whether there is an identity of this id. */
  isBundle: (bundleId: string) => boolean;
  /** Told after every change of the list. Must not throw. */
  onChanged: () => void;
}

/**
 * What other tools asked us to keep, per identity: a list in a file, and each secret in the vault. A row is written before
 * its secret and goes after it, so that no secret is without a row; a row without a secret counts for nothing.
 */
export class KeptCredentials {
  readonly #parts: KeptCredentialsParts;
  /** Changes, one after the other: a secret that is deleted while it is kept anew would stay without its row. */
  #last: Promise<unknown> = Promise.resolve();
  #rows: readonly KeptRow[] = [];
  /** Why the list is not known: then it is not written either, and what it names stays in the vault. */
  #fault: unknown = null;

  constructor(parts: KeptCredentialsParts) {
    this.#parts = parts;
    try {
      this.#rows = v.parse(FileSchema, parts.file.readStrictly() ?? { version: 1, kept: [] }).kept;
    } catch (error) {
      this.#fault = error;
    }
  }

  /** Of one identity and tool, the last one first. @throws LanyardError `kept_list_damaged` */
  list(bundleId: string, tool?: KeptRow['tool']): readonly KeptRow[] {
    this.#needList();
    return this.#rows
      .filter((row) => row.bundleId === bundleId && (tool === undefined || row.tool === tool))
      .toReversed();
  }

  /** How many there are of an identity, as far as the list can be read. */
  count(bundleId: string): number {
    return this.#rows.filter((row) => row.bundleId === bundleId).length;
  }

  /**
   * The last one that was kept of those that fit.
   * @throws LanyardError `kept_list_damaged`, of the vault's faults
   */
  async find(
    bundleId: string,
    tool: KeptRow['tool'],
    wanted: Wanted,
  ): Promise<{ row: KeptRow; secret: Secret } | null> {
    for (const row of this.#fitting(bundleId, tool, wanted)) {
      const read = await this.#parts.vault.get(entryOf(row));
      if (read.status === 'ok') return { row, secret: read.secret };
      if (read.status !== 'not-found') throw vaultError(read);
    }
    return null;
  }

  /**
   * Keeps one, in the place of what fits it exactly.
   * @throws LanyardError `kept_list_damaged`, of the vault's faults, `could_not_save`; what was kept before is still there then
   */
  keep(
    bundleId: string,
    tool: KeptRow['tool'],
    wanted: Wanted & { username: string },
    secret: Secret,
  ): Promise<void> {
    return this.#inTurn(() => this.#keep(bundleId, tool, wanted, secret));
  }

  async #keep(
    bundleId: string,
    tool: KeptRow['tool'],
    { protocol, host, path, username }: Wanted & { username: string },
    secret: Secret,
  ): Promise<void> {
    this.#needList();
    const { newId, now, vault } = this.#parts;
    const known = this.#rows.find(
      (row) =>
        row.bundleId === bundleId &&
        row.tool === tool &&
        row.protocol === protocol &&
        row.host === host &&
        row.path === path &&
        row.username === username,
    );
    const row: KeptRow = {
      id: known?.id ?? newId(),
      bundleId,
      tool,
      protocol,
      host,
      ...(path === undefined ? {} : { path }),
      username,
      keptAt: now(),
    };
    const before = this.#rows;
    this.#write([...before.filter(({ id }) => id !== row.id), row]);
    const stored = await vault.set(entryOf(row), secret);
    if (stored.status === 'ok') return;
    // One that timed out may still come: its row stays, so that it can be found and deleted.
    if (!known && stored.status !== 'timed-out') this.#write(this.#rows.filter(({ id }) => id !== row.id));
    throw vaultError(stored);
  }

  /**
   * Deletes those that fit; with a secret only where it is that one, so that a tool which was refused with an old
   * password does not take away the new one.
   * @returns how many
   * @throws LanyardError of the vault's faults, `could_not_save`
   */
  erase(bundleId: string, tool: KeptRow['tool'], wanted: Wanted, secret?: Secret): Promise<number> {
    return this.#inTurn(async () => {
      let erased = 0;
      for (const row of this.#fitting(bundleId, tool, wanted)) {
        if (secret && !(await this.#holds(row, secret))) continue;
        await this.#delete(row);
        erased += 1;
      }
      return erased;
    });
  }

  /** One by its id; nothing where it is gone. @throws LanyardError `kept_list_damaged`, of the vault's faults, `could_not_save` */
  remove(id: string): Promise<KeptRow | null> {
    return this.#inTurn(async () => {
      this.#needList();
      const row = this.#rows.find((each) => each.id === id);
      if (row) await this.#delete(row);
      return row ?? null;
    });
  }

  /**
   * Deletes what is of identities that are gone, as far as the vault lets it; the rest at the next call.
   * @throws LanyardError `could_not_save`
   */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      for (const row of this.#rows.filter(({ bundleId }) => !this.#parts.isBundle(bundleId))) {
        const gone = await this.#parts.vault.delete(entryOf(row));
        if (gone.status === 'ok' || gone.status === 'not-found') this.#drop(row);
      }
    });
  }

  /** Entries of the vault that are in use, and those that nobody needs any more. */
  entries(): { used: VaultEntry[]; loose: VaultEntry[] } {
    const isUsed = ({ bundleId }: KeptRow) => this.#parts.isBundle(bundleId);
    return {
      used: this.#rows.filter(isUsed).map(entryOf),
      loose: this.#rows.filter((row) => !isUsed(row)).map(entryOf),
    };
  }

  /** As git matches: what was kept without a path is not what is looked for with one. */
  #fitting(bundleId: string, tool: KeptRow['tool'], wanted: Wanted): KeptRow[] {
    return this.list(bundleId, tool).filter(
      (row) =>
        row.protocol === wanted.protocol &&
        row.host === wanted.host &&
        (wanted.path === undefined || row.path === wanted.path) &&
        (wanted.username === undefined || row.username === wanted.username),
    );
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #holds(row: KeptRow, secret: Secret): Promise<boolean> {
    const read = await this.#parts.vault.get(entryOf(row));
    if (read.status !== 'ok' && read.status !== 'not-found') throw vaultError(read);
    return read.status === 'ok' && read.secret.reveal() === secret.reveal();
  }

  async #delete(row: KeptRow): Promise<void> {
    const gone = await this.#parts.vault.delete(entryOf(row));
    if (gone.status !== 'ok' && gone.status !== 'not-found') throw vaultError(gone);
    this.#drop(row);
  }

  #needList(): void {
    if (this.#fault === null) return;
    throw new LanyardError(
      {
        code: 'kept_list_damaged',
        title: 'The list of kept credentials cannot be read.',
        hint: 'Move command/kept-credentials.json out of the data directory (lanyard status names it) and start Lanyard again to begin a new list.',
      },
      { cause: this.#fault },
    );
  }

  #drop(row: KeptRow): void {
    this.#write(this.#rows.filter(({ id }) => id !== row.id));
  }

  #write(rows: readonly KeptRow[]): void {
    try {
      this.#parts.file.write({ version: 1, kept: rows });
    } catch (cause) {
      throw couldNotSave('The list of kept credentials could not be saved.', cause);
    }
    this.#rows = rows;
    this.#parts.onChanged();
  }
}

/** Where it is for, as a person reads it. */
export function addressOf({ protocol, host, path }: KeptRow): string {
  return `${protocol === '' ? '' : `${protocol}://`}${host}${path === undefined ? '' : `/${path}`}`;
}

function entryOf({ tool, id }: KeptRow): VaultEntry {
  return { service: keychainService, account: `hook-${tool}/${id}` };
}
