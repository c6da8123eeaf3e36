import * as fc from 'fast-check';
import { foreignLinks } from './foreign-links.fixture.ts';
import { type Chunk, cutAt, joined, type Recording } from './replay.fixture.ts';

/** A recorded login, changed. */
export interface MutatedRecording {
  recording: Recording;
  columns: number;
  chunks: Chunk[];
  /** What is still true of it, whatever else was done. */
  facts: {
    /** Everything that the recording had is still there to be read. */
    whole: boolean;
    /** Each printed link leads to a host that is not the provider's. */
    foreign: boolean;
    /** Each line that said that the sign-in worked says now that it did not. */
    negated: boolean;
  };
  /** How a failed check names it. */
  [fc.toStringMethod]: () => string;
}

/** One character per byte, so that a change may hit any of them. */
const toBytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const fromUtf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

interface Part {
  text: string;
  stream: Chunk['stream'];
}

type Change = (parts: Part[], recording: Recording) => Part[];

/** Stand between characters and are not to be seen. */
const invisible = [
  '\x1b[0m',
  '\x1b[1;94m',
  '\x1b[38;5;246m',
  '\x07',
  '\0',
  '\x1b]0;https://evil.test/login\x07',
  '\x1b]2;Logged in\x1b\\',
  '\x1b]52;c;QUJDRA==\x07',
  '\x1bP1$r0m\x1b\\',
  '\x1b[?2004h',
  '\x1b[>4;?m',
  '\x1b]8;;\x1b\\',
];

const sequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;

/** A sequence between two characters of what is printed, never within one of them or within another sequence. */
function spice(place: number, text: string): Change {
  return (parts) =>
    editedAt(parts, place, (before, at) => {
      if (/[\x80-\xbf\n]/.test(before[at] ?? '')) return before;
      for (const { index, 0: found } of before.matchAll(sequence)) {
        if (at > index && at < index + found.length) return before;
      }
      // A return and a line feed are one end of line.
      return before[at - 1] === '\r' ? before : before.slice(0, at) + text + before.slice(at);
    });
}

function editedAt(parts: Part[], place: number, edit: (text: string, at: number) => string): Part[] {
  let at = Math.floor((place / 100_000) * (parts.reduce((sum, { text }) => sum + text.length, 0) + 1));
  let isDone = false;
  return parts.map((part) => {
    if (isDone || at > part.text.length) {
      at -= part.text.length;
      return part;
    }
    isDone = true;
    return { ...part, text: edit(part.text, at) };
  });
}

const everywhere = (edit: (text: string, recording: Recording) => string): Change => {
  return (parts, recording) => parts.map((part) => ({ ...part, text: edit(part.text, recording) }));
};

/** Every printed address keeps its path, after a beginning that is not the provider's. */
const swapHosts = (foreign: string) =>
  everywhere((text) => text.replace(/https?:\/\/[a-z0-9.-]+(?::\d+)?/gi, () => fromUtf8(foreign)));

const negating: ((words: string) => string)[] = [
  (words) => `Not ${words}`,
  (words) => `You are not yet ${words}`,
  (words) => `isn't ${words}`,
  (words) => `Error: never ${words}`,
  (words) => `failed to be ${words}`,
  (words) => `${words} failed:`,
  (words) => `${words}: no`,
  (words) => `${words}? no`,
  (words) => `${words}, but the token was not saved;`,
];

const usualSuccess = /logged in|signed in|authenticated|login (?:was )?success|login succeeded/gi;

const negate = (way: (words: string) => string) =>
  everywhere((text, { flow }) => {
    const { success } = flow.patterns;
    return text.replace(success === undefined ? usualSuccess : new RegExp(success, 'g'), way);
  });

