import { expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { BackgroundRefresh } from './background-refresh.ts';
import { OAuthError } from './oauth-error.ts';
import { TransportError, type TransportReason } from './provider-http.ts';
import { type TokenAccount, TokenKeeper } from './token-keeper.ts';
import { openTokens, sealTokens, type TokenSet } from './token-set.ts';

const minute = 60_000;
const hour = 60 * minute;

function accountOf(id: string): TokenAccount {
  return {
    id,
    entry: { service: 'Lanyard test', account: id },
    provider: sampleDefinition({ name: 'Example' }),
  };
}

/** The real keeper over a vault in memory, an issuer that does as it is told, and time that stands still. */
function house(options: { lifetimeSeconds?: number; accounts?: string[]; random?: () => number } = {}) {
  const clock = new ManualClock();
  const vault = new MemoryVault('sealed-file');
  const accounts = (options.accounts ?? ['a']).map(accountOf);
  const lifetime = options.lifetimeSeconds ?? 3600;
  const seconds = () => Math.floor(clock.now() / 1000);
  const issuer = {
    /** When it was asked, ms since the start. */
    asked: [] as number[],
    fails: null as TransportReason | 'invalid_grant' | null,
  };
  const start = clock.now();
  const notes: string[] = [];
  const keeper: TokenKeeper = new TokenKeeper({
    vault,
    clock,
    lockFor: () => ({ hold: async (_expired, work) => ({ value: await work(async () => true) }) }),
    issuerFor: async () => ({
      refresh: async (old) => {
        issuer.asked.push(clock.now() - start);
        if (issuer.fails === 'invalid_grant') {
          throw new OAuthError('exchange-token', 'token_endpoint_rejected', 'HTTP 400', {
            provider: { code: 'invalid_grant', text: 'no' },
          });
        }
        if (issuer.fails) {
          throw new OAuthError('exchange-token', 'token_exchange_connect', issuer.fails, {
            cause: new TransportError(issuer.fails, issuer.fails),
          });
        }
        return {
          ...old,
          accessToken: new Secret(`access-${issuer.asked.length}`),
          expiresAt: seconds() + lifetime,
        };
      },
      revoke: async () => {},
    }),
    onChanged: (id) => background.changed(id),
  });
  const background: BackgroundRefresh = new BackgroundRefresh({
    keeper,
    accounts: () => accounts,
    isVaultOpen: async () => vault.fault === null,
    clock,
    random: options.random ?? (() => 0),
    onNote: (id) => notes.push(id),
    log: { info: () => {}, error: (event) => notes.push(event) },
  });
  const save = async (id: string, changes: Partial<TokenSet> = {}) => {
    const tokens: TokenSet = {
      accessToken: new Secret('access-0'),
      refreshToken: new Secret('refresh'),
      idToken: null,
      expiresAt: seconds() + lifetime,
      scope: 'openid',
      identity: null,
      refreshedAt: null,
      refused: false,
      ...changes,
    };
    await vault.set(accountOf(id).entry, sealTokens(tokens));
  };
  const tokenOf = (id: string) => openTokens(new Secret(vault.values.get(id) ?? ''))?.accessToken.reveal();
  return { clock, vault, issuer, background, keeper, accounts, notes, save, tokenOf };
}

/** Lets everything that time started come to its end: a few turns for a few promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function pass(clock: ManualClock, ms: number, step = minute): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settle();
  }
}

it('T-8: a token is renewed five minutes before it expires, hour after hour, by nobody asking', async () => {
  const { clock, issuer, background, save, tokenOf } = house();
  await save('a');
  background.start();
  await pass(clock, 54 * minute);
  expect(issuer.asked).toEqual([]);
  await pass(clock, 2 * minute);
  expect(issuer.asked).toEqual([55 * minute]);
  expect(tokenOf('a')).toBe('access-1');
  await pass(clock, 3 * hour);
  expect(issuer.asked.map((at) => at / minute)).toEqual([55, 110, 165, 220]);
});

it('T-8: jitter only ever makes it earlier, and differs by what is drawn', async () => {
  for (const [random, expected] of [
    [0, 55],
    [0.999, 52.5],
  ] as const) {
    const { clock, issuer, background, save } = house({ random: () => random });
    await save('a');
    background.start();
    await pass(clock, hour, 15_000);
    // Looked at every 15 s.
    const at = (issuer.asked[0] ?? 0) / minute;
    expect(at).toBeGreaterThanOrEqual(expected);
    expect(at).toBeLessThan(expected + 0.3);
  }
});

it('T-8: accounts are renewed one after the other, by one timer', async () => {
  const { clock, issuer, background, save, accounts } = house({ accounts: ['a', 'b', 'c'] });
  for (const { id } of accounts) await save(id);
  background.start();
  await pass(clock, hour);
  expect(issuer.asked).toEqual([55, 55, 55].map((at) => at * minute));
});

it('T-8, D-4: a laptop that slept past the expiry renews once, when it wakes', async () => {
  const { clock, issuer, background, save } = house();
  await save('a');
  background.start();
  await pass(clock, minute);
  // Asleep, no timer runs; on waking all that was due runs at once.
  clock.advance(9 * hour);
  background.resumed();
  await settle();
  await pass(clock, minute);
  expect(issuer.asked).toHaveLength(1);
});

it('T-8: nothing happens while the vault is locked, and what is due happens when it is opened', async () => {
  const { clock, vault, issuer, background, save } = house();
  await save('a');
  background.start();
  await pass(clock, minute);
  vault.fault = 'locked';
  const before = vault.calls;
  await pass(clock, 3 * hour);
  expect([issuer.asked, vault.calls]).toEqual([[], before]);
  vault.fault = null;
  background.resumed();
  await pass(clock, 2 * minute);
  expect(issuer.asked).toHaveLength(1);
});

it('T-8: an issuer in trouble is asked later and later, and the account says why until it works', async () => {
  const { clock, issuer, background, save, notes, tokenOf } = house();
  await save('a');
  background.start();
  issuer.fails = 'refused';
  await pass(clock, 3 * hour);
  const gaps = issuer.asked.slice(1).map((at, index) => (at - (issuer.asked[index] ?? 0)) / minute);
  expect(gaps).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  expect(background.failure('a')).toMatchObject({ code: 'token_exchange_connect' });
  // Said once, not with every try.
  expect(notes).toEqual(['a']);
  expect(tokenOf('a')).toBe('access-0');
  issuer.fails = null;
  background.resumed();
  await pass(clock, 40 * minute);
  expect(background.failure('a')).toBeNull();
  expect(notes).toEqual(['a', 'a']);
});

it.each<TransportReason>(['dns', 'unreachable'])(
  'T-8: offline (%s) is no failure: nothing is said, and it is tried again',
  async (reason) => {
    const { clock, issuer, background, save, notes } = house();
    await save('a');
    background.start();
    issuer.fails = reason;
    await pass(clock, 2 * hour);
    expect(issuer.asked.length).toBeGreaterThan(3);
    expect([background.failure('a'), notes]).toEqual([null, []]);
  },
);

it('T-8: who is refused for good is not asked again', async () => {
  const { clock, issuer, background, save } = house();
  await save('a');
  background.start();
  issuer.fails = 'invalid_grant';
  await pass(clock, 24 * hour, 5 * minute);
  expect(issuer.asked).toHaveLength(1);
  expect(background.failure('a')).toBeNull();
});

it('T-8: a token that lives for two minutes is left to who needs it, and one without a refresh token to its person', async () => {
  const short = house({ lifetimeSeconds: 120 });
  await short.save('a');
  short.background.start();
  await pass(short.clock, hour);
  expect(short.issuer.asked.length).toBeLessThanOrEqual(1);
  const none = house();
  await none.save('a', { refreshToken: null });
  none.background.start();
  await pass(none.clock, 2 * hour);
  expect(none.issuer.asked).toEqual([]);
});

it('T-5, T-8: what another process or a caller renewed meanwhile is not renewed again', async () => {
  const { clock, issuer, background, save, keeper, accounts } = house();
  await save('a');
  background.start();
  await pass(clock, 54 * minute);
  // Another process, which tells nobody here.
  await save('a', { accessToken: new Secret('theirs'), refreshedAt: clock.now() });
  await pass(clock, 5 * minute);
  expect(issuer.asked).toEqual([]);
  const [account] = accounts;
  if (account) await keeper.refreshNow(account);
  await pass(clock, 30 * minute);
  expect(issuer.asked).toHaveLength(1);
});

it('T-8: an account that is gone, and an app that quits, are left alone', async () => {
  const gone = house({ accounts: ['a', 'b'] });
  for (const { id } of gone.accounts) await gone.save(id);
  gone.background.start();
  await pass(gone.clock, minute);
  gone.accounts.splice(0, 1);
  await pass(gone.clock, hour);
  expect(gone.issuer.asked).toHaveLength(1);

  const quits = house();
  await quits.save('a');
  quits.background.start();
  await pass(quits.clock, minute);
  await quits.background.stop();
  await pass(quits.clock, 2 * hour);
  expect(quits.issuer.asked).toEqual([]);
});

it('T-8: an account that was just signed in to gets its turn', async () => {
  const { clock, issuer, background, save } = house();
  background.start();
  await pass(clock, minute);
  await save('a');
  background.changed('a');
  await pass(clock, 56 * minute);
  expect(issuer.asked).toHaveLength(1);
});
