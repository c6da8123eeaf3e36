import type { Clock } from '../clock.ts';
import type { AutoLockRule } from './vault-settings.ts';

export interface AutoLockParts {
  clock: Clock;
  rule: () => AutoLockRule;
  /** Locks what is open. Must not throw. */
  lock: () => void;
  /** Whether something is under way that a lock would break; it is waited for. */
  isBusy: () => boolean;
}

const minuteMs = 60_000;
/** How long a lock that is due waits before it looks again whether it may, ms. */
const busyMs = 1_000;

/** Locks the sealed file by itself: some time after the last use of a key, and when the person goes away. */
export class AutoLock {
  readonly #parts: AutoLockParts;
  #cancelTimer: (() => void) | null = null;
  /** When the lock is due; `null` while nothing is open, or no time was set. */
  #due: number | null = null;
  #isOpen = false;
  /** A lock waits for what is under way. */
  #waits = false;

  constructor(parts: AutoLockParts) {
    this.#parts = parts;
  }

  /** It was opened, or a key was used. */
  used(): void {
    this.#isOpen = true;
    if (this.#waits) return;
    const { afterMinutes } = this.#parts.rule();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#due = afterMinutes === null ? null : this.#parts.clock.now() + afterMinutes * minuteMs;
    if (afterMinutes !== null) this.#wait(afterMinutes * minuteMs);
  }

  /** Another rule holds; its time begins now. */
  ruleChanged(): void {
    if (this.#isOpen) this.used();
  }

  /** It was locked, or is no longer in use. */
  closed(): void {
    this.#isOpen = false;
    this.#waits = false;
    this.#due = null;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** The computer goes to sleep, or its screen is locked. */
  away(): void {
    if (this.#isOpen && this.#parts.rule().whenAway) this.#lock();
  }

  /** Locks when that is overdue: timers stand still while a computer sleeps. To be asked before each use. */
  check(): void {
    if (this.#due !== null && this.#parts.clock.now() >= this.#due) this.#lock();
  }

  #lock(): void {
    if (this.#parts.isBusy()) {
      this.#waits = true;
      this.#due = this.#parts.clock.now();
      this.#wait(busyMs);
      return;
    }
    this.closed();
    this.#parts.lock();
  }

  #wait(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#parts.clock.after(delayMs, () => this.check());
  }
}
