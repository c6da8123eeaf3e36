import {
  type CloudSession,
  isFinished,
  type SessionLimits,
  type SessionUsage,
  withStatus,
} from './session-record.ts';

export type Counted = keyof SessionUsage;

const nothing: SessionUsage = { credentialRequests: 0, renewals: 0, commands: 0 };

/** The outcome of counting: the session as it is now, and the limit that it would have crossed. */
export interface Charge {
  readonly session: CloudSession;
  /** What the thing counted may not happen for; null when it may. */
  readonly exceeded: keyof SessionLimits | null;
}

/**
 * C-19: counts one more of something before it happens. What would cross a limit does not happen, and the session is
 * `budget_exceeded` from then on. Money is never counted.
 */
export function charge(session: CloudSession, what: Counted, now: number): Charge {
  const usage = session.usage ?? nothing;
  const limit = session.limits?.[what];
  if (isFinished(session)) return { session, exceeded: null };
  if (minutesAreOver(session, now)) return exceed(session, 'minutes');
  if (limit !== undefined && usage[what] >= limit) return exceed(session, what);
  return { session: { ...session, usage: { ...usage, [what]: usage[what] + 1 } }, exceeded: null };
}

/** Whether the session has existed for as many minutes as it may. */
export function minutesAreOver(session: CloudSession, now: number): boolean {
  const { minutes } = session.limits ?? {};
  return minutes !== undefined && now >= session.createdAt + minutes * 60_000;
}

function exceed(session: CloudSession, limit: keyof SessionLimits): Charge {
  return { session: withStatus(session, 'budget_exceeded'), exceeded: limit };
}