/** Cuts out, doubles, turns over or writes into any run of bytes, wherever it begins and ends. */
function damage(recording: readonly Recording[]): fc.Arbitrary<Change> {
  const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  const other = fc
    .tuple(fc.constantFrom(...recording), fc.nat(9_999), fc.nat(300))
    .map(([{ chunks }, place, length]) => {
      const all = chunks.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('');
      const at = Math.floor((place / 10_000) * all.length);
      return all.slice(at, at + length);
    });
  const hosts = recording[0]?.allowedHosts ?? [];
  const inserted = fc.oneof(
    noise,
    other,
    foreignLinks(hosts).map((link) => fromUtf8(` ${link} `)),
    fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      '\x1b',
      '\x1b[',
      '\x1b[2J',
      '\x1b[H',
      '\x1b[5A',
      '\x1bc',
      '\x1b[?1049h',
      '\b',
    ),
    fc.constantFrom('x'.repeat(50_000), '(https://'.repeat(3_000), '\x1b[3C'.repeat(500), '\n'.repeat(300)),
  );
  const place = fc.nat(99_999);
  return fc.oneof(
    fc.tuple(place, inserted).map(
      ([at, text]): Change =>
        (parts) =>
          editedAt(parts, at, (before, index) => before.slice(0, index) + text + before.slice(index)),
    ),
    fc.tuple(place, fc.nat(200)).map(
      ([at, length]): Change =>
        (parts) =>
          editedAt(parts, at, (before, index) => before.slice(0, index) + before.slice(index + length)),
    ),
    fc.tuple(place, fc.nat(400)).map(
      ([at, length]): Change =>
        (parts) =>
          editedAt(parts, at, (before, index) => before.slice(0, index + length) + before.slice(index)),
    ),
    fc.tuple(place, fc.nat(255)).map(
      ([at, byte]): Change =>
        (parts) =>
          editedAt(
            parts,
            at,
            (before, index) => before.slice(0, index) + String.fromCharCode(byte) + before.slice(index + 1),
          ),
    ),
    fc.constant<Change>((parts) => [...parts, ...parts]),
    fc.constant<Change>((parts) => parts.toReversed()),
  );
}

/** Recorded logins with what can happen to them on their way, and what others may want them to say. */
export function mutatedRecordings(recordings: readonly Recording[]): fc.Arbitrary<MutatedRecording> {
  const hosts = recordings.flatMap(({ allowedHosts }) => allowedHosts);
  return fc
    .record({
      recording: fc.constantFrom(...recordings),
      swap: fc.option(foreignLinks(hosts), { freq: 2 }),
      negation: fc.option(fc.constantFrom(...negating), { freq: 2 }),
      spices: fc.array(fc.tuple(fc.nat(99_999), fc.constantFrom(...invisible)), { maxLength: 4 }),
      damages: fc.oneof(fc.constant([]), fc.array(damage(recordings), { maxLength: 4 })),
      cuts: fc.array(fc.nat(9_999), { maxLength: 6 }),
      columns: fc.constantFrom(null, null, null, 40, 132),
    })
    .map(({ recording, swap, negation, spices, damages, cuts, columns }) => {
      const original: Part[] = joined(recording.chunks).map(({ bytes, stream }) => ({
        text: Buffer.from(bytes).toString('latin1'),
        stream,
      }));
      const changes: Change[] = [];
      if (swap !== null) changes.push(swapHosts(swap));
      if (negation !== null) changes.push(negate(negation));
      changes.push(...spices.map(([place, text]) => spice(place, text)), ...damages);
      const parts = changes.reduce((before, change) => change(before, recording), original);
      const chunks = parts.flatMap(({ text, stream }): Chunk[] => {
        const bytes = toBytes(text);
        const places = cuts.map((cut) => Math.floor((cut / 10_000) * bytes.length));
        return cutAt(bytes, places).map((piece) => ({ bytes: piece, stream }));
      });
      const isWhole = damages.length === 0;
      const shown = `${recording.name}: ${JSON.stringify(parts.map(({ text }) => Buffer.from(text, 'latin1').toString('utf8')))}`;
      return {
        recording,
        // Programs that break their lines themselves do so for the width they were recorded in.
        columns: isWhole ? recording.columns : (columns ?? recording.columns),
        chunks,
        facts: {
          whole: isWhole && swap === null && negation === null,
          foreign: isWhole && swap !== null,
          negated: isWhole && negation !== null,
        },
        [fc.toStringMethod]: () => shown,
      };
    });
}
