import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { openIdentityStoreFile } from '../shell/identity-store-file.ts';
import { AccountDirectories, type DirectoryId } from './account-directories.ts';
import { Identities } from './identities.ts';
import { IdentityStore } from './store.ts';

/**
 * A process that signs in (or out) and is killed with SIGKILL at a named moment:
 * `node crash.child.ts <data directory> <moment> <sign-in|sign-out> [bundle id] [account id]`.
 */
const [data = '', moment = '', action = '', bundleId, accountId = ''] = process.argv.slice(2);

function reach(name: string): void {
  if (name !== moment) return;
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
  override condemn(id: DirectoryId, startedAt: number): void {
    super.condemn(id, startedAt);
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
  vault: { delete: async () => ({ status: 'not-found' }) },
  clock: systemClock,
  newId: () => crypto.randomUUID(),
  providerName: (id) => id,
  processStartTime: async () => null,
  onChanged: () => {},
});

if (action === 'sign-out') await identities.signOut(accountId, async () => {});
else {
  const target = identities.open('codex', true, bundleId ?? null, 'auth-crash');
  await target.save({ email: 'new@acme.test' });
}
process.stdout.write('survived');
