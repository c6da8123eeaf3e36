import type { ChildTransport } from './transport.ts';

type OutputListener = Parameters<ChildTransport['onOutput']>[0];
type ExitListener = Parameters<ChildTransport['onExit']>[0];
type Exit = Parameters<ExitListener>[0];

/**
 * Keeps the promises of {@link ChildTransport} whatever order a runtime reports things in: output in order, nothing
 * while paused, and the exit once and last. What arrives during a pause (Node and node-pty both read on at the end of
 * a process) waits here; the sources stop reading, so it is at most what the system's buffers held.
 */
export class OutputGate {
  #outputListeners: OutputListener[] = [];
  #exitListeners: ExitListener[] = [];
  #held: { bytes: Uint8Array; stream: 'stdout' | 'stderr' }[] = [];
  #exit: Exit | null = null;
  #exitTold = false;
  #paused = false;
  #flushing = false;

  get paused(): boolean {
    return this.#paused;
  }

  onOutput(listener: OutputListener): void {
    this.#outputListeners.push(listener);
  }

  /** A listener that comes after the end is called too, on its own turn. */
  onExit(listener: ExitListener): void {
    const exit = this.#exit;
    if (this.#exitTold && exit) queueMicrotask(() => listener(exit));
    else this.#exitListeners.push(listener);
  }

  deliver(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void {
    this.#held.push({ bytes, stream });
    this.#flush();
  }

  /** No more output comes after this. Calls after the first are ignored. */
  end(exit: Exit): void {
    this.#exit ??= exit;
    this.#flush();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flush();
  }

  #flush(): void {
    // A listener may pause, resume or cause more output: the outermost call goes on with it, in order.
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      while (!this.#paused) {
        const next = this.#held.shift();
        if (!next) break;
        for (const listener of this.#outputListeners) listener(next.bytes, next.stream);
      }
    } finally {
      this.#flushing = false;
    }
    const exit = this.#exit;
    if (exit && !this.#exitTold && !this.#paused && this.#held.length === 0) {
      this.#exitTold = true;
      for (const listener of this.#exitListeners) listener(exit);
    }
  }
}
