import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { FileLock } from '../vault/file-lock.ts';
import type { Vault } from '../vault/vault.ts';
import { OidcClient } from './oidc-client.ts';
import { type TokenAccount, type TokenIssuer, TokenKeeper } from './token-keeper.ts';

export const account: TokenAccount = {
  id: 'account-1',
  entry: { service: 'Lanyard test', account: 'account-1' },
  provider: sampleDefinition({ name: 'Example' }),
};

export const settings = (issuer: string, clientId: string) => ({
  issuer,
  clientId,
  scopes: ['openid', 'email', 'offline_access'],
  parameters: { prompt: 'consent' },
  restriction: null,
});

/** A keeper as the app makes it. */
export function keeperOf(
  vault: Vault,
  lockPath: string,
  issuer: () => Promise<TokenIssuer>,
  clock: Clock = systemClock,
  onChanged: (accountId: string, what: 'renewed' | 'refused') => void = () => {},
): TokenKeeper {
  return new TokenKeeper({
    vault,
    clock,
    lockFor: () =>
      new FileLock(lockPath, {
        clock: systemClock,
        self: async () => ({ pid: process.pid, startTime: (await processStartTime(process.pid)) ?? '' }),
        isRunning: isAlive,
        newId: randomUUID,
      }),
    issuerFor: issuer,
    onChanged,
  });
}

export function discovered(issuer: string, clientId: string): Promise<OidcClient> {
  return OidcClient.discover(settings(issuer, clientId), { fetch, clock: systemClock });
}
