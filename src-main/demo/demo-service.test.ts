import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { open, postFields, press, send, type Visit } from './browser.fixture.ts';
import { DemoService } from './demo-service.ts';

const verifier = 'v'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');
const codePage = 'urn:ietf:wg:oauth:2.0:oob';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

let clock: ManualClock;
let service: DemoService;
let origin: string;

beforeEach(async () => {
  clock = new ManualClock();
  service = new DemoService(clock);
  ({ origin } = await service.start());
});
afterEach(() => service.stop());

function authorizeUrl(changes: Record<string, string> = {}): string {
  const fields = {
    response_type: 'code',
    client_id: 'demo-cli',
    redirect_uri: codePage,
    state: 'the-state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  };
  return `${origin}/authorize?${new URLSearchParams(fields)}`;
}

async function approvedCode(): Promise<string> {
  const page = await press(await open(authorizeUrl()), 'Approve');
  return /<code class="code">([^<]*)</.exec(page.text)?.[1] ?? '';
}

const exchange = (code: string, changes: Record<string, string> = {}): Promise<Visit> =>
  postFields(`${origin}/token`, {
    grant_type: 'authorization_code',
    client_id: 'demo-cli',
    code,
    redirect_uri: codePage,
    code_verifier: verifier,
    ...changes,
  });

const startDevice = async (): Promise<Record<string, string>> =>
  JSON.parse((await postFields(`${origin}/device_authorization`, { client_id: 'demo-cli' })).text);

const poll = (deviceCode: string): Promise<Visit> =>
  postFields(`${origin}/token`, { grant_type: deviceGrant, client_id: 'demo-cli', device_code: deviceCode });

const errorOf = ({ text }: Visit): unknown => JSON.parse(text).error;
const userinfo = (token: string): Promise<Visit> =>
  send(`${origin}/userinfo`, { headers: { authorization: `Bearer ${token}` } });

describe('authorization code', () => {
  it('gives a token for the person who approved; the token answers userinfo until it is revoked', async () => {
    const page = await press(await open(authorizeUrl()), 'Approve', { person: 'demo-grace' });
    const code = /demo_[0-9a-f]{32}/.exec(page.text)?.[0] ?? '';
    const answer = await exchange(code);
    expect(answer.status).toBe(200);
    const { access_token: token, email } = JSON.parse(answer.text);
    expect(email).toBe('grace@demo.lanyard.test');
    expect(JSON.parse((await userinfo(token)).text).organisation).toBe('Compilers & Co');
    await postFields(`${origin}/revoke`, { client_id: 'demo-cli', token });
    expect((await userinfo(token)).status).toBe(401);
  });

  it('takes a code once; a second use takes the token back (RFC 6749 section 4.1.2)', async () => {
    const code = await approvedCode();
    const { access_token: token } = JSON.parse((await exchange(code)).text);
    expect((await userinfo(token)).status).toBe(200);
    const again = await exchange(code);
    expect([again.status, errorOf(again)]).toEqual([400, 'invalid_grant']);
    expect((await userinfo(token)).status).toBe(401);
  });

  it.each([
    ['a wrong verifier (PKCE)', { code_verifier: 'w'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['the challenge as verifier', { code_verifier: challenge }],
    ['another redirect URI', { redirect_uri: 'http://127.0.0.1:1/callback' }],
  ])('refuses %s, and the code is spent', async (_name, changes) => {
    const code = await approvedCode();
    expect(errorOf(await exchange(code, changes))).toBe('invalid_grant');
    expect(errorOf(await exchange(code))).toBe('invalid_grant');
  });

  it('refuses a code after ten minutes', async () => {
    const code = await approvedCode();
    clock.advance(600_000);
    expect(errorOf(await exchange(code))).toBe('invalid_grant');
  });

  it('refuses another client', async () => {
    const answer = await exchange(await approvedCode(), { client_id: 'other' });
    expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_client']);
  });

  it('says access_denied with the state on Deny', async () => {
    const page = await press(await open(authorizeUrl()), 'Deny');
    expect(Object.fromEntries(new URL(page.url).searchParams)).toEqual({
      error: 'access_denied',
      state: 'the-state',
    });
    expect(page.text).toContain('You denied the sign-in');
  });

  it.each([
    'https://evil.test/callback',
    'http://127.0.0.1:80.evil.test/callback',
    'http://127.0.0.1:1@evil.test/callback',
    'http://127.0.0.1:1/callback?x=1',
    'http://127.0.0.1:1/other',
    'http://localhost:1/callback',
    'urn:ietf:wg:oauth:2.0:other',
    'javascript:alert(1)',
    '',
  ])('redirects nowhere for the redirect URI %j', async (redirect) => {
    const page = await send(authorizeUrl({ redirect_uri: redirect }));
    expect(page.status).toBe(400);
    expect(page.headers.location).toBeUndefined();
    expect(page.text).not.toContain('<form');
  });

  it.each([
    { code_challenge_method: 'plain' },
    { code_challenge: '' },
    { state: '' },
    { response_type: 'token' },
  ])('sends invalid_request back for %j', async (changes) => {
    const answer = await send(authorizeUrl(changes));
    expect(answer.status).toBe(303);
    expect(new URL(answer.headers.location ?? '').searchParams.get('error')).toBe('invalid_request');
  });
});

describe('device code', () => {
  it('is pending until a person approves it, in any writing of the code', async () => {
    const { device_code: deviceCode = '', user_code: userCode = '' } = await startDevice();
    expect(errorOf(await poll(deviceCode))).toBe('authorization_pending');
    const typed = userCode.toLowerCase().replace('-', ' ');
    const page = await press(await open(`${origin}/device`), 'Approve', {
      user_code: typed,
      person: 'demo-grace',
    });
    expect(page.text).toContain('Signed in as Grace');
    clock.advance(1000);
    const answer = await poll(deviceCode);
    expect(JSON.parse(answer.text).email).toBe('grace@demo.lanyard.test');
    clock.advance(1000);
    expect(errorOf(await poll(deviceCode))).toBe('invalid_grant');
  });

  it('can stand in the link; the person still presses the button', async () => {
    const { device_code: deviceCode = '', verification_uri_complete: link = '' } = await startDevice();
    const page = await open(link);
    expect(errorOf(await poll(deviceCode))).toBe('authorization_pending');
    await press(page, 'Approve');
    clock.advance(1000);
    expect((await poll(deviceCode)).status).toBe(200);
  });

  it('asks to slow down when polled too fast, and then wants five seconds more (RFC 8628 section 3.5)', async () => {
    const { device_code: deviceCode = '' } = await startDevice();
    await poll(deviceCode);
    clock.advance(500);
    expect(errorOf(await poll(deviceCode))).toBe('slow_down');
    clock.advance(5000);
    expect(errorOf(await poll(deviceCode))).toBe('slow_down');
    clock.advance(11_000);
    expect(errorOf(await poll(deviceCode))).toBe('authorization_pending');
  });

  it('expires after ten minutes for both sides', async () => {
    const { device_code: deviceCode = '', user_code: userCode = '' } = await startDevice();
    clock.advance(600_000);
    const page = await press(await open(`${origin}/device`), 'Approve', { user_code: userCode });
    expect(page.text).toContain('has expired');
    expect(errorOf(await poll(deviceCode))).toBe('expired_token');
  });

  it('is denied once and for all; a wrong code lets the person try again', async () => {
    const { device_code: deviceCode = '', user_code: userCode = '' } = await startDevice();
    const wrong = await press(await open(`${origin}/device`), 'Approve', { user_code: 'AAAA-AAAA' });
    expect([wrong.status, /role="alert"/.test(wrong.text)]).toEqual([400, true]);
    const denied = await press(wrong, 'Deny', { user_code: userCode });
    expect(denied.text).toContain('You denied');
    const late = await press(await open(`${origin}/device`), 'Approve', { user_code: userCode });
    expect(late.status).toBe(400);
    expect(errorOf(await poll(deviceCode))).toBe('access_denied');
  });
});

describe('against web pages and other visitors', () => {
  it.each(['localhost', 'localhost:PORT', 'evil.test', 'evil.test:PORT', '127.0.0.1', '127.0.0.1:1'])(
    'R-8: answers nobody who calls it %j (DNS rebinding)',
    async (host) => {
      const name = host.replace('PORT', new URL(origin).port);
      expect((await send(authorizeUrl(), { headers: { host: name } })).status).toBe(421);
    },
  );

  it.each([undefined, 'null', 'https://evil.test', 'http://127.0.0.1:1', 'http://localhost'])(
    'R-8: takes no form from the origin %s',
    async (sender) => {
      for (const page of [await open(authorizeUrl()), await open(`${origin}/device`)]) {
        const form = /name="form" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
        const headers: Record<string, string> = sender === undefined ? {} : { origin: sender };
        const url = page.url.split('?')[0] ?? '';
        const fields = { form, decision: 'approve', person: 'demo-ada' };
        const answer = await postFields(url, fields, headers);
        expect([answer.status, answer.headers.location]).toEqual([403, undefined]);
      }
    },
  );

  it.each(['/token', '/device_authorization', '/revoke'])('R-8: lets no web page use %s', async (path) => {
    const answer = await postFields(`${origin}${path}`, { client_id: 'demo-cli' }, { origin });
    expect(answer.status).toBe(403);
  });

  it('takes a form once, and only the kind that it was', async () => {
    const page = await open(authorizeUrl());
    const token = /name="form" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const fields = { form: token, decision: 'approve', person: 'demo-ada' };
    const other = await postFields(`${origin}/device`, { ...fields, user_code: 'X' }, { origin });
    expect(other.text).toContain('This page was used already');
    expect((await postFields(`${origin}/authorize`, fields, { origin })).status).toBe(303);
    expect((await postFields(`${origin}/authorize`, fields, { origin })).status).toBe(400);
    expect((await postFields(`${origin}/authorize`, { ...fields, form: '' }, { origin })).status).toBe(400);
  });

  it('escapes what a link brings', async () => {
    const evil = '"><script>x</script>';
    const device = await open(`${origin}/device?user_code=${encodeURIComponent(evil)}`);
    expect(device.text).toContain('value="&quot;&gt;&lt;script&gt;');
    const code = await open(
      `${origin}/code?code=${encodeURIComponent(evil)}&error=${encodeURIComponent(evil)}`,
    );
    const authorize = await open(authorizeUrl({ state: evil }));
    for (const { text } of [device, code, authorize]) expect(text).not.toMatch(/<script|x<\//);
  });

  it('shows as a code only what it gave out itself', async () => {
    const page = await open(`${origin}/code?code=demo_${'0'.repeat(32)}`);
    expect([page.status, page.text.includes('demo_0')]).toEqual([400, false]);
  });

  it('sends pages that run nothing, stand in no frame and are kept nowhere', async () => {
    const page = await open(authorizeUrl({ redirect_uri: 'http://127.0.0.1:4567/callback' }));
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
    const policy = String(page.headers['content-security-policy']);
    const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "form-action 'self' http://127.0.0.1:4567",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    const home = await open(`${origin}/`);
    expect(home.headers['referrer-policy']).toBe('no-referrer');
    expect(String(home.headers['content-security-policy'])).toContain("form-action 'none'");
  });

  it('refuses other methods, other paths, other bodies and too much', async () => {
    expect((await send(`${origin}/token`)).status).toBe(405);
    expect((await send(`${origin}/authorize`, { method: 'PUT' })).headers.allow).toBe('GET, POST');
    for (const path of ['/favicon.ico', '/../etc/passwd', '/constructor', '/__proto__']) {
      expect((await send(origin, { path })).status).toBe(404);
    }
    expect((await send(origin, { path: `/device?user_code=${'x'.repeat(5000)}` })).status).toBe(414);
    const json = await send(`${origin}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(415);
    expect((await exchange('x'.repeat(9000))).status).toBe(413);
  });

  it('drops the oldest form, not the newest, when very many are opened', async () => {
    const first = await open(authorizeUrl());
    for (let count = 0; count < 200; count++) await send(authorizeUrl());
    const last = await open(authorizeUrl());
    expect((await press(first, 'Approve')).status).toBe(400);
    expect((await press(last, 'Approve')).status).toBe(200);
  });
});

describe('DemoService', () => {
  it('starts once, and stops while somebody is still connected', async () => {
    expect(await service.start()).toEqual({ origin });
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    await service.stop();
    await service.stop();
    await closed;
    await expect(send(origin)).rejects.toThrow('ECONNREFUSED');
  });
});
