import { awsRequestHandler } from '../../network/sdk-requests.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { AwsKeys } from '../aws-credentials.ts';

/**
 * What every client of an AWS service gets. Nothing of the environment or of the machine's AWS files is to say anything.
 * @param keys what it signs with; null for a service that takes a token in the request
 */
export function awsClientSettings(keys: AwsKeys | null, fetch: Fetch | undefined) {
  return {
    // The SDK would look for some on the machine where there are none.
    credentials: keys ? revealed(keys) : { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 3,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    userAgentAppId: 'lanyard',
    requestHandler: fetch ? awsRequestHandler(fetch) : { connectionTimeout: 5000, requestTimeout: 15_000 },
  } as const;
}

function revealed({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === null ? {} : { sessionToken: sessionToken.reveal() }),
  };
}
