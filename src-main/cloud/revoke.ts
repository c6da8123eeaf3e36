import { LanyardError } from '../failures.ts';
import type { Cloud } from './action.ts';
import { type CloudSession, type Revocation, withStatus } from './session-record.ts';

/** Takes issued credentials back at the cloud. Rejects when the cloud refuses or cannot be reached. */
export type ServiceRevoker = (session: CloudSession) => Promise<{ how: string }>;

export interface RevokeParts {
  now: () => number;
  /** Writes the session; an ended one stays as it was ended. */
  update: (change: (session: CloudSession) => CloudSession) => CloudSession;
  /** Closes the endpoint and ends what runs. */
  endLocally: () => Promise<void>;
  /** Null where the cloud has no way, or it was not asked for. */
  atService: ServiceRevoker | null;
}

/**
 * C-18: ends a session early: first nothing is handed out any more, then what runs is ended, then the cloud is told,
 * and what came of it is kept with the session. A session that has ended already is left alone.
 *
 * @throws what `update` and `endLocally` throw; a refusal of the cloud is an outcome, not an error
 */
export async function revokeSession(session: CloudSession, parts: RevokeParts): Promise<CloudSession> {
  const revoked = parts.update((current) => withRevocation(current, local(current, parts.now())));
  if (revoked.status !== 'revoked') return revoked;
  await parts.endLocally();
  if (parts.atService === null) return revoked;
  let outcome: Revocation;
  try {
    const { how } = await parts.atService(session);
    outcome = { kind: 'at_service', at: parts.now(), how };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    const reason = error instanceof LanyardError ? error.failure.title : name;
    outcome = { kind: 'failed', at: parts.now(), diesAt: revoked.expiresAt, reason };
  }
  return parts.update((current) => ({ ...current, revocation: outcome }));
}

function withRevocation(session: CloudSession, revocation: Revocation): CloudSession {
  const revoked = withStatus(session, 'revoked');
  return revoked === session ? session : { ...revoked, revocation };
}

function local(session: CloudSession, at: number): Revocation {
  return { kind: 'local', at, diesAt: session.expiresAt };
}

/** Whether the cloud can be told to deny this one session: AWS, by a policy of the role. */
export function canDeny({ provider, roleArn }: Pick<CloudSession, 'provider' | 'roleArn'>): boolean {
  return provider === 'aws' && roleArn.startsWith('arn:');
}

const names: Record<Cloud, string> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

/**
 * What happened, in words that are true.
 * @param showTime a time as the person reads it, such as 14:32
 */
export function describeRevocation(
  session: CloudSession,
  revocation: Revocation,
  showTime: (time: number) => string,
): string {
  const cloud = names[session.provider];
  switch (revocation.kind) {
    case 'at_service':
      return `Ended here, and ${canDeny(session) ? 'denied' : 'taken back'} at ${cloud}: ${revocation.how}.`;
    case 'local': {
      const why = session.provider === 'gcp' ? 'was not asked to' : 'cannot';
      return `Ended here. ${cloud} ${why} take back what was handed out: it dies at ${showTime(revocation.diesAt)}.`;
    }
    case 'failed':
      return `Ended here. ${cloud} did not ${canDeny(session) ? 'deny' : 'take back'} what was handed out (${revocation.reason}): it dies at ${showTime(revocation.diesAt)}.`;
  }
}

/**
 * A policy for the role that denies everything to one of its sessions, for who may write policies of the role. It
 * works by the session's name, which is in `aws:userid` behind the role's id.
 */
export function awsSessionDeny(sessionName: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { StringLike: { 'aws:userid': `*:${sessionName}` } },
      },
    ],
  });
}
