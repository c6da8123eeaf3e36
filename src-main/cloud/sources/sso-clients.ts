import { SSOClient } from '@aws-sdk/client-sso';
import { SSOOIDCClient } from '@aws-sdk/client-sso-oidc';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsRequestHandler } from '../../network/sdk-requests.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { AwsKeys } from '../aws-credentials.ts';

/** How the services of a region are asked. */
export interface SsoServices {
  /** Where they are; the region's own when absent. */
  endpoints?: { portal?: string; oidc?: string; sts?: string };
  /** Makes the requests; Node itself when absent. */
  fetch?: Fetch;
}

const settings = {
  // Neither a profile nor a variable of the machine's is to say anything.
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  maxAttempts: 3,
  retryMode: 'standard',
  defaultsMode: 'standard',
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
  userAgentAppId: 'lanyard',
  requestHandler: { connectionTimeout: 5000, requestTimeout: 15_000 },
} as const;

/** The access portal: accounts, roles, credentials of a role. To be destroyed by whoever asked for it. */
export function ssoPortalClient(region: string, services: SsoServices): SSOClient {
  const endpoint = services.endpoints?.portal ?? `https://portal.sso.${region}.${domainOf(region)}`;
  return new SSOClient({ region, endpoint, ...settings, ...handler(services) });
}

/**
 * Registration and tokens. To be destroyed by whoever asked for it.
 * @param maxAttempts how often a request is tried; three times when absent
 */
export function ssoOidcClient(region: string, services: SsoServices, maxAttempts = 3): SSOOIDCClient {
  const endpoint = services.endpoints?.oidc ?? `https://oidc.${region}.${domainOf(region)}`;
  return new SSOOIDCClient({ region, endpoint, ...settings, maxAttempts, ...handler(services) });
}

/**
 * Who credentials are, in STS's words.
 * @throws what the SDK throws
 */
export async function callerIdentity(
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: AwsKeys,
  services: SsoServices,
  signal: AbortSignal,
): Promise<{ arn?: string; account?: string }> {
  const client = new STSClient({
    region,
    endpoint: services.endpoints?.sts ?? `https://sts.${region}.${domainOf(region)}`,
    ...settings,
    credentials: {
      accessKeyId,
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
    },
    ...handler(services),
  });
  try {
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    return { ...(Arn ? { arn: Arn } : {}), ...(Account ? { account: Account } : {}) };
  } finally {
    client.destroy();
  }
}

function handler({ fetch }: SsoServices) {
  return fetch ? { requestHandler: awsRequestHandler(fetch) } : {};
}

function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
