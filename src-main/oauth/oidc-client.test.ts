import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { openIssuer, type TestIssuer, type TestIssuerOptions } from './issuer.fixture.ts';
import { type IssuerSettings, OidcClient } from './oidc-client.ts';

let issuer: TestIssuer;
afterEach(() => issuer?.close());

async function client(options: TestIssuerOptions = {}, settings: Partial<IssuerSettings> = {}) {
  issuer = await openIssuer(options);
  return OidcClient.discover(
    {
      issuer: issuer.issuer,
      clientId: issuer.clientId,
      scopes: ['openid', 'email', 'profile', 'offline_access'],
      parameters: { prompt: 'consent' },
      restriction: null,
      ...settings,
    },
    { fetch, clock: systemClock },
  );
}

it('O-3: a browser sign-in with PKCE against a real issuer gives tokens and who it is', async () => {
  const oidc = await client();
  expect(oidc.supports).toEqual({ browser: true, device: true, refresh: true, revocation: true });
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const link = new URL(await oidc.authorizationUrl(checks));
  expect(link.searchParams.get('code_challenge_method')).toBe('S256');
  expect(link.searchParams.get('response_type')).toBe('code');
  const tokens = await oidc.exchange(await issuer.visit(link.href), checks);
  expect(tokens.identity).toEqual({
    issuer: issuer.issuer,
    subject: 'user-1',
    email: 'ada@example.test',
    name: 'Ada Example',
  });
  expect(tokens.refreshToken).not.toBeNull();
});

it('T-4: a refresh rotates the tokens, and the spent one revokes the family', async () => {
  const oidc = await client();
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const first = await oidc.exchange(await issuer.visit(await oidc.authorizationUrl(checks)), checks);
  const second = await oidc.refresh(first);
  expect(second.refreshToken?.reveal()).not.toBe(first.refreshToken?.reveal());
  expect(second.accessToken.reveal()).not.toBe(first.accessToken.reveal());
  expect(second.identity?.email).toBe('ada@example.test');
  await expect(oidc.refresh(first)).rejects.toMatchObject({
    category: 'token_endpoint_rejected',
    provider: { code: 'invalid_grant', status: 400 },
  });
  await expect(oidc.refresh(second)).rejects.toMatchObject({ provider: { code: 'invalid_grant' } });
});

it('T-7: revoking ends the refresh token at the issuer', async () => {
  const oidc = await client();
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const tokens = await oidc.exchange(await issuer.visit(await oidc.authorizationUrl(checks)), checks);
  await oidc.revoke(tokens);
  await expect(oidc.refresh(tokens)).rejects.toMatchObject({ provider: { code: 'invalid_grant' } });
});

it('O-8: a redirect of another attempt is refused', async () => {
  const oidc = await client();
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const redirect = await issuer.visit(await oidc.authorizationUrl(checks));
  redirect.searchParams.set('state', 'other');
  await expect(oidc.exchange(redirect, checks)).rejects.toMatchObject({ name: 'OAuthError' });
});

it('O-10: a claim that is not the wanted one is a workspace restriction', async () => {
  const oidc = await client(
    { person: { sub: 'user-1', hd: 'other.test' } },
    { restriction: { claim: 'hd', value: 'work.test' } },
  );
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const redirect = await issuer.visit(await oidc.authorizationUrl(checks));
  await expect(oidc.exchange(redirect, checks)).rejects.toMatchObject({ category: 'workspace_restriction' });
});

it('D-1, D-2: a device code, pending and then approved', async () => {
  const oidc = await client();
  const device = await oidc.startDevice();
  expect(device.intervalMs).toBe(5000);
  await expect(oidc.pollDevice(device.deviceCode)).rejects.toMatchObject({
    provider: { code: 'authorization_pending' },
  });
  await issuer.approve(device.userCode);
  const tokens = await oidc.pollDevice(device.deviceCode);
  expect(tokens.identity?.email).toBe('ada@example.test');
});
