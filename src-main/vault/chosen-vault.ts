import type { Clock } from '../clock.ts';
import { couldNotSave, LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import { AutoLock } from './auto-lock.ts';
import type { SealedFile } from './sealed-file.ts';
import type { Secret } from './secret.ts';
import type {
  Vault,
  VaultBackend,
  VaultDelete,
  VaultEntry,
  VaultFault,
  VaultRead,
  VaultWrite,
} from './vault.ts';
import { vaultError } from './vault-failures.ts';
import {
  type AutoLockRule,
  type Leftover,
  readVaultSettings,
  usualAutoLock,
  type VaultSettings,
  type VaultSettingsFile,
} from './vault-settings.ts';

export interface ChosenVaultParts {
  keychain: Vault;
  sealedFile: SealedFile;
  settings: VaultSettingsFile;
  /** What moves along when another backend is chosen. */
  entries: () => EntriesInUse;
  clock: Clock;
  /** Told when another backend is in use, or the sealed file was unlocked, locked or set aside. Must not throw. */
  onChanged: () => void;
  /** Told what a person did with it. */
  audit?: Audit;
  /** Entries that Lanyard uses for itself: that is no use by the person, and keeps nothing open. */
  isOurs?: (entry: VaultEntry) => boolean;
}

export interface EntriesInUse {
  /** Somebody's key. */
  used: VaultEntry[];
  /** Noted as on their way in or out; most of them are not there, and nobody misses one. */
  loose: VaultEntry[];
}

export interface VaultState {
  backend: VaultBackend | null;
  /** Of the backend in use; for the keychain what a look at it says, which asks the person nothing. */
  status: 'ready' | VaultFault['status'];
  fault: VaultFault | null;
  /** Whether there is a sealed file, in use or not, and if it is open. */
  sealedFile: 'absent' | 'locked' | 'unlocked' | 'corrupt' | 'unreadable';
  /** How many entries are somebody's key. */
  entries: number;
}

/** The shortest passphrase of a new sealed file, in characters: age's own advice is ten random ones, or four words. */
export const minPassphraseLength = 12;

/** How long a call waits for a move to another backend, in milliseconds. */
const gateDeadlineMs = 60_000;
/** Nothing is ever stored under it: reading it says whether the backend answers. */
const absentEntry: VaultEntry = { service: 'Lanyard', account: 'look' };

/**
 * The vault that the person has chosen (T-2): the keychain, until they choose otherwise. Nothing is ever stored
 * anywhere else because something did not work. A change of backend moves every entry, or changes nothing.
 */
export class ChosenVault implements Vault {
  readonly #parts: ChosenVaultParts;
  #settings: VaultSettings;
  /** Calls that are under way: a move waits for them, and those that come during a move wait for it. */
  readonly #calls = new Set<Promise<unknown>>();
  readonly #autoLock: AutoLock;
  #moving: Promise<unknown> | null = null;

  constructor(parts: ChosenVaultParts) {
    this.#parts = parts;
    this.#settings = readVaultSettings(parts.settings);
    this.#autoLock = new AutoLock({
      clock: parts.clock,
      rule: () => this.autoLock,
      lock: () => this.lock(),
      isBusy: () => this.#moving !== null,
    });
  }

  get backend(): VaultBackend | null {
    return this.#settings.backend;
  }

  /** When the sealed file is locked by itself. */
  get autoLock(): AutoLockRule {
    return this.#settings.autoLock ?? usualAutoLock;
  }

  get(entry: VaultEntry): Promise<VaultRead> {
    return this.#use<VaultRead>(entry, (vault) => vault.get(entry));
  }

  set(entry: VaultEntry, secret: Secret): Promise<VaultWrite> {
    return this.#use<VaultWrite>(entry, (vault) => vault.set(entry, secret));
  }

  delete(entry: VaultEntry): Promise<VaultDelete> {
    return this.#use<VaultDelete>(entry, (vault) => vault.delete(entry));
  }

  /** How it stands. Changes nothing and asks nobody. */
  async state(): Promise<VaultState> {
    const { sealedFile, keychain, entries } = this.#parts;
    const { backend } = this.#settings;
    const file = await sealedFile.check();
    const looked =
      backend === 'keychain' ? await keychain.get(absentEntry) : backend === null ? notChosen : file;
    const fault = 'backend' in looked ? looked : null;
    return {
      backend,
      status: fault ? fault.status : 'ready',
      fault,
      sealedFile: fileState(file),
      entries: entries().used.length,
    };
  }

  /**
   * Puts a backend in use and moves the entries there: each is read, written, read again and compared, before
   * anything is switched; only then are they deleted where they were. When something is in the way, nothing has
   * changed.
   *
   * @param choice.passphrase for the sealed file: opens it if there is one, else makes one
   * @param choice.leaveBehind takes a backend whose entries cannot be read out of use all the same; they stay in it
   * @throws LanyardError `vault_busy`, `vault_not_moved`, `vault_not_taken`, `wrong_passphrase`, `passphrase_needed`,
   *   `passphrase_too_short`, `could_not_save`, and those of `vaultError`
   */
  choose(choice: { backend: VaultBackend; passphrase: Secret | null; leaveBehind?: boolean }): Promise<void> {
    return this.#alone(async () => {
      const { sealedFile, onChanged } = this.#parts;
      const from = this.#settings.backend;
      const made = choice.backend === 'sealed-file' && (await this.#openSealedFile(choice.passphrase));
      if (from !== choice.backend) {
        try {
          const leaveBehind = choice.leaveBehind ?? false;
          const { copied, orphaned } =
            from === null ? nothing : await this.#copyAll(from, choice.backend, leaveBehind);
          this.#switch(from, choice.backend, copied, orphaned);
        } catch (error) {
          await this.#tidy();
          if (made) await sealedFile.removeIfEmpty();
          throw error;
        }
        await this.#tidy();
        if (from === 'sealed-file') await sealedFile.removeIfEmpty();
        this.#parts.audit?.record({
          kind: 'vault.chosen',
          detail: { from: from ?? 'none', to: choice.backend },
        });
      }
      if (choice.backend === 'sealed-file') this.#autoLock.used();
      onChanged();
    });
  }

  /** Throws LanyardError `wrong_passphrase` and those of `vaultError`. */
  async unlock(passphrase: Secret): Promise<void> {
    const unlocked = await this.#parts.sealedFile.unlock(passphrase);
    if (unlocked.status !== 'ok') {
      const refusal = unlocked.status === 'wrong-passphrase' ? wrongPassphrase() : vaultError(unlocked);
      this.#parts.audit?.record({ kind: 'vault.unlock_failed', detail: { reason: refusal.failure.code } });
      throw refusal;
    }
    this.#autoLock.used();
    this.#parts.onChanged();
    this.#parts.audit?.record({ kind: 'vault.unlocked' });
    await this.tidy();
  }

  lock(): void {
    this.#autoLock.closed();
    this.#parts.sealedFile.lock();
    this.#parts.onChanged();
    this.#parts.audit?.record({ kind: 'vault.locked' });
  }

  /**
   * Gives the sealed file another passphrase. The current one is asked for also while it is open: it may be somebody
   * else who sits there.
   * @throws LanyardError `vault_busy`, `wrong_passphrase`, `passphrase_too_short`, and those of `vaultError`
   */
  changePassphrase(current: Secret, next: Secret): Promise<void> {
    return this.#alone(async () => {
      if (isTooShort(next)) throw passphraseTooShort();
      const changed = await this.#parts.sealedFile.changePassphrase(current, next);
      if (changed.status === 'wrong-passphrase') throw wrongPassphrase();
      if (changed.status !== 'ok') throw vaultError(changed);
      this.#parts.onChanged();
      this.#parts.audit?.record({ kind: 'vault.passphrase_changed' });
    });
  }

  /** Throws LanyardError `vault_not_chosen`, `could_not_save`; then the old rule holds. */
  setAutoLock(rule: AutoLockRule): void {
    // What could not be read is not written over by the way.
    if (this.#settings.backend === null) throw vaultError(notChosen);
    this.#save({ ...this.#settings, autoLock: rule });
    this.#autoLock.ruleChanged();
    this.#parts.onChanged();
  }

  /** The person went away: the computer sleeps, or its screen is locked. */
  away(): void {
    this.#autoLock.away();
  }

  /** The person came back; timers stood still meanwhile. */
  back(): void {
    this.#autoLock.check();
  }

  /** Ends what waits for a time; for quitting. */
  stop(): void {
    this.#autoLock.closed();
  }

  /**
   * Renames a sealed file that is damaged, or whose passphrase is lost, so that another can be made. Nothing is lost.
   * @returns the file's new name, in the data directory
   * @throws those of `vaultError`
   */
  async setAside(): Promise<string> {
    const time = new Date(this.#parts.clock.now()).toISOString().replaceAll(':', '-');
    const name = `vault.aside-${time}.age`;
    const moved = await this.#parts.sealedFile.setAside(name);
    if (moved.status !== 'ok') throw vaultError(moved);
    this.#parts.onChanged();
    this.#parts.audit?.record({ kind: 'vault.set_aside', detail: { file: name } });
    return name;
  }

  /** Deletes what earlier moves, or a crash in one, left in a backend that is not in use for it. */
  async tidy(): Promise<void> {
    if (this.#moving || this.#settings.leftovers.length === 0) return;
    await this.#alone(() => this.#tidy());
  }

  #vault(backend: VaultBackend): Vault {
    return backend === 'keychain' ? this.#parts.keychain : this.#parts.sealedFile;
  }

  async #use<T extends { status: string }>(
    entry: VaultEntry,
    call: (vault: Vault) => Promise<T | VaultFault>,
  ): Promise<T | VaultFault> {
    while (this.#moving) if (!(await this.#moved(this.#moving))) return stillMoving(this.#settings.backend);
    const { backend } = this.#settings;
    if (backend === null) return notChosen;
    this.#autoLock.check();
    const answer = call(this.#vault(backend));
    this.#calls.add(answer);
    try {
      const answered = await answer;
      const isUse = backend === 'sealed-file' && !isFault(answered) && !this.#parts.isOurs?.(entry);
      if (isUse) this.#autoLock.used();
      return answered;
    } finally {
      this.#calls.delete(answer);
    }
  }

  /** False when the move takes too long to wait for. */
  async #moved(moving: Promise<unknown>): Promise<boolean> {
    let cancel = () => {};
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#parts.clock.after(gateDeadlineMs, () => resolve(false));
    });
    const over = () => true;
    return Promise.race([moving.then(over, over), late]).finally(() => cancel());
  }

  /** Runs `work` while no other call does. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#moving) throw busy();
    const moving = Promise.allSettled(this.#calls).then(work);
    this.#moving = moving;
    try {
      return await moving;
    } finally {
      this.#moving = null;
    }
  }

  /** @returns whether it was made just now */
  async #openSealedFile(passphrase: Secret | null): Promise<boolean> {
    const { sealedFile } = this.#parts;
    const there = await sealedFile.check();
    if (there.status === 'ok') return false;
    if (there.status !== 'locked' && there.status !== 'unavailable') throw vaultError(there);
    if (!passphrase) throw passphraseNeeded();
    if (there.status === 'unavailable' && isTooShort(passphrase)) throw passphraseTooShort();
    const opened =
      there.status === 'locked' ? await sealedFile.unlock(passphrase) : await sealedFile.create(passphrase);
    if (opened.status === 'wrong-passphrase') throw wrongPassphrase();
    if (opened.status === 'exists') throw busy();
    if (opened.status !== 'ok') throw vaultError(opened);
    return there.status === 'unavailable';
  }

  /**
   * Copies every entry. Copies that will not be used are noted as leftovers.
   * @returns the entries that are in the new place now, and loose ones that the old one would not give out
   * @throws LanyardError `vault_not_moved`, `vault_not_taken`, `could_not_save`
   */
  async #copyAll(
    from: VaultBackend,
    to: VaultBackend,
    leaveBehind: boolean,
  ): Promise<{ copied: VaultEntry[]; orphaned: VaultEntry[] }> {
    const { used, loose } = this.#parts.entries();
    // Noted first: after a crash the copies are found and deleted.
    const noted = [...used, ...loose].map(at(to));
    this.#save({ ...this.#settings, leftovers: [...this.#settings.leftovers, ...noted] });
    const copied: VaultEntry[] = [];
    const orphaned: VaultEntry[] = [];
    let answers = true;
    for (const entry of [...used, ...loose]) {
      const isLoose = loose.includes(entry);
      // A backend that does not answer would be waited for once per entry.
      const outcome = answers ? await this.#copy(entry, from, to) : silent(from);
      if (outcome === 'copied') copied.push(entry);
      if (outcome === 'copied' || outcome === null) continue;
      if (outcome.backend !== from || !(isLoose || leaveBehind)) throw notMoved(outcome, from);
      if (isLoose) orphaned.push(entry);
      if (outcome.status === 'timed-out') answers = false;
    }
    return { copied, orphaned };
  }

  /** `null` when there is no such entry. */
  async #copy(
    entry: VaultEntry,
    from: VaultBackend,
    to: VaultBackend,
  ): Promise<'copied' | null | VaultFault> {
    const read = await this.#vault(from).get(entry);
    if (read.status === 'not-found') return null;
    if (read.status !== 'ok') return read;
    const written = await this.#vault(to).set(entry, read.secret);
    if (written.status !== 'ok') return written;
    const check = await this.#vault(to).get(entry);
    if (check.status === 'ok' && check.secret.reveal() === read.secret.reveal()) return 'copied';
    if (check.status === 'ok' || check.status === 'not-found') {
      return { status: 'corrupt', backend: to, detail: 'A value did not read back as it was written.' };
    }
    return check;
  }

  /** The one write that puts another backend in use. What was copied is a leftover where it was. */
  #switch(from: VaultBackend | null, to: VaultBackend, copied: VaultEntry[], orphaned: VaultEntry[]): void {
    const others = this.#settings.leftovers.filter(
      (leftover) => !(leftover.backend === to && copied.some((entry) => isSame(entry, leftover))),
    );
    const left = from === null ? [] : [...copied, ...orphaned].map(at(from));
    this.#save({ ...this.#settings, backend: to, leftovers: [...others, ...left] });
  }

  async #tidy(): Promise<void> {
    const { backend, leftovers } = this.#settings;
    const { used, loose } = this.#parts.entries();
    const inUse = [...used, ...loose];
    const kept: Leftover[] = [];
    for (const leftover of leftovers) {
      // Moved back since, or saved again: then it is no leftover.
      if (leftover.backend === backend && inUse.some((entry) => isSame(entry, leftover))) continue;
      if (leftover.backend === 'sealed-file' && !(await this.#parts.sealedFile.exists())) continue;
      const { status } = await this.#vault(leftover.backend).delete(leftover);
      if (status !== 'ok' && status !== 'not-found') kept.push(leftover);
    }
    if (kept.length === leftovers.length) return;
    try {
      this.#save({ ...this.#settings, leftovers: kept });
    } catch {
      // Deleting what is gone does no harm: the next start asks again.
    }
  }

  /** Throws LanyardError `could_not_save`; then the old settings hold. */
  #save(settings: VaultSettings): void {
    try {
      this.#parts.settings.write(settings);
    } catch (cause) {
      throw couldNotSave('The choice could not be saved.', cause);
    }
    this.#settings = settings;
  }
}

