import type { SessionIssuer } from '../cloud-sessions.ts';
import type { AzureIssuer } from './azure.ts';

/** Azure decides how long a token lives (60 to 90 minutes): this is when a new one is asked for. */
const usualSeconds = 3600;
/** It issues one at any time. */
const shortestSeconds = 60;

/**
 * Tokens of an Azure account for one resource.
 * @param resource such as `https://management.azure.com`
 */
export function azureSessions(issuer: AzureIssuer, resource: string): SessionIssuer {
  return {
    kind: 'azure-token',
    lifetimes: { usual: usualSeconds, shortest: shortestSeconds },
    revoke: null,
    issue: async () => {
      const issued = await issuer.issue({ resource });
      return {
        expiresAt: issued.expiresAt,
        accessKeyId: null,
        facts: {
          policyText: null,
          packedPercent: null,
          grantedSeconds: issued.grantedSeconds,
          principal: issued.principal,
        },
        answer: (endsAt) => ({
          access_token: issued.token.reveal(),
          expires_on: String(Math.floor(endsAt / 1000)),
          resource: issued.resource,
          token_type: 'Bearer',
        }),
        plain: () => ({ AZURE_ACCESS_TOKEN: issued.token.reveal() }),
      };
    },
  };
}
