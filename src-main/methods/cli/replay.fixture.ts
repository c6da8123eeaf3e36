import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auggie } from '../../providers/auggie.ts';
import { aws } from '../../providers/aws.ts';
import { claude } from '../../providers/claude.ts';
import { codex } from '../../providers/codex.ts';
import { copilot } from '../../providers/copilot.ts';
import type { FlowDefinition, ProviderDefinition } from '../../providers/definition.ts';
import { gcloud } from '../../providers/gcloud.ts';
import { gemini } from '../../providers/gemini.ts';
import { github } from '../../providers/github.ts';
import { opencode } from '../../providers/opencode.ts';
import { qwen } from '../../providers/qwen.ts';
import { type InterpreterEvent, OutputInterpreter } from './output-interpreter.ts';

export type Stream = 'stdout' | 'stderr';
export interface Chunk {
  bytes: Uint8Array;
  stream: Stream;
}

/** What a recording says happened: the ground truth that the interpreter is held against. */
export interface Expected {
  urls: string[];
  deviceCode: string | null;
  verificationUrl: string | null;
  prompt: string | null;
  successText: string | null;
  failureText: string | null;
  retryText?: string;
  token?: string;
}

/** One recorded run of a real CLI. */
export interface Recording {
  name: string;
  mode: 'pipe' | 'pty';
  columns: number;
  rows: number;
  flow: FlowDefinition;
  allowedHosts: string[];
  chunks: Chunk[];
  expected: Expected;
}

export interface Outcome {
  events: InterpreterEvent[];
  failure: string | null;
  responses: string[];
  /** What the flow yielded, in plain text. */
  secrets: string[];
}

const directory = join(import.meta.dirname, 'transcripts');

/** Terminal width of each recorded mode; pipes have none, so ours applies. */
const columnsOf: Record<string, number> = { pipe: 1200, pty80: 80, pty4096: 4096 };

function flowOf(provider: ProviderDefinition, id: string): FlowDefinition {
  const flow = provider.flows.find((candidate) => candidate.id === id);
  if (!flow) throw new Error(`${provider.id} has no flow ${id}`);
  return flow;
}

function setting(provider: string, flow: string): { definition: ProviderDefinition; flow: FlowDefinition } {
  switch (provider) {
    case 'claude': {
      if (!flow.startsWith('setup-token')) return { definition: claude, flow: flowOf(claude, 'browser') };
      const setupToken = flowOf(claude, 'setup-token');
      // Recorded against a server on this machine, whose tokens have a shape of their own.
      const yields = { variable: '', ...setupToken.yields, pattern: '(local-access-[0-9a-f]+)' };
      return { definition: claude, flow: { ...setupToken, yields } };
    }
    case 'codex':
      return { definition: codex, flow: flowOf(codex, flow.includes('device') ? 'device' : 'browser') };
    case 'gemini':
      return { definition: gemini, flow: flowOf(gemini, 'browser') };
    case 'copilot':
      return { definition: copilot, flow: flowOf(copilot, 'device') };
    case 'gh':
      return { definition: github, flow: flowOf(github, 'device-before-2.26') };
    case 'gcloud':
      return { definition: gcloud, flow: flowOf(gcloud, 'paste') };
    case 'aws':
      // Recorded with a start URL of its own, which a provider file would list.
      return {
        definition: { ...aws, allowedHosts: [...aws.allowedHosts, 'awsapps.test'] },
        flow: flowOf(aws, 'device-before-2.22'),
      };
    case 'opencode':
      return { definition: opencode, flow: flowOf(opencode, 'copilot') };
    case 'qwen':
      return { definition: qwen, flow: flowOf(qwen, 'openrouter') };
    case 'auggie':
      return { definition: auggie, flow: flowOf(auggie, 'browser') };
    default:
      throw new Error(`no definition for ${provider}`);
  }
}

