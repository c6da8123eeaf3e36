import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { planView } from './account-removal.ts';
import { filesUnder, identitiesIn, MemoryStoreFile, temporaryDirectory } from './identities.fixture.ts';
import type { IdentitiesParts } from './identities.ts';

function app(parts: Partial<IdentitiesParts> = {}) {
  const data = temporaryDirectory();
  const file = new MemoryStoreFile();
  return { data, file, ...identitiesIn(data, file, parts) };
}

/** Signs in and writes a credential, as a CLI would. */
async function signIn(
  { identities }: Pick<ReturnType<typeof app>, 'identities'>,
  bundleId: string | null,
  providerId = 'codex',
) {
  const target = identities.open(providerId, true, bundleId, 'auth-1');
  const directory = target.directory ?? '';
  writeFileSync(join(directory, 'auth.json'), '{}');
  const saved = await target.save({ accountId: 'u1', email: 'ada@acme.test' });
  return { bundleId: saved.bundleId, accountId: saved.accountId ?? '', directory };
}

const secret = { service: 'Lanyard', account: 'openai/1' };
const addKey = async ({ identities }: ReturnType<typeof app>, bundleId: string) =>
  (
    await identities.saveApiKey({
      providerId: 'openai',
      displayName: 'CI key',
      secret,
      status: 'valid',
      bundleId,
    })
  ).accountId;

