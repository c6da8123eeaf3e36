import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLocalCa, type LocalCa } from '../../e2e/support/local-ca.ts';
import type { ProxyForm } from '../../src-preload/contract/network.ts';
import { LanyardError } from '../failures.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { openIssuer } from '../oauth/issuer.fixture.ts';
import { OAuthError } from '../oauth/oauth-error.ts';
import { oauthFailure } from '../oauth/oauth-failures.ts';
import { OidcClient } from '../oauth/oidc-client.ts';
import { composeEnvironment } from '../process/environment.ts';
import { openJsonFile } from '../programs/json-file.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { completeIssuerFile } from '../providers/issuer-provider.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { AuthorityStore } from './authority-files.ts';
import { Network, proxyEntry } from './network.ts';
import { NodeTransport } from './node-transport.ts';
import { openProxy } from './proxy.fixture.ts';
import type { Transport } from './transport.ts';

const login = { user: 'ada', password: 'pa55 w:rd/@' };
const host = 'idp.corp.test';
let ca: LocalCa;
let caText: Buffer;
beforeAll(async () => {
  const directory = temporary();
  ca = await createLocalCa(directory);
  caText = readFileSync(ca.caFile);
  return () => rmSync(directory, { recursive: true, force: true });
});

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'lanyard-network-'));
}

/** A network in a data directory, as a start finds it. */
function start(
  data: string,
  vault = new MemoryVault('keychain'),
  environment: NodeJS.ProcessEnv = {},
  use?: Transport['use'],
) {
  const log: string[] = [];
  const secrets: string[] = [];
  const changes: number[] = [];
  const transport: Transport = new NodeTransport(environment);
  const network = new Network({
    file: openJsonFile(join(data, 'network.json')),
    authorities: new AuthorityStore(join(data, 'network'), environment),
    vault,
    transport: use ? Object.assign(transport, { use }) : transport,
    environment,
    redactor: { add: (secret) => secrets.push(secret.reveal()) },
    clock: new ManualClock(Date.now()),
    onChanged: () => changes.push(1),
    log: { error: (event) => log.push(event) },
  });
  return { network, vault, log, secrets, changes };
}

function place(): string {
  const data = temporary();
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return data;
}

const form = (changes: Partial<ProxyForm> = {}): ProxyForm => ({
  mode: 'manual',
  address: '',
  user: '',
  password: '',
  bypass: '',
  ...changes,
});

/** A company's issuer: its name leads nowhere but through the proxy, and only the company vouches for it. */
async function company() {
  const issuer = await openIssuer({ secure: { host, credential: await ca.leafFor(host) } });
  onTestFinished(() => issuer.close());
  const proxy = await openProxy(login);
  onTestFinished(() => proxy.close());
  proxy.routes.set(`${host}:443`, issuer.securePort);
  const settings = {
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    scopes: ['openid', 'email', 'offline_access'],
    parameters: { prompt: 'consent' },
    restriction: null,
  };
  /** Signs in to the end, in the browser flow. */
  const signIn = async (network: Network) => {
    const http = { fetch: network.fetch, clock: new ManualClock(Date.now()) };
    const client = await OidcClient.discover(settings, http);
    const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
    const redirect = await issuer.visit(await client.authorizationUrl(checks));
    return client.exchange(redirect, checks);
  };
  const provider = completeIssuerFile({
    id: 'corp',
    name: 'Corp',
    issuer: { url: issuer.issuer, clientId: issuer.clientId },
  }) as unknown as ProviderDefinition;
  return { issuer, proxy, signIn, provider };
}

/** What a person reads when it did not work. */
async function hintOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof LanyardError) return error.failure.hint;
  if (!(error instanceof OAuthError)) throw error ?? new Error('it worked');
  return oauthFailure(error, 'Corp').hint;
}

