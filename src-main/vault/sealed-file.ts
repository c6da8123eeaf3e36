import type { Clock } from '../clock.ts';
import { CallQueue } from './call-queue.ts';
import type { OpenedSeal, PassphraseSeal } from './passphrase-seal.ts';
import {
  codeOf,
  type DiskRead,
  type FileStamp,
  type SealedDisk,
  type SealedWriter,
  WriteGivenUp,
} from './sealed-disk.ts';
import {
  readEntries,
  readSealedText,
  type SealedEntry,
  type SealedParts,
  writeEntries,
  writeSealedText,
} from './sealed-format.ts';
import { newVaultKey, openWithKey, sealWithKey } from './sealed-key.ts';
import type { Secret } from './secret.ts';
import type { Vault, VaultDelete, VaultEntry, VaultFault, VaultRead, VaultWrite } from './vault.ts';

export interface SealedFileParts {
  disk: SealedDisk;
  seal: PassphraseSeal;
  clock: Clock;
  /** How long a call may take, in milliseconds. */
  deadlineMs?: number;
}

export type Unlocked = { status: 'ok' } | { status: 'wrong-passphrase' } | VaultFault;
export type Created = { status: 'ok' } | { status: 'exists' } | VaultFault;

/** What is in memory while it is unlocked. */
interface Open {
  key: Secret;
  /** The file as it was read or written last. */
  stamp: FileStamp;
  sealedKey: string;
  entries: Map<string, SealedEntry>;
}

type Content = { status: 'ok'; sealedKey: string; stamp: FileStamp; entries: Map<string, SealedEntry> };

const backend = 'sealed-file';
/** No count of `lock` calls: what is written stays closed. */
const closed = -1;

/**
 * Entries in one file that a passphrase seals (T-2), for machines without a keychain. The passphrase opens the file's
 * own key, the key opens the entries; both parts are age files. Entries and key are in memory only while it is
 * unlocked, and never on disk in the clear.
 *
 * Several processes can use the same file: each looks whether it changed before it answers, and changes are made one
 * at a time on what is there then.
 */
export class SealedFile implements Vault {
  readonly #disk: SealedDisk;
  readonly #seal: PassphraseSeal;
  readonly #queue: CallQueue;
  #open: Open | null = null;
  /** Counts calls of `lock`: what was under way then must not open it again. */
  #locks = 0;

  constructor({ disk, seal, clock, deadlineMs = 30_000 }: SealedFileParts) {
    this.#disk = disk;
    this.#seal = seal;
    this.#queue = new CallQueue(clock, deadlineMs);
  }