/** All recordings, in the order of their names. */
export function readRecordings(): Recording[] {
  const recordings: Recording[] = [];
  for (const provider of readdirSync(directory).sort()) {
    for (const file of readdirSync(join(directory, provider)).sort()) {
      if (file.endsWith('.chunks.json')) continue;
      const flowName = file.replace('.json', '');
      const recorded = readJson(provider, file) as {
        command: string;
        runs: Record<string, { expected: Expected }>;
      };
      const { definition, flow } = setting(provider, flowName);
      // Some were recorded against a server on this machine, which a flow with that argument would list.
      const allowedHosts = recorded.command.includes('http://127.0.0.1')
        ? [...definition.allowedHosts, '127.0.0.1']
        : definition.allowedHosts;
      for (const [mode, run] of Object.entries(recorded.runs)) {
        const raw = readJson(provider, `${flowName}.${mode}.chunks.json`) as [number, string, Stream?][];
        recordings.push({
          name: `${provider} ${flowName} (${mode})`,
          mode: mode === 'pipe' ? 'pipe' : 'pty',
          columns: columnsOf[mode] ?? 80,
          rows: 24,
          flow,
          allowedHosts,
          chunks: raw.map(([, base64, stream]) => ({
            bytes: Uint8Array.from(Buffer.from(base64, 'base64')),
            stream: stream ?? 'stdout',
          })),
          expected: run.expected,
        });
      }
    }
  }
  return recordings;
}

function readJson(provider: string, file: string): unknown {
  return JSON.parse(readFileSync(join(directory, provider, file), 'utf8'));
}

/** Interprets chunks as they are. Writes do not wait for each other, as a fast program's do not. */
export async function replay(
  recording: Omit<Recording, 'name' | 'expected'>,
  chunks = recording.chunks,
): Promise<Outcome> {
  const events: InterpreterEvent[] = [];
  const responses: string[] = [];
  const interpreter = new OutputInterpreter({
    flow: recording.flow,
    allowedHosts: recording.allowedHosts,
    mode: recording.mode,
    columns: recording.columns,
    rows: recording.rows,
    redact: (line) => line,
    emit: (event) => events.push(event),
    respond: (text) => responses.push(text),
  });
  for (const { bytes, stream } of chunks) void interpreter.write(bytes, stream);
  await interpreter.end();
  const secrets = events.flatMap((event) => (event.type === 'secret' ? [event.secret.reveal()] : []));
  return { events, failure: interpreter.failure()?.code ?? null, responses, secrets };
}

/** Joins neighbouring chunks of one stream. The order between the streams stays. */
export function joined(chunks: Chunk[]): Chunk[] {
  const result: Chunk[] = [];
  for (const chunk of chunks) {
    const last = result.at(-1);
    if (last?.stream === chunk.stream) last.bytes = Uint8Array.from([...last.bytes, ...chunk.bytes]);
    else result.push({ ...chunk });
  }
  return result;
}

/** Cuts the chunk list in two at a byte position that counts through all of them. */
export function splitAt(chunks: Chunk[], position: number): Chunk[] {
  let before = 0;
  return chunks.flatMap((chunk) => {
    const at = position - before;
    before += chunk.bytes.length;
    if (at <= 0 || at >= chunk.bytes.length) return [chunk];
    return [
      { ...chunk, bytes: chunk.bytes.subarray(0, at) },
      { ...chunk, bytes: chunk.bytes.subarray(at) },
    ];
  });
}

/** Cuts bytes at any number of positions, in any order; those that cut nothing off do not count. */
export function cutAt(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const ends = [...new Set(positions)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

export function byteByByte(chunks: Chunk[]): Chunk[] {
  return chunks.flatMap(({ bytes, stream }) =>
    Array.from(bytes, (_, index) => ({ bytes: bytes.subarray(index, index + 1), stream })),
  );
}

export function lengthOf(chunks: Chunk[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** `chunk` with the same text everywhere, for inputs written in a test. */
export function chunksOf(text: string, stream: Stream = 'stdout'): Chunk[] {
  return [{ bytes: new TextEncoder().encode(text), stream }];
}
