import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { filesUnder, identitiesIn, MemoryStoreFile, temporaryDirectory } from './identities.fixture.ts';
import { blankBundleId } from './model.ts';
import { bundleView } from './views.ts';

const noProcess = async () => {};
const ada = { email: 'ada@acme.test', accountId: 'acct_1', organisationId: 'org_1', organisation: 'Acme' };

function app() {
  const data = temporaryDirectory();
  const file = new MemoryStoreFile();
  return { data, file, ...identitiesIn(data, file) };
}

/** Signs in and writes a credential, as a CLI would. */
async function signIn(
  identities: ReturnType<typeof identitiesIn>['identities'],
  bundleId: string | null,
  identity = ada,
) {
  const target = identities.open('codex', true, bundleId, 'auth-1');
  writeFileSync(join(target.directory ?? '', 'auth.json'), '{}');
  const saved = await target.save(identity);
  return { ...saved, accountId: saved.accountId ?? '', directory: target.directory ?? '' };
}

describe('bundles', () => {
  it('I-1: a bundle has all its fields, and the event names it', () => {
    const { identities, clock, changed } = app();
    clock.advance(1000);
    const work = identities.createBundle('  Work ');
    expect(work).toEqual({
      id: work.id,
      name: 'Work',
      description: '',
      colour: '#0b6e6e',
      createdAt: clock.now(),
      updatedAt: clock.now(),
    });
    expect(identities.createBundle('Client A').colour).not.toBe(work.colour);
    expect(identities.createBundle('Mine', '#123abc').colour).toBe('#123abc');
    expect(changed[0]).toBe(work.id);
  });

  it('I-1: the blank identity is always there, last, and fixed', () => {
    const { identities, file } = app();
    identities.createBundle('Work');
    const { bundles } = identities.list();
    expect(bundles.map((bundle) => [bundle.name, bundle.blank])).toEqual([
      ['Work', false],
      ['No credentials', true],
    ]);
    const before = file.text;
    expect(() => identities.renameBundle(blankBundleId, 'Mine')).toThrow('blank_is_fixed');
    expect(() => identities.checkBundle(blankBundleId)).toThrow('blank_is_fixed');
    expect(() => identities.createBundle('no CREDENTIALS')).toThrow('name_taken');
    expect(file.text).toBe(before);
  });

  it('I-1: names are unique whatever their case; a bundle may change its own', () => {
    const { identities, clock } = app();
    const work = identities.createBundle('Work');
    identities.createBundle('Client A');
    expect(() => identities.createBundle('WORK')).toThrow('name_taken');
    expect(() => identities.renameBundle(work.id, 'client a')).toThrow('name_taken');
    expect(() => identities.renameBundle('gone', 'X')).toThrow('unknown_bundle');
    clock.advance(5);
    identities.renameBundle(work.id, 'WORK');
    expect(identities.list().bundles[0]).toMatchObject({
      name: 'WORK',
      createdAt: work.createdAt,
      updatedAt: clock.now(),
    });
  });
});

