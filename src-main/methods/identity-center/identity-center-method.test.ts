import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AwsHosts, createAwsHosts } from '../../../e2e/support/aws-hosts.ts';
import type { Exchange, HostHandler } from '../../../e2e/support/local-host.ts';
import { listenOnLoopback } from '../../../e2e/support/local-host.ts';
import type { SignInAttempt, SignInEvent } from '../../broker/method.ts';
import { aws } from '../../providers/aws.ts';
import { fillDefinition } from '../../providers/parameters.ts';
import { Redactor } from '../../vault/redact.ts';
import { WatchedClock } from '../cli/sign-in-house.fixture.ts';
import { IdentityCenterMethod } from './identity-center-method.ts';
import { signOutOfIdentityCenter } from './sign-out.ts';

const acme = {
  startUrl: 'https://acme.awsapps.com/start',
  region: 'eu-central-1',
  accountId: '123456789012',
  roleName: 'Developer',
  person: 'ada',
};
const secondMs = 1000;
/** sha1 of the session's name, `lanyard`, as `aws sso login` 2.9 names the file. */
const tokenName = '8556071e774f59b39fc657bf2dbfbf98a264e4f0.json';

interface StartOptions {
  parameters?: Record<string, string>;
  /** False for the machine's own login. */
  ownDirectory?: boolean;
  /** Where AWS is; a server of this test's when absent. */
  origin?: string;
  before?: (hosts: AwsHosts, home: string) => void;
}

async function start({ parameters = {}, ownDirectory = true, origin, before }: StartOptions = {}) {
  const home = mkdtempSync(join(tmpdir(), 'lanyard-sso-'));
  const hosts = createAwsHosts(acme);
  const server = await listenOnLoopback(hosts.all);
  const clock = new WatchedClock();
  const redactor = new Redactor();
  before?.(hosts, home);
  const at = origin ?? server.url;
  const services = { fetch, endpoints: { portal: at, oidc: at, sts: at } };
  const method = new IdentityCenterMethod({
    clock,
    redactor,
    parentEnvironment: { HOME: home },
    homeDirectory: home,
    services,
  });
  const flow = aws.flows.find(({ by }) => by === 'identity-center');
  if (!flow) throw new Error('there is such a flow');
  const values = { startUrl: acme.startUrl, ssoRegion: acme.region, ...parameters };
  const attempt = method.start({
    sessionId: 'auth-1',
    ...fillDefinition(aws, flow, values),
    directory: ownDirectory ? home : null,
    onSpawned: () => {},
  });
  onTestFinished(async () => {
    await attempt.cancel();
    await server.close();
    rmSync(home, { recursive: true });
  });
  const cache = join(home, '.aws', 'sso', 'cache');
  return { attempt, clock, hosts, home, cache, redactor, seen: server.seen, services, ...reader(attempt) };
}

/** Reads events as they come. */
function reader(attempt: SignInAttempt) {
  const events: SignInEvent[] = [];
  const iterator = attempt[Symbol.asyncIterator]();
  const until = async <T extends SignInEvent['type']>(
    type: T,
  ): Promise<Extract<SignInEvent, { type: T }>> => {
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) throw new Error(`ended without "${type}": ${JSON.stringify(events)}`);
      events.push(value);
      if (value.type === type) return value as Extract<SignInEvent, { type: T }>;
    }
  };
  return { events, until };
}

type Started = Awaited<ReturnType<typeof start>>;

/** To the code, approved; what is left is one question. */
async function approved(started: Started) {
  const { code } = await started.until('code');
  const device = await started.hosts.devices.next();
  expect(code).toBe(device.userCode);
  device.approve();
  await poll(started, 1);
  await started.until('completed');
}

/** One pause of the polling, which ends in a question. */
async function poll({ clock }: Started, seconds: number) {
  await clock.armed(seconds * secondMs);
  clock.advance(seconds * secondMs);
}

const refusing =
  (type: string, error: string, status = 400): HostHandler =>
  ({ json }: Exchange) =>
    json(status, { error, error_description: `It says ${error}.` }, { 'x-amzn-errortype': type });
