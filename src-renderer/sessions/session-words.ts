import type {
  CloudName,
  CloudSessionView,
  EnforcementView,
  PolicyAnswer,
  PrincipalKind,
  SessionSource,
} from '../../src-preload/contract/sessions.ts';
import type { StatusChip } from '../state/account-status.ts';
import { nearness } from './countdown.ts';

export const cloudNames: Record<CloudName, string> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };
export const cloudMarks: Record<CloudName, string> = { aws: 'aw', gcp: 'gc', azure: 'az' };

export const principalKindNames: Record<PrincipalKind, string> = {
  role: 'A role',
  'federated-user': 'A federated user',
  'own-user': "The key's own user",
  'service-account': 'A service account',
  'azure-token': 'A token for one resource',
};

/** What a kind of principal means, in one sentence. */
export const principalKindNotes: Record<PrincipalKind, string> = {
  role: 'AssumeRole: the session may what both the role and the actions below allow.',
  'federated-user':
    "GetFederationToken: the session may what both the key's user and the actions below allow.",
  'own-user': "GetSessionToken takes no policy: the session may what the key's user may, but for IAM.",
  'service-account': 'The session takes on this service account.',
  'azure-token': 'A token of the account, for one resource.',
};

export const sourceKindNames: Record<SessionSource['kind'], string> = {
  'identity-center': 'IAM Identity Center',
  'access-key': 'Access key',
  'google-account': 'Google account',
  'azure-account': 'Azure account',
  machine: "This machine's own",
};

/** C-2: a session's status in a few words. */
export function statusWords(session: CloudSessionView, now: number): StatusChip {
  switch (session.status) {
    case 'active':
      if (!session.held) return { text: "Active, another program's", tone: 'quiet' };
      return nearness(session, now) === 'last'
        ? { text: 'Ends soon', tone: 'warn' }
        : { text: 'Active', tone: 'ok' };
    case 'completed':
      return { text: 'Completed', tone: 'quiet' };
    case 'expired':
      return { text: 'Expired', tone: 'quiet' };
    case 'revoked':
      return { text: 'Revoked', tone: 'quiet' };
    case 'budget_exceeded':
      return { text: 'Limit reached', tone: 'warn' };
    case 'failed':
      return { text: 'Failed', tone: 'bad' };
  }
}

/** C-11: whether the cloud holds a session to its actions, as it is. */
export function enforcementWords(
  cloud: CloudName,
  enforcement: EnforcementView | undefined,
): StatusChip & { sentence: string } {
  const name = cloudNames[cloud];
  switch (enforcement?.state) {
    case 'enforced':
      return { text: 'Enforced', tone: 'ok', sentence: `${name} itself holds the session to its actions.` };
    case 'partly':
      return {
        text: 'Partly enforced',
        tone: 'warn',
        sentence: `${name} holds the session to a part of this only.`,
      };
    case 'not_enforced':
      return {
        text: 'Not enforced by the cloud',
        tone: 'bad',
        sentence: `${name} does not hold the session to its actions.`,
      };
    case undefined:
      return {
        text: 'Enforcement not known',
        tone: 'quiet',
        sentence: 'The program that started it did not say whether the cloud holds it to its actions.',
      };
  }
}

/** The allowed actions at a glance. */
export function actionsSummary(actions: readonly string[]): string {
  const [first] = actions;
  if (first === undefined) return 'No actions named';
  return actions.length === 1 ? first : `${first} and ${actions.length - 1} more`;
}

/** Who a session is, short enough for a table: an ARN without what stands before its resource. */
export function principalName(principal: string): string {
  const [, account, resource] = /^arn:aws[a-z-]*:[a-z0-9-]+::?[^:]*:?(\d{12}):(.+)$/.exec(principal) ?? [];
  if (!account || !resource) return principal;
  return resource.replace(/^(role|assumed-role|user|federated-user)\//, '');
}

/** The number of the AWS account in an ARN. */
export function awsAccountOf(principal: string): string | null {
  return /^arn:aws[a-z-]*:[a-z0-9-]+:[^:]*:(\d{12}):/.exec(principal)?.[1] ?? null;
}

type Coverage = PolicyAnswer['coverage'][number];

/** C-7: what an action stands for; `null` where it stands for itself. What is not known is named and not refused. */
export function coverageWords(coverage: Coverage): { text: string; tone: 'quiet' | 'warn' } | null {
  const { action, kind, count, examples } = coverage;
  switch (kind) {
    case 'unknown-service':
      return {
        text: `Lanyard knows no service "${action.split(':')[0]}" of AWS. It is sent as it stands.`,
        tone: 'warn',
      };
    case 'unknown-action':
      return { text: 'Lanyard knows no such action of AWS. It is sent as it stands.', tone: 'warn' };
    case 'known': {
      if (!/[*?]/.test(action)) return null;
      const shown = examples.slice(0, 3).join(', ');
      const more = count > 3 ? ', …' : '';
      return {
        text: `Covers ${count} ${count === 1 ? 'action' : 'actions'}: ${shown}${more}`,
        tone: 'quiet',
      };
    }
  }
}

/** Sessions that have every word somewhere in what the table shows of them, in their order. Pure. */
export function filterSessions(
  sessions: readonly CloudSessionView[],
  filter: string,
): readonly CloudSessionView[] {
  const words = filter.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return sessions;
  return sessions.filter((session) => {
    const text = searchText(session);
    return words.every((word) => text.includes(word));
  });
}

function searchText(session: CloudSessionView): string {
  const tags = Object.entries(session.tags).map(([key, value]) => `${key}=${value}`);
  return [
    session.id,
    session.cloud,
    cloudNames[session.cloud],
    session.principal,
    session.bundleName ?? '',
    statusWords(session, session.createdAt).text,
    enforcementWords(session.cloud, session.enforcement).text,
    session.command,
    session.accessKeyId ?? '',
    session.region ?? '',
    ...session.actions,
    ...session.resources,
    ...tags,
  ]
    .join('\n')
    .normalize('NFC')
    .toLowerCase();
}
