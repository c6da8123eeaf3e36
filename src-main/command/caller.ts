import type { Socket } from 'node:net';
import * as v from 'valibot';
import { LanyardError } from '../failures.ts';
import { plainText } from '../plain-text.ts';
import type { Ending, ProgramStart } from './command.ts';
import { frameOf } from './frames.ts';
import { PromptLine } from './prompt-line.ts';
import { type Hello, type Instruction, ReplySchema } from './protocol.ts';

/** The person, or the program, that called the command, and its terminal. */
export class Caller {
  /** Where it was called, absolute. */
  readonly cwd: string;
  /** Everything that its process was started with: nothing of it may reach a log. */
  readonly environment: Readonly<Record<string, string>>;
  /** Which of its streams are terminals. */
  readonly tty: Hello['tty'];
  /** As the kernel knows it; 0 where that cannot be seen. */
  readonly pid: number;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
  readonly #socket: Socket;
  readonly #questions = new Map<number, (text: string | null) => void>();
  readonly #input: ((input: Buffer | 'too-long' | null) => void)[] = [];
  #launch: { onReply: (reply: { started: number } | { notStarted: string }) => void } | null = null;
  readonly #line: PromptLine;
  #lastQuestion = 0;

  constructor(socket: Socket, hello: Hello, pid: number, gone: AbortSignal) {
    this.#socket = socket;
    this.cwd = hello.cwd;
    this.environment = Object.fromEntries(hello.environment);
    this.tty = hello.tty;
    this.#line = new PromptLine(hello.tty.in);
    this.pid = pid;
    this.gone = gone;
    gone.addEventListener('abort', () => {
      for (const answer of this.#questions.values()) answer(null);
      for (const answer of this.#input) answer(null);
    });
  }

  /** What a program may read: data, and nothing else. */
  out(data: string | Uint8Array): void {
    this.#send({ do: 'out', bytes: base64(data) });
  }

  /** The same for a person to read. */
  table(text: string): void {
    this.out(withoutControls(text));
  }

  /** A line for the person. */
  say(line: string): void {
    this.#send({ do: 'err', bytes: base64(this.#line.said(`${withoutControls(line)}\n`)) });
  }

  /** `lanyard: ` and the title, then the hint. */
  complain(title: string, ...more: string[]): void {
    this.say([`lanyard: ${title}`, ...more.filter((line) => line !== '')].join('\n'));
  }

  /**
   * Asks on the terminal and waits for one line.
   * @param options.hidden what is typed is not shown
   * @param options.until when it is aborted the answer does not matter any more
   * @param options.stands whether the question has to be seen now; what is said meanwhile brings it back only then
   * @returns null when nobody will answer
   */
  ask(
    prompt: string,
    options: { hidden?: boolean; until?: AbortSignal; stands?: () => boolean } = {},
  ): Promise<string | null> {
    if (this.gone.aborted || options.until?.aborted) return Promise.resolve(null);
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const answer = (text: string | null) => {
        this.#questions.delete(id);
        options.until?.removeEventListener('abort', giveUp);
        resolve(text);
      };
      const giveUp = () => {
        this.#line.withdrawn();
        answer(null);
      };
      options.until?.addEventListener('abort', giveUp);
      this.#questions.set(id, answer);
      const asked = this.#line.asked(withoutControls(prompt), options.stands);
      this.#send({ do: 'ask', id, prompt: asked, hidden: options.hidden ?? false });
    });
  }

  /**
   * Everything on the caller's standard input.
   * @param most in bytes
   * @throws LanyardError `input_too_long`
   */
  async readInput(most: number): Promise<Buffer> {
    const input = await new Promise<Buffer | 'too-long' | null>((resolve) => {
      if (this.gone.aborted) return resolve(null);
      this.#input.push(resolve);
      this.#send({ do: 'read', most });
    });
    if (input instanceof Buffer) return input;
    throw new LanyardError({
      code: 'input_too_long',
      title: input === null ? 'The input could not be read.' : 'The input is too long.',
      hint: `At most ${most} bytes are read.`,
    });
  }

  /** What the command sent after its first frame. Throws on what is not in the protocol. */
  take(frame: unknown): void {
    const reply = v.parse(ReplySchema, frame);
    if ('answer' in reply) this.#answered(reply.answer, reply.text ?? null);
    else if ('isInput' in reply)
      this.#input.shift()?.(reply.tooLong ? 'too-long' : Buffer.from(reply.input ?? '', 'base64'));
    else this.#launch?.onReply(reply);
  }

  #answered(id: number, text: string | null): void {
    this.#line.answered(text);
    this.#questions.get(id)?.(text);
  }

  /** Sends the last instruction; resolves when nothing more will come of it. */
  async end(ending: Ending): Promise<void> {
    if (ending.kind === 'exec') return this.#launchAs(ending.start);
    await new Promise<void>((resolve) => {
      if (this.gone.aborted) return resolve();
      this.gone.addEventListener('abort', () => resolve());
      this.#socket.end(frameOf({ do: 'exit', code: ending.code } satisfies Instruction));
    });
  }

  /**
   * On Unix the caller's process becomes the program, which closes our socket (close-on-exec) without a word; a word
   * means that it could not. On Windows it says which process it started, and hangs up when that has ended.
   */
  #launchAs({ file, argv, environment, cwd, missing, onStarted }: ProgramStart): Promise<void> {
    return new Promise((resolve) => {
      let told = false;
      this.#launch = {
        onReply: (reply) => {
          told = true;
          if ('started' in reply) onStarted(reply.started);
        },
      };
      const ended = () => {
        if (!told) onStarted(this.pid);
        resolve();
      };
      if (this.gone.aborted) return resolve();
      this.gone.addEventListener('abort', ended);
      const more = missing === undefined ? {} : { missing };
      this.#send({ do: 'exec', file, argv, environment: Object.entries(environment), cwd, ...more });
    });
  }

  #send(instruction: Instruction): void {
    if (!this.gone.aborted && this.#socket.writable) this.#socket.write(frameOf(instruction));
  }
}

/** Names of directories, what CLIs print and what other programs wrote down are in our sentences. */
function withoutControls(text: string): string {
  return plainText(text, '\t\n');
}

function base64(data: string | Uint8Array): string {
  return Buffer.from(data as string).toString('base64');
}