const aPage: HostHandler = ({ page }) => page('Sign in to the airport network');

describe('C-12: a sign-in at IAM Identity Center without the AWS CLI', () => {
  it('S-2: shows the link and the code with its lifetime, and says what it asks', async () => {
    const { until, events, hosts } = await start();
    const { lifetimeMs, verificationUrl, completeUrl } = await until('code');
    const device = await hosts.devices.next();
    expect(verificationUrl).toBe('https://acme.awsapps.com/start/#/device');
    expect(completeUrl).toBe(`https://acme.awsapps.com/start/#/device?user_code=${device.userCode}`);
    expect(lifetimeMs).toBe(600_000);
    expect(events).toContainEqual({ type: 'started', command: 'Sign-in at acme.awsapps.com' });
    expect(events).toContainEqual({ type: 'link', url: verificationUrl, trust: 'listed', source: 'printed' });
  });

  it('S-5: is done when the accounts are listed; the name in the first role is the person', async () => {
    const started = await start();
    await approved(started);
    const { attempt, cache, seen, events, redactor } = started;
    expect(readdirOf(cache)).toEqual([]);
    expect(await attempt.confirm()).toEqual({
      signedIn: true,
      identity: { issuer: acme.startUrl, accountId: 'ada', login: 'ada' },
    });
    await attempt.settle();
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /client/register',
      'POST /device_authorization',
      'POST /token',
      'GET /assignment/accounts',
      'GET /assignment/roles',
      'GET /federation/credentials',
      'POST /',
    ]);
    expect(seen[0]?.form).toMatchObject({ clientType: 'public', scopes: '["sso:account:access"]' });
    const token = JSON.parse(readFileSync(join(cache, readdirOf(cache)[0] ?? ''), 'utf8'));
    expect(JSON.stringify(events)).not.toContain(token.accessToken);
    for (const secret of [token.accessToken, token.refreshToken, token.clientSecret]) {
      expect(redactor.redact(`it is ${secret}`)).toBe('it is [redacted]');
    }
  });

  it('I-15: leaves what the AWS CLI leaves, for the person alone', async () => {
    const started = await start();
    await approved(started);
    const { attempt, cache, home, clock } = started;
    await attempt.confirm();
    expect(readdirOf(cache)).toEqual([tokenName]);
    const file = join(cache, tokenName);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      startUrl: acme.startUrl,
      region: acme.region,
      accessToken: expect.stringMatching(/^sso-access-/),
      expiresAt: new Date(clock.now() + 28_800_000).toISOString().replace('.000Z', 'Z'),
      clientId: expect.any(String),
      clientSecret: expect.stringMatching(/^sso-client-/),
      registrationExpiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      refreshToken: expect.stringMatching(/^sso-refresh-/),
    });
    const config = readFileSync(join(home, '.aws', 'config'), 'utf8');
    expect(config).toContain(`[sso-session lanyard]\nsso_start_url = ${acme.startUrl}\n`);
    expect(config).not.toContain('sso_account_id');
  });

  it('an account and a role that were given stand in the config, and the person is as the CLI tells it', async () => {
    const { accountId, roleName } = acme;
    const started = await start({ parameters: { accountId, roleName } });
    await approved(started);
    const { attempt, home, hosts } = started;
    expect(await attempt.confirm()).toEqual({
      signedIn: true,
      identity: { login: hosts.arn, accountId: hosts.arn, organisationId: accountId },
    });
    expect(readFileSync(join(home, '.aws', 'config'), 'utf8')).toContain(
      `sso_account_id = ${accountId}\nsso_role_name = ${roleName}\n`,
    );
  });

  it('S-5: a role that AWS does not give is no sign-in, and nothing is kept', async () => {
    const started = await start({ parameters: { accountId: acme.accountId, roleName: 'Admin' } });
    await approved(started);
    expect(await started.attempt.confirm()).toMatchObject({
      signedIn: false,
      failure: { code: 'role_refused', title: 'AWS gives you no role Admin in the account 123456789012.' },
    });
    expect(readdirOf(started.cache)).toEqual([]);
  });

  it('an account without a role is refused before anybody is asked', async () => {
    const { until, seen } = await start({ parameters: { accountId: acme.accountId } });
    expect((await until('failed')).failure.code).toBe('role_incomplete');
    expect(seen).toEqual([]);
  });

  it('who it is may stay unknown: the start page is its issuer', async () => {
    const started = await start({
      before: ({ faults }) => faults.set('/', [refusing('AccessDenied', 'no', 403)]),
    });
    await approved(started);
    expect(await started.attempt.confirm()).toEqual({
      signedIn: true,
      identity: { issuer: acme.startUrl },
    });
    expect(readdirOf(started.cache)).toHaveLength(1);
  });

  it('S-5: a token with which no accounts can be listed is no sign-in', async () => {
    const started = await start({
      before: ({ faults }) =>
        faults.set('/assignment/accounts', [refusing('UnauthorizedException', 'x', 401)]),
    });
    await approved(started);
    expect(await started.attempt.confirm()).toMatchObject({
      signedIn: false,
      failure: { code: 'token_endpoint_rejected' },
    });
    expect(readdirOf(started.cache)).toEqual([]);
  });

  it("I-8: the blank identity signs in where the machine's own config says", async () => {
    const config = `; mine\n[profile other]\nregion = us-east-1\n[default]\nsso_session = acme\n\n[sso-session acme]\nsso_region=${acme.region}\nsso_start_url = ${acme.startUrl} # the portal\n`;
    const started = await start({
      ownDirectory: false,
      before: (_, home) => {
        mkdirSync(join(home, '.aws'));
        writeFileSync(join(home, '.aws', 'config'), config);
      },
    });
    await approved(started);
    expect(await started.attempt.confirm()).toMatchObject({ signedIn: true });
    // sha1 of `acme`
    expect(readdirOf(started.cache)).toEqual(['293abb6b76d7791c0732cc517d38c4b5c734b87f.json']);
    expect(readFileSync(join(started.home, '.aws', 'config'), 'utf8')).toBe(config);
  });

  it('I-8: a machine without an sso-session is told what is missing', async () => {
    const { until, seen } = await start({ ownDirectory: false });
    expect((await until('failed')).failure.code).toBe('start_page_unknown');
    expect(seen).toEqual([]);
  });
});