describe('signing out', () => {
  it('I-11: writes first, then runs the logout while the directory is there, then removes it, and reports both', async () => {
    const seen: unknown[] = [];
    const house = app({
      logout: async (providerId, directory) => {
        seen.push([providerId, existsSync(join(directory, 'auth.json')), house.file.read()]);
        return 'done';
      },
    });
    const { accountId, bundleId } = await signIn(house, null);
    expect(planView(house.identities.planSignOut(accountId))).toEqual({
      removed: [
        {
          accountId,
          providerId: 'codex',
          label: 'ada@acme.test',
          steps: ['logout', 'directory'],
          usedBy: ['ada@acme.test'],
        },
      ],
      kept: [],
    });
    const report = await house.identities.signOut(accountId);
    expect(seen).toEqual([['codex', true, expect.objectContaining({ accounts: [], bindings: [] })]]);
    expect(report).toEqual({
      removed: [
        {
          accountId,
          providerId: 'codex',
          label: 'ada@acme.test',
          steps: [
            { what: 'logout', outcome: 'done' },
            { what: 'directory', outcome: 'done' },
          ],
        },
      ],
      kept: [],
    });
    expect(house.identities.bundle(bundleId).accounts).toEqual([]);
    expect(filesUnder(house.root)).toEqual([]);
    expect(house.changed).toEqual([bundleId, bundleId]);
    await expect(house.identities.signOut(accountId)).rejects.toThrow('unknown_account');
  });

  it('I-11: takes the account out of every bundle that shares it', async () => {
    const house = app();
    const { accountId, bundleId } = await signIn(house, null);
    const copy = house.identities.duplicateBundle(bundleId);
    expect(house.identities.planSignOut(accountId).removed[0]?.usedBy.map(({ id }) => id)).toEqual([
      bundleId,
      copy.id,
    ]);
    house.changed.length = 0;
    await house.identities.signOut(accountId);
    expect(house.file.read()).toMatchObject({ accounts: [], bindings: [] });
    expect(house.changed).toEqual([bundleId, copy.id]);
  });

  it.each([
    [new Error('offline'), 'logout_failed'],
    [
      new LanyardError({ code: 'program_not_found', title: 'Gone', hint: 'Install it.' }),
      'program_not_found',
    ],
  ])('I-11: a logout that fails (%s) is reported, and the rest goes on', async (error, code) => {
    const house = app({ logout: () => Promise.reject(error) });
    const { accountId } = await signIn(house, null);
    const { removed } = await house.identities.signOut(accountId);
    expect(removed[0]?.steps).toEqual([
      { what: 'logout', outcome: 'failed', failure: expect.objectContaining({ code }) },
      { what: 'directory', outcome: 'done' },
    ]);
    expect(filesUnder(house.root)).toEqual([]);
  });

  it('I-11: a provider without a logout of its own is no failure', async () => {
    const house = app({ logout: async () => 'none', hasLogout: () => false });
    const { accountId } = await signIn(house, null);
    expect(house.identities.planSignOut(accountId).removed[0]?.steps).toEqual(['directory']);
    const { removed } = await house.identities.signOut(accountId);
    expect(removed[0]?.steps[0]).toEqual({ what: 'logout', outcome: 'not-there' });
  });

  it('I-11: when the write fails nothing has happened: no logout, no mark, the directory is there', async () => {
    const house = app();
    const { accountId, directory } = await signIn(house, null);
    house.file.fault = new Error('full');
    await expect(house.identities.signOut(accountId)).rejects.toThrow('could_not_save');
    expect(existsSync(join(directory, 'auth.json'))).toBe(true);
    expect(filesUnder(house.root).some((path) => path.endsWith('.pending'))).toBe(false);
    expect(house.loggedOut).toEqual([]);
  });

  it.each([
    ['ok', { what: 'keychain', outcome: 'done' }],
    ['not-found', { what: 'keychain', outcome: 'not-there' }],
    [
      'locked',
      { what: 'keychain', outcome: 'later', failure: expect.objectContaining({ code: 'keychain_locked' }) },
    ],
  ] as const)('I-11: a keychain that says %s is reported', async (status, step) => {
    const house = app();
    const work = house.identities.createBundle('Work');
    const accountId = await addKey(house, work.id);
    house.vault.answer = status === 'locked' ? { status, backend: 'keychain', detail: '' } : { status };
    expect(house.identities.planSignOut(accountId).removed[0]?.steps).toEqual(['keychain']);
    const { removed } = await house.identities.signOut(accountId);
    expect(removed[0]?.steps).toEqual([step]);
    expect(house.vault.deleted).toEqual([secret]);
    expect(house.loggedOut).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')(
    'I-5, I-11: a directory swapped for a link is left alone and reported; nothing runs in it; the row goes',
    async () => {
      const house = app();
      const { accountId, directory } = await signIn(house, null);
      rmSync(directory, { recursive: true });
      writeFileSync(join(house.data, 'kept'), 'x');
      symlinkSync(house.data, directory);
      const { removed } = await house.identities.signOut(accountId);
      expect(removed[0]?.steps).toEqual([
        { what: 'directory', outcome: 'failed', failure: expect.objectContaining({ code: 'unsafe_path' }) },
      ]);
      expect(house.loggedOut).toEqual([]);
      expect(house.identities.list().bundles[0]?.accounts).toEqual([]);
      expect(existsSync(join(house.data, 'kept'))).toBe(true);
    },
  );

  it.runIf(process.platform !== 'win32')(
    'I-5, I-11: a link planted in the directory is not followed',
    async () => {
      const house = app();
      const { accountId, directory } = await signIn(house, null);
      const outside = join(house.data, 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'kept'), 'x');
      symlinkSync(outside, join(directory, 'link'));
      await house.identities.signOut(accountId);
      expect(filesUnder(house.root)).toEqual([]);
      expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('x');
    },
  );
});

