import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Record<string, string | number | boolean>;

export interface LogOptions {
  /** Where `lanyard.log` and, after a rotation, `lanyard.old.log` stand; made when missing, mode 0700. */
  directory: string;
  clock: Clock;
  /** Replaces secrets in a text. Applied to every string field. */
  redact: (text: string) => string;
  /** The least level that is written; `info` when absent. */
  level?: LogLevel;
  /** Size at which the file is rotated, in bytes; 2 MB when absent. */
  maxBytes?: number;
}

const levels: LogLevel[] = ['debug', 'info', 'warn', 'error'];
const longestInput = 16_384;
const longestField = 1_000;

/**
 * The app's log: one JSON object per line with `at` (ISO 8601, UTC), `level`, `event` and the event's fields. What
 * CLIs print never goes in, only the lengths of its lines (S-14). Logging never throws and never fails a caller.
 */
export class Log {
  readonly #options: LogOptions;
  readonly #path: string;
  #file: { handle: number; size: number } | null = null;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#path = join(options.directory, 'lanyard.log');
  }

  /** @param event stable name in dotted snake_case, such as `session.started`; a constant, never data */
  debug(event: string, fields: LogFields = {}): void {
    this.#write('debug', event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#write('info', event, fields);
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#write('warn', event, fields);
  }

  error(event: string, fields: LogFields = {}): void {
    this.#write('error', event, fields);
  }

  close(): void {
    const file = this.#file;
    this.#file = null;
    if (file) attempt(() => closeSync(file.handle));
  }

  #write(level: LogLevel, event: string, fields: LogFields): void {
    attempt(() => {
      if (levels.indexOf(level) < levels.indexOf(this.#options.level ?? 'info')) return;
      const at = new Date(this.#options.clock.now()).toISOString();
      const entries = Object.entries(fields).map(([name, value]) => [name, this.#fieldValue(value)]);
      const record = { ...Object.fromEntries(entries), at, level, event };
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      const file = this.#open(line.length);
      writeSync(file.handle, line);
      file.size += line.length;
    });
  }

  /** The types say what a field may be; values that came in past them are not written. */
  #fieldValue(value: unknown): string | number | boolean {
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value !== 'string') return '[not logged]';
    try {
      // Redacted before it is cut: half of a secret is no longer recognised.
      const text = this.#options.redact(value.slice(0, longestInput));
      return text.length > longestField ? `${text.slice(0, longestField)}…` : text;
    } catch {
      return '[not logged]';
    }
  }

  #open(upcoming: number): { handle: number; size: number } {
    const limit = this.#options.maxBytes ?? 2_000_000;
    this.#file ??= this.#openFile();
    if (this.#file.size > 0 && this.#file.size + upcoming > limit) {
      this.close();
      attempt(() => renameSync(this.#path, join(this.#options.directory, 'lanyard.old.log')));
      this.#file = this.#openFile();
    }
    return this.#file;
  }

  #openFile(): { handle: number; size: number } {
    mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
    const handle = openSync(this.#path, 'a', 0o600);
    chmodSync(this.#path, 0o600);
    return { handle, size: fstatSync(handle).size };
  }
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // A full or read-only disk must not stop the app; there is nowhere to say it.
  }
}
