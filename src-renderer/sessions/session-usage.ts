import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';

type Counted = Pick<CloudSessionView, 'limits' | 'usage' | 'createdAt' | 'status'>;
export type LimitUnit = keyof CloudSessionView['usage'];

/** One thing that is counted here (C-19), against its limit where it has one. */
export interface UsageRow {
  unit: LimitUnit;
  used: number;
  limit: number | null;
  /** From 0 to 1; 0 without a limit. */
  share: number;
  /** `3 of 10 commands`, `3 commands`. */
  text: string;
}

const nouns: Record<LimitUnit, [one: string, many: string]> = {
  minutes: ['minute', 'minutes'],
  credentialRequests: ['credential request', 'credential requests'],
  renewals: ['renewal', 'renewals'],
  commands: ['command', 'commands'],
};
export const limitUnits = Object.keys(nouns) as LimitUnit[];

/** What was counted of a session, minutes up to now while it is active. */
export function usageRows(session: Counted, now: number): UsageRow[] {
  return limitUnits.map((unit) => {
    const limit = session.limits[unit] ?? null;
    const counted = unit === 'minutes' ? minutesOf(session, now) : session.usage[unit];
    const used = limit === null ? counted : Math.min(counted, limit);
    const [one, many] = nouns[unit];
    return {
      unit,
      used,
      limit,
      share: limit === null ? 0 : Math.min(1, used / limit),
      text:
        limit === null
          ? `${used} ${used === 1 ? one : many}`
          : `${used} of ${limit} ${limit === 1 ? one : many}`,
    };
  });
}

/** The limit that is nearest to being reached; `null` where there is none. */
export function tightest(session: Counted, now: number): UsageRow | null {
  const limited = usageRows(session, now).filter(({ limit }) => limit !== null);
  return limited.reduce<UsageRow | null>(
    (worst, row) => (worst === null || row.share > worst.share ? row : worst),
    null,
  );
}

function minutesOf({ status, createdAt, usage }: Counted, now: number): number {
  if (status !== 'active') return usage.minutes;
  return Math.max(usage.minutes, Math.floor((now - createdAt) / 60_000));
}
