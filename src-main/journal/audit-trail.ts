import type { Clock } from '../clock.ts';
import { FileLock, type FileLockParts } from '../vault/file-lock.ts';
import { codeOf } from '../vault/sealed-disk.ts';
import type { Vault, VaultFault } from '../vault/vault.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { describeFault } from './describe-fault.ts';
import { type TrailCheck, TrailChecker, trailKinds } from './trail-check.ts';
import { type FileEnd, TrailFiles } from './trail-files.ts';
import {
  chainStart,
  longestLine,
  readLine,
  type TrailEntry,
  type TrailKey,
  type TrailLine,
  type TrailPlace,
  writeLine,
} from './trail-line.ts';
import { type HeadRead, newTrailKey, readHead, writeHead } from './trail-seal.ts';

export interface AuditTrailParts {
  /** Where its files stand; made when missing, mode 0700. */
  directory: string;
  /** Keeps the key that signs entries, and how far the trail goes. */
  vault: Pick<Vault, 'get' | 'set'>;
  clock: Clock;
  /** Keeps processes that share the data directory apart. */
  lock: Omit<FileLockParts, 'clock'>;
  /** Takes secrets out of a text. */
  redact: (text: string) => string;
  /** What is known of an event's ids now, where the event itself does not say it. */
  knownOf: (event: AuditEvent) => KnownOfEvent;
  /** Told after entries were written. Must not throw. */
  onChanged: () => void;
  log: { error(event: string, fields?: Record<string, string | number | boolean>): void };
  /** Size from which on the next file is begun, bytes; 1 MB when absent. */
  maxFileBytes?: number;
}

export type KnownOfEvent = Partial<
  Pick<TrailEntry, 'bundleId' | 'bundleName' | 'providerId' | 'accountName'>
>;

export interface TrailState {
  /** The last entry that was written; 0 where there is none, or none was looked for yet. */
  last: number;
  /** Whether entries are signed now. */
  signs: boolean;
  /** Why not, where the vault said so; `null` also before it was asked. */
  fault: VaultFault['status'] | null;
  /** Entries of this run that nothing vouches for yet. */
  unsigned: number;
  /** Entries that wait to be written. */
  waiting: number;
  /** The system's code for what keeps them from being written, or `locked-out` where another process does not let go. */
  writeFault: string | null;
}

/** How long the first entries wait for the vault before they are written unsigned, ms. */
const vaultLimitMs = 1_500;
/** A vault that did not answer is asked again when it is said to have changed, or after this long, ms. */
const vaultRetryMs = 5 * 60_000;
/** What was written is told to the vault this long after, together with what comes in between, ms. */
const headDelayMs = 3_000;
const writeRetryMs = 10_000;
/** How long another process is waited for, ms; longer than the lock takes to see that a crash left it. */
const lockLimitMs = 15_000;
/** How long quitting waits for the vault, ms. */
const stopLimitMs = 3_000;
const mostAtOnce = 500;
const mostWaiting = 10_000;
const longestText = 200;
const mostDetails = 16;

type Waiting = Omit<TrailEntry, 'seq' | 'prev' | 'key'>;

/**
 * The audit trail: lines that are only ever added, each with a number, the hash of the one before, and a
 * signature whose key is in the vault, together with number and hash of the last one. So whoever can write its files, but
 * not the vault, cannot change it unseen.
 *
 * Entries are written at once. Where the vault is closed they are written unsigned, and vouched for by an entry of their
 * own once the same run can sign. Processes take turns under a lock, and each goes on from what it finds.
 */
