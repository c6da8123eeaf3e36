import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createLocalCa } from '../../../e2e/support/local-ca.ts';
import { type LocalNet, startLocalNet } from '../../../e2e/support/local-net.ts';
import { azureCliCache, azureCliClient, tenantsIn } from './azure-cache.ts';

const run = promisify(execFile);
const tenantId = '11111111-2222-3333-4444-555555555555';
const home = `ada.${tenantId}`;
const environment = 'login.microsoftonline.com';

let place: string;
let directory: string;
let net: LocalNet;
const jwt = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

/** What MSAL for Python leaves for the Azure CLI (2.91.0): a refresh token of the family of Microsoft's own clients. */
const asTheCliLeavesIt = {
  AccessToken: {},
  Account: {
    [`${home}-${environment}-${tenantId}`]: {
      home_account_id: home,
      environment,
      realm: tenantId,
      local_account_id: 'ada',
      username: 'ada@example.test',
      authority_type: 'MSSTS',
      account_source: 'urn:ietf:params:oauth:grant-type:device_code',
    },
  },
  IdToken: {},
  RefreshToken: {
    [`${home}-${environment}-refreshtoken-${azureCliClient}--https://management.core.windows.net//.default`]:
      {
        credential_type: 'RefreshToken',
        secret: 'refresh-of-the-cli',
        home_account_id: home,
        environment,
        client_id: azureCliClient,
        target: 'https://management.core.windows.net//.default',
        last_modification_time: '1790000000',
        family_id: '1',
      },
  },
  AppMetadata: {
    [`appmetadata-${environment}-${azureCliClient}`]: {
      client_id: azureCliClient,
      environment,
      family_id: '1',
    },
  },
};

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-azure-cache-'));
  net = await startLocalNet(await createLocalCa(place), {
    'login.microsoftonline.com': ({ json, url }) => {
      const base = `https://${environment}/${tenantId}`;
      if (url.pathname.endsWith('/openid-configuration')) {
        return json(200, {
          issuer: `${base}/v2.0`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          token_endpoint: `${base}/oauth2/v2.0/token`,
          jwks_uri: `${base}/discovery/v2.0/keys`,
        });
      }
      const now = Math.floor(Date.now() / 1000);
      return json(200, {
        token_type: 'Bearer',
        scope: 'https://management.azure.com/.default',
        expires_in: 3599,
        access_token: jwt({ tid: tenantId, name: 'issued' }),
        refresh_token: 'refresh-after',
        foci: '1',
        client_info: Buffer.from(JSON.stringify({ uid: 'ada', utid: tenantId })).toString('base64url'),
        id_token: jwt({
          aud: azureCliClient,
          iss: `${base}/v2.0`,
          iat: now,
          exp: now + 3600,
          oid: 'ada',
          sub: 'ada',
          preferred_username: 'ada@example.test',
          tid: tenantId,
          ver: '2.0',
        }),
      });
    },
  });
});
afterAll(async () => {
  await net?.close();
  rmSync(place, { recursive: true, force: true });
});
beforeEach(() => {
  net.seen.length = 0;
  directory = mkdtempSync(join(place, 'azure-'));
  writeFileSync(join(directory, 'msal_token_cache.json'), JSON.stringify(asTheCliLeavesIt));
});

/** The real library, in a process whose network ends on this machine. */
async function child(wish: object) {
  const env = { PATH: process.env.PATH, HOME: place, ...net.environment, NODE_USE_ENV_PROXY: '1' };
  const file = join(import.meta.dirname, 'azure-cli.child.ts');
  const request = { directory, mayWrite: true, resource: 'https://management.azure.com', ...wish };
  const { stdout } = await run(process.execPath, [file, JSON.stringify(request)], { env });
  return JSON.parse(stdout) as { token?: string; principal?: string; failure?: { code: string } };
}
const kept = () => readFileSync(join(directory, 'msal_token_cache.json'), 'utf8');

it('C-14: a token from the sign-in of the Azure CLI, whose store is read and written in its place', async () => {
  expect(await child({})).toMatchObject({
    token: jwt({ tid: tenantId, name: 'issued' }),
    principal: 'ada@example.test',
    tenantId,
  });
  const renewals = net.seen.filter(({ form }) => form.grant_type === 'refresh_token');
  expect(renewals).toMatchObject([
    {
      path: `/${tenantId}/oauth2/v2.0/token`,
      form: { client_id: azureCliClient, refresh_token: 'refresh-of-the-cli' },
    },
  ]);
  // The new one is where the CLI looks for it, and the account is as it was.
  const after = JSON.parse(kept()) as typeof asTheCliLeavesIt;
  expect(JSON.stringify(after.RefreshToken)).toContain('refresh-after');
  expect(Object.values(after.Account)).toEqual([
    expect.objectContaining({ home_account_id: home, realm: tenantId, username: 'ada@example.test' }),
  ]);
  expect(readdirSync(directory)).toEqual(['msal_token_cache.json']);
  if (process.platform !== 'win32') {
    expect(statSync(join(directory, 'msal_token_cache.json')).mode & 0o777).toBe(0o600);
  }
});

it('C-14: the machine’s own sign-in is read and not written', async () => {
  const before = kept();
  expect((await child({ mayWrite: false })).token).toBe(jwt({ tid: tenantId, name: 'issued' }));
  expect(kept()).toBe(before);
});

it('C-14: nobody signed in, and no cache at all', async () => {
  writeFileSync(join(directory, 'msal_token_cache.json'), '{"AccessToken":{},"Account":{}}');
  expect(await tenantsIn(azureCliCache(directory, true))).toEqual([]);
  rmSync(join(directory, 'msal_token_cache.json'));
  expect((await child({})).failure?.code).toBe('azure_sign_in_unreadable');
});
