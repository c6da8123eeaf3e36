import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';

type Timed = Pick<CloudSessionView, 'createdAt' | 'endsAt'>;

/** The last minute, in which main warns as well. */
const lastMs = 60_000;
const soonMs = 5 * 60_000;

/** Milliseconds until a session ends at the latest; never negative (C-3). */
export function timeLeft({ endsAt }: Timed, now: number): number {
  return Math.max(0, endsAt - now);
}

/** How much of a session's time is left, from 1 to 0, for the ring. */
export function shareLeft(session: Timed, now: number): number {
  const whole = session.endsAt - session.createdAt;
  return whole <= 0 ? 0 : Math.min(1, timeLeft(session, now) / whole);
}

/** How near the end is, which the ring shows in its colour and the text in its own. */
export function nearness(session: Timed, now: number): 'plenty' | 'soon' | 'last' {
  const left = timeLeft(session, now);
  if (left <= lastMs) return 'last';
  return left <= soonMs ? 'soon' : 'plenty';
}

/** A time of day as the person reads it, with the day where it is another one: `14:32`, `Tue 14:32`, `3 Jan, 14:32`. */
export function clockTime(time: number, now: number): string {
  const at = new Date(time);
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(at);
  const days = Math.round((startOfDay(at) - startOfDay(new Date(now))) / 86_400_000);
  if (days === 0) return clock;
  if (Math.abs(days) < 7)
    return `${new Intl.DateTimeFormat('en-GB', { weekday: 'short' }).format(at)} ${clock}`;
  return `${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at)}, ${clock}`;
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** A length of time in its two largest units: `15 min`, `1 h 30 min`, `90 s` as `1 min 30 s`. */
export function lengthWords(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : []))
    .join(' ');
}

/** One way to make a session last longer. */
export interface Extension {
  label: string;
  /** Milliseconds, UTC. */
  endsAt: number;
}

/** How a session can be extended, and why not further. */
export interface Extensions {
  choices: Extension[];
  /** What holds it back when there is no choice. */
  heldBy: 'cap' | 'minutes' | null;
}

const steps = [
  ['15 minutes more', 900],
  ['1 hour more', 3600],
  ['4 hours more', 4 * 3600],
] as const;

/**
 * C-20: later ends to choose from, the last one as late as the identity's cap and the session's minutes allow.
 *
 * @param capSeconds from the session's start; absent for no cap
 */
export function extensionsOf(
  session: Timed & Pick<CloudSessionView, 'limits'>,
  capSeconds: number | undefined,
): Extensions {
  const capEnd = capSeconds === undefined ? Number.POSITIVE_INFINITY : session.createdAt + capSeconds * 1000;
  const { minutes } = session.limits;
  const minutesEnd = minutes === undefined ? Number.POSITIVE_INFINITY : session.createdAt + minutes * 60_000;
  const latest = Math.min(capEnd, minutesEnd);
  if (latest <= session.endsAt) return { choices: [], heldBy: minutesEnd < capEnd ? 'minutes' : 'cap' };
  const choices: Extension[] = steps
    .map(([label, seconds]) => ({ label, endsAt: session.endsAt + seconds * 1000 }))
    .filter(({ endsAt }) => endsAt < latest);
  if (Number.isFinite(latest)) choices.push({ label: 'As long as it may', endsAt: latest });
  return { choices, heldBy: null };
}
