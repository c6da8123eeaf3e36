import type { FoundLine } from './trail-files.ts';
import {
  chainStart,
  isSignedBy,
  readLine,
  type TrailEntry,
  type TrailKey,
  type TrailLine,
  type TrailPlace,
} from './trail-line.ts';
import type { HeadRead } from './trail-seal.ts';

/**
 * What is wrong at one place:
 * - `not-an-entry`: a line that is none of ours
 * - `edited`: an entry whose content is not what its hash says
 * - `replaced`: an entry that does not continue the one before, or is not the one that the vault knows
 * - `missing`: entries that are not there
 * - `moved`: an entry that stands in another place than it was written, or twice
 * - `forged`: a signature that is not ours
 * - `unsigned`: entries that nothing vouches for
 * - `other-key`: entries signed with a key that the vault does not have (any more)
 * - `head-gone`: the vault knew this trail and does not any more
 * - `found-damaged`: damage that Lanyard itself came upon while it wrote
 */
export type TrailProblemKind =
  | 'not-an-entry'
  | 'edited'
  | 'replaced'
  | 'missing'
  | 'moved'
  | 'forged'
  | 'unsigned'
  | 'other-key'
  | 'head-gone'
  | 'found-damaged';

export interface TrailProblem {
  kind: TrailProblemKind;
  /** The first entry that it is about; the one after the last good one where no entry can be named. */
  seq: number;
  /** The last one, where there are several. */
  to?: number;
  /** Where it was found; absent for what is not there. */
  file?: string;
  /** From 1. */
  line?: number;
}

export interface TrailCheck {
  /**
   * - `whole`: every entry is there, unchanged, and signed or vouched for by the Lanyard that wrote it
   * - `unsigned`: nothing speaks against it, but nothing vouches for some entries
   * - `not-compared`: nothing speaks against it, but the vault could not be asked
   * - `damaged`: see the problems
   */
  verdict: 'whole' | 'unsigned' | 'not-compared' | 'damaged';
  /** How many entries were read. */
  entries: number;
  files: number;
  /** Time of the first entry and of the last, ISO 8601. */
  from?: string;
  to?: string;
  /** In the order of entries; the first hundred. */
  problems: TrailProblem[];
  problemCount: number;
  /** What the vault said. */
  vault: HeadRead['status'];
}

/** Entries that the trail writes about itself. */
export const trailKinds = {
  /** Entries `from` to `to` were written by the same run while the vault was closed. */
  vouched: 'trail.vouched',
  /** The last line was torn; `bytes` of it were taken away. */
  repaired: 'trail.repaired',
  /** Entries up to `expected` were known and the files end at `found`, or go on with something else. */
  damaged: 'trail.damaged',
  /** The vault has a new key; what comes before was signed with another. */
  newKey: 'trail.new_key',
  /** `count` entries could not be written. */
  lost: 'trail.lost',
} as const;

const mostProblems = 100;
const mostGaps = 1_000;

/** Is given a whole trail line by line, oldest first, and says whether it is as it was written. */
export class TrailChecker {
  readonly #key: TrailKey | null;
  readonly #head: HeadRead;
  readonly #problems: TrailProblem[] = [];
  #problemCount = 0;
  /** The last entry in the chain. */
  #last = chainStart;
  #gaps: { from: number; to: number; file: string; line: number }[] = [];
  #unsigned: { from: number; to: number; file: string; line: number }[] = [];
  #otherKey: TrailProblem | null = null;
  #entries = 0;
  #signed = 0;
  #times: { from?: string; to?: string } = {};

  /** @param head what the vault says, read before the lines were */
  constructor(head: HeadRead) {
    this.#head = head;
    this.#key = head.status === 'ok' ? head.head.key : null;
  }

  get entries(): number {
    return this.#entries;
  }

  /** The next line, in order. */
  add(found: FoundLine): void {
    const line = found.text === null ? null : readLine(found.text);
    const at = { file: found.file, line: found.line };
    if (!line) {
      this.#report({ kind: 'not-an-entry', seq: this.#last.seq + 1, ...at });
      return;
    }
    this.#entries += 1;
    const { entry } = line;
    if (!line.isIntact) {
      // Its number may be what was edited: it stands where the next one should.
      const seq = this.#last.seq + 1;
      this.#report({ kind: 'edited', seq, ...at });
      this.#last = { seq, hash: line.hash };
      return;
    }
    if (entry.seq <= this.#last.seq) {
      this.#fillGap(entry.seq);
      this.#report({ kind: 'moved', seq: entry.seq, ...at });
      return;
    }
    this.#times = { from: this.#times.from ?? entry.at, to: entry.at };
    this.#continue(line, at);
    this.#checkSignature(line, at);
    this.#compareWithHead(line, at);
    this.#heed(line, at);
    this.#last = { seq: entry.seq, hash: line.hash };
  }

