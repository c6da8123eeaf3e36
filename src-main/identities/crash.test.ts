import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesUnder, identitiesIn, temporaryDirectory } from './identities.fixture.ts';

// As in identity-store-file.test.ts: outside Electron its package must not look for the binary.
const environment = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: 'not-used' };
const child = join(import.meta.dirname, 'crash.child.ts');
let open: typeof import('../house/identity-store-file.ts').openIdentityStoreFile;
beforeAll(async () => {
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= 'not-used';
  open = (await import('../house/identity-store-file.ts')).openIdentityStoreFile;
});

/** The app over the child's data, with the child's keychain and logouts. */
const app = (data: string) =>
  identitiesIn(data, open(data, Date.now).file, {
    vault: {
      set: async () => ({ status: 'ok' }),
      delete: async ({ account }) => {
        const path = join(data, 'keychain', account);
        if (!existsSync(path)) return { status: 'not-found' };
        rmSync(path);
        return { status: 'ok' };
      },
    },
    logout: async (providerId) => {
      appendFileSync(join(data, 'logouts'), `${providerId}\n`);
      return 'done';
    },
  });

/** Runs the child and expects it to die by SIGKILL at that moment. */
function killedAt(moment: string, data: string, ...action: string[]): void {
  const run = spawnSync(process.execPath, [child, data, moment, ...action], {
    env: environment,
    encoding: 'utf8',
  });
  expect({ signal: run.signal, stderr: run.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
}

async function withSavedAccount() {
  const data = temporaryDirectory();
  const saved = await app(data)
    .identities.open('codex', true, null, 'auth-1')
    .save({ accountId: 'u1', email: 'old@acme.test' });
  return { data, bundleId: saved.bundleId, accountId: saved.accountId ?? '' };
}

/** The app starts again; what it lists and what is on disk. */
async function restart(data: string) {
  const { identities, root, directories, store } = app(data);
  await identities.recover(async () => {});
  const { bundles, problems } = identities.list();
  const accounts = bundles.flatMap((bundle) => bundle.accounts);
  return { accounts, bundles, problems, files: filesUnder(root), directories, store };
}

describe.skipIf(process.platform === 'win32')('killed with SIGKILL', () => {
  it.each([
    ['before-create', 'old'],
    ['after-create', 'old'],
    ['after-condemn', 'old'],
    ['before-write', 'old'],
    ['after-write', 'new'],
    ['before-confirm', 'new'],
    ['after-confirm', 'new'],
    ['before-remove', 'new'],
    ['after-remove', 'new'],
  ])('I-6, I-7: signing in again, %s: the %s login, whole, and nothing else', async (moment, expected) => {
    const { data, bundleId, accountId } = await withSavedAccount();
    killedAt(moment, data, 'sign-in', bundleId);
    const { accounts, files, problems } = await restart(data);
    const generation = expected === 'old' ? 1 : 2;
    expect(accounts).toEqual([
      expect.objectContaining({
        id: accountId,
        displayName: `${expected}@acme.test`,
        secretRef: {
          kind: 'oauth-config-dir',
          dir: join(data, 'accounts', accountId, String(generation)),
        },
      }),
    ]);
    expect(files).toEqual([accountId, `${accountId}/${generation}`]);
    expect(problems).toEqual([]);
  });

  it.each([
    ['before-create', 0],
    ['after-create', 0],
    ['before-write', 0],
    ['after-write', 1],
    ['before-confirm', 1],
    ['after-confirm', 1],
  ])(
    'I-6, S-5: a first sign-in, %s: %d accounts and as many bundles and directories',
    async (moment, count) => {
      const data = temporaryDirectory();
      killedAt(moment, data, 'sign-in');
      const { accounts, bundles, files, problems } = await restart(data);
      expect(accounts).toHaveLength(count);
      expect(bundles.filter((bundle) => !bundle.blank)).toHaveLength(count);
      expect(files).toEqual(accounts.flatMap((account) => [account.id, `${account.id}/1`]));
      expect(problems).toEqual([]);
    },
  );

  it.each([
    ['after-condemn', 1],
    ['before-write', 1],
    ['after-write', 0],
    ['before-logout', 0],
    ['after-logout', 0],
    ['before-remove', 0],
    ['after-remove', 0],
  ])('I-6: signing out, %s: %d accounts and as many directories', async (moment, count) => {
    const { data, bundleId, accountId } = await withSavedAccount();
    killedAt(moment, data, 'sign-out', bundleId, accountId);
    const { accounts, files, problems } = await restart(data);
    expect(accounts).toHaveLength(count);
    expect(files).toEqual(accounts.flatMap((account) => [account.id, `${account.id}/1`]));
    expect(problems).toEqual([]);
  });

  /** The entries in a keychain of files. */
  const entriesIn = (data: string): string[] =>
    existsSync(join(data, 'keychain'))
      ? readdirSync(join(data, 'keychain'), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(join(data, 'keychain'), join(entry.parentPath, entry.name)))
      : [];

  it.each([
    ['save-key', 'before-write', 0],
    ['save-key', 'after-write', 0],
    ['save-key', 'before-set', 0],
    ['save-key', 'after-set', 0],
    ['save-key', 'before-write-2', 0],
    ['save-key', 'after-write-2', 1],
    ['sign-in-secret', 'before-set', 0],
    ['sign-in-secret', 'after-set', 0],
    ['sign-in-secret', 'before-write-2', 0],
    ['sign-in-secret', 'after-write-2', 1],
    ['sign-in-secret', 'before-remove', 1],
    ['sign-in-secret', 'after-remove', 1],
  ])('I-6, S-5: %s, killed %s: %d accounts, and as many keychain entries', async (action, moment, count) => {
    const data = temporaryDirectory();
    killedAt(moment, data, action);
    const { accounts, bundles, files, problems, store } = await restart(data);
    expect(accounts).toHaveLength(count);
    expect(bundles.filter((bundle) => !bundle.blank)).toHaveLength(count);
    const kept = accounts.map(({ secretRef }) => (secretRef.kind === 'keychain' ? secretRef.account : null));
    expect(entriesIn(data)).toEqual(kept);
    expect(store.state.looseSecrets).toEqual([]);
    expect(files).toEqual([]);
    expect(problems).toEqual([]);
  });

  it.each([
    ['after-set', 'old'],
    ['before-write-2', 'old'],
    ['after-write-2', 'new'],
    ['before-keychain', 'new'],
    ['after-keychain', 'new'],
  ])(
    'I-6, I-7: another key for the same account, killed %s: the %s key, and no other',
    async (moment, expected) => {
      const data = temporaryDirectory();
      mkdirSync(join(data, 'keychain', 'openai'), { recursive: true });
      writeFileSync(join(data, 'keychain', 'openai', 'old'), 'sk-old');
      const { identities } = app(data);
      const { id } = identities.createBundle('Work');
      const saved = await identities.saveApiKey({
        providerId: 'openai',
        bundleId: id,
        displayName: 'Old key',
        secret: { service: 'Lanyard', account: 'openai/old' },
        status: 'valid',
      });
      killedAt(moment, data, 'save-key', id);
      const { accounts, store, problems } = await restart(data);
      expect(accounts).toEqual([
        expect.objectContaining({
          id: saved.accountId,
          displayName: expected === 'old' ? 'Old key' : 'New key',
        }),
      ]);
      const [account] = accounts;
      const entry = account?.secretRef.kind === 'keychain' ? account.secretRef.account : '';
      expect(entry === 'openai/old').toBe(expected === 'old');
      expect(entriesIn(data)).toEqual([entry]);
      expect(store.state.looseSecrets).toEqual([]);
      expect(problems).toEqual([]);
    },
  );

  /** Work with a login of its own, a key of its own, and a login that it shares with Home. */
  async function withTwoBundles() {
    const data = temporaryDirectory();
    mkdirSync(join(data, 'keychain'));
    writeFileSync(join(data, 'keychain', 'openai'), 'key');
    const { identities } = app(data);
    const work = identities.createBundle('Work');
    const signIn = async (providerId: string) => {
      const target = identities.open(providerId, true, work.id, 'auth-1');
      writeFileSync(join(target.directory ?? '', 'auth.json'), '{}');
      return (await target.save({ email: `${providerId}@acme.test` })).accountId ?? '';
    };
    const shared = await signIn('codex');
    identities.renameBundle(identities.duplicateBundle(work.id).id, 'Home');
    const own = await signIn('claude');
    const key = await identities.saveApiKey({
      providerId: 'openai',
      bundleId: work.id,
      displayName: 'CI key',
      secret: { service: 'Lanyard', account: 'openai' },
      status: 'valid',
    });
    return { data, bundleId: work.id, shared, own, key: key.accountId };
  }

  it.each([
    ['before-write', ['Work', 'Home']],
    ['after-write', ['Work', 'Work 2', 'Home']],
  ])('I-6: duplicating, %s: %j, and the accounts as they were', async (moment, names) => {
    const { data, bundleId, shared, own, key } = await withTwoBundles();
    const before = filesUnder(join(data, 'accounts'));
    killedAt(moment, data, 'duplicate', bundleId);
    const { bundles, files, problems } = await restart(data);
    expect(bundles.map(({ name }) => name)).toEqual([...names, 'No credentials']);
    for (const { name, accounts } of bundles.filter(({ blank }) => !blank)) {
      expect(accounts.map(({ id }) => id)).toEqual(name === 'Home' ? [shared] : [shared, own, key]);
    }
    expect(files).toEqual(before);
    expect(readdirSync(join(data, 'keychain'))).toEqual(['openai']);
    expect(problems).toEqual([]);
  });

  it.each([
    ['after-condemn', 'old'],
    ['before-write', 'old'],
    ['after-write', 'new'],
    ['before-logout', 'new'],
    ['after-logout', 'new'],
    ['before-remove', 'new'],
    ['after-remove', 'new'],
    ['before-keychain', 'new'],
    ['after-keychain', 'new'],
    ['before-write-2', 'new'],
    ['after-write-2', 'new'],
  ])('I-6, I-11: deleting a bundle, %s: the %s state, whole', async (moment, expected) => {
    const { data, bundleId, shared, own, key } = await withTwoBundles();
    killedAt(moment, data, 'delete', bundleId);
    const { bundles, files, problems, store } = await restart(data);
    const isOld = expected === 'old';
    expect(bundles.map(({ name, accounts }) => [name, accounts.map(({ id }) => id)])).toEqual([
      ...(isOld ? [['Work', [shared, own, key]]] : []),
      ['Home', [shared]],
      ['No credentials', []],
    ]);
    expect(store.state.accounts).toHaveLength(isOld ? 3 : 1);
    const left = isOld ? [shared, own] : [shared];
    expect(files).toEqual(left.flatMap((id) => [id, `${id}/1`, `${id}/1/auth.json`]).sort());
    expect(readdirSync(join(data, 'keychain'))).toEqual(isOld ? ['openai'] : []);
    expect(store.state.looseSecrets).toEqual([]);
    // An old state is signed in, a new one signed out, also where the crash came before the logout.
    const logouts = existsSync(join(data, 'logouts')) ? readFileSync(join(data, 'logouts'), 'utf8') : '';
    expect(new Set(logouts.split('\n').filter((line) => line !== ''))).toEqual(
      new Set(isOld ? [] : ['claude']),
    );
    expect(problems).toEqual([]);
  });
});
