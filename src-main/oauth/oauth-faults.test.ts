import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalCa } from '../../e2e/support/local-ca.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import {
  type Fault,
  FaultIssuer,
  hang,
  hangInBody,
  json,
  reset,
  resetInBody,
  type Stage,
  type TokenChanges,
  text,
} from './fault-issuer.fixture.ts';
import { OAuthError } from './oauth-error.ts';
import { oauthFailure } from './oauth-failures.ts';
import { OidcClient } from './oidc-client.ts';
import type { OAuthCategory, OAuthStage } from './progress.ts';

type Flow = 'browser' | 'device';

const http = async (url: string, init: RequestInit) => fetch(url, init);

async function open(tls: { key: string; cert: string } | null = null, host?: string) {
  const issuer = await FaultIssuer.open(tls, host);
  onTestFinished(() => issuer.close());
  return issuer;
}

/** Goes through a sign-in of one flow. The fault decides how far. */
async function signIn(
  issuer: FaultIssuer,
  flow: Flow,
  clock = new ManualClock(),
  restriction: { claim: string; value: string } | null = null,
) {
  const client = await OidcClient.discover(
    {
      issuer: issuer.issuer,
      clientId: issuer.clientId,
      scopes: ['openid', 'email'],
      parameters: {},
      restriction,
    },
    { fetch: http, clock },
  );
  if (flow === 'device') return client.pollDevice((await client.startDevice()).deviceCode);
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  issuer.nonce = checks.nonce;
  await client.authorizationUrl(checks);
  return client.exchange(new URL(`${checks.redirectUri}?code=the-code&state=${checks.state}`), checks);
}

/** What a person would read, after it was made sure that nothing secret stands in it. */
async function outcome(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof OAuthError)) throw error ?? new Error('it worked');
  const failure = oauthFailure(error, 'Example');
  expect(failure.title).not.toBe('');
  expect(failure.hint).not.toBe('');
  expect(JSON.stringify(failure)).not.toMatch(/access-secret|refresh-secret|device-secret|the-code|<|eyJ/);
  return { stage: error.stage, category: error.category, detail: failure.detail ?? '' };
}

const big = `{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`;

/** A fault that any request can meet, and how it ends. */
const answers: [string, Fault, OAuthCategory, RegExp?][] = [
  [
    '500 with JSON',
    json(500, { error: 'server_error', error_description: 'It broke.' }),
    'token_endpoint_rejected',
    /It broke\./,
  ],
  [
    '500 with a nested error',
    json(500, { error: { code: 'internal', message: 'Nested words.' } }),
    'token_endpoint_rejected',
    /Nested words\./,
  ],
  [
    '500 with text',
    text(500, 'Bad things\u202e happened\n\u0007', 'text/plain'),
    'token_endpoint_rejected',
    /Bad things happened/,
  ],
  [
    '500 with HTML',
    text(500, '<html><script>alert(1)</script><h1>Gateway</h1></html>', 'text/html'),
    'token_endpoint_rejected',
    /Gateway/,
  ],
  ['500 with nothing', text(500, '', 'text/plain'), 'token_endpoint_rejected', /unknown error/],
  ['503', json(503, { error: 'temporarily_unavailable' }, { 'retry-after': '5' }), 'token_endpoint_rejected'],
  ['429', json(429, { error: 'too_many' }, { 'retry-after': 'soon' }), 'token_endpoint_rejected'],
  ['HTML instead of JSON', text(200, '<html>Sign in</html>', 'text/html'), 'token_response_malformed'],
  [
    'truncated JSON',
    text(200, '{"access_token":"access-secr', 'application/json'),
    'token_response_malformed',
  ],
  ['an empty body', text(200, '', 'application/json'), 'token_response_malformed'],
  ['a wrong content type', text(200, '{}', 'text/plain'), 'token_response_malformed'],
  ['a list instead of an object', json(200, []), 'token_response_malformed'],
  ['null', json(200, null), 'token_response_malformed'],
  ['204', text(204, '', 'text/plain'), 'token_response_malformed'],
  ['2 MB', text(200, big, 'application/json'), 'token_exchange_request'],
  ['an error of 2 MB', text(400, big, 'application/json'), 'token_exchange_request'],
  ['a redirect', text(302, '', 'text/plain', { location: '/elsewhere' }), 'token_exchange_request'],
  [
    'a redirect to another host',
    text(307, '', 'text/plain', { location: 'https://evil.test/' }),
    'token_exchange_request',
  ],
  ['a reset', reset, 'token_exchange_request'],
  ['a reset in the body', resetInBody, 'token_exchange_request'],
];

const requests: [Flow, Stage, OAuthStage][] = [
  ['browser', 'discovery', 'discover-issuer'],
  ['browser', 'token', 'exchange-token'],
  ['browser', 'jwks', 'exchange-token'],
  ['device', 'discovery', 'discover-issuer'],
  ['device', 'device', 'exchange-token'],
  ['device', 'token', 'exchange-token'],
  ['device', 'jwks', 'exchange-token'],
];

