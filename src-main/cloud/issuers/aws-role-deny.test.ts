import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';
import { cloudSession } from '../cloud-session.fixture.ts';
import { type MotoServer, motoMissing, startMoto } from '../moto.fixture.ts';
import { awsSessionDeny } from '../revoke.ts';
import { AwsIssuer } from './aws.ts';
import { denyAtRole } from './aws-role-deny.ts';

const keys = async () => ({
  accessKeyId: 'AKIABASE',
  secretAccessKey: new Secret('base-secret-of-the-person'),
  sessionToken: null,
});

describe.skipIf(motoMissing !== null)('C-18: a session is denied at its role', () => {
  let moto: MotoServer;
  let iam: IAMClient;
  beforeAll(async () => {
    moto = await startMoto();
    iam = new IAMClient({
      region: 'us-east-1',
      endpoint: moto.origin,
      credentials: { accessKeyId: 'AKIABASE', secretAccessKey: 'base-secret-of-the-person' },
    });
    await iam.send(
      new CreateRoleCommand({ RoleName: 'agent', Path: '/teams/', AssumeRolePolicyDocument: '{}' }),
    );
  }, 60_000);
  afterAll(async () => {
    iam?.destroy();
    await moto?.stop();
  });

  const parts = (endpoint = moto.origin) => {
    const issuer = new AwsIssuer({ keys, region: 'us-east-1', clock: systemClock, endpoint: moto.origin });
    return { keys, account: () => issuer.account(), clock: systemClock, endpoint };
  };
  const policies = async () =>
    (await iam.send(new ListRolePoliciesCommand({ RoleName: 'agent' }))).PolicyNames ?? [];
  const role = (accountId: string) => `arn:aws:iam::${accountId}:role/teams/agent`;
  const refusal = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return error instanceof LanyardError ? error.failure : error;
  };

  it('C-18: by a policy of the role for this session alone; what is past goes, what is the role’s own stays', async () => {
    const inline = { RoleName: 'agent', PolicyDocument: awsSessionDeny('somebody') };
    const past = `lanyard-revoked-${Math.floor(Date.now() / 1000) - 3_660}-0123abcd`;
    // By a clock that is fast: AWS's may say that the credentials still live.
    const maybe = `lanyard-revoked-${Math.floor(Date.now() / 1000) - 60}-0123abcd`;
    const later = `lanyard-revoked-${Math.floor(Date.now() / 1000) + 600}-0123abcd`;
    for (const PolicyName of ['its-own', past, maybe, later]) {
      await iam.send(new PutRolePolicyCommand({ ...inline, PolicyName }));
    }
    const session = cloudSession({
      id: randomUUID(),
      roleArn: role('123456789012'),
      expiresAt: Date.now() + 900_000,
    });
    expect(await denyAtRole(session, parts())).toEqual({
      how: expect.stringContaining('the role agent denies it everything'),
    });
    const name = `lanyard-revoked-${Math.ceil(session.expiresAt / 1000)}-${session.id.slice(0, 8)}`;
    expect((await policies()).toSorted()).toEqual(['its-own', maybe, later, name].toSorted());
    const written = await iam.send(new GetRolePolicyCommand({ RoleName: 'agent', PolicyName: name }));
    expect(JSON.parse(decodeURIComponent(written.PolicyDocument ?? ''))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { StringLike: { 'aws:userid': `*:lanyard-${session.id}` } },
        },
      ],
    });
  });

  it('C-18: a role of the same name in the account of the credentials is not touched', async () => {
    const before = await policies();
    const session = cloudSession({ roleArn: role('999999999999') });
    expect(await refusal(denyAtRole(session, parts()))).toMatchObject({ code: 'role_of_other_account' });
    expect(await policies()).toEqual(before);
  });

  it('C-18: who may not write policies is told so, and an AWS that does not answer is said to', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push(new URLSearchParams(Buffer.concat(chunks).toString()).get('Action') ?? '');
        response.writeHead(403, { 'content-type': 'text/xml' });
        response.end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>' +
            '<Message>User arn:aws:iam::123456789012:user/ada is not authorized</Message></Error></ErrorResponse>',
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    onTestFinished(() => void server.close());
    const session = cloudSession({ roleArn: role('123456789012') });
    const refused = await refusal(denyAtRole(session, parts(`http://127.0.0.1:${port}`)));
    expect(refused).toMatchObject({
      code: 'deny_refused',
      title: 'the account may not change policies of the role',
    });
    expect(JSON.stringify(refused)).not.toContain('user/ada');
    // That it may not list them did not keep it from trying.
    expect(asked).toEqual(['ListRolePolicies', 'PutRolePolicy']);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await refusal(denyAtRole(session, parts(`http://127.0.0.1:${port}`)))).toMatchObject({
      code: 'aws_unreachable',
    });
  });
});
