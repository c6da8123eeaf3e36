import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalCa } from '../../../e2e/support/local-ca.ts';
import type { Exchange } from '../../../e2e/support/local-host.ts';
import { type LocalNet, startLocalNet } from '../../../e2e/support/local-net.ts';
import { systemClock } from '../../clock.ts';
import { Secret } from '../../vault/secret.ts';
import { AzureIssuer, type IssuedAzureToken } from './azure.ts';

const run = promisify(execFile);
const tenantId = '11111111-2222-3333-4444-555555555555';
const otherTenant = '99999999-2222-3333-4444-555555555555';
const clientId = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const request = { clientId, tenantId, resource: 'https://storage.azure.com/' };

let place: string;
let net: LocalNet;
/** What a refresh token is answered with. */
let refresh: (exchange: Exchange) => void;

const jwt = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
function tokens(tenant: string, name: string) {
  const now = Math.floor(Date.now() / 1000);
  return {
    token_type: 'Bearer',
    scope: 'https://storage.azure.com/.default',
    expires_in: 3599,
    ext_expires_in: 3599,
    access_token: jwt({ tid: tenant, name }),
    refresh_token: `refresh-${name}`,
    client_info: Buffer.from(JSON.stringify({ uid: 'ada', utid: tenant })).toString('base64url'),
    id_token: jwt({
      aud: clientId,
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      iat: now,
      exp: now + 3600,
      oid: 'ada',
      sub: 'ada',
      preferred_username: 'ada@example.test',
      tid: tenant,
      ver: '2.0',
    }),
  };
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-azure-'));
  net = await startLocalNet(await createLocalCa(place), {
    'login.microsoftonline.com': (exchange) => {
      const { json, url, form } = exchange;
      const base = `https://login.microsoftonline.com/${tenantId}`;
      if (url.pathname.endsWith('/openid-configuration')) {
        return json(200, {
          issuer: `${base}/v2.0`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          token_endpoint: `${base}/oauth2/v2.0/token`,
          device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
          jwks_uri: `${base}/discovery/v2.0/keys`,
        });
      }
      if (url.pathname.endsWith('/devicecode')) {
        return json(200, {
          device_code: 'device',
          user_code: 'CODE',
          verification_uri: 'https://microsoft.com/devicelogin',
          expires_in: 900,
          interval: 0,
          message: 'x',
        });
      }
      if (form.grant_type === 'refresh_token') return refresh(exchange);
      return json(200, tokens(tenantId, 'first'));
    },
  });
});
afterAll(async () => {
  await net?.close();
  rmSync(place, { recursive: true, force: true });
});
beforeEach(() => {
  net.seen.length = 0;
  refresh = ({ json }) => json(200, tokens(tenantId, 'second'));
});

type Printed = Partial<Omit<IssuedAzureToken, 'token'>> & {
  token?: string;
  cacheWritten?: boolean;
  failure?: { code: string; detail?: string };
};

/** The real library, in a process whose network ends on this machine. */
async function child(wish: unknown): Promise<Printed> {
  const env = { PATH: process.env.PATH, HOME: place, ...net.environment, NODE_USE_ENV_PROXY: '1' };
  const file = join(import.meta.dirname, 'azure.child.ts');
  const { stdout } = await run(process.execPath, [file, JSON.stringify(wish)], { env });
  return JSON.parse(stdout) as Printed;
}
const renewals = () => net.seen.filter(({ form }) => form.grant_type === 'refresh_token');

describe('C-14: tokens of Azure', () => {
  it('C-14: a new token for the resource, from the account, with tenant and client pinned', async () => {
    const issued = await child(request);
    expect(renewals()).toMatchObject([
      {
        host: 'login.microsoftonline.com',
        path: `/${tenantId}/oauth2/v2.0/token`,
        form: { client_id: clientId, refresh_token: 'refresh-first' },
      },
    ]);
    expect(renewals()[0]?.form.scope?.split(' ')).toContain('https://storage.azure.com/.default');
    expect(issued).toMatchObject({
      token: jwt({ tid: tenantId, name: 'second' }),
      principal: 'ada@example.test',
      tenantId,
      resource: 'https://storage.azure.com',
      cacheWritten: true,
    });
    expect(Math.abs((issued.grantedSeconds ?? 0) - 3599)).toBeLessThanOrEqual(2);
    expect(new Set(net.seen.map(({ path }) => path.split('/')[1]))).toEqual(new Set([tenantId]));
  });

  it('C-14: a token of another tenant is refused', async () => {
    refresh = ({ json }) => json(200, { ...tokens(tenantId, 'x'), access_token: jwt({ tid: otherTenant }) });
    expect((await child(request)).failure?.code).toBe('azure_wrong_tenant');
  });

  it('C-14: an expired sign-in is said to be, with Azure’s number and no more', async () => {
    refresh = ({ json }) =>
      json(400, {
        error: 'invalid_grant',
        error_description: 'AADSTS700082: The refresh token of ada has expired.',
      });
    const { failure } = await child(request);
    expect(failure).toMatchObject({ code: 'azure_sign_in_expired', detail: 'AADSTS700082' });
    expect(JSON.stringify(failure)).not.toContain('ada');
  });

  it('C-14: an account that is not there, and a vault that is closed', async () => {
    expect((await child({ ...request, homeAccountId: 'grace.x' })).failure?.code).toBe(
      'azure_account_not_found',
    );
    expect((await child({ ...request, cacheFails: true })).failure?.code).toBe('vault_locked');
    expect(renewals()).toEqual([]);
  });

  it('C-14: what is no id and no resource is not sent', async () => {
    const cache = { read: async () => new Secret(''), write: async () => {} };
    const parts = { clientId, tenantId, cache, clock: systemClock };
    expect(() => new AzureIssuer({ ...parts, tenantId: 'common' })).toThrow('invalid_tenant');
    expect(() => new AzureIssuer({ ...parts, tenantId: `${tenantId}/../common` })).toThrow('invalid_tenant');
    expect(() => new AzureIssuer({ ...parts, clientId: '' })).toThrow('invalid_client');
    for (const resource of ['', 'http://management.azure.com', 'https://a b', 'https://x/y', 'https://u@x'])
      await expect(new AzureIssuer(parts).issue({ resource })).rejects.toThrow('invalid_azure_resource');
  });
});
