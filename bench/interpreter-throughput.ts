import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Terminal } from '@xterm/headless';
import { OutputInterpreter } from '../src-main/methods/cli/output-interpreter.ts';
import { codex } from '../src-main/providers/codex.ts';
import type { FlowDefinition, ProviderDefinition } from '../src-main/providers/definition.ts';
import { gemini } from '../src-main/providers/gemini.ts';
import { Redactor } from '../src-main/vault/redact.ts';
import { type Figure, percent } from './figure.ts';
import { median, middleHalf } from './statistics.ts';

const aim = 0.6;
const rounds = 7;
const bytesPerInput = 5 * 1024 * 1024;
/** Output that is under way at most, bytes: above it the app makes a program wait. */
const inFlightLimit = 256 * 1024;
/** Size of the app's terminals. */
const appTerminal = { columns: 1200, rows: 60 };
/** Size of the terminal that the recordings of `pty4096` were made in: whole screens are drawn for that width. */
const recordedTerminal = { columns: 4096, rows: 24 };

/** Bytes of one kind, and the terminal that they are meant for. */
interface Input {
  name: string;
  mode: 'pipe' | 'pty';
  columns: number;
  rows: number;
  flow: FlowDefinition;
  allowedHosts: string[];
  /** Each is read from its beginning, as the output of a process of its own is. */
  streams: Stream[];
}

/** The output of one process, in the chunks in which it arrives. */
type Stream = readonly Uint8Array[];

/** Writes all chunks, at most {@link inFlightLimit} at a time. Returns milliseconds. */
async function timeWrites(chunks: Stream, write: (bytes: Uint8Array) => Promise<void>): Promise<number> {
  await nextTurn();
  const begin = performance.now();
  const pending: Promise<void>[] = [];
  let inFlight = 0;
  for (const chunk of chunks) {
    inFlight += chunk.length;
    pending.push(
      write(chunk).then(() => {
        inFlight -= chunk.length;
      }),
    );
    while (inFlight > inFlightLimit) await pending.shift();
  }
  await Promise.all(pending);
  return performance.now() - begin;
}

/** The interpreter as the app uses it, with redaction of every line. */
async function timeInterpreter(input: Input, stream: Stream): Promise<number> {
  const redactor = new Redactor();
  let events = 0;
  const interpreter = new OutputInterpreter({
    ...input,
    redact: (line) => redactor.redact(line),
    emit: () => {
      events += 1;
    },
    respond: () => {},
  });
  const took = await timeWrites(stream, (bytes) => interpreter.write(bytes, 'stdout'));
  await interpreter.end();
  if (events === 0) throw new Error(`the interpreter said nothing about "${input.name}"`);
  return took;
}

/** A terminal of the same size and options, which nobody listens to. */
async function timeTerminal(input: Input, stream: Stream): Promise<number> {
  const terminal = new Terminal({
    cols: input.columns,
    rows: input.rows,
    scrollback: 0,
    convertEol: input.mode === 'pipe',
    allowProposedApi: true,
    logLevel: 'off',
  });
  const took = await timeWrites(
    stream,
    (bytes) => new Promise<void>((resolve) => terminal.write(bytes, resolve)),
  );
  terminal.dispose();
  return took;
}