describe('the polling (RFC 8628 section 3.5)', () => {
  it('pending: asks again after the interval', async () => {
    const started = await start();
    await started.until('code');
    const device = await started.hosts.devices.next();
    await poll(started, 1);
    expect(await device.polls.next()).toBe('pending');
    device.approve();
    await poll(started, 1);
    await started.until('completed');
  });

  it('slow_down: five seconds more, for good', async () => {
    const started = await start({
      before: ({ faults }) => faults.set('/token', [refusing('SlowDownException', 'slow_down')]),
    });
    await started.until('code');
    const device = await started.hosts.devices.next();
    await poll(started, 1);
    await poll(started, 6);
    expect(await device.polls.next()).toBe('pending');
    device.approve();
    await poll(started, 6);
    await started.until('completed');
  });

  it('trouble of the server is waited out', async () => {
    const started = await start({
      before: ({ faults }) =>
        faults.set('/token', [refusing('InternalServerException', 'x', 500), ({ json }) => json(503, {})]),
    });
    await started.until('code');
    (await started.hosts.devices.next()).approve();
    await poll(started, 1);
    await poll(started, 2);
    await poll(started, 4);
    await started.until('completed');
  });

  it.each([
    ['denied', 'deny', 'sign_in_denied', 'The sign-in was denied.'],
    ['expired', 'expire', 'device_code_expired', 'The code expired before it was entered.'],
  ] as const)('S-15: %s ends it', async (_, act, code, title) => {
    const started = await start();
    await started.until('code');
    (await started.hosts.devices.next())[act]();
    await poll(started, 1);
    expect((await started.until('failed')).failure).toMatchObject({ code, title });
    expect(await started.attempt.confirm()).toMatchObject({ signedIn: false });
    expect(readdirOf(started.cache)).toEqual([]);
  });

  it('a code that nobody enters expires by the clock, also after a sleep', async () => {
    const started = await start();
    await started.until('code');
    await started.clock.armed(secondMs);
    started.clock.advance(601 * secondMs);
    expect((await started.until('failed')).failure.code).toBe('device_code_expired');
  });

  it('S-9: cancelling ends the wait at once, and nobody is asked again', async () => {
    const started = await start();
    await started.until('code');
    const device = await started.hosts.devices.next();
    await started.clock.armed(secondMs);
    await started.attempt.cancel();
    device.approve();
    started.clock.advance(60 * secondMs);
    expect(started.seen.filter(({ path }) => path === '/token')).toEqual([]);
    expect(started.events.map(({ type }) => type)).not.toContain('failed');
    expect(await started.attempt.confirm()).toMatchObject({ signedIn: false });
  });

  it('S-9: cancelling while AWS is asked ends the request', async () => {
    let asked: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const never: HostHandler = () => {
      asked();
      return new Promise(() => {});
    };
    const started = await start({ before: ({ faults }) => faults.set('/client/register', [never]) });
    await waiting;
    await started.attempt.cancel();
    expect(started.events.map(({ type }) => type)).not.toContain('failed');
  });

  it('S-9: cancelling during the check keeps nothing', async () => {
    let asked: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const never: HostHandler = () => {
      asked();
      return new Promise(() => {});
    };
    const started = await start({ before: ({ faults }) => faults.set('/assignment/accounts', [never]) });
    await approved(started);
    const confirming = started.attempt.confirm();
    await waiting;
    await started.attempt.cancel();
    expect(await confirming).toMatchObject({ signedIn: false });
    expect(readdirOf(started.cache)).toEqual([]);
  });
});

