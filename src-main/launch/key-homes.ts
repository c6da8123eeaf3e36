import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSafeSegment } from '../identities/safe-segment.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { seedText } from '../providers/seed-text.ts';

/**
 * Directories for accounts that are an API key, where the provider's programs prefer a login that they find in their
 * usual directory (`apiKey.home`). No login is ever put there (I-10): that is what they are for.
 */
export class KeyHomes {
  readonly #root: string;

  /** @param root absolute; made when it is needed */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The account's directory, made on its first use; what the programs have changed there since then stays.
   * @returns null where the provider's programs need none
   */
  async of(accountId: string, provider: ProviderDefinition): Promise<string | null> {
    const home = provider.apiKey?.home;
    if (!home) return null;
    const directory = this.#path(accountId);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const file of home.seed) {
      const path = join(directory, file.path);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, seedText(file, directory), { mode: 0o600, flag: 'wx' }).catch(unlessThere);
    }
    return directory;
  }

  /** Removes an account's directory, if it has one. */
  async remove(accountId: string): Promise<void> {
    await rm(this.#path(accountId), { recursive: true, force: true });
  }

  /** Removes the directories of all accounts but these. */
  async keepOnly(accountIds: readonly string[]): Promise<void> {
    for (const name of await readdir(this.#root).catch(() => [])) {
      if (!accountIds.includes(name)) await rm(join(this.#root, name), { recursive: true, force: true });
    }
  }

  #path(accountId: string): string {
    if (!isSafeSegment(accountId)) throw new Error('an account id that is no path segment');
    return join(this.#root, accountId);
  }
}

function unlessThere(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw error;
}
