import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalCa } from '../../../e2e/support/local-ca.ts';
import type { Exchange } from '../../../e2e/support/local-host.ts';
import { type LocalNet, startLocalNet } from '../../../e2e/support/local-net.ts';
import type { IssuedGcpToken } from './gcp.ts';

const run = promisify(execFile);
const serviceAccount = 'agent@project-1.iam.gserviceaccount.com';
const bucket = '//storage.googleapis.com/projects/_/buckets/reports';
const policy = { actions: ['storage.objects.get'], deny: [], resources: [bucket], sourceIps: [] };
const request = { serviceAccount, policy, seconds: 3600 };

/** The real library, in a process whose network ends on this machine. */
let place: string;
let net: LocalNet;
let generate: (exchange: Exchange) => void;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-gcp-'));
  net = await startLocalNet(await createLocalCa(place), {
    'iamcredentials.googleapis.com': (exchange) => generate(exchange),
    'sts.googleapis.com': ({ json }) =>
      json(200, { access_token: 'narrow-token', token_type: 'Bearer', issued_token_type: 'x' }),
    'oauth2.googleapis.com': ({ json, url }) =>
      url.searchParams.get('token') === 'narrow-token'
        ? json(200, {})
        : json(400, { error: 'invalid_token' }),
  });
});
afterAll(async () => {
  await net?.close();
  rmSync(place, { recursive: true, force: true });
});
beforeEach(() => {
  net.seen.length = 0;
  generate = ({ json, form }) => {
    const seconds = Number((form.lifetime ?? '').replace('s', ''));
    const expireTime = new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, '');
    json(200, { accessToken: 'wide-token', expireTime });
  };
});

type Printed = Partial<Omit<IssuedGcpToken, 'token'>> & {
  token?: string;
  how?: string;
  failure?: { code: string };
};

async function child(wish: unknown): Promise<Printed> {
  const env = {
    PATH: process.env.PATH,
    HOME: place,
    GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'evil.example',
    ...net.environment,
  };
  const file = join(import.meta.dirname, 'gcp.child.ts');
  const { stdout, stderr } = await run(process.execPath, [file, JSON.stringify(wish)], { env });
  expect(stderr.replace(/.*(ExperimentalWarning|node --trace-warnings).*\n/g, '')).toBe('');
  return JSON.parse(stdout) as Printed;
}

describe('C-13: tokens of Google Cloud', () => {
  it('C-13: impersonation, then the boundary: what is sent, asked and granted', async () => {
    const issued = await child({ ...request, seconds: 1800 });
    expect(net.seen.map(({ host, path }) => `${host}${path}`)).toEqual([
      `iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
      'sts.googleapis.com/v1/token',
    ]);
    const [first, second] = net.seen;
    expect(first?.headers.authorization).toBe('Bearer base-token');
    expect(first?.form).toEqual({
      scope: '["https://www.googleapis.com/auth/cloud-platform"]',
      lifetime: '1800s',
    });
    expect(second?.form).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'wide-token',
    });
    expect(JSON.parse(second?.form.options ?? '')).toEqual({
      accessBoundary: {
        accessBoundaryRules: [
          { availableResource: bucket, availablePermissions: ['inRole:roles/storage.legacyObjectReader'] },
        ],
      },
    });
    expect(issued).toMatchObject({ token: 'narrow-token', principal: serviceAccount });
    expect(issued.boundary).toEqual(JSON.parse(second?.form.options ?? ''));
    expect(Math.abs((issued.grantedSeconds ?? 0) - 1800)).toBeLessThanOrEqual(2);
  });

  it('C-11: without a boundary there is one token, and it is said to be as wide as the account', async () => {
    const issued = await child({ ...request, policy: { ...policy, resources: [] } });
    expect(net.seen).toHaveLength(1);
    expect(issued).toMatchObject({ token: 'wide-token', boundary: null });
  });

  it('C-18: a token is revoked at Google; a refusal is an error', async () => {
    expect(await child({ revoke: 'narrow-token' })).toEqual({ how: 'the token was revoked' });
    expect(net.seen).toMatchObject([{ method: 'POST', host: 'oauth2.googleapis.com', path: '/revoke' }]);
    expect((await child({ revoke: 'other' })).failure?.code).toBe('gcp_refused');
  });

  it.each([
    [401, 'UNAUTHENTICATED', 'bad', 'gcp_sign_in_expired'],
    [403, 'PERMISSION_DENIED', "Permission 'iam.serviceAccounts.getAccessToken' denied", 'gcp_access_denied'],
    [400, 'INVALID_ARGUMENT', 'The lifetime is invalid.', 'gcp_lifetime_refused'],
  ])('C-13: %s %s is said in words', async (status, name, message, code) => {
    generate = ({ json }) => json(status, { error: { code: status, status: name, message } });
    expect((await child(request)).failure?.code).toBe(code);
    expect(net.seen.some(({ host }) => host === 'sts.googleapis.com')).toBe(false);
  });

  it('C-13: what is no service account, and what is no lifetime, is not sent', async () => {
    for (const other of ['agent', 'a@evil.example', `${serviceAccount}/x`, '../x@p.iam.gserviceaccount.com'])
      expect((await child({ ...request, serviceAccount: other })).failure?.code).toBe(
        'invalid_service_account',
      );
    for (const seconds of [299, 43_201])
      expect((await child({ ...request, seconds })).failure?.code).toBe('invalid_lifetime');
    expect(net.seen).toEqual([]);
  });
});
