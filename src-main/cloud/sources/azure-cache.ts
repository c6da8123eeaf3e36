import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';
import type { AzureIssuerParts } from '../issuers/azure.ts';

/** The Azure CLI's own client, of which its cache holds tokens. */
export const azureCliClient = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/**
 * The cache of tokens in a directory of the Azure CLI, as MSAL serialises it (2.30 or later): one store, read and
 * written in place, never a copy.
 *
 * @param mayWrite false for the machine's own login, which we only read
 */
export function azureCliCache(directory: string, mayWrite: boolean): AzureIssuerParts['cache'] {
  const file = join(directory, 'msal_token_cache.json');
  return {
    read: async () => {
      try {
        return new Secret(await readFile(file, 'utf8'));
      } catch (cause) {
        throw new LanyardError(
          {
            code: 'azure_sign_in_unreadable',
            title: 'The sign-in of the Azure CLI cannot be read.',
            // DPAPI: `msal_token_cache.bin`.
            hint:
              process.platform === 'win32'
                ? 'On Windows the Azure CLI encrypts it for itself: run it with AZURE_CORE_ENCRYPT_TOKEN_CACHE=false to sign in.'
                : 'Sign in to Azure again.',
          },
          { cause },
        );
      }
    },
    write: async (cache) => {
      if (!mayWrite) return;
      const next = `${file}.${process.pid}.tmp`;
      try {
        await writeFile(next, cache.reveal(), { mode: 0o600 });
        await rename(next, file);
      } catch (error) {
        await rm(next, { force: true });
        throw error;
      }
    },
  };
}

/**
 * The directory and client that an Azure CLI's login is of.
 * @returns the tenants in which the cache has an account, in its order
 */
export async function tenantsIn(cache: AzureIssuerParts['cache']): Promise<string[]> {
  const parsed: unknown = JSON.parse((await cache.read()).reveal());
  const accounts = isRecord(parsed) && isRecord(parsed.Account) ? Object.values(parsed.Account) : [];
  const tenants = accounts.flatMap((account) =>
    isRecord(account) && typeof account.realm === 'string' ? [account.realm] : [],
  );
  return [...new Set(tenants)].filter((tenant) => tenant !== 'organizations');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
