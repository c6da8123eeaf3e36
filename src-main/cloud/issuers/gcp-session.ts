import type { Clock } from '../../clock.ts';
import type { Secret } from '../../vault/secret.ts';
import type { SessionIssuer } from '../cloud-sessions.ts';
import type { IssueInputs } from '../reuse.ts';
import { type GcpIssuer, gcpLifetimes } from './gcp.ts';

/**
 * A service account of Google Cloud as sessions act as it.
 * @param revoke takes one token back at Google; see `revokeGcpToken`
 */
export function gcpSessions(
  issuer: GcpIssuer,
  inputs: IssueInputs,
  { clock, revoke }: { clock: Clock; revoke: (token: Secret) => Promise<{ how: string }> },
): SessionIssuer {
  const usual = inputs.credentialSeconds ?? gcpLifetimes.usual;
  let handedOut: { token: Secret; expiresAt: number }[] = [];
  return {
    kind: 'gcp-impersonation',
    lifetimes: { usual, shortest: gcpLifetimes.shortest },
    issue: async (_, seconds) => {
      const { roleArn: serviceAccount, policy } = inputs;
      const issued = await issuer.issue({ serviceAccount, policy, seconds });
      const alive = handedOut.filter(({ expiresAt }) => expiresAt > clock.now());
      handedOut = [...alive, { token: issued.token, expiresAt: issued.expiresAt }];
      return {
        expiresAt: issued.expiresAt,
        accessKeyId: null,
        facts: {
          policyText: issued.boundary === null ? null : JSON.stringify(issued.boundary),
          packedPercent: null,
          grantedSeconds: issued.grantedSeconds,
          principal: issued.principal,
        },
        answer: (endsAt) => ({
          access_token: issued.token.reveal(),
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: Math.max(0, Math.floor((endsAt - clock.now()) / 1000)),
        }),
        plain: () => ({ CLOUDSDK_AUTH_ACCESS_TOKEN: issued.token.reveal() }),
      };
    },
    // Each that still lives: one that was renewed is as good as the one after it.
    revoke: async () => {
      const alive = handedOut.filter(({ expiresAt }) => expiresAt > clock.now());
      handedOut = [];
      for (const { token } of alive) await revoke(token);
      return { how: alive.length === 1 ? 'the token was revoked' : `${alive.length} tokens were revoked` };
    },
  };
}
