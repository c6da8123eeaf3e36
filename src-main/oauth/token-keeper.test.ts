import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { sealedFileAt } from '../vault/sealed-file.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { openIssuer, type TestIssuer } from './issuer.fixture.ts';
import { OidcClient } from './oidc-client.ts';
import { account, discovered, keeperOf } from './token-keeper.fixture.ts';
import { openTokens, sealTokens, type TokenSet } from './token-set.ts';

/** A real issuer, a real sealed file, and somebody who has signed in. */
async function signedIn() {
  const issuer = await openIssuer();
  onTestFinished(() => issuer.close());
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-tokens-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'vault.age');
  const vault = sealedFileAt(path);
  await vault.create(new Secret('a passphrase for tests'));
  const client = await discovered(issuer.issuer, issuer.clientId);
  const checks = OidcClient.newChecks('http://127.0.0.1:4711/callback');
  const tokens = await client.exchange(await issuer.visit(await client.authorizationUrl(checks)), checks);
  const save = (changed: Partial<TokenSet> = {}) =>
    vault.set(account.entry, sealTokens({ ...tokens, ...changed }));
  await save();
  issuer.seen.length = 0;
  return { issuer, vault, path, lock: join(directory, 'account-1.lock'), client, tokens, save };
}

const tokenRequests = (issuer: TestIssuer) => issuer.seen.filter((line) => line === 'POST /token').length;

const expired = { expiresAt: Math.floor(Date.now() / 1000) - 5 };

it('T-4: a token that is good for more than 30 s is handed out without asking anybody', async () => {
  const { issuer, vault, lock, client, tokens } = await signedIn();
  const bearer = await keeperOf(vault, lock, async () => client).currentBearer(account);
  expect(bearer).toMatchObject({ status: 'ok', expiresAt: tokens.expiresAt });
  expect(bearer.status === 'ok' && bearer.token.reveal()).toBe(tokens.accessToken.reveal());
  expect(issuer.seen).toEqual([]);
});

it('T-1: within 30 s of its expiry a token counts as expired', async () => {
  const { issuer, vault, lock, client, tokens } = await signedIn();
  const clock = new ManualClock(tokens.expiresAt * 1000 - 30_001);
  const keeper = keeperOf(vault, lock, async () => client, clock);
  await keeper.currentBearer(account);
  expect(tokenRequests(issuer)).toBe(0);
  clock.advance(1);
  await keeper.currentBearer(account);
  expect(tokenRequests(issuer)).toBe(1);
});

it('T-4: an expired one is refreshed and saved before it is handed out', async () => {
  const { issuer, vault, lock, client, tokens, save } = await signedIn();
  await save(expired);
  const changes: string[] = [];
  const bearer = await keeperOf(
    vault,
    lock,
    async () => client,
    systemClock,
    (_id, what) => changes.push(what),
  ).currentBearer(account);
  const read = await vault.get(account.entry);
  const saved = read.status === 'ok' ? openTokens(read.secret) : null;
  expect(bearer.status === 'ok' && bearer.token.reveal()).toBe(saved?.accessToken.reveal());
  expect(saved?.refreshToken?.reveal()).not.toBe(tokens.refreshToken?.reveal());
  expect([tokenRequests(issuer), changes]).toEqual([1, ['renewed']]);
});

it('T-5: 200 callers in 16 processes at the moment of expiry make one refresh request and get the same token', async () => {
  const { issuer, vault, path, lock, save } = await signedIn();
  await save(expired);
  const key = vault.key?.reveal() ?? '';
  const children = Array.from({ length: 16 }, () =>
    startChild([path, lock, issuer.issuer, issuer.clientId, '13'], key),
  );
  await Promise.all(children.map((child) => child.said('ready')));
  for (const child of children) child.write('go');
  const lines = (await Promise.all(children.map((child) => child.rest()))).flat();
  const read = await vault.get(account.entry);
  const token = read.status === 'ok' ? openTokens(read.secret)?.accessToken.reveal() : null;
  expect(lines).toHaveLength(16 * 13);
  expect(new Set(lines)).toEqual(
    new Set([
      createHash('sha256')
        .update(token ?? '')
        .digest('hex'),
    ]),
  );
  expect(tokenRequests(issuer)).toBe(1);
  expect(issuer.events).not.toContain('grant.revoked');
}, 60_000);

