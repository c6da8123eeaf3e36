import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { type CloudSession, isFinished } from './session-record.ts';

/** How long before its end a run is warned (C-17). */
export const warnMs = 60_000;
/** Timers stand still while the machine sleeps: the wall clock is looked at this often. */
const lookMs = 30_000;

/** When the session ends: the lease's end, or that of the only credentials it gets. */
export function endsAt(session: CloudSession): number {
  return session.leaseEndsAt ?? session.expiresAt;
}

/** When it must end: with the lease, or when the minutes of its limits are over, whichever is first. */
export function mustEndAt(session: CloudSession): number {
  const { minutes } = session.limits ?? {};
  return minutes === undefined
    ? endsAt(session)
    : Math.min(endsAt(session), session.createdAt + minutes * 60_000);
}

/**
 * How long the next credentials should live, so that together they reach the lease's end and never pass it: nothing
 * may be left over that is shorter than the service's shortest lifetime.
 *
 * @param leftSeconds of the lease
 * @param usualSeconds the lifetime asked for in general
 * @param shortestSeconds the service's (AWS: 900)
 * @returns null when nothing can be issued any more that ends in time
 */
export function nextLifetime(
  leftSeconds: number,
  usualSeconds: number,
  shortestSeconds: number,
): number | null {
  const left = Math.floor(leftSeconds);
  if (left < shortestSeconds) return null;
  if (left <= usualSeconds || left < 2 * shortestSeconds) return left;
  if (left - usualSeconds < shortestSeconds) return left - shortestSeconds;
  return usualSeconds;
}

/**
 * C-20: the session with a later end.
 *
 * @param until milliseconds, UTC
 * @param capSeconds of the identity, from the session's creation
 * @throws LanyardError `session_ended`, `not_an_extension`, `beyond_cap`
 */
export function extendLease(
  session: CloudSession,
  until: number,
  { now, capSeconds }: { now: number; capSeconds: number },
): CloudSession {
  if (isFinished(session) || mustEndAt(session) <= now) throw sessionEnded();
  if (until <= endsAt(session)) {
    throw new LanyardError({
      code: 'not_an_extension',
      title: 'The session lasts longer than that already.',
      hint: 'Choose a later end, or revoke it to end it sooner.',
    });
  }
  // Not a comparison with `>`: a cap that is no number must refuse.
  if (!(until <= session.createdAt + capSeconds * 1000)) {
    throw new LanyardError({
      code: 'beyond_cap',
      title: 'This identity does not allow sessions that long.',
      hint: 'Choose an earlier end, or start a new session.',
    });
  }
  return { ...session, leaseEndsAt: until };
}

export function sessionEnded(): LanyardError {
  return new LanyardError({
    code: 'session_ended',
    title: 'The session has ended.',
    hint: 'Start a new one.',
  });
}

export interface LeaseEvents {
  /** The session ends within {@link warnMs}. Once, unless it was extended in between. */
  onWarning: (id: string) => void;
  /** The session's time is over. */
  onEnd: (id: string) => void;
}

/** Watches the ends of sessions by the wall clock. */
export class LeaseWatch {
  readonly #clock: Clock;
  readonly #events: LeaseEvents;
  readonly #timers = new Map<string, () => void>();

  constructor(clock: Clock, events: LeaseEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** Starts to watch a session, or takes note of its new end. */
  watch(id: string, until: number): void {
    this.#arm(id, until, false);
  }

  forget(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  close(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id);
  }

  #arm(id: string, until: number, warned: boolean): void {
    this.forget(id);
    const left = until - this.#clock.now();
    const next = warned ? left : left - warnMs;
    const cancel = this.#clock.after(Math.min(Math.max(next, 0), lookMs), () => {
      this.#timers.delete(id);
      const now = this.#clock.now();
      if (now >= until) {
        this.#events.onEnd(id);
        return;
      }
      const due = !warned && until - now <= warnMs;
      this.#arm(id, until, warned || due);
      if (due) this.#events.onWarning(id);
    });
    this.#timers.set(id, cancel);
  }
}
