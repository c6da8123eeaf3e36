import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { processStartTime } from '../process/kill-tree.ts';
import { Secret } from '../vault/secret.ts';
import { CloudSessions, type SessionIssuer } from './cloud-sessions.ts';
import { azureSessions } from './issuers/azure-session.ts';
import { gcpSessions } from './issuers/gcp-session.ts';
import type { IssueInputs } from './reuse.ts';
import { SessionStore } from './session-store.ts';

const run = promisify(execFile);
const projectRoot = join(import.meta.dirname, '..', '..');
const policy = { deny: [], resources: [], sourceIps: [] };
const gcp: IssueInputs = {
  provider: 'gcp',
  roleArn: 'agent@project-1.iam.gserviceaccount.com',
  policy: { ...policy, actions: ['storage.objects.get'] },
};
const audience = 'https://management.azure.com';
const azure: IssueInputs = {
  provider: 'azure',
  roleArn: '/subscriptions/00000000-1111-2222-3333-444444444444',
  policy: { ...policy, actions: [] },
  tenantId: '11111111-2222-3333-4444-555555555555',
  audience,
};
const gcloud = programOnPath('gcloud');
if (gcloud === null) process.stdout.write('skipped: gcloud is not on the PATH\n');

let place: string;
let store: SessionStore;
let sessions: CloudSessions;
let issued: number;
let taken: string[];
beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-child-delivery-'));
  issued = 0;
  taken = [];
  const startTime = await processStartTime(process.pid);
  store = new SessionStore(join(place, 'records'), systemClock);
  sessions = new CloudSessions({
    clock: systemClock,
    store,
    newId: randomUUID,
    owner: { pid: process.pid, startTime: startTime ?? '' },
    directory: join(place, 'sessions'),
    issuerFor: (inputs) => (inputs.provider === 'gcp' ? google(inputs) : microsoft()),
    isThere: () => true,
    isAlive: async () => true,
    endProcess: async () => {},
    endLeftovers: async () => {},
    onRenewed: () => {},
    onWarning: () => {},
    onEnded: () => {},
    onFault: (_, error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await sessions.close();
  store.close();
  rmSync(place, { recursive: true, force: true });
});

/** The clouds themselves are tested beside their issuers. */
function google(inputs: IssueInputs): SessionIssuer {
  const issuer = {
    issue: async ({ seconds, serviceAccount }: { seconds: number; serviceAccount: string }) => ({
      token: new Secret(`ya29.session-${++issued}`),
      expiresAt: Date.now() + seconds * 1000,
      grantedSeconds: seconds,
      principal: serviceAccount,
      boundary: null,
    }),
  };
  const revoke = async (token: Secret) => {
    taken.push(token.reveal());
    return { how: 'the token was revoked' };
  };
  return gcpSessions(issuer as never, inputs, { clock: systemClock, revoke });
}

function microsoft(): SessionIssuer {
  const issuer = {
    issue: async ({ resource }: { resource: string }) => ({
      token: new Secret(`azure-${++issued}`),
      expiresAt: Date.now() + 4_000_000,
      grantedSeconds: 4000,
      principal: 'ada@acme.test',
      tenantId: azure.tenantId ?? '',
      resource,
    }),
  };
  return azureSessions(issuer as never, audience);
}

/** What an operator has lying around must not be what a program finds. */
async function opened(inputs: IssueInputs) {
  const { session } = await sessions.open({
    inputs,
    command: [],
    leaseSeconds: 3600,
    atLeastSeconds: 60,
    budget: null,
    accepted: true,
  });
  const parent = {
    PATH: process.env.PATH,
    HOME: join(place, 'home'),
    GOOGLE_APPLICATION_CREDENTIALS: '/operator.json',
    CLOUDSDK_AUTH_ACCESS_TOKEN: 'operator',
    IDENTITY_ENDPOINT: 'http://operator.test/',
    IDENTITY_HEADER: 'operator',
  };
  const env = sessions.environment(session.id, {
    parent,
    searchPath: process.env.PATH ?? '',
    platform: process.platform,
  });
  return { id: session.id, env };
}

const node = (env: Record<string, string>, script: string) =>
  run(process.execPath, ['-e', script], { env, cwd: projectRoot }).then(
    ({ stdout }) => stdout.trim(),
    (error: { stdout: string; stderr: string }) => `failed: ${error.stdout}${error.stderr}`,
  );
const googleProgram = `
  const { GoogleAuth } = require('google-auth-library');
  new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' }).getAccessToken().then(console.log);`;
const azureProgram = (resource: string) => `
  const { ManagedIdentityApplication } = require('@azure/msal-node');
  new ManagedIdentityApplication().acquireToken({ resource: '${resource}' })
    .then(({ accessToken, expiresOn }) => console.log(accessToken, expiresOn.getTime()));`;

describe('C-16: Google Cloud', () => {
  it('C-16: Google’s own library finds the session’s token, and nothing after a revocation, which takes it back', async () => {
    const { id, env } = await opened(gcp);
    expect(env).toMatchObject({ GOOGLE_CLOUD_PROJECT: 'project-1', CLOUDSDK_CORE_PROJECT: 'project-1' });
    expect(JSON.stringify(env)).not.toContain('operator');
    expect(await node(env, googleProgram)).toBe('ya29.session-1');
    if (process.platform !== 'win32') {
      expect(statSync(env.GOOGLE_APPLICATION_CREDENTIALS ?? '').mode & 0o777).toBe(0o600);
    }
    const revoked = await sessions.revoke(id);
    expect(revoked.revocation).toMatchObject({ kind: 'at_service', how: 'the token was revoked' });
    expect(taken).toEqual(['ya29.session-1']);
    expect(await node(env, googleProgram)).toMatch(/^failed: /);
    expect(() => statSync(env.GOOGLE_APPLICATION_CREDENTIALS ?? '')).toThrow('ENOENT');
  });

  it.skipIf(gcloud === null)(
    'C-16: the real gcloud uses the session’s token',
    { timeout: 60_000 },
    async () => {
      const { env } = await opened(gcp);
      const { stdout } = await run(gcloud ?? '', ['auth', 'print-access-token', '--quiet'], { env });
      expect(stdout.trim()).toBe('ya29.session-1');
      const { stdout: project } = await run(gcloud ?? '', ['config', 'get-value', 'project', '--quiet'], {
        env,
      });
      expect(project.trim()).toBe('project-1');
    },
  );

  it('C-16: without the session’s own token nothing is exchanged', async () => {
    const { env } = await opened(gcp);
    const file = JSON.parse(
      await node(
        env,
        'console.log(require("fs").readFileSync(process.env.GOOGLE_APPLICATION_CREDENTIALS, "utf8"))',
      ),
    );
    const exchange = (fields: Record<string, string>) =>
      fetch(file.token_url, { method: 'POST', body: new URLSearchParams(fields) });
    const refused = await exchange({ subject_token: 'x'.repeat(43) });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual({ error: 'wrong_token', error_description: expect.any(String) });
    expect((await exchange({ subject_token: 'x'.repeat(40_000) })).status).toBe(413);
    expect((await fetch(file.token_url)).status).toBe(401);
    expect(issued).toBe(1);
  });
});

describe('C-16: Azure', () => {
  it('C-16: Microsoft’s own library finds the session’s token, told to end with the session, for one resource', async () => {
    const { id, env } = await opened(azure);
    expect(env).toMatchObject({
      AZURE_TENANT_ID: azure.tenantId,
      AZURE_SUBSCRIPTION_ID: '00000000-1111-2222-3333-444444444444',
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    });
    const [token, expiresOn] = (await node(env, azureProgram(audience))).split(' ');
    expect(token).toBe('azure-1');
    // Its own end is later than the lease's.
    expect(Number(expiresOn)).toBeLessThanOrEqual(store.get(id)?.leaseEndsAt ?? 0);
    expect(store.get(id)?.expiresAt).toBeGreaterThan(store.get(id)?.leaseEndsAt ?? 0);
    expect(await node(env, azureProgram('https://vault.azure.net'))).toMatch(/^failed: .*wrong_request/s);
    await sessions.revoke(id);
    expect(await node(env, azureProgram(audience))).toMatch(/^failed: /);
  });

  it('C-15: under a session of another cloud it finds nothing, and asks no metadata service', async () => {
    const { env } = await opened(gcp);
    expect(env.IDENTITY_ENDPOINT).toBe('http://127.0.0.1:1/');
    expect(await node(env, azureProgram(audience))).toMatch(/^failed: /);
  });
});

function programOnPath(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return null;
}