it('T-5: the refresher is killed between the answer and the save: one more request, then "sign in again" without a loop', async () => {
  const { issuer, vault, path, lock, save } = await signedIn();
  await save(expired);
  const child = startChild([path, lock, issuer.issuer, issuer.clientId, 'stall'], vault.key?.reveal() ?? '');
  await child.said('ready');
  child.write('go');
  await child.said('saving');
  child.kill();
  await child.rest();
  expect(tokenRequests(issuer)).toBe(1);
  const keeper = keeperOf(vault, lock, () => discovered(issuer.issuer, issuer.clientId));
  const answers = await Promise.all(Array.from({ length: 20 }, () => keeper.currentBearer(account)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
  for (let again = 0; again < 5; again += 1) {
    expect(await keeper.currentBearer(account)).toMatchObject({
      status: 'rejected',
      failure: { hint: 'Sign in again.' },
    });
  }
  expect(tokenRequests(issuer)).toBe(2);
}, 30_000);

it('T-5: invalid_grant after somebody else has won is not a sign-out', async () => {
  const { vault, lock, client, tokens, save } = await signedIn();
  await save(expired);
  const theirs = await client.refresh(tokens);
  const keeper = keeperOf(vault, lock, async () => ({
    // Between our reading and the issuer's answer, someone without our lock has saved.
    refresh: async () => {
      await vault.set(account.entry, sealTokens(theirs));
      return client.refresh(tokens);
    },
    revoke: (set) => client.revoke(set),
  }));
  const bearer = await keeper.currentBearer(account);
  expect(bearer.status === 'ok' && bearer.token.reveal()).toBe(theirs.accessToken.reveal());
});

it('T-6: an issuer that cannot be reached leaves the account signed in', async () => {
  const { issuer, vault, lock, client, save } = await signedIn();
  await save(expired);
  await issuer.close();
  const keeper = keeperOf(vault, lock, async () => client);
  expect(await keeper.currentBearer(account)).toMatchObject({
    status: 'unreachable',
    failure: { code: 'token_exchange_connect' },
  });
  const read = await vault.get(account.entry);
  expect(read.status === 'ok' && openTokens(read.secret)?.refused).toBe(false);
});

it('T-3: a vault that closes between answer and save loses nothing: the next call saves what was renewed', async () => {
  const { issuer, vault, lock, client, save } = await signedIn();
  await save(expired);
  const key = vault.key;
  const keeper = keeperOf(vault, lock, async () => ({
    refresh: async (old) => {
      const fresh = await client.refresh(old);
      vault.lock();
      return fresh;
    },
    revoke: (set) => client.revoke(set),
  }));
  expect(await keeper.currentBearer(account)).toMatchObject({
    status: 'other',
    failure: { code: 'sealed_file_locked' },
  });
  if (key) await vault.unlockWithKey(key);
  expect((await keeper.currentBearer(account)).status).toBe('ok');
  expect(tokenRequests(issuer)).toBe(1);
  expect((await keeper.currentBearer(account)).status).toBe('ok');
});

it('T-8: "refresh now" renews a token that is still good, once for all who ask at that moment', async () => {
  const { issuer, vault, lock, client, tokens } = await signedIn();
  const keeper = keeperOf(vault, lock, async () => client);
  const answers = await Promise.all([keeper.refreshNow(account), keeper.refreshNow(account)]);
  expect(
    answers.every(
      (answer) => answer.status === 'ok' && answer.token.reveal() !== tokens.accessToken.reveal(),
    ),
  ).toBe(true);
  expect(tokenRequests(issuer)).toBe(1);
});

it('T-7: revoking tells the issuer; an unreadable entry has nothing to tell', async () => {
  const { issuer, vault, lock, client, tokens } = await signedIn();
  const keeper = keeperOf(vault, lock, async () => client);
  expect(await keeper.revoke(account)).toBeNull();
  expect(issuer.seen).toContain('POST /token/revocation');
  await expect(client.refresh(tokens)).rejects.toMatchObject({ provider: { code: 'invalid_grant' } });
  await vault.set(account.entry, new Secret('not tokens'));
  expect(await keeper.currentBearer(account)).toMatchObject({
    status: 'other',
    failure: { code: 'tokens_unreadable' },
  });
});

function startChild(args: string[], key: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'token-keeper.child.ts'), ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH ?? '' },
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (!child.stdout || !child.stdin) throw new Error('no pipes');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { stdin } = child;
  stdin.write(`${key}\n`);
  return {
    write: (line: string) => stdin.write(`${line}\n`),
    kill: () => child.kill('SIGKILL'),
    said: async (wanted: string) => {
      const { value } = await lines.next();
      expect(value).toBe(wanted);
    },
    rest: async () => {
      const all: string[] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done) return all;
        all.push(value);
      }
    },
  };
}
