import { expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import type { Account } from '../identities/model.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { Secret } from '../vault/secret.ts';
import type { VaultRead } from '../vault/vault.ts';
import { AccountLook } from './account-look.ts';

const day = 24 * 60 * 60_000;

function scene(kept: VaultRead, refusal?: string) {
  const clock = new ManualClock();
  const calls: string[] = [];
  const look = new AccountLook({
    providers: { find: () => sampleDefinition() },
    cli: {
      look: async () => {
        calls.push('cli');
        return { status: 'valid' };
      },
    },
    vault: {
      get: async () => {
        calls.push('vault');
        return kept;
      },
    },
    checkKey: async (_, key) => {
      calls.push(`check ${key.reveal()}`);
      if (refusal) throw new LanyardError({ code: refusal, title: 'No.', hint: 'No.' });
    },
    clock,
  });
  const account = (changes: Partial<Account>): Account => ({
    id: 'a1',
    name: 'acme',
    provider: 'acme',
    kind: 'api-key',
    displayName: 'Key',
    secretRef: { kind: 'keychain', service: 's', account: 'a' },
    context: {},
    status: 'valid',
    createdAt: clock.now(),
    updatedAt: clock.now(),
    ...changes,
  });
  const { signal } = new AbortController();
  return { look, account, calls, clock, signal };
}

const key: VaultRead = { status: 'ok', secret: new Secret('ak-1') };

it('I-12: a key is looked at only when a person asks: it opens the vault and goes over the network', async () => {
  const { look, account, calls, signal } = scene(key);
  expect(await look.look(account({}), 'time', signal)).toBeNull();
  expect(await look.look(account({}), 'launch', signal)).toBeNull();
  expect(calls).toEqual([]);
  expect(await look.look(account({}), 'asked', signal)).toEqual({ status: 'valid' });
  expect(calls).toEqual(['vault', 'check ak-1']);
});

it.each<[string, VaultRead, string | undefined, string]>([
  ['refused by the provider', key, 'key_rejected', 'needs-sign-in'],
  ['that could not be asked about', key, 'key_check_unreachable', 'unknown'],
  ['that is gone', { status: 'not-found' }, undefined, 'needs-sign-in'],
  ['behind a closed keychain', { status: 'locked', backend: 'keychain', detail: '' }, undefined, 'unknown'],
])('I-12: a key %s', async (_, kept, refusal, status) => {
  const { look, account, signal } = scene(kept, refusal);
  expect(await look.look(account({}), 'asked', signal)).toMatchObject({ status });
});

it('I-12: a token with a known end goes by the clock alone', async () => {
  const { look, account, calls, clock, signal } = scene(key);
  const token = account({ kind: 'oauth', expiresAt: clock.now() + 365 * day });
  expect(await look.look(token, 'time', signal)).toMatchObject({
    status: 'valid',
    expiresAt: token.expiresAt,
  });
  clock.advance(359 * day);
  expect(await look.look(token, 'time', signal)).toMatchObject({
    status: 'expiring',
    expiresAt: token.expiresAt,
  });
  clock.advance(6 * day);
  expect(await look.look(token, 'asked', signal)).toMatchObject({ status: 'needs-sign-in' });
  expect(calls).toEqual([]);
});

it('I-12: what a CLI keeps is looked at through the CLI', async () => {
  const { look, account, calls, signal } = scene(key);
  await look.look(account({ kind: 'oauth', secretRef: { kind: 'machine' } }), 'time', signal);
  expect(calls).toEqual(['cli']);
  expect(await look.look(account({ secretRef: { kind: 'env', envVar: 'X' } }), 'asked', signal)).toBeNull();
});
