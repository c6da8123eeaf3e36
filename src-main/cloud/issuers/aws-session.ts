import { containerCredentials } from '../aws-container.ts';
import type { IssuedAwsCredentials } from '../aws-credentials.ts';
import type { SessionGrant, SessionIssuer } from '../cloud-sessions.ts';
import type { IssueInputs } from '../reuse.ts';
import { type AwsIssuer, awsLifetimes } from './aws.ts';

/**
 * A role of AWS as sessions take it on.
 * @param usualSeconds how long each set of credentials lives: the shorter, the sooner a revocation is felt at AWS
 */
export function awsRoleSessions(issuer: AwsIssuer, inputs: IssueInputs, usualSeconds: number): SessionIssuer {
  const { roleArn, policy, tags, externalId, sourceIdentity } = inputs;
  return {
    kind: 'aws-assume-role',
    lifetimes: { usual: usualSeconds, shortest: awsLifetimes.shortest },
    revoke: null,
    issue: async (sessionId, seconds) =>
      awsGrant(
        await issuer.assumeRole({
          sessionId,
          roleArn,
          policy,
          seconds,
          ...(tags === undefined ? {} : { tags }),
          ...(externalId === undefined ? {} : { externalId }),
          ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
        }),
      ),
  };
}

function awsGrant(issued: IssuedAwsCredentials): SessionGrant {
  return {
    expiresAt: issued.expiresAt,
    accessKeyId: issued.accessKeyId,
    answer: (endsAt) => containerCredentials(issued, endsAt),
  };
}
