import { LanyardError } from '../failures.ts';

/**
 * A length of time as people write it: `45m`, `8h`, `1h30m`, `900s`, or a number of seconds.
 *
 * @returns whole seconds, more than none
 * @throws LanyardError `invalid_duration`: what cannot be read is never "no limit"
 */
export function parseDuration(text: string): number {
  const clean = text.trim().toLowerCase();
  const [, days, hours, minutes, seconds] =
    /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(clean) ?? [];
  const total =
    Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  if (clean !== '' && total > 0 && total <= 365 * 86_400) return total;
  throw new LanyardError({
    code: 'invalid_duration',
    title: 'This is not a length of time.',
    hint: 'Write it as 45m, 8h or 1h30m.',
  });
}
