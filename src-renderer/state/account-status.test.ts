import { expect, it } from 'vitest';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import { healthNews, statusChip, statusDetail, statusSentence } from './account-status.ts';
import { account, bundle } from './test-data.ts';

const now = 1_000_000_000_000;
const minute = 60_000;
const day = 24 * 60 * minute;
const unexpected = { found: 'grace@x.test (Compilers)', expected: 'ada@x.test (Engines)' };

it.each<[Partial<AccountView>, string, string]>([
  [{ status: 'valid' }, 'Signed in', 'ok'],
  [{ status: 'valid', expiresAt: now + 364 * day }, 'Signed in, 364 days left', 'ok'],
  [{ status: 'expiring', expiresAt: now + 9 * minute }, 'Expires in 9 min', 'warn'],
  [{ status: 'expiring' }, 'Expires soon', 'warn'],
  [{ status: 'expired-refreshable' }, 'Renews on use', 'ok'],
  [{ status: 'needs-sign-in', expiresAt: now - day }, 'Sign in again', 'bad'],
  [{ status: 'unknown' }, 'Not checked', 'quiet'],
  [{ status: 'unknown', checkedAt: now }, 'Could not check', 'quiet'],
  [{ status: 'needs-sign-in', checking: true }, 'Checking…', 'quiet'],
  [{ status: 'valid', unexpected }, 'Somebody else', 'bad'],
])('I-12: %j is "%s"', (view, text, tone) => {
  expect(statusChip(account('a', view), now)).toEqual({ text, tone });
});

it('I-12: unknown says why and when, and nowhere to sign in again', () => {
  const offline = account('a', {
    status: 'unknown',
    checkedAt: now - 5 * minute,
    checkDetail: 'Codex did not answer.',
  });
  expect(statusDetail(offline, now)).toBe('Codex did not answer. Checked 5 min ago.');
  expect(statusDetail({ ...offline, checkedAt: now }, now)).toBe('Codex did not answer. Checked just now.');
  expect(statusDetail({ ...offline, status: 'valid' }, now)).toBeNull();
  expect(`${statusChip(offline, now).text} ${statusSentence(offline)}`).not.toMatch(/sign in/i);
});

it('I-12: what came to need its person is read out once, together, and not what was asked about', () => {
  const name = () => 'Codex';
  const before = bundle('work', { accounts: [account('a'), account('b'), account('c', { checking: true })] });
  const bad = { status: 'needs-sign-in' } as const;
  const after = { ...before, accounts: [account('a', bad), account('b'), account('c', bad)] };
  expect(healthNews(before, after, name)).toBe('Codex: sign in again.');
  expect(healthNews(after, after, name)).toBeNull();
  expect(healthNews(undefined, after, name)).toBeNull();
  const both = { ...before, accounts: [account('a', bad), account('b', { unexpected }), account('c', bad)] };
  expect(healthNews(before, both, name)).toBe(`2 accounts of ${before.name} need you.`);
  expect(healthNews(both, before, name)).toBeNull();
});
