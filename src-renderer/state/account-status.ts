import type { AccountView, BundleView } from '../../src-preload/contract/bundles.ts';
import { formatSpan } from '../format/time.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'quiet';

export interface StatusChip {
  text: string;
  tone: Tone;
}

/** An account's status in a few words, with the time left where it runs out. "Unknown" never says "sign in again" (I-12). */
export function statusChip(account: AccountView, now: number): StatusChip {
  if (account.checking) return { text: 'Checking…', tone: 'quiet' };
  if (account.unexpected) return { text: 'Somebody else', tone: 'bad' };
  const left = account.expiresAt === undefined ? null : formatSpan(account.expiresAt - now);
  switch (account.status) {
    case 'valid':
      return { text: left === null ? 'Signed in' : `Signed in, ${left} left`, tone: 'ok' };
    case 'expiring':
      return { text: left === null ? 'Expires soon' : `Expires in ${left}`, tone: 'warn' };
    case 'expired-refreshable':
      return { text: 'Renews on use', tone: 'ok' };
    case 'needs-sign-in':
      return { text: 'Sign in again', tone: 'bad' };
    case 'unknown':
      return { text: account.checkedAt === undefined ? 'Not checked' : 'Could not check', tone: 'quiet' };
  }
}

/** What the last look said, and when; `null` where the chip says it all. */
export function statusDetail(account: AccountView, now: number): string | null {
  const { checkDetail, checkedAt, status } = account;
  if (checkDetail === undefined || checkedAt === undefined) return null;
  if (status !== 'unknown' && status !== 'needs-sign-in') return null;
  const age = now - checkedAt;
  return `${checkDetail} ${age < 60_000 ? 'Checked just now.' : `Checked ${formatSpan(age)} ago.`}`;
}

/** Whether an account waits for its person. */
export function needsPerson({ status, unexpected }: AccountView): boolean {
  return status === 'needs-sign-in' || unexpected !== undefined;
}

/**
 * What is read out when accounts of the identity on screen came to need their person: once for all of them, and not for
 * one that the person asked about, whose answer is read out anyway.
 */
export function healthNews(
  before: BundleView | undefined,
  after: BundleView,
  nameOf: (providerId: string) => string,
): string | null {
  if (!before) return null;
  const earlier = new Map(before.accounts.map((account) => [account.id, account]));
  const fresh = after.accounts.filter((account) => {
    const old = earlier.get(account.id);
    return old && !old.checking && needsPerson(account) && !needsPerson(old);
  });
  const [first] = fresh;
  if (!first) return null;
  if (fresh.length > 1) return `${fresh.length} accounts of ${after.name} need you.`;
  return `${nameOf(first.providerId)}: ${statusSentence(first)}`;
}

/** An account's status as it is read out. */
export function statusSentence(account: AccountView): string {
  const { unexpected, status, checkDetail } = account;
  if (unexpected) return `signed in as ${unexpected.found} instead of ${unexpected.expected}.`;
  switch (status) {
    case 'valid':
      return 'signed in.';
    case 'expiring':
      return 'signed in, and expires soon.';
    case 'expired-refreshable':
      return 'signed in, and renews on use.';
    case 'needs-sign-in':
      return 'sign in again.';
    case 'unknown':
      return checkDetail === undefined ? 'could not be checked.' : `could not be checked. ${checkDetail}`;
  }
}
