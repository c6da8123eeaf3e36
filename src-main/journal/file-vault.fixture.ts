import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';

/** One entry in a file: a vault that several processes share. */
export function fileVault(path: string): Pick<Vault, 'get' | 'set'> {
  return {
    get: async () => {
      try {
        return { status: 'ok', secret: new Secret(readFileSync(path, 'utf8')) };
      } catch {
        return { status: 'not-found' };
      }
    },
    set: async (_entry, secret) => {
      const unfinished = `${path}.${process.pid}`;
      writeFileSync(unfinished, secret.reveal());
      renameSync(unfinished, path);
      return { status: 'ok' };
    },
  };
}