describe('deleting a bundle', () => {
  it('I-11: signs out of what is its own, leaves what others use, and says both before and after', async () => {
    const house = app();
    const work = house.identities.createBundle('Work');
    const shared = await signIn(house, work.id, 'codex');
    const other = house.identities.duplicateBundle(work.id);
    const own = await signIn(house, work.id, 'claude');
    const key = await addKey(house, work.id);
    const expected = {
      removed: [
        { accountId: own.accountId, providerId: 'claude', label: 'ada@acme.test' },
        { accountId: key, providerId: 'openai', label: 'CI key' },
      ],
      kept: [
        { accountId: shared.accountId, providerId: 'codex', label: 'ada@acme.test', keptBy: ['Work 2'] },
      ],
    };
    const plan = house.identities.planDelete(work.id);
    expect(planView(plan)).toMatchObject(expected);
    expect(plan.directories).toEqual([own.directory]);
    house.changed.length = 0;
    const report = await house.identities.deleteBundle(work.id);
    expect(report).toMatchObject(expected);
    expect(report.removed.map(({ steps }) => steps.map(({ what, outcome }) => `${what} ${outcome}`))).toEqual(
      [['logout done', 'directory done'], ['keychain done']],
    );
    expect(house.loggedOut).toEqual([`claude ${own.directory}`]);
    expect(house.identities.list().bundles.map(({ name }) => name)).toEqual(['Work 2', 'No credentials']);
    expect(house.identities.boundAccount(other.id, 'codex')?.id).toBe(shared.accountId);
    expect(filesUnder(house.root)).toEqual([
      shared.accountId,
      `${shared.accountId}/1`,
      `${shared.accountId}/1/auth.json`,
    ]);
    expect(house.changed).toEqual([work.id]);
    expect(house.file.read()).toMatchObject({ looseSecrets: [] });
  });

  it('I-11: deleting the copies one after the other removes the account with the last', async () => {
    const house = app();
    const { bundleId } = await signIn(house, null);
    const copy = house.identities.duplicateBundle(bundleId);
    expect((await house.identities.deleteBundle(copy.id)).removed).toEqual([]);
    expect(house.loggedOut).toEqual([]);
    expect((await house.identities.deleteBundle(bundleId)).removed).toHaveLength(1);
    expect(filesUnder(house.root)).toEqual([]);
  });

  it('I-11: when the write fails nothing has happened', async () => {
    const house = app();
    const { bundleId, directory } = await signIn(house, null);
    house.file.fault = new Error('full');
    await expect(house.identities.deleteBundle(bundleId)).rejects.toThrow('could_not_save');
    expect(house.identities.bundle(bundleId).accounts).toHaveLength(1);
    expect(existsSync(directory)).toBe(true);
    expect(house.loggedOut).toEqual([]);
  });

  it('I-11: what is not there cannot be deleted', async () => {
    const { identities } = app();
    await expect(identities.deleteBundle('gone')).rejects.toThrow('unknown_bundle');
    expect(() => identities.planDelete('gone')).toThrow('unknown_bundle');
  });
});

