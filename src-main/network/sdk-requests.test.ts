import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLocalCa } from '../../e2e/support/local-ca.ts';
import { systemClock } from '../clock.ts';
import { AwsIssuer } from '../cloud/issuers/aws.ts';
import { revokeGcpToken } from '../cloud/issuers/gcp.ts';
import { askAboutAwsKey } from '../cloud/sources/aws-keys.ts';
import { LanyardError } from '../failures.ts';
import { Secret } from '../vault/secret.ts';
import { NodeTransport } from './node-transport.ts';
import { openProxy } from './proxy.fixture.ts';
import { msalNetwork } from './sdk-requests.ts';

const login = { user: 'ada', password: 'a password of the proxy' };

const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>A:l</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/agent/l</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

/** The clouds' own host names, behind a proxy with a password and an authority that only the settings know. */
async function clouds() {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-clouds-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const ca = await createLocalCa(directory);
  const proxy = await openProxy(login);
  onTestFinished(() => proxy.close());
  const seen: string[] = [];
  const serve = async (host: string, answer: (body: string) => [status: number, body: string]) => {
    const server: Server = createServer(await ca.leafFor(host), (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        seen.push(`${request.method} ${request.headers.host}${request.url}`);
        const [status, text] = answer(body);
        response.writeHead(status, {
          'content-type': text.startsWith('<') ? 'text/xml' : 'application/json',
        });
        response.end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    proxy.routes.set(`${host}:443`, (server.address() as AddressInfo).port);
  };
  await serve('sts.eu-central-1.amazonaws.com', (body) => [
    200,
    /Action=AssumeRole/.test(body) ? assumed : identity,
  ]);
  await serve('sts.amazonaws.com', () => [
    403,
    '<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>',
  ]);
  await serve('oauth2.googleapis.com', () => [200, '{}']);
  await serve('login.microsoftonline.com', () => [400, '{"error":"invalid_grant"}']);
  const transport = new NodeTransport({});
  const route = {
    proxy: {
      mode: 'manual' as const,
      address: `http://${proxy.address}`,
      bypass: [],
      credentials: { user: login.user, password: new Secret(login.password) },
    },
    authorities: [ca.certificate],
  };
  await transport.use(route);
  return { transport, proxy, seen, route };
}

const keys = async () => ({
  accessKeyId: 'AKIABASE',
  secretAccessKey: new Secret('base-secret'),
  sessionToken: null,
});
const role = () => ({
  sessionId: randomUUID(),
  roleArn: 'arn:aws:iam::123456789012:role/agent',
  policy: { actions: ['s3:GetObject'], deny: [], resources: [], sourceIps: [] },
  seconds: 900,
});

it('T-6: AWS is asked by way of the proxy and the authorities that are set', async () => {
  const { transport, seen, proxy, route } = await clouds();
  const issuer = new AwsIssuer({ keys, region: 'eu-central-1', clock: systemClock, fetch: transport.fetch });
  const issued = await issuer.assumeRole(role());
  expect(issued.expiresAt).toBe(Date.UTC(2099, 0, 1));
  expect(seen).toEqual(['POST sts.eu-central-1.amazonaws.com/']);
  expect(proxy.seen).toContain('CONNECT sts.eu-central-1.amazonaws.com:443 200');

  const kept = new Secret('AKIABASEAKIABASE:base-secret');
  const ask = (origin: string) => askAboutAwsKey(kept, origin, AbortSignal.timeout(10_000), transport.fetch);
  await expect(ask('https://sts.amazonaws.com')).resolves.toBe(403);

  await transport.use({ ...route, authorities: [] });
  const refused = await issuer.assumeRole(role()).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LanyardError);
}, 30_000);

it('T-6: Google Cloud is, too', async () => {
  const { transport, seen } = await clouds();
  await revokeGcpToken(new Secret('ya29.token'), transport.fetch);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatch(/^POST oauth2\.googleapis\.com\/revoke/);
});

it('T-6: and Azure, whose refusals are answers', async () => {
  const { transport, seen } = await clouds();
  const network = msalNetwork(transport.fetch);
  const answer = await network.sendPostRequestAsync('https://login.microsoftonline.com/t/oauth2/v2.0/token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=refresh_token',
  });
  expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(answer.headers['content-type']).toBe('application/json');
  expect(seen).toEqual(['POST login.microsoftonline.com/t/oauth2/v2.0/token']);
});