describe('S-15: what goes wrong before there is a code', () => {
  const failing = async (options: StartOptions) => (await (await start(options)).until('failed')).failure;

  it('a start URL of nobody', async () => {
    expect(await failing({ parameters: { startUrl: 'https://other.awsapps.com/start' } })).toMatchObject({
      code: 'start_page_refused',
      title: 'AWS does not know this start URL in this region.',
    });
  });

  it('nobody there', async () => {
    const closed = await listenOnLoopback(() => {});
    await closed.close();
    expect(await failing({ origin: closed.url })).toMatchObject({
      code: 'token_exchange_connect',
      title: 'AWS IAM Identity Center could not be reached',
    });
  });

  it('a region of nobody', async () => {
    expect(await failing({ origin: 'http://nobody.invalid' })).toMatchObject({
      code: 'token_exchange_connect',
      title: 'AWS IAM Identity Center could not be reached in eu-central-1',
    });
  });

  it.each(['/client/register', '/device_authorization', '/token'])(
    'a page in the place of an answer of %s',
    async (path) => {
      const started = await start({ before: ({ faults }) => faults.set(path, [aPage]) });
      if (path === '/token') {
        await started.until('code');
        await poll(started, 1);
      }
      const { failure } = await started.until('failed');
      expect(failure).toMatchObject({
        code: 'token_response_malformed',
        title: 'What answered is not AWS IAM Identity Center',
      });
      expect(JSON.stringify(failure)).not.toContain('airport');
    },
  );

  it.each<[string, object]>([
    ['/client/register', { clientId: 'c', clientSecret: { of: 'another form' } }],
    [
      '/device_authorization',
      { deviceCode: 'd', userCode: ['A'], verificationUri: acme.startUrl, expiresIn: 9 },
    ],
    [
      '/device_authorization',
      { deviceCode: 'd', userCode: 'A', verificationUri: acme.startUrl, expiresIn: -1 },
    ],
    ['/token', { accessToken: { of: 'another form' }, expiresIn: 28800 }],
    ['/token', { accessToken: 'one', expiresIn: -5 }],
  ])('an answer of %s in a form that AWS has not: %j', async (path, body) => {
    const answer: HostHandler = ({ json }) => json(200, body);
    const started = await start({ before: ({ faults }) => faults.set(path, [answer]) });
    if (path === '/token') {
      await started.until('code');
      await poll(started, 1);
    }
    const { failure } = await started.until('failed');
    expect(failure.code).toBe('token_response_malformed');
  });

  it('S-5: accounts in a form that AWS has not are no accounts', async () => {
    const answer: HostHandler = ({ json }) => json(200, { accountList: 'Welcome' });
    const started = await start({ before: ({ faults }) => faults.set('/assignment/accounts', [answer]) });
    await approved(started);
    const failure = { code: 'token_response_malformed' };
    expect(await started.attempt.confirm()).toMatchObject({ signedIn: false, failure });
  });

  it.each(['http://evil.test/device', 'file:///etc/passwd', 'https://user@acme.awsapps.com/'])(
    'L-1: a page that may not be opened: %s',
    async (verificationUri) => {
      const answer: HostHandler = ({ json }) =>
        json(200, { deviceCode: 'd'.repeat(20), userCode: 'AAAA-BBBB', verificationUri, expiresIn: 600 });
      const failure = await failing({
        before: ({ faults }) => faults.set('/device_authorization', [answer]),
      });
      expect(failure.code).toBe('token_response_malformed');
    },
  );

  it('L-2: a page on a host that is not AWS is shown with a warning, and its other page not at all', async () => {
    const answer: HostHandler = ({ json }) =>
      json(200, {
        deviceCode: 'd'.repeat(20),
        userCode: 'AAAA-BBBB',
        verificationUri: 'https://elsewhere.test/device',
        verificationUriComplete: 'https://acme.awsapps.com/start/#/device?user_code=AAAA-BBBB',
        expiresIn: 600,
      });
    const { until, events } = await start({
      before: ({ faults }) => faults.set('/device_authorization', [answer]),
    });
    const code = await until('code');
    expect(code.completeUrl).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'link', url: 'https://elsewhere.test/device', trust: 'offered' }),
    );
  });
});

