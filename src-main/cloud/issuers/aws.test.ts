import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';
import { awsPolicyText } from '../aws-policy.ts';
import { type MotoServer, motoMissing, startMoto } from '../moto.fixture.ts';
import type { SessionPolicy } from '../policy.ts';
import { AwsIssuer, type AwsRoleRequest } from './aws.ts';

const policy: SessionPolicy = {
  actions: ['s3:*', 's3:GetObject'],
  deny: ['s3:DeleteBucket'],
  resources: ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/*'],
  sourceIps: ['203.0.113.0/24'],
};
const roleArn = 'arn:aws:iam::123456789012:role/agent';
const keys = async () => ({
  accessKeyId: 'AKIABASE',
  secretAccessKey: new Secret('base-secret-of-the-person'),
  sessionToken: new Secret('base-token-of-the-person'),
});
const request = (changes: Partial<AwsRoleRequest> = {}): AwsRoleRequest => ({
  sessionId: randomUUID(),
  roleArn,
  policy,
  seconds: 900,
  ...changes,
});

async function code(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'issued';
  } catch (error) {
    if (error instanceof LanyardError) return error.failure.code;
    throw error;
  }
}

describe.skipIf(motoMissing !== null)('AwsIssuer at moto', () => {
  let moto: MotoServer;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.stop());
  beforeEach(() => {
    moto.takeForms();
  });
  afterEach(() => vi.unstubAllEnvs());
  const issuer = () =>
    new AwsIssuer({ keys, region: 'us-east-1', clock: systemClock, endpoint: moto.recordedOrigin });

  it('C-9, C-10, C-12: the policy, its deny, resources, tags, session name and time are what goes over the wire', async () => {
    const wish = request({
      tags: { team: 'a', cost: 'b c' },
      externalId: 'ext-1',
      sourceIdentity: 'ada',
      seconds: 1234,
    });
    const issued = await issuer().assumeRole(wish);
    const [form, ...more] = moto.takeForms();
    expect(more).toEqual([]);
    expect(Object.fromEntries(form ?? [])).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: `lanyard-${wish.sessionId}`,
      Policy: awsPolicyText(policy),
      DurationSeconds: '1234',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'a',
      'Tags.member.2.Key': 'cost',
      'Tags.member.2.Value': 'b c',
      ExternalId: 'ext-1',
      SourceIdentity: 'ada',
    });
    expect(issued.policyText).toBe(form?.get('Policy'));
    expect(JSON.parse(form?.get('Policy') ?? '').Statement).toMatchObject([
      { Effect: 'Allow', Action: ['s3:*', 's3:GetObject'], Resource: policy.resources },
      { Effect: 'Deny', Action: ['s3:DeleteBucket'], Resource: '*' },
    ]);
  });

  it('C-12: what is granted is what the service says, and it works as the session', async () => {
    const wish = request({ seconds: 900 });
    const before = Date.now();
    const issued = await issuer().assumeRole(wish);
    expect(Math.abs(issued.grantedSeconds - 900)).toBeLessThanOrEqual(2);
    expect(Math.abs(issued.expiresAt - before - 900_000)).toBeLessThan(5000);
    expect(issued.principal).toBe(`arn:aws:sts::123456789012:assumed-role/agent/lanyard-${wish.sessionId}`);
    expect(issued.packedPercent).toEqual(expect.any(Number));
    const client = new STSClient({
      region: 'us-east-1',
      endpoint: moto.origin,
      credentials: {
        accessKeyId: issued.accessKeyId,
        secretAccessKey: issued.secretAccessKey.reveal(),
        sessionToken: issued.sessionToken.reveal(),
      },
    });
    expect((await client.send(new GetCallerIdentityCommand({}))).Arn).toBe(issued.principal);
    client.destroy();
  });

  it('C-12: a user without a role: federation with the policy, or a token without one', async () => {
    const sessionId = randomUUID();
    const federated = await issuer().federationToken({ sessionId, policy, seconds: 3600 });
    const [first] = moto.takeForms();
    expect(first?.get('Action')).toBe('GetFederationToken');
    expect(first?.get('Policy')).toBe(awsPolicyText(policy));
    expect(first?.get('Name')).toHaveLength(32);
    expect(federated.principal).toContain(first?.get('Name'));

    const plain = await issuer().sessionToken(900);
    const [second] = moto.takeForms();
    expect(second?.get('Action')).toBe('GetSessionToken');
    expect(second?.has('Policy')).toBe(false);
    expect(plain).toMatchObject({ policyText: null, packedPercent: null, principal: null });
  });

  it('C-15: variables and files of the machine do not lead the request elsewhere', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:9');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAOPERATOR');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'operator');
    vi.stubEnv('AWS_PROFILE', 'does-not-exist');
    const issued = await issuer().assumeRole(request());
    expect(issued.accessKeyId).not.toBe('AKIAOPERATOR');
    expect(moto.takeForms()).toHaveLength(1);
  });

  it('nothing that is issued can be printed', async () => {
    const issued = await issuer().assumeRole(request());
    for (const text of [JSON.stringify(issued), inspect(issued, { depth: 9 })]) {
      expect(text).not.toContain(issued.secretAccessKey.reveal());
      expect(text).not.toContain(issued.sessionToken.reveal());
    }
  });
});

describe('AwsIssuer: what is not sent', () => {
  const nowhere = new AwsIssuer({
    keys: async () => {
      throw new Error('the base credentials were asked for');
    },
    region: 'us-east-1',
    clock: systemClock,
  });

  it.each([899, 43_201, 1000.5, Number.NaN])('C-12: %s seconds', async (seconds) => {
    expect(await code(nowhere.assumeRole(request({ seconds })))).toBe('invalid_lifetime');
  });

  it('C-12: roles, tags and policies that AWS would refuse', async () => {
    for (const arn of ['arn:aws:iam::1:role/x', 'arn:aws:iam::123456789012:user/x', 'agent', `${roleArn}\n`])
      expect(await code(nowhere.assumeRole(request({ roleArn: arn })))).toBe('invalid_role');
    expect(await code(nowhere.assumeRole(request({ policy: { ...policy, actions: ['*'] } })))).toBe(
      'wildcard_service',
    );
    for (const tags of [{ 'aws:x': 'y' }, { 'a*': 'b' }, { a: '<' }, { a: 'x'.repeat(257) }])
      expect(await code(nowhere.assumeRole(request({ tags })))).toBe('invalid_tag');
  });
});

describe('AwsIssuer: what AWS answers', () => {
  async function answered(status: number, name: string, message: string): Promise<LanyardError> {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const issuer = new AwsIssuer({
      keys,
      region: 'us-east-1',
      clock: systemClock,
      endpoint: `http://127.0.0.1:${port}`,
    });
    try {
      await issuer.assumeRole(request());
    } catch (error) {
      if (error instanceof LanyardError) return error;
      throw error;
    } finally {
      server.closeAllConnections();
      server.close();
    }
    throw new Error('it was issued');
  }

  it.each([
    [403, 'AccessDenied', 'User: arn:aws:iam::1:user/x is not authorized', 'aws_access_denied'],
    [403, 'ExpiredToken', 'expired', 'aws_sign_in_expired'],
    [403, 'InvalidClientTokenId', 'invalid', 'aws_key_refused'],
    [400, 'MalformedPolicyDocument', 'syntax', 'aws_policy_refused'],
    [400, 'PackedPolicyTooLarge', 'too large', 'aws_policy_packed_too_large'],
    [
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration',
      'aws_lifetime_refused',
    ],
    [
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
      'aws_role_chaining',
    ],
    [400, 'SomethingNew', 'new', 'aws_refused'],
  ])('C-12: %s %s is said in words', async (status, name, message, expected) => {
    const { failure } = await answered(status, name, message);
    expect(failure.code).toBe(expected);
    expect(JSON.stringify(failure)).not.toContain('arn:aws');
  });

  it('C-12: no answer is said to be none', async () => {
    const issuer = new AwsIssuer({
      keys,
      region: 'us-east-1',
      clock: systemClock,
      endpoint: 'http://127.0.0.1:9',
    });
    expect(await code(issuer.assumeRole(request()))).toBe('aws_unreachable');
  });

  it('C-12: a region that is none is no host', async () => {
    const issuer = new AwsIssuer({ keys, region: 'evil.example/', clock: systemClock });
    expect(await code(issuer.assumeRole(request()))).toBe('invalid_region');
  });
});
