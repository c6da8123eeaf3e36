import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesUnder, identitiesIn, temporaryDirectory } from './identities.fixture.ts';

// As in identity-store-file.test.ts: outside Electron its package must not look for the binary.
const environment = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: 'not-used' };
const child = join(import.meta.dirname, 'crash.child.ts');
let open: typeof import('../shell/identity-store-file.ts').openIdentityStoreFile;
beforeAll(async () => {
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= 'not-used';
  open = (await import('../shell/identity-store-file.ts')).openIdentityStoreFile;
});

const app = (data: string) => identitiesIn(data, open(data, Date.now).file);

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
    .save({ email: 'old@acme.test' });
  return { data, bundleId: saved.bundleId, accountId: saved.accountId ?? '' };
}

/** The app starts again; what it lists and what is on disk. */
async function restart(data: string) {
  const { identities, root, directories } = app(data);
  await identities.recover(async () => {});
  const { bundles, problems } = identities.list();
  const accounts = bundles.flatMap((bundle) => bundle.accounts);
  return { accounts, bundles, problems, files: filesUnder(root), directories };
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
    ['after-create', 0],
    ['before-write', 0],
    ['after-write', 1],
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
});
