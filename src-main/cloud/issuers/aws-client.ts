import { awsRequestHandler } from '../../network/sdk-requests.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { AwsKeys } from '../aws-credentials.ts';

/**
 * What every client of an AWS service gets that signs with base credentials. Nothing of the environment or of the
 * machine's AWS files is to say anything.
 */
export function awsClientSettings(keys: AwsKeys, fetch: Fetch | undefined) {
  return {
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey.reveal(),
      ...(keys.sessionToken === null ? {} : { sessionToken: keys.sessionToken.reveal() }),
    },
    maxAttempts: 3,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    userAgentAppId: 'lanyard',
    requestHandler: fetch ? awsRequestHandler(fetch) : { connectionTimeout: 5000, requestTimeout: 15_000 },
  } as const;
}
