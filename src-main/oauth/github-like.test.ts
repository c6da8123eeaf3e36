import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { pollDevice } from './device-poll.ts';
import { OAuthError } from './oauth-error.ts';
import { oauthFailure } from './oauth-failures.ts';
import { OidcClient } from './oidc-client.ts';
import { neverExpires } from './token-set.ts';

async function read(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const part of request) body += String(part);
  return new URLSearchParams(body);
}

/** Answers as GitHub's OAuth apps do, as documented: errors with 200, no lifetime, scopes with commas. */
async function open(answers: Record<string, unknown>[], device: Record<string, unknown> | null = null) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const form = await read(request);
      seen.push(
        `${request.method} ${request.url} ${form.get('client_id') ?? request.headers.authorization ?? ''}`,
      );
      const answer = () => {
        if (request.url === '/device') {
          const { port } = server.address() as AddressInfo;
          return (
            device ?? {
              device_code: '3584d83530557fdd1f46af8289938c8ef79f9dc5',
              user_code: 'WDJB-MJHT',
              verification_uri: `http://127.0.0.1:${port}/enter`,
              expires_in: 900,
              interval: 5,
            }
          );
        }
        if (request.url === '/user') return { id: 583231, login: 'octocat', email: null };
        return answers.length > 1 ? answers.shift() : answers[0];
      };
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(answer()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = new ManualClock(Date.now());
  const client = await OidcClient.discover(
    {
      issuer: origin,
      clientId: 'Iv1.app',
      scopes: ['read:user', 'user:email'],
      parameters: {},
      restriction: null,
      endpoints: {
        device: `${origin}/device`,
        token: `${origin}/token`,
        person: { url: `${origin}/user`, subject: 'id', email: 'email', name: 'login' },
        tokensStay: true,
      },
    },
    { fetch, clock },
  );
  return { client, seen, origin, clock };
}

/** Polls to the end; time goes on whenever somebody waits. */
async function poll({ client, clock }: Awaited<ReturnType<typeof open>>) {
  const authorization = await client.startDevice();
  let over = false;
  const polled = pollDevice({
    ask: (code) => client.pollDevice(code),
    authorization,
    startedAt: clock.now(),
    clock,
    signal: new AbortController().signal,
  }).finally(() => {
    over = true;
  });
  polled.catch(() => {});
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
  }
  return client.identified(await polled);
}

const token = { access_token: 'gho_secret', token_type: 'bearer', scope: 'read:user,user:email' };

it('D-3: errors that come with 200 are what they are, and the sign-in goes on to a token that stays', async () => {
  const github = await open([
    { error: 'authorization_pending', error_description: 'The authorization request is still pending.' },
    { error: 'slow_down', error_description: 'Too many requests.', interval: 10 },
    token,
  ]);
  expect(github.client.supports).toEqual({ browser: false, device: true, refresh: false, revocation: false });
  const tokens = await poll(github);
  expect(tokens).toMatchObject({
    refreshToken: null,
    expiresAt: neverExpires,
    scope: 'read:user user:email',
    identity: { issuer: github.origin, subject: '583231', name: 'octocat' },
  });
  expect(github.seen).toEqual([
    'POST /device Iv1.app',
    'POST /token Iv1.app',
    'POST /token Iv1.app',
    'POST /token Iv1.app',
    'GET /user Bearer gho_secret',
  ]);
});

it.each([
  ['access_denied', 'says that access was denied'],
  ['expired_token', 'The code has expired'],
  ['incorrect_client_credentials', 'refused the request'],
])('D-3: %s with 200 ends it', async (error, title) => {
  const github = await open([{ error, error_description: 'In its own words.' }]);
  const failure = await poll(github).then(
    () => null,
    (caught: unknown) => (caught instanceof OAuthError ? oauthFailure(caught, 'GitHub') : null),
  );
  expect(failure?.title).toContain(title);
  expect(failure?.detail).toContain('In its own words.');
});

it('D-1: a client without the device flow is told so before a code is shown', async () => {
  const github = await open([], {
    error: 'device_flow_disabled',
    error_description: 'Device Flow must be enabled.',
  });
  const failure = await github.client.startDevice().then(
    () => null,
    (caught: unknown) => (caught instanceof OAuthError ? oauthFailure(caught, 'GitHub') : null),
  );
  expect(failure).toMatchObject({ code: 'token_endpoint_rejected' });
  expect(failure?.detail).toContain('Device Flow must be enabled.');
});
