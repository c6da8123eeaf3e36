import { containerCredentials, plainVariables } from '../aws-container.ts';
import type { IssuedAwsCredentials } from '../aws-credentials.ts';
import type { SessionGrant, SessionIssuer } from '../cloud-sessions.ts';
import type { IssueInputs } from '../reuse.ts';
import type { ServiceRevoker } from '../revoke.ts';
import { type AwsIssuer, awsLifetimes } from './aws.ts';

/**
 * A role of AWS as sessions take it on.
 * @param usualSeconds how long each set of credentials lives: the shorter, the sooner a revocation is felt at AWS
 * @param deny takes a session back at its role, where the person wants that
 */
export function awsRoleSessions(
  issuer: AwsIssuer,
  inputs: IssueInputs,
  usualSeconds: number,
  deny: ServiceRevoker,
): SessionIssuer {
  const { roleArn, policy, tags, externalId, sourceIdentity } = inputs;
  return {
    kind: 'aws-assume-role',
    lifetimes: { usual: usualSeconds, shortest: awsLifetimes.shortest },
    revoke: null,
    deny,
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

/** A federated user of a user's long-lived key: for who has no role to take on (C-12). */
export function awsFederatedSessions(
  issuer: AwsIssuer,
  inputs: IssueInputs,
  usualSeconds: number,
): SessionIssuer {
  const { policy, tags } = inputs;
  return {
    kind: 'aws-federation-token',
    lifetimes: { usual: usualSeconds, shortest: awsLifetimes.shortest },
    revoke: null,
    issue: async (sessionId, seconds) =>
      awsGrant(
        await issuer.federationToken({ sessionId, policy, seconds, ...(tags === undefined ? {} : { tags }) }),
      ),
  };
}

/** The key's own user for a time: AWS takes no policy with it (C-11). */
export function awsOwnSessions(issuer: AwsIssuer, usualSeconds: number): SessionIssuer {
  return {
    kind: 'aws-session-token',
    lifetimes: { usual: usualSeconds, shortest: awsLifetimes.shortest },
    revoke: null,
    issue: async (_, seconds) => awsGrant(await issuer.sessionToken(seconds)),
  };
}

function awsGrant(issued: IssuedAwsCredentials): SessionGrant {
  return {
    expiresAt: issued.expiresAt,
    accessKeyId: issued.accessKeyId,
    facts: {
      policyText: issued.policyText,
      packedPercent: issued.packedPercent,
      grantedSeconds: issued.grantedSeconds,
      principal: issued.principal,
    },
    answer: (endsAt) => containerCredentials(issued, endsAt),
    plain: () => plainVariables(issued),
  };
}
