import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { charge, minutesAreOver } from './budget.ts';
import { mustEndAt, nextLifetime, sessionEnded } from './lease.ts';
import { type CloudSession, isFinished, withStatus } from './session-record.ts';

/** Credentials of any cloud: what is common is that they end. Milliseconds since the Unix epoch, UTC. */
export interface Ending {
  readonly expiresAt: number;
}

export interface CredentialParts<T extends Ending> {
  clock: Clock;
  /** The session as it is now; null when it is gone. */
  session: () => CloudSession | null;
  /** Writes a change of the session and gives back what it is then. */
  update: (change: (session: CloudSession) => CloudSession) => CloudSession;
  /** Asks the cloud for credentials of this lifetime in seconds. */
  issue: (seconds: number) => Promise<T>;
  /** What of new credentials belongs into the record, such as `accessKeyId`. */
  describe: (issued: T) => Partial<CloudSession>;
  onRenewed?: (session: CloudSession) => void;
  /** Seconds: what is asked for in general, and what the cloud grants at least. */
  lifetimes: { usual: number; shortest: number };
}

const renewAheadMs = 900_000;

/**
 * The credentials of one session while it lasts, in memory only. They are renewed when they are asked for and have
 * little time left, never beyond the lease (C-16), and given out only while the session is active and within its
 * limits (C-19): that is looked at before and after every wait.
 */
export class SessionCredentials<T extends Ending> {
  readonly #parts: CredentialParts<T>;
  #held: T | null;
  #renewal: Promise<T> | null = null;

  constructor(parts: CredentialParts<T>, first: T) {
    this.#parts = parts;
    this.#held = first;
  }

  /**
   * The credentials to use now.
   *
   * @returns also when they are to be taken for ended: with themselves or with the session, whichever is first
   * @throws LanyardError `session_ended`, `budget_exceeded`, and what `issue` and `update` throw where nothing valid
   *   is held
   */
  async current(): Promise<{ credentials: T; endsAt: number }> {
    this.#checkActive();
    this.#count();
    let held = this.#held;
    if (held === null) throw sessionEnded();
    const lifetime = this.#wantedLifetime(held);
    if (lifetime !== null) held = await this.#renewed(held, lifetime);
    const session = this.#checkActive();
    if (held.expiresAt <= this.#parts.clock.now()) throw sessionEnded();
    return { credentials: held, endsAt: Math.min(held.expiresAt, mustEndAt(session)) };
  }

  /**
   * Renews once so that what is held reaches the session's end. To be called before less is left of it than the cloud
   * grants at least: a program that asks only then could not be given anything that ends in time.
   *
   * @throws what `issue` and `update` throw
   */
  async coverEnd(): Promise<void> {
    const session = this.#checkActive();
    const held = this.#held;
    if (held === null || held.expiresAt >= mustEndAt(session)) return;
    const lifetime = this.#lifetimeFor(session);
    if (lifetime !== null) await this.#renewed(held, lifetime);
  }

  /** What was issued last, for saying what it is; nothing is given out. Null when the session has ended. */
  get held(): T | null {
    return this.#held;
  }

  /** Forgets the credentials: whatever the session's record says later, nothing is given out any more. */
  end(): void {
    this.#held = null;
  }

  #checkActive(): CloudSession {
    const session = this.#parts.session();
    const now = this.#parts.clock.now();
    if (session !== null && !isFinished(session) && minutesAreOver(session, now)) {
      this.#parts.update((current) => withStatus(current, 'budget_exceeded'));
      this.end();
      throw budgetExceeded();
    }
    if (session !== null && this.#held !== null && !isFinished(session) && now < mustEndAt(session))
      return session;
    this.end();
    throw sessionEnded();
  }

  #count(): void {
    let exceeded = false;
    this.#parts.update((session) => {
      const charged = charge(session, 'credentialRequests', this.#parts.clock.now());
      exceeded = charged.exceeded !== null;
      return charged.session;
    });
    if (!exceeded) return;
    this.end();
    throw budgetExceeded();
  }

  /** Seconds to renew for, or null when what is held will do. */
  #wantedLifetime(held: T): number | null {
    const session = this.#checkActive();
    const ahead = Math.min(renewAheadMs, (this.#parts.lifetimes.usual * 1000) / 2);
    const lasts = held.expiresAt - this.#parts.clock.now() >= ahead;
    return lasts || held.expiresAt >= mustEndAt(session) ? null : this.#lifetimeFor(session);
  }

  #lifetimeFor(session: CloudSession): number | null {
    const { usual, shortest } = this.#parts.lifetimes;
    return nextLifetime((mustEndAt(session) - this.#parts.clock.now()) / 1000, usual, shortest);
  }

  /** One renewal for all who ask meanwhile. What is held is used on while it is valid. */
  async #renewed(held: T, lifetime: number): Promise<T> {
    const isValid = () => held.expiresAt > this.#parts.clock.now();
    if (this.#renewal === null) {
      if (!this.#mayRenew(isValid())) return held;
      this.#renewal = this.#renew(lifetime).finally(() => {
        this.#renewal = null;
      });
    }
    try {
      return await this.#renewal;
    } catch (error) {
      if (isValid()) return held;
      throw error;
    }
  }

  /** False when no renewal is left but none is needed yet. @throws LanyardError `budget_exceeded` */
  #mayRenew(isHeldValid: boolean): boolean {
    const { update, clock } = this.#parts;
    let may = false;
    update((session) => {
      const charged = charge(session, 'renewals', clock.now());
      may = charged.exceeded === null;
      return may || !isHeldValid ? charged.session : session;
    });
    if (may || isHeldValid) return may;
    this.end();
    throw budgetExceeded();
  }

  async #renew(lifetime: number): Promise<T> {
    const issued = await this.#parts.issue(lifetime);
    // Revoked while the cloud was asked: what it issued is not kept.
    this.#checkActive();
    const session = this.#parts.update((current) => ({
      ...current,
      ...this.#parts.describe(issued),
      expiresAt: issued.expiresAt,
    }));
    this.#held = issued;
    this.#parts.onRenewed?.(session);
    return issued;
  }
}

function budgetExceeded(): LanyardError {
  return new LanyardError({
    code: 'budget_exceeded',
    title: "The session's budget is used up.",
    hint: 'Start a new session, with a larger one if you need it.',
  });
}
