import {
  GetRoleCredentialsCommand,
  ListAccountRolesCommand,
  ListAccountsCommand,
  type SSOClient,
} from '@aws-sdk/client-sso';
import { CreateTokenCommand } from '@aws-sdk/client-sso-oidc';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';
import type { AwsKeys } from '../aws-credentials.ts';
import { type SsoServices, ssoOidcClient, ssoPortalClient } from './sso-clients.ts';
import { type CachedToken, cachedTime, newestToken, writeToken } from './sso-token-file.ts';

/** An account that a sign-in at IAM Identity Center may use. */
export interface SsoAccount {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
}

export interface AwsSsoParts extends SsoServices {
  clock: Clock;
}

/** A sign-in of the AWS CLI: the home directory that it keeps its cache under. */
export interface SsoLogin {
  /** Absolute. */
  readonly home: string;
  /** False for the machine's own login, which we only read: then its token is not renewed here. */
  readonly mayWrite: boolean;
}

const aheadMs = 300_000;
const mostPages = 50;

/**
 * What a sign-in at AWS IAM Identity Center gives: its accounts, their roles, and credentials of a role. It uses the
 * token that the AWS CLI keeps, and renews it as the CLI does, into the same file: one login, never a copy (I-15).
 */
export class AwsSso {
  readonly #parts: AwsSsoParts;
  readonly #renewals = new Map<string, Promise<CachedToken>>();
  readonly #held = new Map<string, { keys: AwsKeys; expiresAt: number }>();

  constructor(parts: AwsSsoParts) {
    this.#parts = parts;
  }