describe('a company network, in plain Node: a proxy with a password and an authority of its own', () => {
  it('T-6: a sign-in fails with the hint at each step that is missing, and works with all of them', async () => {
    const { proxy, signIn, provider } = await company();
    const { network, vault } = start(place());
    await network.refresh();

    expect(await hintOf(signIn(network))).toContain('its name was not found');
    expect(await network.test(provider)).toMatchObject({
      success: false,
      step: 'resolve',
      way: { kind: 'direct' },
    });

    await network.saveProxy(form({ address: proxy.address }));
    expect(await hintOf(signIn(network))).toContain('Settings > Network');
    expect(proxy.seen.at(-1)).toBe(`CONNECT ${host}:443 407`);
    expect(await network.test(provider)).toMatchObject({
      success: false,
      step: 'proxy',
      way: { kind: 'proxy', address: proxy.address },
    });

    await network.saveProxy(form({ address: proxy.address, ...login }));
    expect(vault.values.get(proxyEntry.account)).toBe(login.password);
    expect(await hintOf(signIn(network))).toContain('certificate is not trusted here');
    expect(await network.test(provider)).toMatchObject({ success: false, step: 'tls' });

    expect(await network.chooseAuthorities(caText)).toBe(1);
    expect((await signIn(network)).identity?.email).toBe('ada@example.test');
    expect(await network.test(provider)).toEqual({
      success: true,
      host,
      way: { kind: 'proxy', address: proxy.address },
      secure: true,
      status: 200,
    });

    await network.removeAuthorities();
    expect(await network.test(provider)).toMatchObject({ success: false, step: 'tls' });
    await network.saveProxy(form({ mode: 'none' }));
    expect(await network.test(provider)).toMatchObject({ success: false, step: 'resolve' });
  });

  it('T-6: another name, and a proxy that is not there, are what they are with the authority, too', async () => {
    const { proxy, provider } = await company();
    const { network } = start(place());
    await network.chooseAuthorities(caText);
    const other = await openIssuer({ secure: { host, credential: await ca.leafFor('other.corp.test') } });
    onTestFinished(() => other.close());
    proxy.routes.set(`${host}:443`, other.securePort);
    await network.saveProxy(form({ address: proxy.address, ...login }));
    expect(await network.test(provider)).toMatchObject({ success: false, step: 'tls' });

    await proxy.close();
    await network.saveProxy(form({ address: proxy.address, ...login }));
    expect(await network.test(provider)).toMatchObject({
      success: false,
      step: 'proxy',
      failure: { hint: 'The proxy refused. Check the proxy in Settings > Network.' },
    });
  });

  it('T-6: variables are the way of the system, and NO_PROXY is held to', async () => {
    const { proxy, provider } = await company();
    const url = `http://${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@${proxy.address}`;
    const behind = start(place(), undefined, { HTTPS_PROXY: url });
    await behind.network.chooseAuthorities(caText);
    expect(await behind.network.test(provider)).toMatchObject({
      success: true,
      way: { address: proxy.address },
    });
    const past = start(place(), undefined, { HTTPS_PROXY: url, no_proxy: 'corp.test' });
    expect(await past.network.test(provider)).toMatchObject({ success: false, way: { kind: 'direct' } });
  });

  it('T-6: children get there by what they are told: curl, and Node', async () => {
    const { proxy, issuer } = await company();
    const { network } = start(place(), undefined, { PATH: process.env.PATH });
    await network.saveProxy(form({ address: proxy.address, ...login }));
    const address = `${issuer.issuer}/.well-known/openid-configuration`;
    const script = `fetch(process.argv[1]).then((r) => r.json()).then((j) => console.log(JSON.stringify(j)), (e) => { console.log(e.cause?.code); process.exitCode = 1; })`;
    const run = (program: string, args: string[]) => {
      const { env } = composeEnvironment({
        parent: network.childEnvironment,
        searchPath: process.env.PATH ?? '',
        set: {},
        unset: [],
        platform: process.platform,
      });
      return promisify(execFile)(program, args, { env, timeout: 15_000 }).then(
        ({ stdout }) => stdout,
        (error: { code?: number; stdout?: string }) => `failed ${error.code} ${error.stdout ?? ''}`,
      );
    };
    // 60: curl's "peer certificate cannot be authenticated".
    expect(await run('curl', ['--silent', address])).toMatch(/^failed 60/);
    expect(await run(process.execPath, ['-e', script, address])).toMatch(
      /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/,
    );
    await network.chooseAuthorities(caText);
    expect(await run('curl', ['--silent', address])).toContain(`"issuer":"${issuer.issuer}"`);
    expect(await run(process.execPath, ['-e', script, address])).toContain(`"issuer":"${issuer.issuer}"`);
  });

  it('T-6: what replaces the authorities of a child has those of the system in it, and those it was told of before', async () => {
    const data = place();
    const second = await createLocalCa(join(data, 'second'));
    const { network } = start(data, undefined, { NODE_EXTRA_CA_CERTS: second.caFile });
    await network.chooseAuthorities(caText);
    const {
      SSL_CERT_FILE,
      REQUESTS_CA_BUNDLE,
      CURL_CA_BUNDLE,
      GIT_SSL_CAINFO,
      AWS_CA_BUNDLE,
      NODE_EXTRA_CA_CERTS,
    } = network.childEnvironment;
    const all = readFileSync(SSL_CERT_FILE ?? '', 'utf8');
    expect([REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, GIT_SSL_CAINFO, AWS_CA_BUNDLE]).toEqual(
      Array(4).fill(SSL_CERT_FILE),
    );
    expect(all.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50);
    const added = readFileSync(NODE_EXTRA_CA_CERTS ?? '', 'utf8');
    for (const { certificate } of [ca, second]) {
      const body = certificate.replace(/\s/g, '');
      expect(all.replace(/\s/g, '')).toContain(body);
      expect(added.replace(/\s/g, '')).toContain(body);
    }
    expect(added.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});

describe('what is kept', () => {
  it('T-2: the password is in the vault and nowhere on the disk, and the next start has it again', async () => {
    const data = place();
    const first = start(data);
    await first.network.saveProxy(form({ address: 'proxy.test:8080', ...login, bypass: '.corp.test' }));
    await first.network.chooseAuthorities(caText);
    for (const name of readdirSync(data, { recursive: true, withFileTypes: true })) {
      if (name.isFile()) expect(readFileSync(join(name.parentPath, name.name), 'utf8')).not.toContain('pa55');
    }
    expect(JSON.stringify(first.network.state())).not.toContain('pa55');
    expect(first.secrets).toContain(login.password);

    const second = start(data, first.vault);
    await second.network.refresh();
    expect(second.network.state()).toMatchObject({
      proxy: { mode: 'manual', address: 'http://proxy.test:8080', user: 'ada', bypass: '.corp.test' },
      password: 'kept',
      authorities: [{ name: 'Lanyard throw-away test CA' }],
    });
    const encoded = 'ada:pa55%20w%3Ard%2F%40';
    expect(second.network.childEnvironment.HTTPS_PROXY).toBe(`http://${encoded}@proxy.test:8080`);
    // For a launch, where it may not stand on a command line.
    const { set, secrets } = second.network.variablesFor({});
    expect(JSON.stringify(set)).not.toContain('pa55');
    expect(secrets.https_proxy?.reveal()).toContain(encoded);
  });

  it('T-3: a locked vault takes the password away, says so, and gives it back when it is opened', async () => {
    const data = place();
    const { vault } = start(data);
    await start(data, vault).network.saveProxy(form({ address: 'proxy.test:8080', ...login }));
    vault.fault = 'locked';
    const { network, changes } = start(data, vault);
    await network.refresh();
    expect(network.state()).toMatchObject({
      password: 'unavailable',
      passwordFailure: { code: 'keychain_locked' },
    });
    expect(network.childEnvironment.HTTPS_PROXY).toBe('http://proxy.test:8080');
    vault.fault = null;
    await network.refresh();
    expect(network.state()).toMatchObject({ password: 'kept', passwordFailure: null });
    expect(network.childEnvironment.HTTPS_PROXY).toContain('pa55');
    expect(changes).toHaveLength(2);
  });

  it('T-3: a save that the vault refuses changes nothing', async () => {
    const data = place();
    const { network, vault } = start(data);
    await network.saveProxy(form({ address: 'proxy.test:8080' }));
    const before = readFileSync(join(data, 'network.json'), 'utf8');
    vault.fault = 'locked';
    await expect(network.saveProxy(form({ address: 'other.test:1', ...login }))).rejects.toMatchObject({
      failure: { code: 'keychain_locked' },
    });
    expect(readFileSync(join(data, 'network.json'), 'utf8')).toBe(before);
    expect(network.childEnvironment.HTTPS_PROXY).toBe('http://proxy.test:8080');
  });

  it('a user name needs a password, which goes with the name', async () => {
    const { network, vault } = start(place());
    const refused = { failure: { code: 'bad_proxy', fields: { password: expect.any(String) } } };
    await expect(network.saveProxy(form({ address: 'p:1', user: 'ada' }))).rejects.toMatchObject(refused);
    await network.saveProxy(form({ address: 'p:1', ...login }));
    await network.saveProxy(form({ address: 'p:2', user: 'ada' }));
    expect(network.childEnvironment.HTTPS_PROXY).toContain('pa55');
    await expect(network.saveProxy(form({ address: 'p:2', user: 'grace' }))).rejects.toMatchObject(refused);
    await network.saveProxy(form({ mode: 'system' }));
    expect(vault.values.size).toBe(0);
    expect(network.entries()).toEqual([]);
  });

  it.each<[string, (caText: string) => string | Promise<string>, string]>([
    ['no certificate', () => 'hello', 'not_certificates'],
    [
      'a broken one',
      () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'not_certificates',
    ],
    ['a private key beside it', async (text) => text + (await ca.leafFor(host)).key, 'has_private_key'],
    ['the certificate of a server', async () => (await ca.leafFor(host)).cert, 'not_an_authority'],
  ])('a file with %s is refused, and those that were there stay', async (_name, make, code) => {
    const { network } = start(place());
    await network.chooseAuthorities(caText);
    const text = await make(caText.toString('utf8'));
    await expect(network.chooseAuthorities(Buffer.from(text))).rejects.toMatchObject({ failure: { code } });
    expect(network.state().authorities).toHaveLength(1);
  });

  it('a transport that does not take the settings is said in the log, and ends nothing', async () => {
    const { network, log } = start(place(), undefined, {}, async () => {
      throw new Error('no session');
    });
    await network.refresh();
    expect(log).toEqual(['network.fault']);
  });

  it('a damaged file of authorities is said in the log, and the rest works', async () => {
    const data = place();
    await start(data).network.chooseAuthorities(caText);
    writeFileSync(join(data, 'network', 'chosen.pem'), 'damaged');
    const { network, log } = start(data);
    await network.refresh();
    expect(log).toEqual(['network.authorities']);
    expect(network.state().authorities).toEqual([]);
    await network.removeAuthorities();
    expect(existsSync(join(data, 'network'))).toBe(false);
  });

  it('"no proxy" takes every proxy variable from children, and a proxy by hand those of others', async () => {
    const environment = {
      HTTPS_PROXY: 'http://old:1',
      all_proxy: 'socks5://old:2',
      no_proxy: 'x',
      HOME: '/home/ada',
    };
    const { network } = start(place(), undefined, environment);
    expect(network.childEnvironment).toEqual(environment);
    await network.saveProxy(form({ mode: 'none' }));
    expect(network.childEnvironment).toEqual({ HOME: '/home/ada', NO_PROXY: '*', no_proxy: '*' });
    await network.saveProxy(form({ address: 'new:3', bypass: 'wiki' }));
    const { HTTPS_PROXY, https_proxy, HTTP_PROXY, all_proxy, no_proxy } = network.childEnvironment;
    expect([HTTPS_PROXY, https_proxy, HTTP_PROXY]).toEqual(Array(3).fill('http://new:3'));
    expect(all_proxy).toBeUndefined();
    expect(no_proxy).toBe('localhost,127.0.0.1,[::1],::1,wiki');
  });
});
