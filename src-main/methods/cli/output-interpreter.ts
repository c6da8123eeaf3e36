import type { Failure } from '../../../src-preload/contract/values.ts';
import type { SignInEvent } from '../../broker/method.ts';
import type { Clock } from '../../clock.ts';
import type { FlowDefinition } from '../../providers/definition.ts';
import type { Secret } from '../../vault/secret.ts';
import { Findings } from './findings.ts';
import { LineInterpreter } from './line-interpreter.ts';
import { LineReader } from './line-reader.ts';

/** What the interpreter makes of the output. `link` is always a printed one, `completed` always by line. */
export type InterpreterEvent =
  | Extract<
      SignInEvent,
      {
        type:
          | 'link'
          | 'untrusted-link'
          | 'code'
          | 'prompt'
          | 'paste-rejected'
          | 'email'
          | 'line'
          | 'completed';
      }
    >
  /** The CLI asks something that the definition answers: write the reply, then Enter. */
  | { type: 'question'; reply: string }
  /** A failure after which the program goes on running though nothing will come of it. */
  | { type: 'final-failure'; failure: Failure }
  /** The secret that the flow yields; told before the line it stands in. */
  | { type: 'secret'; secret: Secret };

export interface InterpreterOptions {
  flow: FlowDefinition;
  allowedHosts: string[];
  mode: 'pipe' | 'pty';
  /** Size of the terminal that the program writes to, or believes it writes to. */
  columns: number;
  rows: number;
  /** For what is told in the program's words; lines are told of as they are. */
  redact: (line: string) => string;
  emit: (event: InterpreterEvent) => void;
  /** Takes what the terminal answers to queries, for the child's input. Never called for pipes. */
  respond: (text: string) => void;
  /**
   * With a clock, a line without an end that has not grown for a second counts as a whole one, so that a link or code
   * at its very end is seen while the program waits. Without it such text is seen when something follows.
   */
  clock?: Clock;
}

/** Long enough that no program pauses for it in the middle of a link. */
const settleMs = 1_000;

/**
 * Turns what a CLI prints into what a person has to know. The same bytes give the same events in the same order,
 * however they were cut into chunks: links, codes and success are read from lines that are complete, and only what
 * cannot change any more is read from a line that still grows.
 */
export class OutputInterpreter {
  readonly #options: InterpreterOptions;
  readonly #screens: Partial<Record<'stdout' | 'stderr', LineReader>> = {};
  readonly #readers: LineInterpreter[] = [];
  readonly #findings: Findings;
  #stopSettling: () => void = () => {};
  #ended = false;
  #lastStream: 'stdout' | 'stderr' | null = null;
  #lastWrite: Promise<void> = Promise.resolve();
  #turn: Promise<void> | null = null;

  constructor(options: InterpreterOptions) {
    this.#options = options;
    this.#findings = new Findings(options);
  }

  /** Resolves when the bytes were interpreted, so that awaiting it holds back a flood. Calls may overlap. */
  async write(bytes: Uint8Array, stream: 'stdout' | 'stderr'): Promise<void> {
    this.#stopSettling();
    const screen = this.#screenOf(stream);
    // Each stream has a queue of its own; what came first must be told of first.
    if (this.#lastStream !== null && stream !== this.#lastStream) this.#switchStream();
    this.#lastStream = stream;
    this.#lastWrite = this.#turn ? this.#turn.then(() => screen.write(bytes)) : screen.write(bytes);
    await this.#lastWrite;
    const { clock } = this.#options;
    if (!clock || this.#ended) return;
    this.#stopSettling();
    this.#stopSettling = clock.after(settleMs, () => this.#settle());
  }

  /** The output is over: what is left without a newline counts. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#stopSettling();
    await this.#lastWrite;
    for (const screen of Object.values(this.#screens)) await screen.end();
    for (const reader of this.#readers) reader.end();
  }

  /** What the first line that matched one of the flow's failure patterns means; null while there was none. */
  failure(): Failure | null {
    return this.#findings.failure;
  }

  /** Writes wait until everything for the other stream was read. */
  #switchStream(): void {
    const turn = this.#lastWrite;
    this.#turn = turn;
    void turn.then(() => {
      if (this.#turn === turn) this.#turn = null;
    });
  }

  #settle(): void {
    for (const screen of Object.values(this.#screens)) screen.settle();
    for (const reader of this.#readers) reader.settle();
  }

  #screenOf(stream: 'stdout' | 'stderr'): LineReader {
    const { mode, columns, rows, respond } = this.#options;
    const existing = this.#screens[stream];
    if (existing) return existing;
    const reader = new LineInterpreter(this.#options, this.#findings);
    this.#readers.push(reader);
    const screen = new LineReader(
      { columns, rows, convertEol: mode === 'pipe', respond: mode === 'pty' ? respond : null },
      reader,
    );
    this.#screens[stream] = screen;
    return screen;
  }
}
