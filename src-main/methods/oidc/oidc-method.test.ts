import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SignInAttempt, SignInEvent } from '../../broker/method.ts';
import { systemClock } from '../../clock.ts';
import { ManualClock } from '../../manual-clock.fixture.ts';
import type { PreviousListeners } from '../../oauth/callback-listener.ts';
import { openIssuer, type TestIssuerOptions } from '../../oauth/issuer.fixture.ts';
import { openTokens } from '../../oauth/token-set.ts';
import { findPortHolder } from '../../process/port-holder.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import { issuerFlow } from '../../providers/issuer-provider.ts';
import { Redactor } from '../../vault/redact.ts';
import { OidcMethod } from './oidc-method.ts';

const pages = join(import.meta.dirname, '..', '..', '..', 'resources', 'callback');
const templates = {
  page: readFileSync(join(pages, 'page.html'), 'utf8'),
  style: readFileSync(join(pages, 'page.css'), 'utf8'),
};
const noNotes: PreviousListeners = { note: () => () => {}, secretOf: () => null };

async function start(kind: 'browser' | 'device-code', options: TestIssuerOptions = {}, clock = systemClock) {
  const issuer = await openIssuer(options);
  onTestFinished(() => issuer.close());
  const redactor = new Redactor();
  const method = new OidcMethod({
    fetch,
    clock,
    redactor,
    templates,
    previous: noNotes,
    portHolder: findPortHolder,
  });
  const flow = issuerFlow(kind);
  const attempt = method.start({
    sessionId: 'auth-1',
    provider: sampleDefinition({
      id: 'example',
      name: 'Example',
      flows: [flow],
      issuer: {
        url: issuer.issuer,
        clientId: issuer.clientId,
        scopes: ['openid', 'email', 'offline_access'],
        parameters: { prompt: 'consent' },
        restriction: null,
        callback: { port: 0, path: '/callback' },
      },
    }),
    flow,
    directory: null,
    onSpawned: () => {},
  });
  onTestFinished(() => attempt.cancel());
  return { issuer, attempt, redactor, seen: reader(attempt) };
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
  const phases = () => events.flatMap((event) => (event.type === 'progress' ? [event.phase.phase] : []));
  return { events, until, phases };
}

describe('the browser flow', () => {
  it('O-3: goes through its phases to tokens, and the page in the browser says who signed in', async () => {
    const { issuer, attempt, redactor, seen } = await start('browser');
    const { url } = await seen.until('link');
    const page = fetch(await issuer.visit(url));
    await seen.until('completed');
    const confirmation = await attempt.confirm();
    if (!confirmation.signedIn) throw new Error(confirmation.failure.title);
    expect(confirmation.identity).toEqual({
      issuer: issuer.issuer,
      accountId: 'user-1',
      email: 'ada@example.test',
    });
    const tokens = confirmation.yielded && openTokens(confirmation.yielded.secret);
    expect(tokens?.refreshToken).not.toBeNull();
    await attempt.settle();
    await attempt.ended?.({ success: true });
    const response = await page;
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Signed in as ada@example.test');
    await attempt.cancel();
    expect(seen.phases()).toEqual([
      'binding-local-server',
      'local-server-bound',
      'opening-browser',
      'waiting-for-callback',
      'callback-received',
      'exchanging-token',
    ]);
    const token = tokens?.accessToken.reveal() ?? '';
    expect(redactor.redact(`it is ${token}`)).toBe('it is [redacted]');
    expect(JSON.stringify(seen.events)).not.toContain(token);
  });

  it('O-13: a pasted redirect finishes the same attempt', async () => {
    const { issuer, attempt, seen } = await start('browser');
    const { url } = await seen.until('link');
    const redirect = await issuer.visit(url);
    const foreign = new URL(redirect);
    foreign.searchParams.set('state', 'other');
    expect(await attempt.submit(foreign.href)).toMatchObject({
      delivered: false,
      failure: { code: 'callback_state_mismatch' },
    });
    expect(await attempt.submit(url)).toMatchObject({
      delivered: false,
      failure: { code: 'sign_in_page_pasted' },
    });
    expect(await attempt.submit(redirect.href)).toEqual({ delivered: true });
    await seen.until('completed');
    expect(await attempt.confirm()).toMatchObject({
      signedIn: true,
      identity: { email: 'ada@example.test' },
    });
  });

  it('O-8: an error of the provider ends it in its words, and the browser reads them too', async () => {
    const { attempt, seen } = await start('browser');
    const link = new URL((await seen.until('link')).url);
    const redirect = new URL(link.searchParams.get('redirect_uri') ?? '');
    redirect.search = new URLSearchParams({
      error: 'access_denied',
      error_description: 'Ask <b>Bob</b>.',
      state: link.searchParams.get('state') ?? '',
    }).toString();
    const page = fetch(redirect);
    const { failure } = await seen.until('failed');
    expect(failure).toMatchObject({
      code: 'provider_callback_error',
      title: 'Example says that access was denied',
    });
    expect(failure.detail).toContain('Ask <b>Bob</b>.');
    await attempt.ended?.({ success: false, failure });
    const response = await page;
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Example says that access was denied');
    expect(await attempt.confirm()).toMatchObject({ signedIn: false });
  });

  it('O-14: cancelling frees the port at once and lets nothing more happen', async () => {
    const { issuer, attempt, seen } = await start('browser');
    const { url } = await seen.until('link');
    const redirect = await issuer.visit(url);
    await attempt.cancel();
    await expect(fetch(redirect)).rejects.toThrow();
    expect(issuer.seen.filter((line) => line === 'POST /token')).toEqual([]);
  });

  it('O-14: cancelling while the issuer is asked for its metadata ends without a failure', async () => {
    const clock = new ManualClock();
    const { attempt, seen } = await start('browser', { before: () => true }, clock);
    await seen.until('started');
    await attempt.cancel();
    expect(seen.events.map(({ type }) => type)).toEqual(['started']);
  });

  it('O-12: a browser that never takes its page keeps nobody waiting', async () => {
    const { issuer, attempt, seen } = await start('browser');
    const redirect = await issuer.visit((await seen.until('link')).url);
    const gone = new AbortController();
    const page = fetch(redirect, { signal: gone.signal }).catch(() => null);
    await seen.until('completed');
    gone.abort();
    await page;
    await attempt.ended?.({ success: true });
  });
});

describe('the device flow', () => {
  it('D-2: shows the code and the page with the code in it, and ends with tokens when it is approved', async () => {
    const clock = new ManualClock();
    const { issuer, attempt, seen } = await start('device-code', {}, clock);
    const { code, verificationUrl, completeUrl, lifetimeMs } = await seen.until('code');
    expect(verificationUrl).toBe(`${issuer.issuer}/device`);
    expect(completeUrl).toContain(encodeURIComponent(code));
    expect(lifetimeMs).toBe(600_000);
    await issuer.approve(code);
    clock.advance(5_000);
    await seen.until('completed');
    expect(await attempt.confirm()).toMatchObject({
      signedIn: true,
      identity: { email: 'ada@example.test' },
    });
    expect(await attempt.submit('x')).toMatchObject({
      delivered: false,
      failure: { code: 'paste_not_taken' },
    });
  });

  it('D-3: denied ends it', async () => {
    const clock = new ManualClock();
    const { issuer, seen } = await start('device-code', {}, clock);
    const { code } = await seen.until('code');
    await issuer.deny(code);
    clock.advance(5_000);
    expect((await seen.until('failed')).failure).toMatchObject({
      title: 'Example says that access was denied',
    });
  });
});