const notChosen: VaultFault = {
  status: 'unavailable',
  backend: null,
  detail: 'The file with the choice could not be read.',
};

const nothing = { copied: [], orphaned: [] };

function silent(backend: VaultBackend): VaultFault {
  return { status: 'timed-out', backend, detail: 'It did not answer before.' };
}

function stillMoving(backend: VaultBackend | null): VaultFault {
  return { status: 'timed-out', backend, detail: 'Keys are being moved to another place.' };
}

function fileState(file: { status: 'ok' } | VaultFault): VaultState['sealedFile'] {
  switch (file.status) {
    case 'ok':
      return 'unlocked';
    case 'locked':
    case 'corrupt':
      return file.status;
    case 'unavailable':
      return 'absent';
    default:
      return 'unreadable';
  }
}

function at(backend: VaultBackend): (entry: VaultEntry) => Leftover {
  return ({ service, account }) => ({ backend, service, account });
}

function isFault(answer: { status: string }): boolean {
  return answer.status !== 'ok' && answer.status !== 'not-found';
}

function isTooShort(passphrase: Secret): boolean {
  return [...passphrase.reveal()].length < minPassphraseLength;
}

function isSame(a: VaultEntry, b: VaultEntry): boolean {
  return a.service === b.service && a.account === b.account;
}

