import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault, VaultDelete, VaultEntry, VaultRead, VaultWrite } from '../vault/vault.ts';
import { AccountDirectories } from './account-directories.ts';
import { Identities, type IdentitiesParts } from './identities.ts';
import { IdentityStore, type StoreFile } from './store.ts';

/** A temporary directory that goes when the test ends. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'lanyard-identities-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** JSON in memory, with a write that fails on request: a full disk is hard to get otherwise. */
export class MemoryStoreFile implements StoreFile {
  text: string | undefined;
  writes = 0;
  fault: Error | null = null;

  constructor(content?: unknown) {
    if (content !== undefined) this.text = JSON.stringify(content);
  }

  read(): unknown {
    return this.text === undefined ? undefined : JSON.parse(this.text);
  }

  write(value: unknown): void {
    if (this.fault) throw this.fault;
    this.writes += 1;
    this.text = JSON.stringify(value);
  }
}

/** Keeps what it is given and records deletions; answers as told. */
export class MemoryVault implements Vault {
  readonly deleted: VaultEntry[] = [];
  readonly kept: { entry: VaultEntry; text: string }[] = [];
  answer: VaultDelete = { status: 'ok' };
  setAnswer: VaultWrite = { status: 'ok' };

  async get({ service, account }: VaultEntry): Promise<VaultRead> {
    const found = this.kept.find(({ entry }) => entry.service === service && entry.account === account);
    return found ? { status: 'ok', secret: new Secret(found.text) } : { status: 'not-found' };
  }

  async set(entry: VaultEntry, secret: Secret): Promise<VaultWrite> {
    if (this.setAnswer.status === 'ok') this.kept.push({ entry, text: secret.reveal() });
    return this.setAnswer;
  }

  async delete(entry: VaultEntry): Promise<VaultDelete> {
    this.deleted.push(entry);
    return this.answer;
  }
}

/** The app's identities over a data directory; a second one over the same parts is the app after a restart. */
export function identitiesIn(
  data: string,
  file: StoreFile = new MemoryStoreFile(),
  parts: Partial<IdentitiesParts> = {},
) {
  const changed: string[] = [];
  const loggedOut: string[] = [];
  const clock = new ManualClock();
  const vault = new MemoryVault();
  const root = join(data, 'accounts');
  const directories = new AccountDirectories(root);
  const store = new IdentityStore(file, 'identities.json');
  const identities = new Identities({
    store,
    directories,
    vault,
    clock,
    newId: () => crypto.randomUUID(),
    providerName: (id) => ({ codex: 'Codex', claude: 'Claude Code' })[id] ?? id,
    logout: async (providerId, directory) => {
      loggedOut.push(`${providerId} ${directory}`);
      return 'done';
    },
    hasLogout: () => true,
    processStartTime: async () => 'then',
    onChanged: (bundleId) => changed.push(bundleId),
    ...parts,
  });
  return { identities, store, directories, root, clock, vault, changed, loggedOut };
}

/** Everything under a directory, as sorted relative paths. */
export function filesUnder(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}
