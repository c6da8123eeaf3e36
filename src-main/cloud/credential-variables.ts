import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialEndpoint } from './credential-endpoint.ts';
import type { CloudSession } from './session-record.ts';

/**
 * C-16: what leads the programs of a session's cloud to its endpoint, and to nothing else. For Google Cloud this writes
 * two files into the session's directory: its libraries take an endpoint from a file only. They hold the endpoint's
 * token, which is worth nothing once the session has ended; they go with the directory.
 *
 * @param directory of `openSessionDirectory`
 * @returns the variables, those that hold the token by themselves
 */
export function credentialVariables(
  session: Pick<CloudSession, 'provider' | 'roleArn' | 'tenantId'>,
  endpoint: Pick<CredentialEndpoint, 'url' | 'token'>,
  directory: string,
): { open: Record<string, string>; secret: Record<string, string> } {
  const token = endpoint.token.reveal();
  switch (session.provider) {
    case 'aws':
      return {
        open: { AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url },
        secret: { AWS_CONTAINER_AUTHORIZATION_TOKEN: token },
      };
    case 'gcp': {
      const file = writeExternalAccount(endpoint.url, token, directory);
      const project = /@([a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(session.roleArn)?.[1];
      return {
        open: {
          GOOGLE_APPLICATION_CREDENTIALS: file,
          CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: file,
          ...(project === undefined ? {} : { GOOGLE_CLOUD_PROJECT: project, CLOUDSDK_CORE_PROJECT: project }),
        },
        secret: {},
      };
    }
    case 'azure':
      return {
        open: {
          IDENTITY_ENDPOINT: endpoint.url,
          // Of the ways that the libraries try one after the other, only this one.
          AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
          AZURE_SUBSCRIPTION_ID: session.roleArn.replace(/^\/subscriptions\//i, ''),
          ...(session.tenantId === undefined ? {} : { AZURE_TENANT_ID: session.tenantId }),
        },
        secret: { IDENTITY_HEADER: token },
      };
  }
}

/** An "external account" whose tokens are exchanged at the endpoint. */
function writeExternalAccount(url: string, token: string, directory: string): string {
  const place = join(directory, 'gcp');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const subject = join(place, 'session-token');
  writeFileSync(subject, token, { mode: 0o600 });
  const file = join(place, 'credentials.json');
  const account = {
    type: 'external_account',
    // Of no pool of Google's: the endpoint takes the session's token and looks at nothing else.
    audience:
      '//iam.googleapis.com/projects/0/locations/global/workloadIdentityPools/lanyard/providers/session',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: url,
    // gcloud asks whose its token is.
    token_info_url: `${url}?session=${token}`,
    universe_domain: 'googleapis.com',
    credential_source: { file: subject, format: { type: 'text' } },
  };
  writeFileSync(file, JSON.stringify(account, null, 2), { mode: 0o600 });
  return file;
}
