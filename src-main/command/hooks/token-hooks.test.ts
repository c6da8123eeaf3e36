import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ExternalAccountClient } from 'google-auth-library';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createLocalCa } from '../../../e2e/support/local-ca.ts';
import { systemClock } from '../../clock.ts';
import { identitiesIn, MemoryStoreFile } from '../../identities/identities.fixture.ts';
import { RecordedEvents } from '../../journal/recorded-events.fixture.ts';
import { openIssuer } from '../../oauth/issuer.fixture.ts';
import { OidcClient } from '../../oauth/oidc-client.ts';
import { discovered, keeperOf, settings } from '../../oauth/token-keeper.fixture.ts';
import { sealTokens, type TokenSet } from '../../oauth/token-set.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import { MemoryVault } from '../../vault/memory-vault.fixture.ts';
import { Secret } from '../../vault/secret.ts';
import { builtCommand, CommandScene, temporaryDirectory } from '../command.fixture.ts';
import { DirectoryScopes } from '../directory-scopes.ts';
import { credentialCommand } from './credential.ts';
import { gcpHook } from './gcp-hook.ts';
import { HandOut } from './hand-out.ts';
import { kubernetesHook } from './kubernetes-hook.ts';

/** Somebody of Work who has signed in to a real issuer, and the hooks over that; Client A has no account. */
async function signedIn() {
  const issuer = await openIssuer();
  onTestFinished(() => issuer.close());
  const client = await discovered(issuer.issuer, issuer.clientId);
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const tokens = await client.exchange(await issuer.visit(await client.authorizationUrl(checks)), checks);
  const vault = new MemoryVault('keychain');
  const secret = { service: 'Lanyard', account: `acme/${randomUUID()}` };
  const save = (changed: Partial<TokenSet> = {}) => vault.set(secret, sealTokens({ ...tokens, ...changed }));
  await save();
  const { issuer: url, ...more } = settings(issuer.issuer, issuer.clientId);
  const acme = { ...sampleDefinition({ id: 'acme', name: 'Acme' }), issuer: { url, ...more } } as never;
  const { identities } = identitiesIn(temporaryDirectory(), new MemoryStoreFile());
  const work = identities.createBundle('Work');
  identities.createBundle('Client A');
  const key = { providerId: 'acme', displayName: 'Ada', status: 'valid' } as const;
  const { accountId } = await identities.saveApiKey({ ...key, bundleId: work.id, secret });
  const audit = new RecordedEvents();
  const parts = {
    identities,
    directories: new DirectoryScopes({ read: () => null, write: () => {} }),
    keeper: keeperOf(vault, join(temporaryDirectory(), 'tokens.lock'), async () => client),
    vault,
    providers: { find: (id: string) => (id === 'acme' ? acme : null) },
    now: systemClock.now,
    handOut: new HandOut({ audit, allow: async () => {} }),
  };
  const commands = await CommandScene.open([credentialCommand([kubernetesHook(parts), gcpHook(parts)])]);
  const call = async (args: string[], env: Record<string, string> = {}) => {
    const { code, out, err } = await commands.call(['credential', ...args], { env });
    return { code, out: out.toString(), err };
  };
  const keys = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`));
  const verified = async (token: string) =>
    (await jwtVerify(token, keys, { issuer: issuer.issuer, audience: issuer.clientId })).payload;
  const refreshes = () => issuer.seen.filter((line) => line === 'POST /token').length;
  return { work, accountId, audit, commands, call, save, verified, refreshes, tokens };
}

function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  return listening(createServer(answer));
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!hasKubectl) process.stdout.write('skipped: there is no kubectl on this machine\n');

it.each(['v1', 'v1beta1'])(
  'R-6: an ID token as an ExecCredential of %s, and nothing else',
  async (version) => {
    const { call, verified, audit, work, accountId } = await signedIn();
    const apiVersion = `client.authentication.k8s.io/${version}`;
    const cluster = { server: 'https://cluster.example.test:6443' };
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false, cluster } };
    const asked = { KUBERNETES_EXEC_INFO: JSON.stringify(info) };
    const { code, out, err } = await call(['kubernetes', '--as', 'Work'], asked);
    expect([code, err]).toEqual([0, '']);
    const { status, ...rest } = JSON.parse(out);
    expect(rest).toEqual({ apiVersion, kind: 'ExecCredential' });
    const { sub, exp = 0 } = await verified(status.token);
    expect([sub, Date.parse(status.expirationTimestamp)]).toEqual(['user-1', exp * 1000]);
    expect(audit.events).toEqual([
      {
        kind: 'credential.issued',
        bundleId: work.id,
        accountId,
        detail: { hook: 'kubernetes', host: 'cluster.example.test:6443' },
      },
    ]);
  },
);

it.skipIf(!hasKubectl)(
  'R-6: the real kubectl sends the identity’s token to its cluster',
  async () => {
    const { commands, verified } = await signedIn();
    const seen: string[] = [];
    const home = temporaryDirectory();
    // Over plain http kubectl sends no token.
    const ca = await createLocalCa(home);
    const tls = createTlsServer(await ca.leafFor('localhost'), (request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"answered":true}');
    });
    const server = (await listening(tls)).replace('http://127.0.0.1', 'https://localhost');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: builtCommand(),
      args: ['credential', 'kubernetes', '--as', 'Work'],
      interactiveMode: 'Never',
      provideClusterInfo: true,
    };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority': ca.caFile } }],
      users: [{ name: 'u', user: { exec } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    };
    writeFileSync(join(home, 'config'), JSON.stringify(config));
    const said = await new Promise<string>((resolve, reject) => {
      const env = { PATH: process.env.PATH, HOME: home, LANYARD_HOME: commands.data };
      const args = ['--kubeconfig', join(home, 'config'), 'get', '--raw', '/version'];
      execFile('kubectl', args, { env }, (error, out) => (error ? reject(error) : resolve(out)));
    });
    expect(said).toContain('answered');
    const [, token = ''] = (seen.at(-1) ?? '').split('Bearer ');
    expect((await verified(token)).sub).toBe('user-1');
  },
  30_000,
);

it('R-6: Google’s own library exchanges the identity’s token', async () => {
  const { commands, verified, audit } = await signedIn();
  const forms: URLSearchParams[] = [];
  const google = await serve(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    forms.push(new URLSearchParams(body));
    const answer = { access_token: 'ya29.test', token_type: 'Bearer', expires_in: 3600 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ ...answer, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
    );
  });
  vi.stubEnv('LANYARD_HOME', commands.data);
  vi.stubEnv('GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const audience = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/acme';
  const library = (as: string) =>
    ExternalAccountClient.fromJSON({
      type: 'external_account',
      audience,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      token_url: `${google}/v1/token`,
      credential_source: {
        executable: { command: `${builtCommand()} credential gcp --as "${as}"`, timeout_millis: 20_000 },
      },
    });
  expect((await library('Work')?.getAccessToken())?.token).toBe('ya29.test');
  const [form] = forms;
  expect(form?.get('audience')).toBe(audience);
  expect((await verified(form?.get('subject_token') ?? '')).sub).toBe('user-1');
  expect(audit.events).toMatchObject([{ detail: { hook: 'gcp', host: audience } }]);
  await expect(library('Client A')?.getAccessToken()).rejects.toThrow(/no_tokens.*Client A has no account/);
}, 30_000);

it('R-6: an ID token that is about to end is renewed once, and one that cannot be had is said', async () => {
  const { call, save, refreshes, verified, tokens } = await signedIn();
  const claims = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 10 }));
  await save({ idToken: new Secret(`e30.${claims.toString('base64url')}.x`) });
  const before = refreshes();
  const { out } = await call(['kubernetes', 'acme', '--as', 'Work']);
  expect((await verified(JSON.parse(out).status.token)).sub).toBe('user-1');
  expect(refreshes() - before).toBe(1);
  await save({ idToken: null, refused: true });
  expect(await call(['kubernetes', '--as', 'Work'])).toMatchObject({ code: 1, out: '' });
  expect(tokens.idToken).not.toBeNull();
});

it('R-6: failures in each tool’s form, without a token', async () => {
  const { call, audit } = await signedIn();
  const info = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1alpha1', spec: {} });
  const alpha = await call(['kubernetes', '--as', 'Work'], { KUBERNETES_EXEC_INFO: info });
  expect(alpha).toMatchObject({ code: 1, out: '', err: expect.stringContaining('v1alpha1') });
  expect(await call(['kubernetes', '--as', 'Client A'])).toMatchObject({ code: 1, out: '' });
  const saml = { GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: 'urn:ietf:params:oauth:token-type:saml2' };
  const { code, out, err } = await call(['gcp', '--as', 'Work'], saml);
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ version: 1, success: false, code: 'not_the_protocol' });
  expect((await call(['gcp', '--as'])).code).toBe(2);
  expect(audit.events).toEqual([]);
});
