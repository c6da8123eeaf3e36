import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Broker } from '../broker/broker.ts';
import { ScriptedMethod } from '../broker/sign-in-script.fixture.ts';
import { systemClock } from '../clock.ts';
import type { AccountFinding } from '../identities/account-finding.ts';
import { AccountHealth } from '../identities/health.ts';
import { identitiesIn, MemoryStoreFile, temporaryDirectory } from '../identities/identities.fixture.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { ApiKeySignIn } from '../methods/api-key/api-key.ts';
import { Adoption } from '../methods/machine/adoption.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { recordProviderChanges } from '../providers/provider-changes.ts';
import { ChosenVault } from '../vault/chosen-vault.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { sealedFileAt } from '../vault/sealed-file.fixture.ts';
import { Secret } from '../vault/secret.ts';
import type { VaultSettings } from '../vault/vault-settings.ts';
import { RecordedEvents } from './recorded-events.fixture.ts';

const ada = { email: 'ada@x.test', accountId: 'u1' };

function signIns() {
  const audit = new RecordedEvents();
  const method = new ScriptedMethod();
  const provider = sampleDefinition();
  const { identities } = identitiesIn(temporaryDirectory());
  let ids = 0;
  let ended = () => {};
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const broker = new Broker({
    providers: { find: () => provider },
    method,
    targets: identities,
    bundleName: () => null,
    portHolder: async () => null,
    clock: new ManualClock(),
    newSessionId: () => String(++ids),
    openBrowser: async () => true,
    onChanged: ({ status }) => {
      if (status === 'success' || status === 'failed') ended();
    },
    onOutput: () => {},
    redact: (line) => line,
    audit,
    log: { info: () => {}, error: () => {} },
  });
  const attempt = async () => {
    for (;;) {
      if (method.attempts[0]) return method.attempts[0];
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  return { audit, broker, attempt, over };
}

it('R-10: a sign-in that succeeded is recorded once, with whose it is', async () => {
  const { audit, broker, attempt, over } = signIns();
  broker.start({ providerId: 'acme' });
  const running = await attempt();
  running.confirmation = { signedIn: true, identity: ada };
  running.play({ type: 'completed', by: 'line' });
  await over;
  await broker.stop();
  expect(audit.events).toMatchObject([
    { kind: 'account.signed_in', providerId: 'acme', detail: { person: 'ada@x.test' } },
  ]);
  expect(audit.events[0]).toHaveProperty('accountId');
  expect(audit.events[0]).toHaveProperty('bundleId');
});

it('R-10: a sign-in that failed is recorded with its reason, a cancelled one as such', async () => {
  const failed = signIns();
  failed.broker.start({ providerId: 'acme' });
  const failure = { code: 'access_denied', title: 'No', hint: 'Again.' };
  (await failed.attempt()).play({ type: 'failed', failure });
  await failed.over;
  await failed.broker.stop();
  expect(failed.audit.events).toMatchObject([
    { kind: 'account.sign_in_failed', detail: { reason: 'access_denied' } },
  ]);
  const cancelled = signIns();
  const { sessionId } = cancelled.broker.start({ providerId: 'acme' });
  cancelled.broker.cancel(sessionId);
  await cancelled.broker.stop();
  expect(cancelled.audit.kinds).toEqual(['account.sign_in_cancelled']);
});

it('R-10: signing out and deleting are recorded with what became of each step', async () => {
  const audit = new RecordedEvents();
  const { identities } = identitiesIn(temporaryDirectory(), new MemoryStoreFile(), { audit });
  const first = await identities.open('codex', true, null, 's1').save(ada);
  const second = await identities.open('claude', true, first.bundleId, 's2').save(ada);
  await identities.signOut(first.accountId ?? '');
  await identities.deleteBundle(first.bundleId);
  const steps = { logout: 'done', directory: 'done' };
  expect(audit.events).toMatchObject([
    { kind: 'account.signed_out', accountId: first.accountId, bundleId: first.bundleId, detail: steps },
    { kind: 'bundle.deleted', bundleId: first.bundleId, detail: { identity: 'ada@x.test' } },
    { kind: 'account.signed_out', accountId: second.accountId, providerId: 'claude', detail: steps },
  ]);
});

it('R-10: adopting is recorded', async () => {
  const audit = new RecordedEvents();
  const { identities } = identitiesIn(temporaryDirectory());
  const login = { providerId: 'acme', directory: null, identity: ada };
  const logins = { find: async () => login, findAll: async () => [login] };
  const adoption = new Adoption({ identities, providers: () => [sampleDefinition()], logins, audit });
  const adopted = await adoption.adopt('acme', null);
  expect(audit.events).toEqual([{ kind: 'account.adopted', providerId: 'acme', ...adopted }]);
});

it('R-10: an API key is recorded without any part of it, and so is one that was refused', async () => {
  const audit = new RecordedEvents();
  const { identities, clock, vault } = identitiesIn(temporaryDirectory());
  const url = 'https://keys.test/';
  const apiKey = { accepts: 'sk-\\w+', example: 'sk-…', check: { url, headers: {} } };
  const provider = { ...sampleDefinition(), apiKey: apiKey as never };
  const answers = [401, 200];
  const signIn = new ApiKeySignIn({
    accounts: identities,
    vault,
    fetch: async () => ({ status: answers.shift() ?? 500 }),
    clock,
    newId: () => crypto.randomUUID(),
    audit,
  });
  const submission = {
    provider,
    bundleId: null,
    apiKey: new Secret('sk-canary1234567890'),
    accountName: 'CI',
    saveWithoutChecking: false,
  };
  await expect(signIn.submit(submission)).rejects.toThrow('key_rejected');
  await signIn.submit(submission);
  expect(audit.events).toMatchObject([
    { kind: 'account.sign_in_failed', detail: { reason: 'key_rejected' } },
    { kind: 'account.signed_in', detail: { way: 'API key', checked: true } },
  ]);
  expect(JSON.stringify(audit.events)).not.toContain('canary');
});

it('R-10: an account that needs its person, one with somebody else in it, and who was accepted', async () => {
  const audit = new RecordedEvents();
  const { identities, clock } = identitiesIn(temporaryDirectory(), new MemoryStoreFile(), { audit });
  const { accountId = '' } = await identities.open('codex', true, null, 's1').save(ada);
  const grace = { email: 'grace@x.test', accountId: 'u2' };
  const findings: AccountFinding[] = [
    { status: 'needs-sign-in' },
    { status: 'needs-sign-in' },
    { status: 'valid', identity: grace },
  ];
  const health = new AccountHealth({
    identities,
    look: async () => findings.shift() ?? null,
    providerName: () => 'Codex',
    clock,
    random: () => 0.5,
    onChanged: () => {},
    audit,
    log: { info: () => {}, error: () => {} },
  });
  for (let look = 0; look < 3; look += 1) await health.check(accountId);
  identities.acceptPerson(accountId, 'grace@x.test');
  await health.stop();
  expect(audit.events).toMatchObject([
    { kind: 'account.needs_sign_in', accountId },
    { kind: 'account.works_again', accountId },
    { kind: 'account.unexpected_person', detail: { found: 'grace@x.test', expected: 'ada@x.test' } },
    { kind: 'account.person_accepted', detail: { person: 'grace@x.test', instead: 'ada@x.test' } },
  ]);
});

it('R-10: where keys are kept, and unlocking', async () => {
  const audit = new RecordedEvents();
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-recorded-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  let content: VaultSettings | undefined;
  const vault = new ChosenVault({
    keychain: new MemoryVault('keychain'),
    sealedFile: sealedFileAt(join(directory, 'vault.age')),
    settings: {
      read: () => content,
      write: (settings) => {
        content = settings;
      },
    },
    entries: () => ({ used: [], loose: [] }),
    clock: systemClock,
    onChanged: () => {},
    audit,
  });
  const passphrase = new Secret('correct horse battery');
  await vault.choose({ backend: 'sealed-file', passphrase });
  vault.lock();
  await expect(vault.unlock(new Secret('something else'))).rejects.toThrow('wrong_passphrase');
  await vault.unlock(passphrase);
  vault.stop();
  expect(audit.kinds).toEqual(['vault.chosen', 'vault.locked', 'vault.unlock_failed', 'vault.unlocked']);
  expect(JSON.stringify(audit.events)).not.toContain('horse');
});

it('R-10: provider files that came, went, or say something else', () => {
  const audit = new RecordedEvents();
  const user = (id: string, name = id) =>
    ({ origin: 'user', definition: { ...sampleDefinition(), id, name } }) as const;
  const builtIn = { origin: 'built-in', definition: sampleDefinition() } as const;
  recordProviderChanges(
    [builtIn, user('gone'), user('same'), user('other')],
    [user('same'), user('other', 'Other'), user('new')],
    audit,
  );
  expect(audit.events).toEqual([
    { kind: 'provider.changed', providerId: 'other' },
    { kind: 'provider.added', providerId: 'new' },
    { kind: 'provider.removed', providerId: 'gone' },
  ]);
});