export class AuditTrail implements Audit {
  readonly #parts: AuditTrailParts;
  readonly #files: TrailFiles;
  readonly #lock: FileLock;
  #queue: Waiting[] = [];
  #lost = 0;
  #writing: Promise<void> | null = null;
  #again = false;
  #turn: Promise<unknown> = Promise.resolve();
  #writeFault: string | null = null;
  #cancelRetry: (() => void) | null = null;
  /** Where the files end and with which entry, as this process left them; `null` before it has looked. */
  #end: FileEnd | null = null;
  #tail: TrailPlace | null = null;
  #key: TrailKey | null = null;
  /** What the vault has. */
  #head: TrailPlace | null = null;
  /** A head that came after entries were written: whether it fits is still to be seen. */
  #uncompared: TrailPlace | null = null;
  #isAsking = false;
  #vaultFault: { status: VaultFault['status']; at: number } | null = null;
  /** Entries of this run without a signature. */
  #unsigned: { from: number; to: number }[] = [];
  #cancelHead: (() => void) | null = null;
  #telling: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
    this.#files = new TrailFiles(parts.directory, parts.maxFileBytes ?? 1_000_000);
    this.#lock = new FileLock(`${parts.directory}/writer.lock`, { ...parts.lock, clock: parts.clock });
  }

  /** The files, to read from. */
  get files(): TrailFiles {
    return this.#files;
  }

  record(event: AuditEvent): void {
    if (this.#stopped) return;
    this.#enqueue(this.#waitingEntry(event));
    this.#kick();
  }

  state(): TrailState {
    const unsigned = this.#unsigned.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return {
      last: this.#tail?.seq ?? 0,
      signs: this.#key !== null,
      fault: this.#vaultFault?.status ?? null,
      unsigned,
      waiting: this.#queue.length,
      writeFault: this.#writeFault,
    };
  }

  /** The vault was unlocked, or is another one: what was written unsigned can be vouched for. */
  vaultChanged(): void {
    if (this.#stopped || !this.#vaultFault) return;
    this.#vaultFault = null;
    if (this.#key) this.#tellLater();
    // A run that has written nothing has nothing to sign.
    else if (this.#tail) this.#kick();
  }

  /** Resolves when what was recorded until now is in the files, or could not be written. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /**
   * Reads everything and says whether it is as it was written.
   * @param onProgress told how many entries were read, now and then
   */
  async verify(onProgress: (entries: number) => void = () => {}): Promise<TrailCheck> {
    await this.settled();
    await this.#tell();
    // Before the files: an entry that is written meanwhile is no more than the vault knows.
    const head = await readHead(this.#parts.vault);
    const { ends, known } = await this.#alone(async () => ({
      ends: await this.#files.ends(),
      known: this.#tail,
    }));
    const checker = new TrailChecker(head);
    for (const end of ends) {
      for await (const line of this.#files.lines(end)) {
        checker.add(line);
        if (checker.entries % 500 === 0) {
          onProgress(checker.entries);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
    return checker.result(ends.length, known);
  }

  /** Writes what waits, tells the vault, and takes down nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    if (this.#queue.length > 0) this.#kick();
    await this.settled();
    await this.#within(stopLimitMs, this.#tell());
    this.#cancelHead?.();
  }

  #waitingEntry(event: AuditEvent): Waiting {
    const { clock, knownOf } = this.#parts;
    const { kind, detail, ...ids } = event;
    let known: KnownOfEvent = {};
    try {
      known = knownOf(event);
    } catch {
      // The entry goes on without names.
    }
    const { bundleId, bundleName, providerId, accountId, accountName, sessionId } = { ...known, ...ids };
    const texts = { bundleId, bundleName, providerId, accountId, accountName, sessionId };
    const kept = Object.entries(texts).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, this.#text(text)]] : [],
    );
    const details = Object.entries(detail ?? {})
      .slice(0, mostDetails)
      .map(([name, value]) => [this.#text(name), this.#value(value)]);
    return {
      at: new Date(clock.now()).toISOString(),
      kind: this.#text(kind),
      ...Object.fromEntries(kept),
      ...(details.length > 0 ? { detail: Object.fromEntries(details) } : {}),
    };
  }

  /** The types say what a detail may be; values that came in past them are not written. */
  #value(value: unknown): string | number | boolean {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'boolean') return value;
    return typeof value === 'number' && Number.isFinite(value) ? value : '[not recorded]';
  }

  #text(text: string): string {
    try {
      // Redacted before it is cut: half of a secret is no longer recognised.
      const redacted = this.#parts.redact(text.slice(0, longestLine));
      const plain = redacted.replace(/\p{Cc}+/gu, ' ');
      return plain.length > longestText ? `${plain.slice(0, longestText)}…` : plain;
    } catch {
      return '[not recorded]';
    }
  }

  #enqueue(entry: Waiting): void {
    if (this.#queue.length < mostWaiting) this.#queue.push(entry);
    else this.#lost += 1;
  }

  /** Starts writing, unless that goes on already. */
  #kick(): void {
    if (this.#cancelRetry) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#writing = this.#write()
      .catch((error: unknown) => {
        const code = codeOf(error);
        if (this.#writeFault === null) {
          this.#parts.log.error('audit.not_written', { code, ...describeFault(error) });
        }
        this.#writeFault = code;
      })
      .finally(() => {
        this.#writing = null;
        if (this.#writeFault === null) {
          if (this.#again || this.#queue.length > 0) this.#kick();
        } else if (!this.#stopped) {
          this.#cancelRetry = this.#parts.clock.after(writeRetryMs, () => {
            this.#cancelRetry = null;
            this.#kick();
          });
        }
      });
  }

  async #write(): Promise<void> {
    // Gathers what is recorded in the same turn.
    await Promise.resolve();
    await this.#openSeal();
    await this.#alone(() => this.#writeBatch());
    this.#writeFault = null;
    this.#tellLater();
    this.#parts.onChanged();
  }

  /** Runs `work` while nobody else writes, neither here nor in another process. Throws where that was not to be had. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      await this.#files.makeDirectory();
      const until = this.#parts.clock.now() + lockLimitMs;
      const held = await this.#lock.hold(() => this.#parts.clock.now() > until, work);
      if (held === null) throw Object.assign(new Error('another process writes'), { code: 'locked-out' });
      return held.value;
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #writeBatch(): Promise<void> {
    const notes = await this.#findPlace();
    for (const { from, to } of this.#key ? this.#unsigned : []) {
      notes.push({ kind: trailKinds.vouched, detail: { from, to } });
    }
    if (this.#lost > 0) notes.push({ kind: trailKinds.lost, detail: { count: this.#lost } });
    const waiting = this.#queue.splice(0, mostAtOnce);
    const entries = [...notes.map((note) => this.#waitingEntry(note)), ...waiting];
    if (entries.length === 0) return;
    let tail = this.#tail ?? chainStart;
    const first = tail.seq + 1;
    const lines: string[] = [];
    for (const entry of entries) {
      const { text, hash } = this.#line(entry, tail);
      tail = { seq: tail.seq + 1, hash };
      lines.push(text);
    }
    try {
      this.#end = await this.#files.append(this.#end, lines);
    } catch (error) {
      this.#queue.unshift(...waiting);
      throw error;
    }
    this.#tail = tail;
    this.#lost = 0;
    if (this.#key) this.#unsigned = [];
    else this.#addUnsigned(first, tail.seq);
  }

  #line(entry: Waiting, { seq, hash: prev }: TrailPlace): { text: string; hash: string } {
    const whole = writeLine({ ...entry, seq: seq + 1, prev }, this.#key);
    if (Buffer.byteLength(whole.text) <= longestLine) return whole;
    return writeLine({ ...entry, detail: { tooLong: true }, seq: seq + 1, prev }, this.#key);
  }

  #addUnsigned(from: number, to: number): void {
    const last = this.#unsigned.at(-1);
    if (last && last.to === from - 1) last.to = to;
    else this.#unsigned.push({ from, to });
  }

  /**
   * Makes sure where the next entry goes: after the last one that this process knows of, or that another process has
   * added to it. What does not fit is left where it is, and noted.
   * @returns notes to write first
   */
  async #findPlace(): Promise<AuditEvent[]> {
    const isAsLeft = this.#end !== null && (await this.#files.isEnd(this.#end));
    if (this.#tail && isAsLeft && !this.#uncompared) return [];
    const notes: AuditEvent[] = [];
    const files = await this.#files.list();
    const last = files.at(-1);
    this.#end = null;
    if (last) {
      const { end, removedBytes } = await this.#files.repairEnd(last);
      this.#end = end;
      if (removedBytes > 0) notes.push({ kind: trailKinds.repaired, detail: { bytes: removedBytes } });
    }
    const known = [this.#tail ?? this.#head, this.#uncompared].filter((place) => place !== null);
    this.#uncompared = null;
    const lines = await this.#linesSince(known);
    const found = lines.findLast(({ isIntact }) => isIntact);
    let tail = found ? placeOf(found) : chainStart;
    for (const place of known) {
      const { end, strays } = follow(lines, place);
      if (end && !strays) continue;
      const expected = end ?? place;
      notes.push({
        kind: trailKinds.damaged,
        detail: { expected: expected.seq, found: end ? end.seq : Math.min(tail.seq, place.seq - 1) },
      });
      // Goes on from what was known, so that what is missing stays missing to see.
      if (end || tail.seq < place.seq) tail = expected;
    }
    const signer = found?.entry.key;
    if (this.#key && signer !== undefined && signer !== this.#key.id) {
      notes.push({ kind: trailKinds.newKey, detail: { after: tail.seq } });
    }
    this.#tail = tail;
    return notes;
  }

  /** The trail's lines from the oldest of some places on, or those of its last file. */
  async #linesSince(places: TrailPlace[]): Promise<TrailLine[]> {
    const oldest = Math.min(...places.map(({ seq }) => seq));
    let lines: TrailLine[] = [];
    for (const end of (await this.#files.ends()).reverse()) {
      const here: TrailLine[] = [];
      for await (const { text } of this.#files.lines(end)) {
        const line = text === null ? null : readLine(text);
        if (line) here.push(line);
      }
      lines = here.concat(lines);
      if (here[0] && here[0].entry.seq <= oldest) break;
    }
    return lines;
  }

  /** Gets the key out of the vault. One that hangs is waited for once, for a short while; its answer is used all the same. */
  async #openSeal(): Promise<void> {
    if (this.#key || this.#isAsking) return;
    const { clock } = this.#parts;
    if (this.#vaultFault && clock.now() - this.#vaultFault.at < vaultRetryMs) return;
    this.#isAsking = true;
    const answered = this.#ask().finally(() => {
      this.#isAsking = false;
    });
    const late = await this.#within(vaultLimitMs, answered);
    if (late) {
      void answered.then(() => {
        if (this.#key) this.#kick();
      });
    }
  }

  async #ask(): Promise<void> {
    const { vault, clock, log } = this.#parts;
    try {
      let read = await readHead(vault);
      if (read.status === 'not-found') read = await this.#alone(() => this.#makeKey());
      if (read.status !== 'ok') {
        this.#vaultFault = { status: read.status, at: clock.now() };
        return;
      }
      this.#key = read.head.key;
      // A key that was made just now says nothing about what is there.
      if (read.head.place.seq === 0) return;
      this.#head = read.head.place;
      if (this.#tail) this.#uncompared = this.#head;
    } catch (error) {
      this.#vaultFault = { status: 'unavailable', at: clock.now() };
      log.error('audit.no_key', describeFault(error));
    }
  }

  async #makeKey(): Promise<Exclude<HeadRead, { status: 'not-found' }>> {
    const { vault } = this.#parts;
    // Another process may have made it.
    const read = await readHead(vault);
    if (read.status !== 'not-found') return read;
    const head = { key: newTrailKey(), place: chainStart };
    const written = await writeHead(vault, head);
    return written.status === 'ok' ? { status: 'ok', head } : written;
  }

  #tellLater(): void {
    if (this.#cancelHead || !this.#key || this.#stopped) return;
    this.#cancelHead = this.#parts.clock.after(headDelayMs, () => {
      this.#cancelHead = null;
      void this.#tell();
    });
  }

  /** Tells the vault how far the trail goes. One at a time; never rejects. */
  #tell(): Promise<void> {
    this.#telling = this.#telling.then(async () => {
      const place = this.#tail;
      if (!this.#key || !place || !this.#end || place.seq === 0 || place.seq === this.#head?.seq) return;
      const { vault, clock, log } = this.#parts;
      try {
        await this.#files.flush(this.#end);
        const written = await writeHead(vault, { key: this.#key, place });
        if (written.status === 'ok') this.#head = place;
        this.#vaultFault = written.status === 'ok' ? null : { status: written.status, at: clock.now() };
      } catch (error) {
        // The next entry tries again.
        log.error('audit.not_flushed', describeFault(error));
      }
    });
    return this.#telling;
  }

  /** @returns whether the work was not done in time */
  async #within(limitMs: number, work: Promise<void>): Promise<boolean> {
    let cancel = () => {};
    const limit = new Promise<boolean>((resolve) => {
      cancel = this.#parts.clock.after(limitMs, () => resolve(true));
    });
    return Promise.race([work.then(() => false), limit]).finally(() => cancel());
  }
}

/**
 * Goes from a place along the chain as far as it holds.
 * @returns its end, `null` where the place itself is not there; and whether other lines stand after it
 */
function follow(lines: TrailLine[], place: TrailPlace): { end: TrailPlace | null; strays: boolean } {
  const start = lines.findIndex(
    ({ entry, hash, isIntact }) => isIntact && entry.seq === place.seq && hash === place.hash,
  );
  if (start === -1 && place.seq > 0) return { end: null, strays: false };
  let end = place;
  let strays = false;
  for (const line of lines.slice(start + 1)) {
    const { entry } = line;
    if (line.isIntact && entry.seq === end.seq + 1 && entry.prev === end.hash) end = placeOf(line);
    else strays = true;
  }
  return { end, strays };
}

function placeOf({ entry, hash }: TrailLine): TrailPlace {
  return { seq: entry.seq, hash };
}