  /** `ok` when it is unlocked; `unavailable` when there is no file. */
  check(): Promise<{ status: 'ok' } | VaultFault> {
    return this.#call(async () => {
      const content = await this.#current();
      return content.status === 'ok' ? { status: 'ok' } : content;
    });
  }

  /** False only when there is certainly no file. */
  async exists(): Promise<boolean> {
    const there = await this.#call(async () => ({ status: (await this.#disk.read()).status }));
    return there.status !== 'missing';
  }

  /** The file's own key while it is unlocked, for a second process of ours. */
  get key(): Secret | null {
    return this.#open?.key ?? null;
  }

  /** Makes the file with no entries in it, and leaves it unlocked. An existing one is not touched. */
  create(passphrase: Secret): Promise<Created> {
    return this.#call<Created>(async (expired) => {
      if ((await this.#disk.read()).status !== 'missing') return { status: 'exists' };
      const locks = this.#locks;
      const key = await newVaultKey();
      const sealed = await this.#seal.seal(passphrase, key);
      if (sealed.status !== 'ok') return fault('unavailable', sealed.detail);
      return this.#alone<Created>(expired, async (writer) => {
        if ((await this.#disk.read()).status !== 'missing') return { status: 'exists' };
        await this.#replace(writer, { key, sealedKey: sealed.armored, entries: new Map() }, locks);
        return { status: 'ok' };
      });
    });
  }

  unlock(passphrase: Secret): Promise<Unlocked> {
    return this.#call<Unlocked>(async () => {
      const locks = this.#locks;
      const read = this.#parts(await this.#disk.read());
      if (read.status !== 'ok') return read;
      const opened = await this.#seal.open(passphrase, read.parts.key);
      return opened.status === 'ok' ? this.#openWith(opened.text, locks) : notOpened(opened);
    });
  }

  /**
   * Seals the file with another passphrase and, since somebody may have a copy of the file and the old one, under another
   * key of its own. It is open or locked afterwards as it was; other processes that have it open must unlock it again.
   */
  changePassphrase(current: Secret, next: Secret): Promise<Unlocked> {
    return this.#call<Unlocked>(async (expired) => {
      const locks = this.#locks;
      const read = this.#parts(await this.#disk.read());
      if (read.status !== 'ok') return read;
      const opened = await this.#seal.open(current, read.parts.key);
      if (opened.status !== 'ok') return notOpened(opened);
      const key = await newVaultKey();
      const sealed = await this.#seal.seal(next, key);
      if (sealed.status !== 'ok') return fault('unavailable', sealed.detail);
      return this.#alone<Unlocked>(expired, async (writer) => {
        // Another process may have written since: what is there now goes along, and its passphrase must be this one still.
        const content = await this.#read(opened.text);
        if (content.status !== 'ok') return content;
        const wasOpen = this.#open !== null;
        const { entries } = content;
        await this.#replace(writer, { key, sealedKey: sealed.armored, entries }, wasOpen ? locks : closed);
        return { status: 'ok' };
      });
    });
  }

  /** Unlocks it with its own key, which another process of ours had. */
  unlockWithKey(key: Secret): Promise<{ status: 'ok' } | VaultFault> {
    return this.#call(() => this.#openWith(key, this.#locks));
  }

  /** Forgets key and entries. A call that is under way may still finish. */
  lock(): void {
    this.#locks += 1;
    this.#open = null;
  }

  /** Renames the file, so that another can be made; nothing is lost. @param name a file name for the same directory */
  setAside(name: string): Promise<VaultWrite> {
    return this.#call<VaultWrite>((expired) =>
      this.#alone<VaultWrite>(expired, async (writer) => {
        await writer.moveTo(name);
        this.#open = null;
        return { status: 'ok' };
      }),
    );
  }

  /** Removes the file if it is unlocked and holds nothing. */
  removeIfEmpty(): Promise<{ status: 'ok' | 'kept' } | VaultFault> {
    return this.#call<{ status: 'ok' | 'kept' } | VaultFault>((expired) =>
      this.#alone<{ status: 'ok' | 'kept' } | VaultFault>(expired, async (writer) => {
        const content = await this.#current();
        if (content.status !== 'ok') return content;
        if (content.entries.size > 0) return { status: 'kept' };
        await writer.remove();
        this.#open = null;
        return { status: 'ok' };
      }),
    );
  }

  get(entry: VaultEntry): Promise<VaultRead> {
    return this.#call<VaultRead>(async () => {
      const content = await this.#current();
      if (content.status !== 'ok') return content;
      const found = content.entries.get(idOf(entry));
      return found ? { status: 'ok', secret: found.secret } : { status: 'not-found' };
    });
  }

  set(entry: VaultEntry, secret: Secret): Promise<VaultWrite> {
    return this.#change<{ status: 'ok' }>((entries) => {
      entries.set(idOf(entry), { service: entry.service, account: entry.account, secret });
      return { status: 'ok' };
    });
  }

  delete(entry: VaultEntry): Promise<VaultDelete> {
    return this.#change<{ status: 'ok' } | { status: 'not-found' }>((entries) =>
      entries.delete(idOf(entry)) ? { status: 'ok' } : { status: 'not-found' },
    );
  }

  /** Applies a change to what is in the file now and writes it, unless `edit` says that there was nothing to do. */
  #change<T extends { status: 'ok' } | { status: 'not-found' }>(
    edit: (entries: Map<string, SealedEntry>) => T,
  ): Promise<T | VaultFault> {
    return this.#call<T | VaultFault>(async (expired) => {
      // Before anything is written: a locked or damaged file needs no lock to say so.
      const before = await this.#current();
      if (before.status !== 'ok') return before;
      return this.#alone<T | VaultFault>(expired, async (writer) => {
        const locks = this.#locks;
        const content = await this.#current();
        if (content.status !== 'ok') return content;
        const entries = new Map(content.entries);
        const done = edit(entries);
        if (done.status === 'ok') {
          const { key, sealedKey } = content;
          await this.#replace(writer, { key, sealedKey, entries }, locks);
        }
        return done;
      });
    });
  }

  /** What the file holds now; reads it again only if it was replaced since. */
  async #current(): Promise<(Content & { key: Secret }) | VaultFault> {
    const open = this.#open;
    if (!open) {
      const read = this.#parts(await this.#disk.read());
      return read.status === 'ok' ? fault('locked', 'It was not unlocked yet.') : read;
    }
    if ((await this.#disk.stamp()) === open.stamp) return { status: 'ok', ...open };
    const locks = this.#locks;
    const content = await this.#read(open.key);
    if (content.status !== 'ok') return content;
    this.#keep({ key: open.key, ...content }, locks);
    return { ...content, key: open.key };
  }

  async #openWith(key: Secret, locks: number): Promise<{ status: 'ok' } | VaultFault> {
    const content = await this.#read(key);
    if (content.status !== 'ok') {
      // Only here: a file that is replaced under an open vault is another file, not a damaged one.
      return content.status === 'locked'
        ? fault('corrupt', 'Its two parts do not belong together.')
        : content;
    }
    this.#keep({ key, ...content }, locks);
    return { status: 'ok' };
  }

  async #read(key: Secret): Promise<Content | VaultFault> {
    const read = this.#parts(await this.#disk.read());
    if (read.status !== 'ok') return read;
    const text = await openWithKey(key, read.parts.entries);
    if (!text) return fault('locked', 'It was replaced by another sealed file.');
    const rows = readEntries(text);
    if (!rows) return fault('corrupt', 'Its entries are not what this Lanyard understands.');
    const entries = new Map(rows.map((row) => [idOf(row), row]));
    return { status: 'ok', sealedKey: read.parts.key, stamp: read.stamp, entries };
  }

  #parts(read: DiskRead): { status: 'ok'; parts: SealedParts; stamp: FileStamp } | VaultFault {
    if (read.status === 'missing') return fault('unavailable', 'There is no file.');
    if (read.status === 'failed') return fault(isRefusal(read.code) ? 'denied' : 'unavailable', read.code);
    const parts = readSealedText(read.text);
    return 'fault' in parts ? fault('corrupt', parts.fault) : { status: 'ok', parts, stamp: read.stamp };
  }

  async #replace(writer: SealedWriter, content: Omit<Open, 'stamp'>, locks: number): Promise<void> {
    const entries = await sealWithKey(content.key, writeEntries(content.entries.values()));
    const stamp = await writer.replace(writeSealedText({ key: content.sealedKey, entries }));
    this.#keep({ ...content, stamp }, locks);
  }

  #keep({ key, stamp, sealedKey, entries }: Open, locks: number): void {
    if (locks === this.#locks) this.#open = { key, stamp, sealedKey, entries };
  }

  /** Runs `work` as the one writer of the file; what stands in the way of writing is a fault. */
  async #alone<T>(
    expired: () => boolean,
    work: (writer: SealedWriter) => Promise<T>,
  ): Promise<T | VaultFault> {
    try {
      const done = await this.#disk.alone(expired, async (writer) => ({ value: await work(writer) }));
      return done ? done.value : fault('timed-out', 'Another process is writing it.');
    } catch (error) {
      if (error instanceof WriteGivenUp)
        return fault('timed-out', 'The write came too late and was given up.');
      return fault('unwritable', codeOf(error));
    }
  }

  async #call<T>(work: (expired: () => boolean) => Promise<T>): Promise<T | VaultFault> {
    try {
      return await this.#queue.run<T | VaultFault>(work, (detail) => fault('timed-out', detail));
    } catch (error) {
      return fault('unavailable', codeOf(error));
    }
  }
}

function notOpened(
  opened: Exclude<OpenedSeal, { status: 'ok' }>,
): { status: 'wrong-passphrase' } | VaultFault {
  switch (opened.status) {
    case 'broken':
      return fault('corrupt', 'The part that the passphrase opens is damaged.');
    case 'failed':
      return fault('unavailable', opened.detail);
    default:
      return { status: opened.status };
  }
}

function fault(status: VaultFault['status'], detail: string): VaultFault {
  return { status, backend, detail };
}

function isRefusal(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

function idOf({ service, account }: VaultEntry): string {
  return JSON.stringify([service, account]);
}
