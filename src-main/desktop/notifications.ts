import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Looking, Place } from '../../src-preload/contract/desktop.ts';
import type { Clock } from '../clock.ts';
import type { CloudSessionEnd } from './tray-menu.ts';

/** Where a notification leads: a place in the window, or a sign-in's modal. */
export type NoticePlace = Place | { name: 'sign-in'; sessionId: string };

export interface NotificationsParts {
  /** Shows a notification of the system's; `onClick` when the person follows it. */
  notify: (notice: { title: string; body: string }, onClick: () => void) => void;
  /** Whether the person wants any. */
  isOn: () => boolean;
  /** What the window that has the focus shows; null when no window of ours has it. */
  looking: () => Looking | null;
  goTo: (place: NoticePlace) => void;
  providerName: (providerId: string) => string;
  clock: Clock;
}

/** An account as far as its person may be needed. */
export interface WatchedAccount {
  id: string;
  providerId: string;
  /** The bundles that use it; the first is led to. */
  bundles: readonly { id: string; name: string }[];
  needsSignIn: boolean;
}

/** How long before its end a cloud session is spoken of, ms; a shorter one at the later time, or not at all. */
const noticesBeforeEnd = [5 * 60_000, 60_000] as const;

/** A timer of more than 24 days fires at once in Node. */
const longestTimerMs = 24 * 60 * 60_000;

/**
 * What a person is told outside of the window: a sign-in that ended, an account that needs them, a cloud session that is
 * about to end. Each once; none about what the window before them shows.
 */
export class Notifications {
  readonly #parts: NotificationsParts;
  readonly #endedSignIns = new Set<string>();
  /** Accounts that were known to be well, or not: a change from the one to the other is news. */
  #needing: Map<string, boolean> | null = null;
  /** Cloud sessions whose end was spoken of, or is too near to be: an extended one has another key. */
  readonly #settledEnds = new Set<string>();
  readonly #dueEnds = new Map<string, { session: CloudSessionEnd; at: number }>();
  #cancelTimer: () => void = () => {};

  constructor(parts: NotificationsParts) {
    this.#parts = parts;
  }

  /** A sign-in changed. */
  signInChanged(session: SessionSnapshot): void {
    if (session.status !== 'success' && session.status !== 'failed') return;
    if (this.#endedSignIns.has(session.sessionId)) return;
    this.#endedSignIns.add(session.sessionId);
    // The person ended it themselves.
    if (session.status === 'failed' && session.failure.code === 'cancelled') return;
    // Every page of the window has the list of sign-ins beside it.
    if (this.#parts.looking()) return;
    const name = this.#parts.providerName(session.providerId);
    const place = { name: 'sign-in', sessionId: session.sessionId } as const;
    if (session.status === 'failed') {
      this.#tell({ title: `${name} is not connected`, body: session.failure.title }, place);
      return;
    }
    const who = session.email ?? session.login;
    const body = [who, session.bundleName && `in ${session.bundleName}`].filter(Boolean).join(', ');
    this.#tell({ title: `${name} is connected`, body }, place);
  }

  /**
   * Accounts as they are now. The first time nothing is news; later, those that came to need their person are told
   * together.
   */
  accountsChanged(accounts: readonly WatchedAccount[]): void {
    const before = this.#needing;
    this.#needing = new Map(accounts.map(({ id, needsSignIn }) => [id, needsSignIn]));
    if (!before) return;
    const looking = this.#parts.looking();
    const fresh = accounts.filter(
      ({ id, needsSignIn, bundles }) =>
        needsSignIn &&
        before.get(id) === false &&
        bundles.length > 0 &&
        !bundles.some((bundle) => bundle.id === looking?.bundleId),
    );
    const [first] = fresh;
    const bundle = first?.bundles[0];
    if (!first || !bundle) return;
    const place = { name: 'identity', bundleId: bundle.id, accountId: first.id } as const;
    const name = this.#parts.providerName(first.providerId);
    const notice =
      fresh.length === 1
        ? { title: `${name} needs you to sign in again`, body: `In ${bundle.name}.` }
        : {
            title: `${fresh.length} accounts need you to sign in again`,
            body: `${name} in ${bundle.name}, and ${fresh.length - 1} more.`,
          };
    this.#tell(notice, place);
  }

  /** Cloud sessions as they are now: those that are gone are not spoken of any more. */
  sessionsChanged(sessions: readonly CloudSessionEnd[]): void {
    const now = this.#parts.clock.now();
    this.#dueEnds.clear();
    const keys = new Set(sessions.map(keyOf));
    for (const key of this.#settledEnds) if (!keys.has(key)) this.#settledEnds.delete(key);
    for (const session of sessions) {
      if (this.#settledEnds.has(keyOf(session))) continue;
      const at = noticesBeforeEnd.map((before) => session.endsAt - before).find((time) => time > now);
      if (at === undefined) this.#settledEnds.add(keyOf(session));
      else this.#dueEnds.set(keyOf(session), { session, at });
    }
    this.#waitForNextEnd();
  }

  #waitForNextEnd(): void {
    this.#cancelTimer();
    const next = Math.min(...[...this.#dueEnds.values()].map(({ at }) => at));
    if (!Number.isFinite(next)) return;
    const { clock } = this.#parts;
    const delay = Math.max(0, Math.min(next - clock.now(), longestTimerMs));
    this.#cancelTimer = clock.after(delay, () => this.#tellDueEnds());
  }

  #tellDueEnds(): void {
    const now = this.#parts.clock.now();
    for (const [key, { session, at }] of this.#dueEnds) {
      if (at > now) continue;
      this.#dueEnds.delete(key);
      this.#settledEnds.add(key);
      // The machine slept over it.
      if (session.endsAt <= now) continue;
      if (this.#parts.looking()?.page === 'sessions') continue;
      const minutes = Math.max(1, Math.round((session.endsAt - now) / 60_000));
      this.#tell(
        { title: `${session.label} ends in ${minutes} min`, body: 'Extend it, or let it end.' },
        { name: 'cloud-session', sessionId: session.id },
      );
    }
    this.#waitForNextEnd();
  }

  #tell(notice: { title: string; body: string }, place: NoticePlace): void {
    if (!this.#parts.isOn()) return;
    this.#parts.notify(notice, () => this.#parts.goTo(place));
  }
}

const keyOf = ({ id, endsAt }: CloudSessionEnd) => `${id} ${endsAt}`;
