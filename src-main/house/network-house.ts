import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Log } from '../journal/log.ts';
import { AuthorityStore } from '../network/authority-files.ts';
import { Network } from '../network/network.ts';
import type { Transport } from '../network/transport.ts';
import { openJsonFile } from '../programs/json-file.ts';
import type { Redactor } from '../vault/redact.ts';
import type { Vault } from '../vault/vault.ts';

export interface NetworkHouseParts {
  /** The data directory. */
  data: string;
  transport: Transport;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  redactor: Redactor;
  log: Log;
  /** Asked only when there is a password in it. */
  vault: () => Vault;
  onChanged: () => void;
}

/** How Lanyard and what it starts reach the network, put together. */
export function composeNetwork({ data, vault, ...parts }: NetworkHouseParts): Network {
  return new Network({
    ...parts,
    file: openJsonFile(join(data, 'network.json')),
    authorities: new AuthorityStore(join(data, 'network'), parts.environment),
    // The vault starts programs itself, which inherit the network.
    vault: {
      get: (entry) => vault().get(entry),
      set: (entry, secret) => vault().set(entry, secret),
      delete: (entry) => vault().delete(entry),
    },
  });
}