describe('signing in', () => {
  it('I-2, I-3, I-6: a saved account has every field, and its directory is no longer pending', async () => {
    const { identities, root, clock } = app();
    const work = identities.createBundle('Work');
    clock.advance(1000);
    const target = identities.open('codex', true, work.id, 'auth-1');
    const directory = target.directory ?? '';
    expect(existsSync(`${directory}.pending`)).toBe(true);
    expect(await target.save({ ...ada, plan: '' })).toEqual({
      bundleId: work.id,
      bundleName: 'Work',
      accountId: expect.any(String),
    });
    const [account] = identities.list().bundles[0]?.accounts ?? [];
    expect(account).toEqual({
      id: expect.any(String),
      name: 'codex-oauth',
      provider: 'codex',
      kind: 'oauth',
      displayName: 'ada@acme.test',
      secretRef: { kind: 'oauth-config-dir', dir: directory },
      context: ada,
      status: 'valid',
      createdAt: clock.now(),
      updatedAt: clock.now(),
    });
    expect(directory).toBe(join(root, account?.id ?? '', '1'));
    expect(filesUnder(root)).toEqual([account?.id, `${account?.id}/1`]);
  });

  it('I-6, I-7: signing in again switches the same row to the next directory and removes the old one', async () => {
    const { identities, root, clock, file } = app();
    const work = identities.createBundle('Work');
    const first = await signIn(identities, work.id);
    const created = clock.now();
    clock.advance(60_000);
    const target = identities.open('codex', true, work.id, 'auth-2');
    expect(target.directory).toBe(join(root, first.accountId, '2'));
    // The old login stays usable until the new one is saved.
    expect(existsSync(join(first.directory, 'auth.json'))).toBe(true);
    expect(identities.account(first.accountId).secretRef).toEqual({
      kind: 'oauth-config-dir',
      dir: first.directory,
    });
    const writes = file.writes;
    await target.save({ email: 'new@acme.test' });
    expect(file.writes).toBe(writes + 1);
    expect(identities.list().bundles[0]?.accounts).toEqual([
      expect.objectContaining({
        id: first.accountId,
        displayName: 'new@acme.test',
        context: { email: 'new@acme.test' },
        createdAt: created,
        updatedAt: clock.now(),
      }),
    ]);
    expect(filesUnder(root)).toEqual([first.accountId, `${first.accountId}/2`]);
  });

  it('I-6: a discarded attempt leaves nothing behind, and the old login as it was', async () => {
    const { identities, root, file } = app();
    const first = await signIn(identities, null);
    const before = [file.text, ...filesUnder(root)];
    const again = identities.open('codex', true, first.bundleId, 'auth-2');
    const other = identities.open('codex', true, null, 'auth-3');
    writeFileSync(join(again.directory ?? '', 'auth.json'), '{}');
    await again.discard();
    await other.discard();
    await other.discard();
    expect([file.text, ...filesUnder(root)]).toEqual(before);
  });

  it('I-8: without a bundle one is made on success, named after the email, else the provider', async () => {
    const { identities } = app();
    expect((await signIn(identities, null)).bundleName).toBe('ada@acme.test');
    expect((await signIn(identities, null)).bundleName).toBe('ada@acme.test 2');
    const target = identities.open('codex', true, null, 'auth-3');
    expect(identities.list().bundles).toHaveLength(3);
    expect((await target.save({})).bundleName).toBe('Codex');
    expect(identities.list().bundles[2]?.accounts[0]).toMatchObject({ displayName: 'Codex', context: {} });
  });

  it('I-8: blank saves nothing and has no directory', async () => {
    const { identities, root, file, changed } = app();
    const target = identities.open('codex', true, blankBundleId, 'auth-7');
    expect(target.directory).toBeNull();
    target.recordProcess(4711);
    expect(await target.save(ada)).toEqual({ bundleId: 'pending-bundle-for-auth-7' });
    await target.discard();
    expect([file.text, filesUnder(root), changed]).toEqual([undefined, [], []]);
  });

  it('I-10: without a config dir of its own the account is saved and no directory is made', async () => {
    const { identities, root } = app();
    const target = identities.open('codex', false, null, 'auth-1');
    expect(target.directory).toBeNull();
    const { accountId } = await target.save(ada);
    expect(identities.account(accountId ?? '').secretRef).toEqual({ kind: 'machine' });
    expect(filesUnder(root)).toEqual([]);
  });

  it('I-9: every bundle that shows the account hears of it', async () => {
    const { identities, changed, file, data } = app();
    const { accountId, bundleId } = await signIn(identities, null);
    const second = identities.createBundle('Second');
    const content = file.read() as { bindings: unknown[] };
    content.bindings.push({ bundleId: second.id, providerId: 'codex', accountId });
    file.write(content);
    const restarted = identitiesIn(data, file);
    await signIn(restarted.identities, second.id);
    expect(restarted.changed.sort()).toEqual([bundleId, second.id].sort());
    expect(changed).toEqual([bundleId, second.id]);
  });

  it('I-8: an unknown bundle is refused before anything is made', () => {
    const { identities, root } = app();
    expect(() => identities.open('codex', true, 'gone', 'auth-1')).toThrow('unknown_bundle');
    expect(filesUnder(root)).toEqual([]);
  });

  it('S-5: a bundle deleted meanwhile: nothing is saved, and discard removes the directory', async () => {
    const { identities, root, file } = app();
    const work = identities.createBundle('Work');
    const target = identities.open('codex', true, work.id, 'auth-1');
    identities.deleteBundle(work.id);
    const before = file.text;
    await expect(target.save(ada)).rejects.toThrow('could_not_save');
    expect(file.text).toBe(before);
    await target.discard();
    expect(filesUnder(root)).toEqual([]);
  });

  it('S-5: a failing write saves nothing; the login that was there stays', async () => {
    const { identities, root, file } = app();
    const first = await signIn(identities, null);
    const before = file.text;
    const target = identities.open('codex', true, first.bundleId, 'auth-2');
    file.fault = Object.assign(new Error('full'), { code: 'ENOSPC' });
    await expect(target.save(ada)).rejects.toThrow('could_not_save');
    expect(file.text).toBe(before);
    expect(identities.account(first.accountId).secretRef).toMatchObject({ dir: first.directory });
    await target.discard();
    expect(filesUnder(root)).toEqual([
      first.accountId,
      `${first.accountId}/1`,
      `${first.accountId}/1/auth.json`,
    ]);
  });

  it('S-5: no directory can be made: could_not_save at once', () => {
    const { identities, root } = app();
    writeFileSync(root, 'a file where the folder should be');
    expect(() => identities.open('codex', true, null, 'auth-1')).toThrow(LanyardError);
    expect(() => identities.open('codex', true, null, 'auth-1')).toThrow('could_not_save');
  });

  it('S-11: a session that has ended can no longer save', async () => {
    const { identities, file } = app();
    const target = identities.open('codex', true, null, 'auth-1');
    await target.discard();
    await expect(target.save(ada)).rejects.toThrow('session_ended');
    expect(file.text).toBeUndefined();
  });

  it('S-11: an older attempt cannot take the account back from a newer one', async () => {
    const { identities } = app();
    const first = await signIn(identities, null);
    const older = identities.open('codex', true, first.bundleId, 'auth-2');
    const newer = identities.open('codex', true, first.bundleId, 'auth-3');
    await newer.save(ada);
    await expect(older.save(ada)).rejects.toThrow('could_not_save');
    await older.discard();
    expect(identities.account(first.accountId).secretRef).toMatchObject({ dir: newer.directory });
    expect(existsSync(newer.directory ?? '')).toBe(true);
  });

  it('S-12: saving twice, or ending after saving, changes nothing more', async () => {
    const { identities, file, changed } = app();
    const target = identities.open('codex', true, null, 'auth-1');
    const [first, second] = await Promise.all([target.save(ada), target.save(ada)]);
    await target.discard();
    expect(second).toEqual(first);
    expect(file.writes).toBe(1);
    expect(changed).toEqual([first.bundleId]);
    expect(existsSync(target.directory ?? '')).toBe(true);
  });

  it('I-7: two first sign-ins into one bundle leave one account and one directory', async () => {
    const { identities, root } = app();
    const work = identities.createBundle('Work');
    const one = identities.open('codex', true, work.id, 'auth-1');
    const two = identities.open('codex', true, work.id, 'auth-2');
    await one.save(ada);
    const { accountId } = await two.save(ada);
    expect(identities.list().bundles[0]?.accounts.map((account) => account.id)).toEqual([accountId]);
    expect(filesUnder(root)).toEqual([accountId, `${accountId}/1`]);
  });

  it('I-6: the process at work is noted with its start time', async () => {
    const data = temporaryDirectory();
    let told = (_: string) => {};
    const started = new Promise<string>((resolve) => {
      told = resolve;
    });
    const { identities } = identitiesIn(data, undefined, { processStartTime: () => started });
    const target = identities.open('codex', true, null, 'auth-1');
    target.recordProcess(4711);
    told('12:00');
    await started;
    await Promise.resolve();
    expect(JSON.parse(readFileSync(`${target.directory}.pending`, 'utf8'))).toMatchObject({
      sessionId: 'auth-1',
      processes: [{ pid: 4711, startTime: '12:00' }],
    });
  });

  it('I-6: a start time that comes after the save brings no mark back', async () => {
    let told = (_: string) => {};
    const started = new Promise<string>((resolve) => {
      told = resolve;
    });
    const { identities, root } = identitiesIn(temporaryDirectory(), undefined, {
      processStartTime: () => started,
    });
    const target = identities.open('codex', true, null, 'auth-1');
    target.recordProcess(4711);
    await target.save(ada);
    told('12:00');
    await started;
    await Promise.resolve();
    expect(filesUnder(root).some((path) => path.endsWith('.pending'))).toBe(false);
  });

  it('what a provider says too long or empty is not kept, so the row loads again', async () => {
    const { identities, file, data } = app();
    await identities
      .open('codex', true, null, 'auth-1')
      .save({ email: '', organisation: 'x'.repeat(9000), plan: 'pro' });
    const { bundles, problems } = identitiesIn(data, file).identities.list();
    expect(problems).toEqual([]);
    expect(bundles[0]?.accounts[0]).toMatchObject({ displayName: 'Codex', context: { plan: 'pro' } });
  });

  it('I-2: an account goes by its login name where there is no email', async () => {
    const { identities, file, data } = app();
    await identities.open('copilot', true, null, 'auth-1').save({ login: 'ada', accountId: 'ada' });
    const [bundle] = identitiesIn(data, file).identities.list().bundles;
    expect(bundle?.accounts).toMatchObject([{ displayName: 'ada', context: { login: 'ada' } }]);
    const more = { isOnThisMachine: () => false, noteOf: () => ({}) };
    expect(bundle && bundleView(bundle, more).accounts).toMatchObject([{ displayName: 'ada', login: 'ada' }]);
  });

  it('views carry no place of a secret', async () => {
    const { identities } = app();
    const { directory } = await signIn(identities, null);
    const more = { isOnThisMachine: () => false, noteOf: () => ({}) };
    const views = identities.list().bundles.map((bundle) => bundleView(bundle, more));
    expect(views[0]?.accounts[0]).toMatchObject({ email: 'ada@acme.test', organisation: 'Acme' });
    expect(JSON.stringify(views)).not.toContain(directory);
  });
});

