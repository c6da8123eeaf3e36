import {
  AssumeRoleCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import { Secret } from '../../vault/secret.ts';
import type { AwsKeys, IssuedAwsCredentials } from '../aws-credentials.ts';
import { awsPolicyText } from '../aws-policy.ts';
import type { SessionPolicy } from '../policy.ts';
import { isSessionId } from '../session-record.ts';
import { awsClientSettings } from './aws-client.ts';
import { awsRefusal } from './aws-refusals.ts';

/** Seconds that AssumeRole takes. A role may allow less than the longest. */
export const awsLifetimes = { shortest: 900, longest: 43_200 } as const;
const longestFederation = 129_600;

export interface AwsIssuerParts {
  /** The base credentials, asked for before each request: they may be short-lived, too. */
  keys: () => Promise<AwsKeys>;
  region: string;
  clock: Clock;
  /** Where STS is; the region's own when absent. */
  endpoint?: string;
  /** Makes the requests; Node itself when absent. */
  fetch?: Fetch;
}

export interface AwsIssueRequest {
  sessionId: string;
  policy: SessionPolicy;
  /** Lifetime asked for. */
  seconds: number;
  tags?: Readonly<Record<string, string>>;
}

export interface AwsRoleRequest extends AwsIssueRequest {
  roleArn: string;
  externalId?: string;
  sourceIdentity?: string;
}

/** Issues credentials of sessions at STS (C-12). Nothing of the environment or of the machine's AWS files is used. */
export class AwsIssuer {
  readonly #parts: AwsIssuerParts;

  constructor(parts: AwsIssuerParts) {
    this.#parts = parts;
  }

  /**
   * AssumeRole with the session's policy.
   * @throws LanyardError of the policy, `invalid_role`, `invalid_tag`, `invalid_lifetime`, and those of `awsRefusal`
   */
  async assumeRole(request: AwsRoleRequest): Promise<IssuedAwsCredentials> {
    checkSessionId(request.sessionId);
    checkLifetime(request.seconds, awsLifetimes.longest);
    if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\x21-\x7e]{1,512}$/.test(request.roleArn)) {
      throw new LanyardError({
        code: 'invalid_role',
        title: 'This is not a role.',
        hint: 'Write it as arn:aws:iam::123456789012:role/name.',
      });
    }
    const policyText = awsPolicyText(request.policy);
    const tags = tagList(request.tags);
    const { externalId, sourceIdentity } = request;
    return this.#issue(policyText, request.seconds, async (client) => {
      const answer = await client.send(
        new AssumeRoleCommand({
          RoleArn: request.roleArn,
          RoleSessionName: awsSessionName(request.sessionId),
          Policy: policyText,
          DurationSeconds: request.seconds,
          Tags: tags,
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
          ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
        }),
      );
      return {
        credentials: answer.Credentials,
        principal: answer.AssumedRoleUser?.Arn,
        packed: answer.PackedPolicySize,
      };
    });
  }

  /**
   * GetFederationToken, for a user without a role: what both the user and the policy allow, without IAM and STS.
   * @throws as {@link assumeRole}
   */
  async federationToken(request: AwsIssueRequest): Promise<IssuedAwsCredentials> {
    checkSessionId(request.sessionId);
    checkLifetime(request.seconds, longestFederation);
    const policyText = awsPolicyText(request.policy);
    const tags = tagList(request.tags);
    return this.#issue(policyText, request.seconds, async (client) => {
      const answer = await client.send(
        new GetFederationTokenCommand({
          // At most 32 characters.
          Name: `lanyard-${request.sessionId.replaceAll('-', '').slice(0, 24)}`,
          Policy: policyText,
          DurationSeconds: request.seconds,
          Tags: tags,
        }),
      );
      return {
        credentials: answer.Credentials,
        principal: answer.FederatedUser?.Arn,
        packed: answer.PackedPolicySize,
      };
    });
  }

  /**
   * GetSessionToken: the user's own rights, for a time. AWS takes no policy with it (C-11).
   * @throws LanyardError `invalid_lifetime` and those of `awsRefusal`
   */
  async sessionToken(seconds: number): Promise<IssuedAwsCredentials> {
    checkLifetime(seconds, longestFederation);
    return this.#issue(null, seconds, async (client) => {
      const answer = await client.send(new GetSessionTokenCommand({ DurationSeconds: seconds }));
      return { credentials: answer.Credentials, principal: undefined, packed: undefined };
    });
  }

  /** The account that the base credentials are of. @throws LanyardError of `awsRefusal` */
  async account(): Promise<string> {
    const client = await this.#client();
    try {
      const { Account } = await client.send(new GetCallerIdentityCommand({}));
      return Account ?? '';
    } catch (error) {
      throw awsRefusal(error);
    } finally {
      client.destroy();
    }
  }

  async #issue(
    policyText: string | null,
    seconds: number,
    send: (client: STSClient) => Promise<{
      credentials: Credentials | undefined;
      principal: string | undefined;
      packed: number | undefined;
    }>,
  ): Promise<IssuedAwsCredentials> {
    const client = await this.#client();
    const asked = this.#parts.clock.now();
    try {
      const { credentials, principal, packed } = await send(client);
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw new Error('no credentials');
      const expiresAt = Expiration.getTime();
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: new Secret(SecretAccessKey),
        sessionToken: new Secret(SessionToken),
        expiresAt,
        // STS answers in whole seconds, from when it was reached.
        grantedSeconds: Math.min(seconds, Math.round((expiresAt - asked) / 1000)),
        principal: principal ?? null,
        policyText,
        packedPercent: packed ?? null,
      };
    } catch (error) {
      throw awsRefusal(error);
    } finally {
      client.destroy();
    }
  }

  async #client(): Promise<STSClient> {
    const { region, endpoint, fetch } = this.#parts;
    const keys = await this.#parts.keys();
    return new STSClient({
      region,
      // Given in any case: the SDK would look for another one in variables and files of the machine.
      endpoint: endpoint ?? stsEndpoint(region),
      ...awsClientSettings(keys, fetch),
    });
  }
}

