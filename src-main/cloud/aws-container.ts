import type { IssuedAwsCredentials } from './aws-credentials.ts';

/** The answer of the container-credentials protocol, as AWS's SDKs and CLI read it. */
export function containerCredentials(issued: IssuedAwsCredentials, endsAt: number): Record<string, unknown> {
  return {
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey.reveal(),
    Token: issued.sessionToken.reveal(),
    Expiration: new Date(endsAt).toISOString(),
  };
}

/** The same as plain variables, where that was asked for: they cannot be renewed, and end only by themselves. */
export function plainVariables(issued: IssuedAwsCredentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: issued.accessKeyId,
    AWS_SECRET_ACCESS_KEY: issued.secretAccessKey.reveal(),
    AWS_SESSION_TOKEN: issued.sessionToken.reveal(),
  };
}