describe('API keys', () => {
  const secret = { service: 'Lanyard', account: 'codex/1' };
  const key = { providerId: 'codex', displayName: 'CI key', secret, status: 'valid' } as const;

  it('I-7, I-10: an API key joins as an account without a directory, in one write', async () => {
    const { identities, file, root, changed } = app();
    identities.announceSecret(secret);
    const writes = file.writes;
    const saved = await identities.saveApiKey({ ...key, bundleId: null });
    expect(file.writes).toBe(writes + 1);
    expect(identities.list().bundles[0]).toMatchObject({
      id: saved.bundleId,
      name: 'Codex',
      accounts: [
        {
          id: saved.accountId,
          name: 'codex-api-key',
          kind: 'api-key',
          displayName: 'CI key',
          secretRef: { kind: 'keychain', ...secret },
          status: 'valid',
        },
      ],
    });
    expect(file.read()).toMatchObject({ looseSecrets: [] });
    expect(filesUnder(root)).toEqual([]);
    expect(changed).toEqual([saved.bundleId]);
  });

  it('I-7: a new key replaces the old one in the same row and deletes the old entry', async () => {
    const { identities, vault, file } = app();
    const first = await identities.saveApiKey({ ...key, bundleId: null });
    const next = { service: 'Lanyard', account: 'codex/2' };
    const second = await identities.saveApiKey({ ...key, bundleId: first.bundleId, secret: next });
    expect(second.accountId).toBe(first.accountId);
    expect(vault.deleted).toEqual([secret]);
    expect(file.read()).toMatchObject({ looseSecrets: [] });
  });

  it('I-7: key and login replace each other and leave nothing of the other', async () => {
    const { identities, vault, root } = app();
    const login = await signIn(identities, null);
    await identities.saveApiKey({ ...key, bundleId: login.bundleId });
    expect(filesUnder(root)).toEqual([]);
    await signIn(identities, login.bundleId);
    expect(vault.deleted).toEqual([secret]);
    expect(identities.list().bundles[0]?.accounts).toHaveLength(1);
  });

  it('T-3: a locked keychain keeps the entry noted until a later start deletes it', async () => {
    const { identities, vault, file, data } = app();
    const { accountId } = await identities.saveApiKey({ ...key, bundleId: null });
    vault.answer = { status: 'locked', backend: 'keychain', detail: '' };
    await identities.signOut(accountId);
    expect(file.read()).toMatchObject({ accounts: [], looseSecrets: [secret] });
    const restarted = identitiesIn(data, file);
    await restarted.identities.recover(noProcess);
    expect(restarted.vault.deleted).toEqual([secret]);
    expect(file.read()).toMatchObject({ looseSecrets: [] });
  });

  it('T-3: unlocked, it deletes what it could not delete, and nothing that is on its way in', async () => {
    const { identities, vault, file } = app();
    const { accountId } = await identities.saveApiKey({ ...key, bundleId: null });
    expect(identities.vaultEntries()).toEqual({ used: [secret], loose: [] });
    vault.answer = { status: 'locked', backend: 'sealed-file', detail: '' };
    await identities.signOut(accountId);
    const coming = { ...secret, account: 'codex/coming' };
    identities.announceSecret(coming);
    expect(identities.vaultEntries()).toEqual({ used: [], loose: [secret, coming] });
    await identities.retryDeletions();
    expect(file.read()).toMatchObject({ looseSecrets: [secret, coming] });
    vault.answer = { status: 'ok' };
    vault.deleted.length = 0;
    await identities.retryDeletions();
    await identities.retryDeletions();
    expect(vault.deleted).toEqual([secret]);
    expect(file.read()).toMatchObject({ looseSecrets: [coming] });
  });

  it('K-1: a crash between keychain and store: the next start deletes the announced entry', async () => {
    const { identities, file, data } = app();
    identities.announceSecret(secret);
    const restarted = identitiesIn(data, file);
    await restarted.identities.recover(noProcess);
    expect(restarted.vault.deleted).toEqual([secret]);
  });
});

