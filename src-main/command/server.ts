import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import * as v from 'valibot';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { describeFault } from '../journal/describe-fault.ts';
import { Caller } from './caller.ts';
import { type Command, type Ending, exitCodes, helpOf, UsageError } from './command.ts';
import { FrameReader, frameOf } from './frames.ts';
import { didYouMean } from './near-miss.ts';
import type { Peer } from './peer.ts';
import { AnyHelloSchema, type Hello, HelloSchema, longestHello, protocolVersion } from './protocol.ts';
import { shownText } from './shown-text.ts';
import type { SocketPlace } from './socket-place.ts';
import { inTerminalWords } from './terminal-words.ts';

interface ServerLog {
  info(event: string, fields?: Record<string, string | number | boolean>): void;
  warn(event: string, fields?: Record<string, string | number | boolean>): void;
  error(event: string, fields?: Record<string, string | number | boolean>): void;
}

export interface CommandServerParts {
  place: SocketPlace;
  commands: readonly Command[];
  /** As `peerOf`; `'not-asked'` where the system's own rules on the pipe have to do (Windows). */
  peerOf: (socket: Socket) => Promise<Peer | null | 'not-asked'>;
  /** Whose house this is. */
  uid: number;
  clock: Clock;
  log: ServerLog;
}

/** How long a caller may take to say what it wants, ms. */
const helloLimitMs = 5_000;
/** Callers at the same time; what comes on top is hung up on. A shell with this many prompts is no person's. */
const mostCallers = 128;

/**
 * Where the `lanyard` command finds the house. Nobody but its owner gets in: the socket's directory is the owner's alone
 * (0700), so is the socket (0600), and each caller is checked with the kernel before anything it says is acted on. A web
 * page cannot open a Unix socket, and what it could send over anything else is not the protocol.
 */
export class CommandServer {
  readonly #parts: CommandServerParts;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();
  #server: Server | null = null;

  constructor(parts: CommandServerParts) {
    this.#parts = parts;
    this.#commands = new Map(parts.commands.map((command) => [command.name, command]));
  }

