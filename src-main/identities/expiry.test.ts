import { expect, it } from 'vitest';
import { statusByTime } from './expiry.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

it.each([
  // length, left, renews -> status, ms until it changes
  [day, day, true, 'valid', day],
  [day, minute, true, 'valid', minute],
  [day, 0, true, 'expired-refreshable', undefined],
  [day, 0, false, 'needs-sign-in', undefined],
  [60 * minute, 11 * minute, false, 'valid', minute],
  [60 * minute, 10 * minute, false, 'expiring', 10 * minute],
  [10 * 60 * minute, 60 * minute, false, 'expiring', 60 * minute],
  [10 * 60 * minute, 61 * minute, false, 'valid', minute],
  [365 * day, 8 * day, false, 'valid', day],
  [365 * day, 7 * day, false, 'expiring', 7 * day],
] as const)('I-12: of %i ms with %i left, renewing %s: %s', (length, left, renews, status, change) => {
  const now = 1_000 * day;
  const expiresAt = now + left;
  const timed = statusByTime({ expiresAt, renews }, expiresAt - length, now);
  expect(timed).toEqual({ status, ...(change === undefined ? {} : { changesAt: now + change }) });
});

it('I-12: a login without an expiry is valid until something else says no', () => {
  expect(statusByTime({ renews: false }, 0, day)).toEqual({ status: 'valid' });
});
