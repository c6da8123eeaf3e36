import { readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { ReadStream } from 'node:tty';
import { type Clock, systemClock } from '../clock.ts';
import { closingTheRest } from './inherited-descriptors.ts';
import { OutputGate } from './output-gate.ts';
import { PtyInput } from './pty-input.ts';
import { checkStartable, couldNotStart } from './startable.ts';
import type { PtyTransport, SpawnRequest } from './transport.ts';

/** More than any system keeps in a PTY; a bound for the case that something writes on after the program's end. */
const restLimitBytes = 1024 * 1024;

/**
 * The part of node-pty 1.1.0 that is used here. The prebuilt package declares its types under its own name, not under
 * `node-pty`, and not that `encoding: null` makes the data bytes (except on Windows).
 */
interface NodePty {
  spawn(
    file: string,
    args: string[],
    options: {
      name: string;
      cols: number;
      rows: number;
      cwd: string;
      env: Record<string, string>;
      encoding: null;
    },
  ): PseudoTerminal;
}

interface PseudoTerminal {
  readonly pid: number;
  onData(listener: (data: string | Uint8Array) => void): unknown;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): unknown;
  write(text: string): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
}

/** Loaded on first use: the native module would otherwise cost start-up time in every run of the app. */
let loadedNodePty: NodePty | undefined;
function nodePty(): NodePty {
  loadedNodePty ??= createRequire(import.meta.url)('node-pty') as NodePty;
  return loadedNodePty;
}

/**
 * starts a program in a pseudo terminal of the given size, in a session of its own. TERM is `xterm-256color`.
 * Output arrives as bytes, all on `stdout`; what it wrote last arrives before `onExit`, however quickly it ended.
 *
 * @throws LanyardError `program_not_found` or `could_not_start`
 */
export function spawnPty(
  request: SpawnRequest,
  size: { columns: number; rows: number },
  { clock = systemClock }: { clock?: Clock } = {},
): PtyTransport {
  const { file, args } = checkStartable(request);
  const gate = new OutputGate();
  const terminal = start(file, args, request, size);
  const device = unixDevice(terminal);
  const input = device ? new PtyInput(device.descriptor, clock) : null;
  let exited = false;
  terminal.onData((data) => {
    // On Windows node-pty decodes whatever `encoding` says.
    gate.deliver(typeof data === 'string' ? Buffer.from(data, 'utf8') : data, 'stdout');
  });
  if (device) {
    beforeClose(device.socket, () => {
      input?.close();
      readRest(device, (bytes) => gate.deliver(bytes, 'stdout'));
    });
  }
  terminal.onExit(({ exitCode, signal }) => {
    exited = true;
    gate.end(signal ? { code: null, signal: signalName(signal) } : { code: exitCode, signal: null });
  });

  return {
    pid: terminal.pid,
    get ended() {
      return exited;
    },
    enter: '\r',
    onOutput: (listener) => gate.onOutput(listener),
    onExit: (listener) => gate.onExit(listener),
    write: (text) => {
      if (input) return input.write(text);
      if (!exited) terminal.write(text);
      return !exited;
    },
    resize: ({ columns, rows }) => {
      // Its descriptor may be closed, and its number somebody else's, when the program has ended.
      if (!exited && !device?.socket.destroyed) terminal.resize(columns, rows);
    },
    pause: () => {
      gate.pause();
      terminal.pause();
    },
    resume: () => {
      gate.resume();
      if (!gate.paused) terminal.resume();
    },
  };
}

function start(
  file: string,
  args: string[],
  request: SpawnRequest,
  size: { columns: number; rows: number },
): PseudoTerminal {
  try {
    const closing = closingTheRest({ file, args }, request.env);
    return nodePty().spawn(closing.file, closing.args, {
      name: 'xterm-256color',
      cols: size.columns,
      rows: size.rows,
      cwd: request.cwd,
      env: request.env,
      encoding: null,
    });
  } catch (cause) {
    throw couldNotStart(request.file, 'Close some terminals or programs, then try again.', cause);
  }
}

interface UnixDevice {
  socket: ReadStream;
  /** Our end of the PTY; does not block. */
  descriptor: number;
}

/** What node-pty reads from, on POSIX; null on Windows, whose stream needs none of the care below. */
function unixDevice(terminal: PseudoTerminal): UnixDevice | null {
  const socket: unknown = Reflect.get(terminal, '_socket');
  const descriptor: unknown = Reflect.get(terminal, '_fd');
  if (!(socket instanceof ReadStream) || typeof descriptor !== 'number') return null;
  // EIO is how a PTY ends; node-pty throws other errors unless somebody listens.
  socket.on('error', () => {});
  return { socket, descriptor };
}

/** Every way in which the stream ends goes through its `destroy`, with the descriptor still open. */
function beforeClose(socket: ReadStream, action: () => void): void {
  const destroy = socket.destroy;
  socket.destroy = (error) => {
    if (!socket.destroyed) action();
    return destroy.call(socket, error);
  };
}

/**
 * Reads up to 12 KB that a program wrote before it ended and that would be lost otherwise: libuv takes one short read
 * after the hang-up for the end of a Linux PTY (libuv issue 4992, in every Node up to 24), and node-pty 1.1.0 closes the
 * descriptor 200 ms after the exit even while reading is paused. The kernel moves what is on its way before it says "empty".
 */
function readRest({ socket, descriptor }: UnixDevice, deliver: (bytes: Uint8Array) => void): void {
  // Reading emits `data`, which is how it gets to the gate.
  while (socket.read() !== null);
  for (const bytes of readAvailable(descriptor)) deliver(bytes);
}

function* readAvailable(descriptor: number): Generator<Uint8Array> {
  for (let total = 0; total < restLimitBytes; ) {
    const buffer = Buffer.allocUnsafe(16_384);
    let count: number;
    try {
      count = readSync(descriptor, buffer);
    } catch {
      // EIO: the end. EAGAIN: empty.
      return;
    }
    if (count === 0) return;
    total += count;
    yield buffer.subarray(0, count);
  }
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
