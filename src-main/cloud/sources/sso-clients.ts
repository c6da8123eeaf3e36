import { SSOClient } from '@aws-sdk/client-sso';
import { SSOOIDCClient } from '@aws-sdk/client-sso-oidc';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { AwsKeys } from '../aws-credentials.ts';
import { awsClientSettings } from '../issuers/aws-client.ts';

/** How the services of a region are asked. */
export interface SsoServices {
  /** Where they are; the region's own when absent. */
  endpoints?: { portal?: string; oidc?: string; sts?: string };
  /** Makes the requests; Node itself when absent. */
  fetch?: Fetch;
}

/** The access portal: accounts, roles, credentials of a role. To be destroyed by whoever asked for it. */
export function ssoPortalClient(region: string, services: SsoServices): SSOClient {
  const endpoint = services.endpoints?.portal ?? `https://portal.sso.${region}.${domainOf(region)}`;
  return new SSOClient({ region, endpoint, ...awsClientSettings(null, services.fetch) });
}

/**
 * Registration and tokens. To be destroyed by whoever asked for it.
 * @param maxAttempts how often a request is tried; three times when absent
 */
export function ssoOidcClient(region: string, services: SsoServices, maxAttempts = 3): SSOOIDCClient {
  const endpoint = services.endpoints?.oidc ?? `https://oidc.${region}.${domainOf(region)}`;
  return new SSOOIDCClient({ region, endpoint, ...awsClientSettings(null, services.fetch), maxAttempts });
}

/**
 * Who credentials are, in STS's words.
 * @throws what the SDK throws
 */
export async function callerIdentity(
  region: string,
  keys: AwsKeys,
  services: SsoServices,
  signal: AbortSignal,
): Promise<{ arn?: string; account?: string }> {
  const client = new STSClient({
    region,
    endpoint: services.endpoints?.sts ?? `https://sts.${region}.${domainOf(region)}`,
    ...awsClientSettings(keys, services.fetch),
  });
  try {
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    return { ...(Arn ? { arn: Arn } : {}), ...(Account ? { account: Account } : {}) };
  } finally {
    client.destroy();
  }
}

function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
