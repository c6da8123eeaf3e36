import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Account } from '../identities/model.ts';
import type { Log } from '../journal/log.ts';
import { OidcMethod } from '../methods/oidc/oidc-method.ts';
import { IssuerClients, revokeTokens, tokenAccountOf } from '../oauth/account-tokens.ts';
import { BackgroundRefresh } from '../oauth/background-refresh.ts';
import { ListenerNotes } from '../oauth/listener-notes.ts';
import type { Fetch } from '../oauth/provider-http.ts';
import { TokenKeeper } from '../oauth/token-keeper.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import { findPortHolder } from '../process/port-holder.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { FileLock } from '../vault/file-lock.ts';
import type { Redactor } from '../vault/redact.ts';
import type { Vault } from '../vault/vault.ts';

export interface IssuerHouseParts {
  data: string;
  /** The directory of files that ship with the app. */
  resources: string;
  clock: Clock;
  fetch: Fetch;
  redactor: Redactor;
  vault: Vault;
  provider: (providerId: string) => ProviderDefinition | null;
  accounts: () => readonly Account[];
  isVaultOpen: () => Promise<boolean>;
  /** Told when an account's tokens were renewed, or refused for good. */
  onChanged: (accountId: string, what: 'renewed' | 'refused') => void;
  /** Told when something else is known of an account's renewal. */
  onNote: (accountId: string) => void;
  log: Log;
}

export interface IssuerHouse {
  method: OidcMethod;
  keeper: TokenKeeper;
  background: BackgroundRefresh;
  isRevocable: (account: Account) => boolean;
  revoke: (account: Account) => Promise<'done' | 'none'>;
}

/** What signs in to issuers and keeps their tokens, put together. */
export function composeIssuers(parts: IssuerHouseParts): IssuerHouse {
  const { data, resources, clock, fetch, redactor, vault, provider } = parts;
  const pages = join(resources, 'callback');
  const locks = join(data, 'locks');
  mkdirSync(locks, { recursive: true, mode: 0o700 });
  const clients = new IssuerClients({ fetch, clock });
  const keeper: TokenKeeper = new TokenKeeper({
    vault,
    clock,
    lockFor: (accountId) =>
      new FileLock(join(locks, `${accountId}.lock`), {
        clock,
        newId: randomUUID,
        self: async () => ({ pid: process.pid, startTime: (await processStartTime(process.pid)) ?? '' }),
        isRunning: isAlive,
      }),
    issuerFor: ({ provider }) => clients.of(provider),
    onChanged: (accountId, what) => {
      background.changed(accountId);
      parts.onChanged(accountId, what);
    },
  });
  const tokensOf = (account: Account) => tokenAccountOf(account, provider(account.provider));
  const background = new BackgroundRefresh({
    keeper,
    accounts: () => parts.accounts().flatMap((account) => tokensOf(account) ?? []),
    isVaultOpen: parts.isVaultOpen,
    clock,
    random: Math.random,
    onNote: parts.onNote,
    log: parts.log,
  });
  return {
    method: new OidcMethod({
      fetch,
      clock,
      redactor,
      templates: {
        page: readFileSync(join(pages, 'page.html'), 'utf8'),
        style: readFileSync(join(pages, 'page.css'), 'utf8'),
      },
      portHolder: (port) => findPortHolder(port),
      previous: new ListenerNotes(join(data, 'listeners')),
    }),
    keeper,
    background,
    isRevocable: (account) => tokensOf(account) !== null,
    revoke: async (account) => {
      const tokens = tokensOf(account);
      return tokens ? revokeTokens(tokens, keeper) : 'none';
    },
  };
}