  /**
   * @param files how many there were
   * @param known the last entry that this process wrote, if any
   */
  result(files: number, known: TrailPlace | null): TrailCheck {
    for (const { from, to, ...at } of this.#gaps) this.#report({ kind: 'missing', seq: from, to, ...at });
    const unsigned = this.#unsigned.length > 0;
    for (const { from, to, ...at } of this.#unsigned)
      this.#report({ kind: 'unsigned', seq: from, to, ...at });
    if (this.#otherKey) this.#report(this.#otherKey);
    const expected = this.#expected(known);
    if (expected > this.#last.seq) {
      this.#report({ kind: 'missing', seq: this.#last.seq + 1, to: expected });
    }
    if (known?.seq === this.#last.seq && known.hash !== this.#last.hash) {
      this.#report({ kind: 'replaced', seq: known.seq });
    }
    if (this.#head.status === 'not-found' && this.#signed > 0 && !this.#otherKey) {
      this.#report({ kind: 'head-gone', seq: 1 });
    }
    const problems = this.#problems.sort((a, b) => a.seq - b.seq).slice(0, mostProblems);
    const isDamaged = problems.some(({ kind }) => kind !== 'unsigned');
    const isCompared = this.#head.status === 'ok' || this.#head.status === 'not-found';
    return {
      verdict: isDamaged ? 'damaged' : !isCompared ? 'not-compared' : unsigned ? 'unsigned' : 'whole',
      entries: this.#entries,
      files,
      ...this.#times,
      problems,
      problemCount: this.#problemCount,
      vault: this.#head.status,
    };
  }

  /** Up to which entry there must be some. */
  #expected(known: TrailPlace | null): number {
    const inVault = this.#head.status === 'ok' ? this.#head.head.place.seq : 0;
    return Math.max(inVault, known?.seq ?? 0);
  }

  #continue({ entry }: TrailLine, at: { file: string; line: number }): void {
    const { seq, prev } = entry;
    const next = this.#last.seq + 1;
    if (seq > next) {
      if (this.#gaps.length < mostGaps) this.#gaps.push({ from: next, to: seq - 1, ...at });
    } else if (prev !== this.#last.hash) {
      this.#report({ kind: 'replaced', seq, ...at });
    }
  }

  #checkSignature(line: TrailLine, at: { file: string; line: number }): void {
    const { entry, mac } = line;
    if (mac === null && entry.key === undefined) {
      const range = this.#unsigned.at(-1);
      if (range?.to === entry.seq - 1) range.to = entry.seq;
      else this.#unsigned.push({ from: entry.seq, to: entry.seq, ...at });
      return;
    }
    this.#signed += 1;
    // Without the key nothing can be said of signatures.
    if (!this.#key) return;
    if (entry.key !== this.#key.id) {
      this.#otherKey ??= { kind: 'other-key', seq: entry.seq, ...at };
      this.#otherKey.to = entry.seq;
    } else if (!isSignedBy(line, this.#key)) {
      this.#report({ kind: 'forged', seq: entry.seq, ...at });
    }
  }

  #compareWithHead({ entry, hash }: TrailLine, at: { file: string; line: number }): void {
    if (this.#head.status !== 'ok' || entry.seq !== this.#head.head.place.seq) return;
    if (hash !== this.#head.head.place.hash) this.#report({ kind: 'replaced', seq: entry.seq, ...at });
  }

  /** What the trail says about itself counts only where it is signed. */
  #heed(line: TrailLine, at: { file: string; line: number }): void {
    const { kind, detail = {} } = line.entry;
    const isOurs = this.#key ? isSignedBy(line, this.#key) : line.mac !== null;
    if (!isOurs) return;
    if (kind === trailKinds.vouched) this.#vouch(Number(detail.from), Number(detail.to));
    if (kind === trailKinds.damaged) {
      const seq = Number(detail.found) + 1;
      this.#report({ kind: 'found-damaged', seq, to: Math.max(seq, Number(detail.expected)), ...at });
    }
  }

  #vouch(from: number, to: number): void {
    this.#unsigned = this.#unsigned.flatMap((range) => {
      if (range.to < from || range.from > to) return [range];
      const before = range.from < from ? [{ ...range, to: from - 1 }] : [];
      const after = range.to > to ? [{ ...range, from: to + 1 }] : [];
      return [...before, ...after];
    });
  }

  /** An entry that seemed to be missing stands elsewhere. */
  #fillGap(seq: number): void {
    const place = this.#gaps.findIndex(({ from, to }) => from <= seq && seq <= to);
    const gap = this.#gaps[place];
    if (!gap) return;
    const before = gap.from < seq ? [{ ...gap, to: seq - 1 }] : [];
    const after = gap.to > seq ? [{ ...gap, from: seq + 1 }] : [];
    this.#gaps.splice(place, 1, ...before, ...after);
  }

  #report(problem: TrailProblem): void {
    this.#problemCount += 1;
    if (this.#problems.length < mostProblems * 10) this.#problems.push(problem);
  }
}

/** Whether an entry is of the trail itself. */
export function isAboutTrail({ kind }: Pick<TrailEntry, 'kind'>): boolean {
  return kind.startsWith('trail.');
}