function wrongPassphrase(): LanyardError {
  return new LanyardError({
    code: 'wrong_passphrase',
    title: 'This is not the passphrase of the sealed file.',
    hint: 'Check the keyboard’s language and Caps Lock, and type it again.',
  });
}

function passphraseNeeded(): LanyardError {
  return new LanyardError({
    code: 'passphrase_needed',
    title: 'The sealed file needs its passphrase.',
    hint: 'Type the passphrase and try again.',
  });
}

function passphraseTooShort(): LanyardError {
  return new LanyardError({
    code: 'passphrase_too_short',
    title: `The passphrase needs at least ${minPassphraseLength} characters.`,
    hint: 'Take four or five words that do not belong together.',
  });
}

function busy(): LanyardError {
  return new LanyardError({
    code: 'vault_busy',
    title: 'Something is being done with the keys already.',
    hint: 'Wait a moment and try again.',
  });
}

/** `vault_not_moved` when the old place does not give a key out, `vault_not_taken` when the new one does not take it. */
function notMoved(fault: VaultFault, from: VaultBackend): LanyardError {
  const { failure } = vaultError(fault);
  const inUse = from === 'keychain' ? 'The keychain' : 'The sealed file';
  const given = fault.backend !== from;
  return new LanyardError({
    code: given ? 'vault_not_taken' : 'vault_not_moved',
    title: 'The keys could not be moved, so nothing was changed.',
    hint: given
      ? `${inUse} stays in use. ${failure.hint}`
      : `${inUse} stays in use. Make it work and try again, or leave the keys where they are.`,
    detail: `${failure.title} ${failure.detail ?? ''}`.trim(),
  });
}
