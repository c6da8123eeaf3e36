import type { Clock } from '../clock.ts';
import { joined, Scrollback } from './scrollback.ts';

export interface TerminalOutputParts {
  clock: Clock;
  /** Stops and resumes the program's output. */
  pause: () => void;
  resume: () => void;
  /** To the window. `from`: how many bytes came before. Must not throw. */
  emit: (from: number, bytes: Uint8Array<ArrayBuffer>) => void;
}

/** Kept for a window that comes later. */
const keptBytes = 1024 * 1024;
/** What a window may have in front of it before the program waits, and where it goes on. */
const highBytes = 512 * 1024;
const lowBytes = 128 * 1024;
/** What comes in such a time goes as one, ms. */
const gatherMs = 8;
/** A window that reads nothing for so long is not there, ms. */
const patienceMs = 5_000;

/**
 * Output of one tab: kept, and told to the window that watches it, no faster than that reads. Without one the program
 * runs on and only the last of it is kept.
 */
export class TerminalOutput {
  readonly #parts: TerminalOutputParts;
  readonly #kept = new Scrollback(keptBytes);
  /** Bytes so far. */
  #end = 0;
  #watcher: { read: number; cancelPatience: (() => void) | null } | null = null;
  #gathered: Uint8Array[] = [];
  #cancelGather: (() => void) | null = null;
  #paused = false;

  constructor(parts: TerminalOutputParts) {
    this.#parts = parts;
  }

  deliver(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#kept.push(bytes);
    this.#end += bytes.length;
    if (!this.#watcher) return;
    this.#gathered.push(new Uint8Array(bytes));
    // The first at once: it may be the echo of a key.
    if (!this.#cancelGather) this.#flush();
    this.#hold();
  }

  /**
   * A window begins to watch.
   * @returns what is kept, and `end`: what comes next is told with this as `from`
   */
  attach(): { bytes: Uint8Array<ArrayBuffer>; end: number } {
    this.#detach();
    const bytes = this.#kept.read();
    this.#watcher = { read: this.#end - bytes.length, cancelPatience: null };
    this.#hold();
    return { bytes, end: this.#end };
  }

  /**
   * The window has shown everything up to a byte.
   * @returns false when it has missed some meanwhile, and has to attach again
   */
  read(upTo: number): boolean {
    const watcher = this.#watcher;
    if (!watcher) return false;
    watcher.read = Math.max(watcher.read, Math.min(upTo, this.#end));
    watcher.cancelPatience?.();
    watcher.cancelPatience = null;
    if (this.#end - watcher.read <= lowBytes) this.#resume();
    else this.#hold();
    return true;
  }

  /** Nobody watches any more; the program is not held up. */
  close(): void {
    this.#detach();
  }

  /** Tells what was gathered, without waiting for more. */
  flush(): void {
    this.#cancelGather?.();
    this.#flush();
  }

  #flush(): void {
    const bytes = joined(this.#gathered.splice(0));
    this.#cancelGather = null;
    if (bytes.length === 0) return;
    this.#cancelGather = this.#parts.clock.after(gatherMs, () => this.#flush());
    this.#parts.emit(this.#end - bytes.length, bytes);
  }

  /** Lets the program wait when the window is behind, and the window go when it does not come after. */
  #hold(): void {
    const watcher = this.#watcher;
    if (!watcher || this.#end - watcher.read <= (this.#paused ? lowBytes : highBytes)) return;
    if (!this.#paused) {
      this.#paused = true;
      this.#parts.pause();
    }
    watcher.cancelPatience ??= this.#parts.clock.after(patienceMs, () => this.#detach());
  }

  #detach(): void {
    this.#watcher?.cancelPatience?.();
    this.#watcher = null;
    this.#cancelGather?.();
    this.#cancelGather = null;
    this.#gathered = [];
    this.#resume();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#parts.resume();
  }
}