  /** @throws LanyardError `aws_sign_in_expired`, `aws_unreachable`, `aws_sso_refused` */
  async accounts(login: SsoLogin): Promise<SsoAccount[]> {
    return this.#ask(login, async (client, accessToken) => {
      const accounts: SsoAccount[] = [];
      let nextToken: string | undefined;
      for (let page = 0; page < mostPages; page++) {
        const answer = await client.send(
          new ListAccountsCommand({ accessToken, maxResults: 100, ...(nextToken ? { nextToken } : {}) }),
        );
        for (const { accountId, accountName, emailAddress } of answer.accountList ?? []) {
          if (!accountId) continue;
          const email = emailAddress ? { email: emailAddress } : {};
          accounts.push({ id: accountId, name: accountName ?? accountId, ...email });
        }
        nextToken = answer.nextToken;
        if (!nextToken) break;
      }
      return accounts.sort((a, b) => a.name.localeCompare(b.name));
    });
  }

  /** Names of the roles in an account. @throws as {@link accounts} */
  async roles(login: SsoLogin, accountId: string): Promise<string[]> {
    return this.#ask(login, async (client, accessToken) => {
      const roles: string[] = [];
      let nextToken: string | undefined;
      for (let page = 0; page < mostPages; page++) {
        const answer = await client.send(
          new ListAccountRolesCommand({
            accessToken,
            accountId,
            maxResults: 100,
            ...(nextToken ? { nextToken } : {}),
          }),
        );
        for (const { roleName } of answer.roleList ?? []) if (roleName) roles.push(roleName);
        nextToken = answer.nextToken;
        if (!nextToken) break;
      }
      return roles.sort();
    });
  }

  /**
   * Credentials of a role, used again while they last.
   * @param role as `123456789012/PowerUser`
   * @throws as {@link accounts}; `invalid_base_role`
   */
  async keys(login: SsoLogin, role: string): Promise<AwsKeys> {
    const [, accountId, roleName] = /^(\d{12})\/([A-Za-z0-9+=,.@_-]{1,64})$/.exec(role) ?? [];
    if (!accountId || !roleName) {
      throw new LanyardError({
        code: 'invalid_base_role',
        title: 'The account and role to start from are missing.',
        hint: 'Choose an account and a role of IAM Identity Center.',
      });
    }
    const key = `${login.home}\0${role}`;
    const held = this.#held.get(key);
    if (held && held.expiresAt - this.#parts.clock.now() > aheadMs) return held.keys;
    return this.#ask(login, async (client, accessToken) => {
      const { roleCredentials } = await client.send(
        new GetRoleCredentialsCommand({ accessToken, accountId, roleName }),
      );
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = roleCredentials ?? {};
      if (!accessKeyId || !secretAccessKey || !sessionToken) throw new Error('no credentials');
      const keys: AwsKeys = {
        accessKeyId,
        secretAccessKey: new Secret(secretAccessKey),
        sessionToken: new Secret(sessionToken),
      };
      this.#held.set(key, { keys, expiresAt: expiration ?? 0 });
      return keys;
    });
  }

  /** The region of the sign-in; null when there is none. Nothing is asked of AWS. */
  region(login: SsoLogin): string | null {
    return newestToken(login.home)?.region ?? null;
  }

  async #ask<T>(login: SsoLogin, work: (client: SSOClient, accessToken: string) => Promise<T>): Promise<T> {
    const token = await this.#token(login);
    const client = ssoPortalClient(token.region, this.#parts);
    try {
      return await work(client, token.accessToken);
    } catch (error) {
      throw refusal(error);
    } finally {
      client.destroy();
    }
  }

  async #token(login: SsoLogin): Promise<CachedToken> {
    const token = newestToken(login.home);
    if (!token) throw signInExpired();
    const now = this.#parts.clock.now();
    const left = Date.parse(token.expiresAt) - now;
    if (left > aheadMs) return token;
    const { clientId, clientSecret, refreshToken } = token;
    if (!login.mayWrite || !clientId || !clientSecret || !refreshToken) {
      if (left > 0) return token;
      throw signInExpired();
    }
    // One renewal for all who ask: a refresh token works once.
    const under = this.#renewals.get(token.file);
    if (under) return under;
    const renewal = this.#renew(token, { clientId, clientSecret, refreshToken }).finally(() =>
      this.#renewals.delete(token.file),
    );
    this.#renewals.set(token.file, renewal);
    return renewal;
  }

  async #renew(
    token: CachedToken,
    client: { clientId: string; clientSecret: string; refreshToken: string },
  ): Promise<CachedToken> {
    const service = ssoOidcClient(token.region, this.#parts);
    try {
      const answer = await service.send(new CreateTokenCommand({ ...client, grantType: 'refresh_token' }));
      if (!answer.accessToken || !answer.expiresIn) throw new Error('no token');
      const { file, ...kept } = token;
      const renewed = {
        ...kept,
        accessToken: answer.accessToken,
        expiresAt: cachedTime(this.#parts.clock.now() + answer.expiresIn * 1000),
        refreshToken: answer.refreshToken ?? client.refreshToken,
      };
      writeToken(file, renewed);
      return { ...renewed, file };
    } catch (error) {
      throw refusal(error);
    } finally {
      service.destroy();
    }
  }
}

function signInExpired(cause?: unknown): LanyardError {
  return new LanyardError(
    {
      code: 'aws_sign_in_expired',
      title: 'The sign-in at AWS IAM Identity Center has expired.',
      hint: 'Sign in to AWS again.',
    },
    cause === undefined ? undefined : { cause },
  );
}

/** What the services say no with. Their own texts are not shown. */
function refusal(error: unknown): LanyardError {
  if (error instanceof LanyardError) return error;
  const name = error instanceof Error ? error.name : 'unknown';
  if (/^(Unauthorized|InvalidGrant|ExpiredToken|InvalidClient)Exception$/.test(name)) {
    return signInExpired(error);
  }
  const status = (error as { $metadata?: { httpStatusCode?: number } })?.$metadata?.httpStatusCode;
  if (status === undefined && !(error instanceof Error && /^no (credentials|token)$/.test(error.message))) {
    return new LanyardError(
      {
        code: 'aws_unreachable',
        title: 'AWS IAM Identity Center could not be reached.',
        hint: 'Check the connection and try again.',
        detail: name,
      },
      { cause: error },
    );
  }
  return new LanyardError(
    {
      code: 'aws_sso_refused',
      title: 'AWS IAM Identity Center did not answer with what was asked for.',
      hint: 'Choose another account or role: this one may have been taken away.',
      detail: name,
    },
    { cause: error },
  );
}