  /**
   * Listens. What an earlier house left there is removed: that there is no other one is for the caller to know
   * (`HouseClaim`).
   * @throws LanyardError `socket_place_unsafe`; errors of the system
   */
  async start(): Promise<void> {
    const { directory, path } = this.#parts.place;
    if (directory !== null) {
      ownDirectory(directory, this.#parts.uid);
      rmSync(path, { force: true });
    }
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#parts.log.error('command.fault', describeFault(error)));
        resolve();
      });
    });
    if (directory !== null) chmodSync(path, 0o600);
  }

  /** Hangs up on everybody and takes the socket away; resolves when no command runs any more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await Promise.all(this.#running);
    const { directory, path } = this.#parts.place;
    if (directory !== null) rmSync(path, { force: true });
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= mostCallers) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const running = this.#serve(socket)
      .catch((error: unknown) => this.#parts.log.error('command.fault', describeFault(error)))
      .finally(() => {
        socket.destroy();
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  async #serve(socket: Socket): Promise<void> {
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    // A caller that has gone is told by `close`; why does not matter.
    socket.on('error', () => {});
    // Side by side: asking the kernel takes as long as everything else together.
    const asked = this.#parts.peerOf(socket);
    const first = await this.#firstFrame(socket, gone.signal);
    const peer = await asked;
    if (gone.signal.aborted) return;
    if (peer !== 'not-asked' && peer?.uid !== this.#parts.uid) {
      this.#parts.log.warn('command.refused', { reason: peer ? 'other user' : 'unknown user' });
      return this.#refuse(
        socket,
        'This Lanyard does not answer to this user.',
        'Only the user who started it can use it.',
      );
    }
    if (first.kind === 'bad') {
      this.#parts.log.warn('command.refused', { reason: first.reason });
      return;
    }
    if (first.kind === 'version') {
      this.#parts.log.warn('command.refused', { reason: 'version', version: first.version });
      return this.#refuse(
        socket,
        `This command speaks version ${first.version}, and the running Lanyard version ${protocolVersion}.`,
        first.version > protocolVersion
          ? 'Quit Lanyard and start it again.'
          : 'Install the command again in Lanyard under Settings > Command line.',
      );
    }
    const { hello } = first;
    const caller = new Caller(socket, hello, peer === 'not-asked' ? hello.pid : peer.pid, gone.signal);
    first.onLater((frame) => caller.take(frame));
    await caller.end(await this.#answer(hello.argv, caller));
  }

  /** The first frame. Later ones are given to `onLater`; what is not in the protocol hangs up. */
  #firstFrame(socket: Socket, gone: AbortSignal): Promise<First> {
    const reader = new FrameReader(longestHello);
    return new Promise((resolve) => {
      let take: ((frame: unknown) => void) | null = null;
      let seen = false;
      const bad = (reason: string) => {
        resolve({ kind: 'bad', reason });
        if (seen) socket.destroy();
        socket.pause();
      };
      const cancel = this.#parts.clock.after(helloLimitMs, () => bad('silence'));
      gone.addEventListener('abort', () => {
        cancel();
        resolve({ kind: 'bad', reason: 'gone' });
      });
      socket.on('data', (piece: Buffer) => {
        try {
          for (const frame of reader.push(piece)) {
            if (take) take(frame);
            else if (seen) throw new Error('a frame before it was asked for');
            else {
              seen = true;
              cancel();
              resolve(firstOf(frame, (later) => (take = later)));
            }
          }
        } catch {
          cancel();
          bad('not the protocol');
        }
      });
    });
  }

  async #answer(argv: readonly string[], caller: Caller): Promise<Ending> {
    const [name = '', ...args] = argv;
    const command = this.#commands.get(name);
    if (!command) {
      const known = [...this.#commands.keys()].filter((each) => !each.startsWith('__'));
      caller.complain(
        `There is no command "${name}".`,
        `${didYouMean(name, known)}lanyard --help lists them all.`,
      );
      return { kind: 'exit', code: exitCodes.usage };
    }
    if (asksForHelp(args)) {
      caller.out(helpOf(command));
      return { kind: 'exit', code: exitCodes.done };
    }
    const failed = command.failureCode ?? exitCodes.failed;
    try {
      return await command.run(args, caller);
    } catch (error) {
      if (error instanceof UsageError) {
        caller.complain(error.message, `Usage: ${command.usage.replaceAll('\n', '\n       ')}`);
        return { kind: 'exit', code: command.failureCode ?? exitCodes.usage };
      }
      if (error instanceof LanyardError) {
        const { title, hint, detail, fields } = inTerminalWords(error.failure);
        const wrong = Object.entries(fields ?? {}).map(([id, what]) => `  ${id}: ${what}`);
        caller.complain(title, ...(detail ? [`  ${shownText(detail, 300)}`] : []), hint, ...wrong);
        return { kind: 'exit', code: failed };
      }
      this.#parts.log.error('command.fault', { command: name, ...describeFault(error) });
      caller.complain(
        'Something went wrong in Lanyard itself.',
        'Its log has more, in the data directory: lanyard status says where.',
      );
      return { kind: 'exit', code: failed };
    }
  }

  /** In the two instructions that no version changes. */
  #refuse(socket: Socket, title: string, hint: string): Promise<void> {
    return new Promise((resolve) => {
      const bytes = Buffer.from(`lanyard: ${title}\n${hint}\n`).toString('base64');
      socket.once('close', () => resolve());
      socket.write(frameOf({ do: 'err', bytes }));
      socket.end(frameOf({ do: 'exit', code: exitCodes.unreachable }));
      socket.resume();
    });
  }
}

type First =
  | { kind: 'hello'; hello: Hello; onLater: (take: (frame: unknown) => void) => void }
  | { kind: 'version'; version: number }
  | { kind: 'bad'; reason: string };

function firstOf(frame: unknown, onLater: (take: (frame: unknown) => void) => void): First {
  const any = v.safeParse(AnyHelloSchema, frame);
  if (!any.success) return { kind: 'bad', reason: 'not the protocol' };
  if (any.output.lanyard !== protocolVersion) return { kind: 'version', version: any.output.lanyard };
  const hello = v.safeParse(HelloSchema, frame);
  return hello.success
    ? { kind: 'hello', hello: hello.output, onLater }
    : { kind: 'bad', reason: 'not the protocol' };
}

function asksForHelp(args: readonly string[]): boolean {
  const dashes = args.indexOf('--');
  return (dashes < 0 ? args : args.slice(0, dashes)).some((each) => each === '--help' || each === '-h');
}

/** Makes the socket's directory; one that is there must be the owner's and nobody else's. */
function ownDirectory(directory: string, uid: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new LanyardError({
      code: 'socket_place_unsafe',
      title: `${directory} is not a directory of yours, so the lanyard command cannot be served from there.`,
      hint: 'Remove it and start Lanyard again.',
    });
  }
  chmodSync(directory, 0o700);
}
