import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { commandPath } from '../../scripts/build-command.mjs';
import { type Clock, systemClock } from '../clock.ts';
import type { Command } from './command.ts';
import { type Peer, peerOf } from './peer.ts';
import { CommandServer } from './server.ts';
import { type SocketPlace, socketPlace } from './socket-place.ts';

const root = join(import.meta.dirname, '..', '..');
let built: string | null = null;

/** The `lanyard` command of these sources, built when it is older than they are. */
export function builtCommand(): string {
  if (built !== null) return built;
  const path = commandPath();
  const sources = join(root, 'command');
  const newest = Math.max(...readdirSync(sources).map((name) => statSync(join(sources, name)).mtimeMs));
  if (!existsSync(path) || statSync(path).mtimeMs < newest)
    execFileSync('node', [join(root, 'scripts', 'build-command.mjs')], { stdio: 'inherit' });
  built = path;
  return path;
}

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: Buffer;
  err: string;
}

export interface CallOptions {
  cwd?: string;
  /** Besides what finds the house. */
  env?: Record<string, string>;
  input?: string | Buffer;
}

/** A data directory with a server for some commands, and the real command that calls them. */
export class CommandScene {
  readonly data: string;
  readonly place: SocketPlace;
  readonly server: CommandServer;
  /** What the server noted, event and reason. */
  readonly noted: string[] = [];

  private constructor(data: string, commands: readonly Command[], options: SceneOptions) {
    this.data = data;
    const uid = options.uid ?? process.getuid?.() ?? 0;
    this.place = socketPlace(data, { environment: {}, platform: process.platform, uid });
    const note = (event: string, fields: Record<string, unknown> = {}) =>
      void this.noted.push(`${event} ${fields.reason ?? fields.detail ?? ''}`.trim());
    this.server = new CommandServer({
      place: this.place,
      commands,
      peerOf: options.peerOf ?? ((socket) => peerOf(socket, builtCommand(), systemClock)),
      uid,
      clock: options.clock ?? systemClock,
      log: { info: note, warn: note, error: note },
    });
  }

  static async open(commands: readonly Command[], options: SceneOptions = {}): Promise<CommandScene> {
    builtCommand();
    const data = options.data ?? temporaryDirectory();
    const scene = new CommandScene(data, commands, options);
    await scene.server.start();
    onTestFinished(() => scene.server.stop());
    return scene;
  }

  start(args: readonly string[], options: CallOptions = {}): ChildProcess {
    return spawn(builtCommand(), args, {
      cwd: options.cwd ?? this.data,
      env: { PATH: process.env.PATH ?? '', HOME: this.data, LANYARD_HOME: this.data, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  call(args: readonly string[], options: CallOptions = {}): Promise<Finished> {
    const child = this.start(args, options);
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
    return finished(child);
  }
}

export interface SceneOptions {
  data?: string;
  /** Whose house it is; this process's user when absent. */
  uid?: number;
  peerOf?: (socket: Socket) => Promise<Peer | null | 'not-asked'>;
  clock?: Clock;
}

export function finished(child: ChildProcess): Promise<Finished> {
  const out: Buffer[] = [];
  let err = '';
  child.stdout?.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out: Buffer.concat(out), err }));
  });
}

export function temporaryDirectory(parent = tmpdir()): string {
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'lanyard-command-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** For commands over identities that are not asked about. */
export const asksNothing = { require: async () => {} };

/** A command of a test's own. */
export function commandThat(name: string, run: Command['run'], more: Partial<Command> = {}): Command {
  return { name, usage: `lanyard ${name}`, help: 'A test.', run, ...more };
}