describe.each(requests)('O-5, O-9: %s flow, the answer to %s', (flow, stage, oauthStage) => {
  it.each(answers)('%s', async (_name, fault, category, detail) => {
    const issuer = await open();
    issuer.faults[stage] = [fault];
    const ended = await outcome(signIn(issuer, flow));
    expect(ended).toMatchObject({ stage: oauthStage, category });
    if (detail) expect(ended.detail).toMatch(detail);
  });

  it.each([
    ['nothing', hang],
    ['half a body', hangInBody],
  ])('%s, for ever: ends after 30 s', async (_name, fault) => {
    const issuer = await open();
    const clock = new ManualClock();
    issuer.faults[stage] = [fault];
    const ended = outcome(signIn(issuer, flow, clock));
    // Earlier requests of the same sign-in arrive first.
    while (issuer.seen.at(-1) !== stage) await issuer.arrival();
    clock.advance(30_000);
    expect(await ended).toMatchObject({ stage: oauthStage, category: 'token_exchange_timeout' });
  });
});

const now = () => Math.floor(Date.now() / 1000);
const unsigned = (claims: object) =>
  [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

const idTokens: [string, () => TokenChanges][] = [
  ['of another issuer', () => ({ claims: { iss: 'https://evil.test' } })],
  ['for another client', () => ({ claims: { aud: 'somebody-else' } })],
  [
    'for several, of which none is authorized',
    () => ({ claims: { aud: ['fault-client', 'other'], azp: 'other' } }),
  ],
  ['that has expired', () => ({ claims: { exp: now() - 3600 } })],
  ['without an expiry', () => ({ claims: { exp: undefined } })],
  ['without a subject', () => ({ claims: { sub: undefined } })],
  ['from a key that nobody knows', () => ({ header: { kid: 'unknown' } })],
  ['signed by a foreign key', () => ({ foreignKey: true })],
  [
    'that is not signed',
    () => ({ idToken: `${unsigned({ iss: 'x', aud: 'fault-client', sub: 'user-1' })}.` }),
  ],
  ['that is no token', () => ({ idToken: 'gibberish' })],
  [
    'issued in ten minutes, by a clock that is off',
    () => ({ claims: { iat: now() + 600, nbf: now() + 600, exp: now() + 900 } }),
  ],
];

describe.each<Flow>(['browser', 'device'])('O-8: %s flow, an ID token', (flow) => {
  it.each(idTokens)('%s', async (_name, changes) => {
    const issuer = await open();
    issuer.token = changes();
    expect(await outcome(signIn(issuer, flow))).toMatchObject({
      stage: 'exchange-token',
      category: 'token_response_malformed',
    });
  });

  it('that is missing, where it was asked for', async () => {
    const issuer = await open();
    issuer.token = { answer: { id_token: undefined } };
    const ended = signIn(issuer, flow);
    // A device grant need not give one (RFC 8628); without it nobody is known, and nobody is saved by name.
    if (flow === 'device') expect((await ended).identity).toBeNull();
    else expect(await outcome(ended)).toMatchObject({ category: 'token_response_malformed' });
  });

  it('O-10: without the claim that is asked for, or with another value', async () => {
    const issuer = await open();
    const restriction = { claim: 'hd', value: 'work.test' };
    expect(await outcome(signIn(issuer, flow, new ManualClock(), restriction))).toMatchObject({
      category: 'workspace_restriction',
    });
    issuer.token = { claims: { hd: 'home.test' } };
    expect(await outcome(signIn(issuer, flow, new ManualClock(), restriction))).toMatchObject({
      category: 'workspace_restriction',
    });
    issuer.token = { claims: { hd: 'work.test' } };
    expect((await signIn(issuer, flow, new ManualClock(), restriction)).identity?.email).toBe(
      'ada@example.test',
    );
  });

  it.each([
    ['no access token', { access_token: undefined }],
    ['an empty access token', { access_token: '' }],
    ['an access token that is no text', { access_token: 7 }],
    ['another token type', { token_type: 'mac' }],
    ['an expiry that is no number', { expires_in: {} }],
  ])('beside %s', async (_name, answer) => {
    const issuer = await open();
    issuer.token = { answer };
    expect(await outcome(signIn(issuer, flow))).toMatchObject({ category: 'token_response_malformed' });
  });
});

describe('O-8: the redirect of the browser flow', () => {
  const nonceFaults: [string, string | undefined][] = [
    ['another nonce', 'other'],
    ['no nonce', undefined],
  ];
  it.each(nonceFaults)('with %s in the ID token', async (_name, nonce) => {
    const issuer = await open();
    issuer.token = { claims: { nonce } };
    expect(await outcome(signIn(issuer, 'browser'))).toMatchObject({ category: 'token_response_malformed' });
  });

  async function redirect(query: (state: string) => string, metadata: Record<string, unknown> = {}) {
    const issuer = await open();
    issuer.metadata = metadata;
    const client = await OidcClient.discover(
      {
        issuer: issuer.issuer,
        clientId: issuer.clientId,
        scopes: ['openid'],
        parameters: {},
        restriction: null,
      },
      { fetch: http, clock: new ManualClock() },
    );
    const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
    const ended = outcome(client.exchange(new URL(`${checks.redirectUri}?${query(checks.state)}`), checks));
    return { ...(await ended), seen: issuer.seen };
  }

  it.each<[string, (state: string) => string, OAuthCategory, RegExp]>([
    [
      'an error',
      (state) => `error=access_denied&error_description=No%20way&state=${state}`,
      'provider_callback_error',
      /No way/,
    ],
    [
      'an error without words',
      (state) => `error=server_error&state=${state}`,
      'provider_callback_error',
      /server_error/,
    ],
    [
      'markup in an error',
      (state) => `error=x&error_description=%E2%80%AEno&state=${state}`,
      'provider_callback_error',
      /no/,
    ],
    ['no code', (state) => `state=${state}`, 'missing_authorization_code', /no code/],
    ['an empty code', (state) => `code=&state=${state}`, 'missing_authorization_code', /no code/],
  ])('%s', async (_name, query, category, detail) => {
    const ended = await redirect(query);
    expect(ended).toMatchObject({ category, seen: ['discovery'] });
    expect(ended.detail).toMatch(detail);
  });

  it('a wrong `iss` (RFC 9207), and a missing one where it is announced', async () => {
    for (const iss of ['&iss=https%3A%2F%2Fevil.test', '']) {
      const ended = await redirect((state) => `code=the-code&state=${state}${iss}`, {
        authorization_response_iss_parameter_supported: true,
      });
      expect(ended).toMatchObject({ category: 'token_response_malformed', seen: ['discovery'] });
    }
  });

  it.each([
    ['invalid_grant', /no longer accepts/],
    ['invalid_client', /does not know this client/],
    ['invalid_scope', /does not grant/],
  ])('a token endpoint that says %s', async (code, title) => {
    const issuer = await open();
    issuer.faults.token = [json(400, { error: code })];
    const error = await signIn(issuer, 'browser').catch((caught: unknown) => caught);
    expect(error instanceof OAuthError && oauthFailure(error, 'Example').title).toMatch(title);
  });
});

describe('O-5: an issuer that cannot be reached', () => {
  const discover = (issuer: string) =>
    outcome(
      OidcClient.discover(
        { issuer, clientId: 'c', scopes: ['openid'], parameters: {}, restriction: null },
        { fetch: http, clock: new ManualClock() },
      ),
    );

  it.each([
    ['plain http that is not loopback', 'http://issuer.test'],
    ['no address', 'issuer'],
    ['user info', 'https://user:password@issuer.test'],
    ['a query', 'https://issuer.test/?x=1'],
    ['another scheme', 'file:///etc/passwd'],
  ])('%s is refused before anything is sent', async (_name, issuer) => {
    expect(await discover(issuer)).toMatchObject({
      stage: 'discover-issuer',
      category: 'token_exchange_request',
    });
  });

  it('a name that does not exist', async () => {
    expect(await discover('https://issuer.invalid')).toMatchObject({ category: 'token_exchange_connect' });
  });

  it('nothing listens', async () => {
    const issuer = await open();
    await issuer.close();
    expect(await discover(issuer.issuer)).toMatchObject({ category: 'token_exchange_connect' });
  });

  it('metadata of another issuer', async () => {
    const issuer = await open();
    issuer.metadata = { issuer: 'https://evil.test' };
    expect(await discover(issuer.issuer)).toMatchObject({ category: 'token_response_malformed' });
  });

  it('no metadata at either address: says to check the address', async () => {
    const issuer = await open();
    issuer.faults.discovery = [text(404, 'Not found', 'text/plain')];
    expect(await discover(issuer.issuer)).toMatchObject({ category: 'token_endpoint_rejected' });
    expect(issuer.seen).toEqual(['discovery', 'discovery']);
  });

  it('D-1: metadata only where RFC 8414 has it is found', async () => {
    const issuer = await open();
    issuer.faults.discovery = [text(404, '', 'text/plain'), null];
    expect((await signIn(issuer, 'device')).identity?.subject).toBe('user-1');
  });

  it('TLS: an unknown CA, and with the CA known a certificate for another host, and one that has expired', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lanyard-ca-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const ca = await createLocalCa(directory);
    const right = await open(await ca.leafFor('127.0.0.1'));
    const wrong = await open(await ca.leafFor('other.test'));
    const late = await open(await ca.expiredLeafFor('127.0.0.1'));
    expect(await discover(right.issuer)).toMatchObject({
      category: 'token_exchange_connect',
      detail: expect.stringMatching(/CERT|VERIFY|ISSUER/),
    });
    const before = getCACertificates('default');
    onTestFinished(() => setDefaultCACertificates(before));
    setDefaultCACertificates([...before, ca.certificate]);
    expect((await signIn(right, 'browser')).identity?.subject).toBe('user-1');
    expect(await discover(wrong.issuer)).toMatchObject({
      category: 'token_exchange_connect',
      detail: expect.stringMatching(/ALTNAME/),
    });
    expect(await discover(late.issuer)).toMatchObject({
      category: 'token_exchange_connect',
      detail: expect.stringMatching(/CERT_HAS_EXPIRED/),
    });
  });
});