describe('a login of the machine', () => {
  const found = { providerId: 'codex', identity: { accountId: 'u1', email: 'ada@home.test' } };

  it('I-15: is kept as a pointer, and signing out removes the pointer alone', async () => {
    const house = app();
    const own = join(house.data, 'home', '.codex');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'auth.json'), 'mine');
    const { accountId, bundleId } = await house.identities.adopt({
      ...found,
      directory: own,
      bundleId: null,
    });
    expect(house.identities.bundle(bundleId)).toMatchObject({ name: 'ada@home.test' });
    expect(house.identities.account(accountId)).toMatchObject({
      kind: 'oauth',
      status: 'valid',
      secretRef: { kind: 'oauth-config-dir', dir: own },
    });
    expect(house.identities.isOnThisMachine(house.identities.account(accountId))).toBe(true);
    expect(house.identities.planDelete(bundleId).directories).toEqual([]);
    const { removed } = await house.identities.deleteBundle(bundleId);
    expect(removed[0]?.steps).toEqual([{ what: 'pointer', outcome: 'done' }]);
    expect(house.loggedOut).toEqual([]);
    expect(readFileSync(join(own, 'auth.json'), 'utf8')).toBe('mine');
    expect(filesUnder(house.root)).toEqual([]);
  });

  it('I-15: the usual place is no directory at all', async () => {
    const house = app();
    const { accountId } = await house.identities.adopt({ ...found, directory: null, bundleId: null });
    expect(house.identities.account(accountId).secretRef).toEqual({ kind: 'machine' });
    expect((await house.identities.signOut(accountId)).removed[0]?.steps).toEqual([
      { what: 'pointer', outcome: 'done' },
    ]);
    expect(house.loggedOut).toEqual([]);
  });

  it('I-15: adopted into a second bundle it is the same account', async () => {
    const house = app();
    const first = await house.identities.adopt({ ...found, directory: null, bundleId: null });
    const work = house.identities.createBundle('Work');
    const second = await house.identities.adopt({ ...found, directory: null, bundleId: work.id });
    expect(second.accountId).toBe(first.accountId);
    expect(house.identities.bundlesThatAdopted('codex', null).map(({ name }) => name)).toEqual([
      'ada@home.test',
      'Work',
    ]);
    expect(house.identities.bundlesThatAdopted('claude', null)).toEqual([]);
  });

  it('I-15: takes no account’s place', async () => {
    const house = app();
    const { bundleId } = await signIn(house, null);
    const before = house.file.text;
    await expect(house.identities.adopt({ ...found, directory: null, bundleId })).rejects.toThrow(
      'provider_taken',
    );
    expect(house.file.text).toBe(before);
    expect(filesUnder(house.root)).toHaveLength(3);
  });

  it('I-7, I-15: signing in again makes it an account of ours and leaves the machine’s login', async () => {
    const house = app();
    const own = join(house.data, 'home', '.codex');
    mkdirSync(own, { recursive: true });
    const { bundleId, accountId } = await house.identities.adopt({
      ...found,
      directory: own,
      bundleId: null,
    });
    await signIn(house, bundleId);
    expect(house.identities.isOnThisMachine(house.identities.account(accountId))).toBe(false);
    expect(existsSync(own)).toBe(true);
    expect(house.loggedOut).toEqual([]);
  });
});

describe('the next start', () => {
  it('I-6, I-11: runs a logout that was due, where the account is gone, and then removes the directory', async () => {
    const house = app();
    const { accountId, directory } = await signIn(house, null);
    house.directories.condemn({ accountId, generation: 1 }, 0, 'codex');
    house.store.change((draft) => {
      draft.accounts = [];
      draft.bindings = [];
    });
    const restarted = identitiesIn(house.data, house.file);
    await restarted.identities.recover(async () => {});
    expect(restarted.loggedOut).toEqual([`codex ${directory}`]);
    expect(filesUnder(house.root)).toEqual([]);
  });

  it('I-11: a logout knows what the account was signed in with, now and after a crash', async () => {
    const house = app();
    const calls: unknown[][] = [];
    const logout = async (...asked: unknown[]) => {
      calls.push(asked);
      return 'done' as const;
    };
    const { identities, directories, store } = identitiesIn(house.data, house.file, { logout });
    const parameters = { host: 'ghe.acme.example' };
    const signInWith = async (session: string) => {
      const target = identities.open('codex', true, null, session, { flowId: 'device', parameters });
      const { accountId } = await target.save({});
      return { accountId: accountId ?? '', directory: target.directory };
    };
    const now = await signInWith('s1');
    await identities.signOut(now.accountId);
    const later = await signInWith('s2');
    directories.condemn({ accountId: later.accountId, generation: 1 }, 0, 'codex', parameters);
    store.change((draft) => {
      draft.accounts = [];
      draft.bindings = [];
    });
    await identitiesIn(house.data, house.file, { logout }).identities.recover(async () => {});
    expect(calls).toEqual([
      ['codex', now.directory, parameters],
      ['codex', later.directory, parameters],
    ]);
  });

  it('I-6, I-11: does not log out of an account that is still there', async () => {
    const house = app();
    const { accountId } = await signIn(house, null);
    house.directories.condemn({ accountId, generation: 1 }, 0, 'codex');
    const restarted = identitiesIn(house.data, house.file);
    await restarted.identities.recover(async () => {});
    expect(restarted.loggedOut).toEqual([]);
    expect(filesUnder(house.root)).toEqual([accountId, `${accountId}/1`, `${accountId}/1/auth.json`]);
  });
});