/** How a session is called in CloudTrail and in its ARN. */
export function awsSessionName(sessionId: string): string {
  return `lanyard-${sessionId}`;
}

/** @throws LanyardError `invalid_region` */
function stsEndpoint(region: string): string {
  if (!/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/.test(region)) {
    throw new LanyardError({
      code: 'invalid_region',
      title: 'This is not a region of AWS.',
      hint: 'Write it as eu-central-1.',
    });
  }
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function checkSessionId(id: string): void {
  if (!isSessionId(id)) throw new Error('not the id of a session');
}

function checkLifetime(seconds: number, longest: number): void {
  if (Number.isInteger(seconds) && seconds >= awsLifetimes.shortest && seconds <= longest) return;
  throw new LanyardError({
    code: 'invalid_lifetime',
    title: 'AWS does not issue credentials for that long, or that short.',
    hint: `Choose 15 minutes to ${longest / 3600} hours.`,
  });
}

function tagList(tags: Readonly<Record<string, string>> = {}): { Key: string; Value: string }[] {
  const entries = Object.entries(tags);
  const signs = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  for (const [key, value] of entries) {
    const fits = key.length >= 1 && key.length <= 128 && value.length <= 256 && !/^aws:/i.test(key);
    if (fits && signs.test(key) && signs.test(value) && entries.length <= 50) continue;
    throw new LanyardError({
      code: 'invalid_tag',
      title: 'AWS does not take these tags.',
      hint: 'Use at most 50, with letters, digits, blanks and _ . : / = + - @, and not starting with "aws:".',
    });
  }
  return entries.map(([Key, Value]) => ({ Key, Value }));
}
