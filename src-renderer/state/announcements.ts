import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Install } from '../../src-preload/contract/programs.ts';
import { spellCode } from '../format/device-code.ts';
import { sentences } from '../format/sentences.ts';

/**
 * What is read out when a session changed from one snapshot to the next: once per change of status, and when the CLI
 * replaced what the person was shown.
 *
 * @returns `null` when nothing happened that is worth an interruption
 */
export function announcementFor(
  before: SessionSnapshot | undefined,
  after: SessionSnapshot,
  providerName: string,
): string | null {
  const renewed = before !== undefined && after.renewals > before.renewals;
  if (before?.status === after.status && !renewed) return null;
  switch (after.status) {
    case 'pending':
      return `Starting ${providerName}'s sign-in.`;
    case 'url-available':
      if (renewed) return `${providerName} made a new sign-in link.`;
      return after.browserOpened
        ? `The sign-in page of ${providerName} was opened in your browser.`
        : `The sign-in page of ${providerName} is ready.`;
    case 'code-emitted':
      return `${renewed ? 'New code' : 'Your code'}: ${spellCode(after.deviceCode)}.`;
    case 'success': {
      const who = after.email ?? after.login;
      return `${providerName}: signed in${who ? ` as ${who}` : ''}.`;
    }
    case 'failed':
      return `${providerName}: ${sentences(after.failure)}`;
  }
}

/** The same for an installation: its beginning and its end. */
export function installAnnouncement(
  before: Install | undefined,
  after: Install | null,
  providerName: string,
): string | null {
  if (after === null || (before?.startedAt === after.startedAt && before.status === after.status))
    return null;
  switch (after.status) {
    case 'running':
      return `Installing ${providerName}.`;
    case 'succeeded':
      return `${providerName}${after.version ? ` ${after.version}` : ''} was installed.`;
    case 'failed':
      return after.failure
        ? `${providerName}: ${sentences(after.failure)}`
        : `${providerName} was not installed.`;
    case 'cancelled':
      return `The installation of ${providerName} was cancelled.`;
  }
}
