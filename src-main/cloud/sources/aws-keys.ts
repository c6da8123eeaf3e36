import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LanyardError } from '../../failures.ts';
import { awsRequestHandler } from '../../network/sdk-requests.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import { Secret } from '../../vault/secret.ts';
import type { AwsKeys } from '../aws-credentials.ts';

/**
 * An AWS access key as it is kept as one secret: key id and secret access key with a colon in between.
 * @throws LanyardError `aws_key_malformed`
 */
export function awsKeysOf(kept: Secret): AwsKeys {
  const [, accessKeyId, secretAccessKey] = /^([A-Z0-9]{16,128}):(.+)$/.exec(kept.reveal()) ?? [];
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey: new Secret(secretAccessKey), sessionToken: null };
  }
  throw new LanyardError({
    code: 'aws_key_malformed',
    title: 'This is not an AWS access key.',
    hint: 'Enter the key id, a colon, and the secret access key.',
  });
}

/**
 * Asks STS who a key is.
 * @param origin of STS
 * @returns the answer's status, or what stood in the way in a word
 */
export async function askAboutAwsKey(
  kept: Secret,
  origin: string,
  signal: AbortSignal,
  fetch: Fetch,
): Promise<number | string> {
  const { accessKeyId, secretAccessKey } = awsKeysOf(kept);
  const client = new STSClient({
    region: 'us-east-1',
    endpoint: origin,
    credentials: { accessKeyId, secretAccessKey: secretAccessKey.reveal() },
    maxAttempts: 1,
    userAgentAppId: 'lanyard',
    requestHandler: awsRequestHandler(fetch),
  });
  try {
    await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    return 200;
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    return status ?? (error instanceof Error ? error.name : 'no connection');
  } finally {
    client.destroy();
  }
}

/**
 * What AWS's own chain finds on this machine: variables, profiles, a program, the machine's role. For the blank
 * identity only.
 * @throws LanyardError `no_machine_credentials`
 */
export async function machineAwsKeys(region: string): Promise<AwsKeys> {
  const client = new STSClient({ region });
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    return {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: sessionToken ? new Secret(sessionToken) : null,
    };
  } catch (cause) {
    throw new LanyardError(
      {
        code: 'no_machine_credentials',
        title: 'This machine has no AWS login of its own.',
        hint: 'Choose an identity with an AWS account, or sign in with the AWS CLI.',
      },
      { cause },
    );
  } finally {
    client.destroy();
  }
}