describe('I-11: signing out without the AWS CLI', () => {
  const signedIn = async (options?: StartOptions) => {
    const started = await start(options);
    await approved(started);
    await started.attempt.confirm();
    const { accessToken } = JSON.parse(readFileSync(join(started.cache, tokenName), 'utf8'));
    return { ...started, accessToken };
  };

  it('tells AWS, and removes the token', async () => {
    const { home, services, hosts, cache, accessToken } = await signedIn();
    expect(hosts.isValid(accessToken)).toBe(true);
    await signOutOfIdentityCenter(home, services);
    expect(hosts.isValid(accessToken)).toBe(false);
    expect(readdirOf(cache)).toEqual([]);
  });

  it('one that AWS does not know any more is signed out', async () => {
    const { home, services, hosts, cache } = await signedIn();
    hosts.faults.set('/logout', [refusing('UnauthorizedException', 'x', 401)]);
    await signOutOfIdentityCenter(home, services);
    expect(readdirOf(cache)).toEqual([]);
  });

  it('AWS that cannot be told is said, and the token is removed all the same', async () => {
    const { home, services, cache } = await signedIn();
    const nobody = { ...services, endpoints: { portal: 'http://127.0.0.1:1' } };
    await expect(signOutOfIdentityCenter(home, nobody)).rejects.toMatchObject({
      failure: { code: 'logout_failed', title: 'AWS could not be told that this sign-in is over' },
    });
    expect(readdirOf(cache)).toEqual([]);
  });

  it('with nothing there, nobody is asked', async () => {
    const { home, services, seen } = await start();
    await signOutOfIdentityCenter(home, services);
    expect(seen.filter(({ path }) => path === '/logout')).toEqual([]);
  });
});

function readdirOf(directory: string): string[] {
  return statSync(directory, { throwIfNoEntry: false }) ? readdirSync(directory).sort() : [];
}
