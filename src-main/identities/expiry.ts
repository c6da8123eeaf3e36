import type { Account } from './model.ts';

/** What is known of how long a login lasts. Times are milliseconds since the Unix epoch, UTC. */
export interface Lifetime {
  /** Absent: nobody says, or it lasts. */
  expiresAt?: number;
  /** The program renews it by itself when it is used. */
  renews: boolean;
}

export interface TimedStatus {
  status: Extract<Account['status'], 'valid' | 'expiring' | 'expired-refreshable' | 'needs-sign-in'>;
  /** When the status changes though nothing happens. */
  changesAt?: number;
}

const shortestNotice = 10 * 60_000;
const longestNotice = 7 * 24 * 60 * 60_000;

/**
 * The status of a login that is there, by time alone. One that renews itself never "expires" for its person. Of one that
 * does not, the last tenth is the time to sign in again: at least ten minutes, which a sign-in fits into, and at most a
 * week, so that a token of a year is not nagged about for a month.
 *
 * @param since when it was signed in, which with the expiry makes its length
 */
export function statusByTime({ expiresAt, renews }: Lifetime, since: number, now: number): TimedStatus {
  if (expiresAt === undefined) return { status: 'valid' };
  if (now >= expiresAt) return { status: renews ? 'expired-refreshable' : 'needs-sign-in' };
  if (renews) return { status: 'valid', changesAt: expiresAt };
  const notice = Math.min(longestNotice, Math.max(shortestNotice, (expiresAt - since) / 10));
  const from = expiresAt - notice;
  return now >= from ? { status: 'expiring', changesAt: expiresAt } : { status: 'valid', changesAt: from };
}