/** Cuts into pieces of 16 to 64 KB, of the same uneven sizes in every run. */
function cut(bytes: Uint8Array): Stream {
  const chunks: Uint8Array[] = [];
  let seed = 1;
  for (let at = 0; at < bytes.length; ) {
    seed = (seed * 48_271) % 2_147_483_647;
    const size = 16_384 + (seed % 49_152);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** What each recorded CLI printed in one mode (`pipe`, `pty4096`), over and over, up to the length of an input. */
function recorded(mode: string): Stream[] {
  const directory = join(import.meta.dirname, '..', 'src-main', 'methods', 'cli', 'transcripts');
  const outputs = readdirSync(directory)
    .sort()
    .map((cli) => {
      const files = readdirSync(join(directory, cli)).filter((file) => file.endsWith(`.${mode}.chunks.json`));
      const chunks = files
        .sort()
        .flatMap((file): [ms: number, base64: string][] =>
          JSON.parse(readFileSync(join(directory, cli, file), 'utf8')),
        );
      return Buffer.concat(chunks.map(([, base64]) => Buffer.from(base64, 'base64')));
    })
    .filter((output) => output.length > 0);
  if (outputs.length === 0) throw new Error(`there are no recordings of ${mode}`);
  const bytesPerOutput = bytesPerInput / outputs.length;
  return outputs.map((output) =>
    cut(Buffer.alloc(Math.ceil(bytesPerOutput / output.length) * output.length, output)),
  );
}

/** What a program that says too much prints: no two lines are the same. */
function logLines(end: string, coloured: boolean): Uint8Array {
  const level = coloured ? ['\x1b[32mINFO\x1b[0m', '\x1b[33mWARN\x1b[0m'] : ['INFO', 'WARN'];
  const lines: string[] = [];
  for (let length = 0, index = 0; length < bytesPerInput; index++) {
    const line = `2026-01-01T00:00:${String(index % 60).padStart(2, '0')}Z ${level[index % 7 === 0 ? 1 : 0]} worker ${index % 16}: read packages/part-${index}/index.js, ${index * 37} bytes in ${index % 900} ms${end}`;
    length += line.length;
    lines.push(line);
  }
  return Buffer.from(lines.join(''));
}

/** The provider's first flow, as the interpreter gets it. */
function patternsOf({ flows, allowedHosts }: ProviderDefinition): {
  flow: FlowDefinition;
  allowedHosts: string[];
} {
  const [flow] = flows;
  if (!flow) throw new Error('a provider without a flow');
  return { flow, allowedHosts };
}

function inputs(): Input[] {
  const piped = { ...patternsOf(codex), mode: 'pipe' as const, ...appTerminal };
  const painted = { ...patternsOf(gemini), mode: 'pty' as const, ...appTerminal };
  return [
    { ...piped, name: 'recordings, pipe', streams: recorded('pipe') },
    { ...painted, ...recordedTerminal, name: 'recordings, PTY', streams: recorded('pty4096') },
    { ...piped, name: 'log lines, pipe', streams: [cut(logLines('\n', false))] },
    { ...painted, name: 'coloured log, PTY', streams: [cut(logLines('\r\n', true))] },
  ];
}

const megabytesPerSecond = (bytes: number, ms: number) => bytes / 1_000_000 / (ms / 1000);

/** Megabytes per second of the interpreter as a share of a bare terminal's, on the same bytes. */
export async function measureInterpreter(say: (text: string) => void): Promise<Figure[]> {
  const all = inputs().map((input) => ({
    input,
    bytes: input.streams.flat().reduce((sum, chunk) => sum + chunk.length, 0),
    ours: [] as number[],
    bare: [] as number[],
  }));
  // The first round only warms the compiler up.
  for (let round = 0; round <= rounds; round++) {
    say(`interpreter: round ${round} of ${rounds}`);
    for (const { input, ours, bare } of all) {
      const times = round % 2 === 0 ? [ours, bare] : [bare, ours];
      for (const list of times) {
        let took = 0;
        for (const stream of input.streams) {
          took += await (list === ours ? timeInterpreter(input, stream) : timeTerminal(input, stream));
        }
        if (round > 0) list.push(took);
      }
    }
  }
  const figureOf = (name: string, bytes: number, ours: number[], bare: number[]): Figure => {
    const shares = ours.map((ms, round) => (bare[round] ?? Number.NaN) / ms);
    const share = median(shares);
    const [low, high] = middleHalf(shares);
    const speeds = [ours, bare].map((times) => megabytesPerSecond(bytes, median(times)).toFixed(1));
    return {
      name,
      value: percent(share),
      aim: `>= ${percent(aim)}`,
      met: share >= aim,
      detail: `${speeds[0]} of ${speeds[1]} MB/s, middle half of shares ${percent(low)} to ${percent(high)}`,
    };
  };
  const sums = (pick: (one: (typeof all)[number]) => number[]) =>
    Array.from({ length: rounds }, (_, round) =>
      all.reduce((sum, one) => sum + (pick(one)[round] ?? Number.NaN), 0),
    );
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    figureOf(
      'interpreter throughput',
      total,
      sums(({ ours }) => ours),
      sums(({ bare }) => bare),
    ),
    ...all.map(({ input, bytes, ours, bare }) => figureOf(`  ${input.name}`, bytes, ours, bare)),
  ];
}
