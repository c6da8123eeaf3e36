import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import type { Secret } from '../vault/secret.ts';
import { pollDevice } from './device-poll.ts';
import { type Fault, FaultIssuer, json, reset, text } from './fault-issuer.fixture.ts';
import { openIssuer } from './issuer.fixture.ts';
import { type DeviceAuthorization, OidcClient } from './oidc-client.ts';
import type { TokenSet } from './token-set.ts';

const pending = json(400, { error: 'authorization_pending' });
const slowDown = json(400, { error: 'slow_down' });
const settings = (issuer: string, clientId: string) => ({
  issuer,
  clientId,
  scopes: ['openid', 'email'],
  parameters: {},
  restriction: null,
});

/** Polls with time that the test moves. `asked` holds when each request was made, s after the code was given. */
async function polling(faults: (Fault | null)[], changes: Partial<DeviceAuthorization> = {}) {
  const issuer = await FaultIssuer.open();
  onTestFinished(() => issuer.close());
  issuer.faults.token = faults;
  const clock = new ManualClock();
  const startedAt = clock.now();
  const client = await OidcClient.discover(settings(issuer.issuer, issuer.clientId), {
    fetch,
    clock: systemClock,
  });
  const abort = new AbortController();
  const asked: number[] = [];
  let waiting: () => void = () => {};
  const result = pollDevice({
    ask: async (code) => {
      asked.push((clock.now() - startedAt) / 1000);
      // The next wait begins when this one has its answer.
      return client.pollDevice(code).finally(() => waiting());
    },
    authorization: { ...(await client.startDevice()), ...changes },
    startedAt,
    clock,
    signal: abort.signal,
  });
  const ended = result.then(
    (tokens: TokenSet) => ({ tokens }),
    (error: unknown) => ({ error }),
  );
  /** Lets time pass second by second; answers arrive in between. */
  const pass = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 1) {
      const before = asked.length;
      const answered = new Promise<void>((resolve) => {
        waiting = resolve;
      });
      clock.advance(1000);
      // A pause that ended asks in a later turn of the loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (asked.length > before) await answered;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { asked, ended, pass, abort, clock };
}

describe('D-3: polling for a device code', () => {
  it('asks after each interval while it is pending, and ends with the tokens', async () => {
    const { asked, ended, pass } = await polling([pending, pending, null]);
    await pass(15);
    expect(await ended).toMatchObject({ tokens: { scope: 'openid email' } });
    expect(asked).toEqual([5, 10, 15]);
  });

  it.each([
    ['once', [slowDown, pending, null], [5, 15, 25]],
    ['three times', [slowDown, slowDown, slowDown, pending, null], [5, 15, 30, 50, 70]],
  ])('slows down %s, for good', async (_name, faults, times) => {
    const { asked, ended, pass } = await polling(faults);
    await pass(times.at(-1) ?? 0);
    expect(await ended).toHaveProperty('tokens');
    expect(asked).toEqual(times);
  });

  it('slows down without end until the code expires', async () => {
    const { asked, ended, pass } = await polling([slowDown], { lifetimeMs: 60_000 });
    await pass(60);
    expect(await ended).toMatchObject({ error: { provider: { code: 'expired_token' } } });
    expect(asked).toEqual([5, 15, 30, 50]);
  });

  it('pending for ever ends when the code expires', async () => {
    const { asked, ended, pass } = await polling([pending], { lifetimeMs: 12_000 });
    await pass(12);
    expect(await ended).toMatchObject({ error: { provider: { code: 'expired_token' } } });
    expect(asked).toEqual([5, 10]);
  });

  it.each([
    ['access_denied', json(400, { error: 'access_denied', error_description: 'The person said no.' })],
    ['expired_token', json(400, { error: 'expired_token' })],
    ['invalid_grant', json(400, { error: 'invalid_grant' })],
    ['an unknown error', json(400, { error: 'something_else' })],
    ['403 without a body', text(403, '', 'text/plain')],
  ])('%s ends it at once', async (_name, fault) => {
    const { asked, ended, pass } = await polling([pending, fault]);
    await pass(10);
    expect(await ended).toMatchObject({ error: { category: 'token_endpoint_rejected' } });
    expect(asked).toEqual([5, 10]);
  });

  it.each<[string, Fault]>([
    ['a reset', reset],
    ['500', text(500, '', 'text/plain')],
    ['503 with a Retry-After that cannot be read', json(503, {}, { 'retry-after': 'tomorrow' })],
    ['429 without a Retry-After', json(429, {})],
  ])('%s is waited out, with growing pauses', async (_name, fault) => {
    const { asked, ended, pass } = await polling([fault, fault, pending, null]);
    await pass(40);
    expect(await ended).toHaveProperty('tokens');
    expect(asked).toEqual([5, 15, 35, 40]);
  });

  it('Retry-After is honoured, in seconds', async () => {
    const { asked, ended, pass } = await polling([json(503, {}, { 'retry-after': '42' }), null]);
    await pass(47);
    expect(await ended).toHaveProperty('tokens');
    expect(asked).toEqual([5, 47]);
  });

  it('a Retry-After beyond the expiry of the code does not outlast it', async () => {
    const { asked, ended, pass } = await polling([json(429, {}, { 'retry-after': '3600' })], {
      lifetimeMs: 30_000,
    });
    await pass(30);
    expect(await ended).toMatchObject({ error: { provider: { status: 429 } } });
    expect(asked).toEqual([5]);
  });

  it('an interval below one second is one second', async () => {
    const { asked, pass } = await polling([pending], { intervalMs: 1000 });
    await pass(3);
    expect(asked).toEqual([1, 2, 3]);
  });
});

it('D-4: a computer that slept past the expiry finds the code expired', async () => {
  const { asked, ended, clock } = await polling([pending], { lifetimeMs: 600_000 });
  clock.advance(3_600_000);
  expect(await ended).toMatchObject({ error: { provider: { code: 'expired_token' } } });
  expect(asked).toEqual([]);
});

it('O-14: cancelling ends the wait at once', async () => {
  const { ended, abort } = await polling([pending]);
  abort.abort();
  expect(await ended).toMatchObject({ error: { category: 'login_cancelled' } });
});

it('D-3: a real issuer, denied in its page', async () => {
  const issuer = await openIssuer();
  onTestFinished(() => issuer.close());
  const client = await OidcClient.discover(settings(issuer.issuer, issuer.clientId), {
    fetch,
    clock: systemClock,
  });
  const authorization = await client.startDevice();
  await issuer.deny(authorization.userCode);
  const clock = new ManualClock();
  const ended = pollDevice({
    ask: (code: Secret) => client.pollDevice(code),
    authorization,
    startedAt: clock.now(),
    clock,
    signal: new AbortController().signal,
  });
  clock.advance(5000);
  await expect(ended).rejects.toMatchObject({ provider: { code: 'access_denied' } });
});
