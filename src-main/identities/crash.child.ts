import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../clock.ts';
import { openIdentityStoreFile } from '../house/identity-store-file.ts';
import { ApiKeySignIn } from '../methods/api-key/api-key.ts';
import { openai } from '../providers/openai.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { AccountDirectories, type DirectoryId } from './account-directories.ts';
import { Identities } from './identities.ts';
import { IdentityStore } from './store.ts';

/**
 * A process that changes identities and is killed with SIGKILL at a named moment:
 * `node crash.child.ts <data directory> <moment> <sign-in|sign-in-secret|save-key|sign-out|duplicate|delete> [bundle id] [account id]`.
 * Its keychain is the folder `keychain`, one file per entry; logouts are noted in the file `logouts`.
 */
const [data = '', moment = '', action = '', bundleId = '', accountId = ''] = process.argv.slice(2);

const reached = new Map<string, number>();

/** A step that comes again is `<name>-2`, `<name>-3`, ... */
function reach(name: string): void {
  const count = (reached.get(name) ?? 0) + 1;
  reached.set(name, count);
  if ((count === 1 ? name : `${name}-${count}`) !== moment) return;
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

class CrashingDirectories extends AccountDirectories {
  override create(id: DirectoryId, mark: { sessionId: string; startedAt: number }): string {
    reach('before-create');
    const path = super.create(id, mark);
    reach('after-create');
    return path;
  }
  override condemn(...[id, startedAt, logout, parameters]: Parameters<AccountDirectories['condemn']>): void {
    super.condemn(id, startedAt, logout, parameters);
    reach('after-condemn');
  }
  override confirm(id: DirectoryId): void {
    reach('before-confirm');
    super.confirm(id);
    reach('after-confirm');
  }
  override async remove(id: DirectoryId): Promise<void> {
    reach('before-remove');
    await super.remove(id);
    reach('after-remove');
  }
}

const vault: Pick<Vault, 'set' | 'delete'> = {
  set: async ({ account }, secret) => {
    reach('before-set');
    mkdirSync(dirname(join(data, 'keychain', account)), { recursive: true });
    writeFileSync(join(data, 'keychain', account), secret.reveal());
    reach('after-set');
    return { status: 'ok' };
  },
  delete: async ({ account }) => {
    reach('before-keychain');
    rmSync(join(data, 'keychain', account));
    reach('after-keychain');
    return { status: 'ok' };
  },
};

const { file, source } = openIdentityStoreFile(data, Date.now);
const identities = new Identities({
  store: new IdentityStore(
    {
      read: file.read,
      write: (value) => {
        reach('before-write');
        file.write(value);
        reach('after-write');
      },
    },
    source,
  ),
  directories: new CrashingDirectories(join(data, 'accounts')),
  vault,
  clock: systemClock,
  newId: () => crypto.randomUUID(),
  providerName: (id) => id,
  logout: async (providerId, directory) => {
    reach('before-logout');
    rmSync(join(directory, 'auth.json'), { force: true });
    appendFileSync(join(data, 'logouts'), `${providerId}\n`);
    reach('after-logout');
    return 'done';
  },
  hasLogout: () => true,
  processStartTime: async () => null,
  onChanged: () => {},
});

switch (action) {
  case 'sign-in':
    await identities
      .open('codex', true, bundleId === '' ? null : bundleId, 'auth-crash')
      .save({ accountId: 'u1', email: 'new@acme.test' });
    break;
  case 'sign-in-secret':
    await identities
      .open('claude', true, bundleId === '' ? null : bundleId, 'auth-crash')
      .save({ accountId: 'u1' }, { secret: new Secret('new-token') });
    break;
  case 'save-key':
    await new ApiKeySignIn({
      accounts: identities,
      vault,
      clock: systemClock,
      newId: () => crypto.randomUUID(),
      fetch: () => Promise.reject(new Error('nobody is asked')),
    }).submit({
      provider: openai,
      bundleId: bundleId === '' ? null : bundleId,
      apiKey: new Secret('sk-new-0123456789abcdefghijkl'),
      accountName: 'New key',
      saveWithoutChecking: true,
    });
    break;
  case 'sign-out':
    await identities.signOut(accountId);
    break;
  case 'duplicate':
    identities.duplicateBundle(bundleId);
    break;
  case 'delete':
    await identities.deleteBundle(bundleId);
    break;
  default:
    throw new Error(`there is no ${action}`);
}
process.stdout.write('survived');
