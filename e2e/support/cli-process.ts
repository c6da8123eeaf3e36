import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { spawn as spawnPty } from 'node-pty';

/** A CLI under test, run without the app. */
export interface CliProcess {
  pid: number;
  /** Everything printed so far on both streams, without escape sequences. */
  text(): string;
  /** Resolves with the first match in what was printed; rejects when the program ends without one or after 15 s. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  write(text: string): void;
  /** Kills the process group. */
  kill(): void;
  exited: Promise<number | null>;
}

const waitMs = 15_000;

/** Behind what is common to pipes and PTY: collects output and wakes those who wait for it. */
class Output {
  #raw = '';
  #ended = false;
  readonly #looks = new Set<() => void>();

  add(text: string): void {
    this.#raw += text;
    for (const look of this.#looks) look();
  }

  end(): void {
    this.#ended = true;
    for (const look of this.#looks) look();
  }

  text(): string {
    return stripVTControlCharacters(this.#raw);
  }

  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#looks.delete(look);
        finish();
      };
      const fail = (why: string) =>
        settle(() => reject(new Error(`${why} ${pattern}; printed:\n${this.text()}`)));
      const look = () => {
        const match = pattern.exec(this.text());
        if (match) settle(() => resolve(match));
        else if (this.#ended) fail('ended before');
      };
      const timer = setTimeout(() => fail(`${waitMs} ms without`), waitMs);
      this.#looks.add(look);
      look();
    });
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

export interface CliRequest {
  file: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
}

/**
 * Runs a program behind pipes, in a process group of its own.
 * @param input all that it gets to read; without it the input stays open, for `write`
 */
export function runOnPipes(request: CliRequest & { input?: string }): CliProcess {
  const child = spawn(request.file, request.args, { env: request.env, cwd: request.cwd, detached: true });
  const output = new Output();
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.add(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.add(text));
  child.stdin.on('error', () => undefined);
  if (request.input !== undefined) child.stdin.end(request.input);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      output.end();
      resolve(code);
    });
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    text: () => output.text(),
    waitFor: (pattern) => output.waitFor(pattern),
    write: (text) => child.stdin.write(text),
    kill: () => pid > 0 && killGroup(pid),
    exited,
  };
}

/** Runs a program in a PTY that is wide enough for every link. */
export function runInPty(request: CliRequest): CliProcess {
  const pty = spawnPty(request.file, request.args, {
    name: 'xterm-256color',
    cols: 4096,
    rows: 24,
    env: request.env,
    cwd: request.cwd,
  });
  const output = new Output();
  pty.onData((text) => output.add(text));
  const exited = new Promise<number | null>((resolve) => {
    pty.onExit(({ exitCode }) => {
      output.end();
      resolve(exitCode);
    });
  });
  return {
    pid: pty.pid,
    text: () => output.text(),
    waitFor: (pattern) => output.waitFor(pattern),
    write: (text) => pty.write(text),
    kill: () => killGroup(pty.pid),
    exited,
  };
}