describe('the next start', () => {
  it('I-6: an attempt that was never ended is removed and its process ended; saved accounts stay', async () => {
    const { identities, file, data, root } = app();
    const saved = await signIn(identities, null);
    identities.open('codex', true, saved.bundleId, 'auth-2');
    const target = identities.open('claude', true, null, 'auth-3');
    target.recordProcess(4711);
    await Promise.resolve();
    await Promise.resolve();
    const restarted = identitiesIn(data, file).identities;
    const ended: number[] = [];
    await restarted.recover(async ({ pid }) => {
      ended.push(pid);
    });
    expect(ended).toEqual([4711]);
    expect(filesUnder(root)).toEqual([
      saved.accountId,
      `${saved.accountId}/1`,
      `${saved.accountId}/1/auth.json`,
    ]);
    expect(restarted.list().problems).toEqual([]);
  });

  it('I-13: nothing is removed for what could not be read', async () => {
    const { identities, file, data, root } = app();
    const { accountId } = await signIn(identities, null);
    identities.open('codex', true, null, 'auth-2');
    const before = filesUnder(root);
    const good = file.text ?? '';

    file.text = good.replace('"schemaVersion":2', '"schemaVersion":9');
    await identitiesIn(data, file).identities.recover(noProcess);
    expect(filesUnder(root)).toEqual(before);

    file.text = undefined;
    const fileProblems = [{ source: 'identities.json', reason: 'It is not JSON.' }];
    const emptied = identitiesIn(data, file, { fileProblems }).identities;
    await emptied.recover(noProcess);
    expect(filesUnder(root)).toEqual(before);
    expect(emptied.list().problems).toEqual(fileProblems);

    file.text = good.replace('"kind":"oauth"', '"kind":"odd"');
    const partial = identitiesIn(data, file).identities;
    await partial.recover(noProcess);
    expect(filesUnder(root).filter((path) => path.startsWith(accountId))).toEqual(
      before.filter((path) => path.startsWith(accountId)),
    );
    expect(partial.list().problems).toHaveLength(2);
  });

  it('I-13, T-2: the key of an account that could not be read moves along with the others', async () => {
    const { identities, file, data } = app();
    const secret = { service: 'Lanyard', account: 'openai/1' };
    identities.announceSecret(secret);
    await identities.saveApiKey({
      providerId: 'openai',
      bundleId: null,
      displayName: 'CI key',
      secret,
      status: 'valid',
    });
    file.text = (file.text ?? '').replace('"kind":"api-key"', '"kind":"odd"');
    const partial = identitiesIn(data, file).identities;
    expect(partial.list().problems.length).toBeGreaterThan(0);
    expect(partial.vaultEntries()).toEqual({ used: [], loose: [secret] });
    // It is nobody's to delete, either.
    await partial.recover(noProcess);
    expect(partial.vaultEntries()).toEqual({ used: [], loose: [secret] });
  });
});
