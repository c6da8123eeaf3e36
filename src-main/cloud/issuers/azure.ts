import {
  type AccountInfo,
  type AuthenticationResult,
  type ICachePlugin,
  InteractionRequiredAuthError,
  PublicClientApplication,
} from '@azure/msal-node';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { jwtClaims } from '../../jwt-claims.ts';
import { msalNetwork } from '../../network/sdk-requests.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import { Secret } from '../../vault/secret.ts';

export interface AzureIssuerParts {
  /** Both are issuing inputs of a session (C-6). */
  clientId: string;
  tenantId: string;
  /** MSAL's cache of the bundle's account, as it serialises it; written back when a refresh token was replaced. */
  cache: { read: () => Promise<Secret>; write: (cache: Secret) => Promise<void> };
  clock: Clock;
  /** Makes the requests; Node itself when absent. */
  fetch?: Fetch;
}

export interface AzureIssueRequest {
  /** What the token is for, such as `https://management.azure.com`. */
  resource: string;
  /** MSAL's id of the account; absent where the cache holds one of the tenant only. */
  homeAccountId?: string;
}

export interface IssuedAzureToken {
  readonly token: Secret;
  /** Milliseconds since the Unix epoch, UTC. Azure decides how long: there is no asking. */
  readonly expiresAt: number;
  readonly grantedSeconds: number;
  /** User name of the account. */
  readonly principal: string;
  readonly tenantId: string;
  readonly resource: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Issues a token for one resource from the bundle's account, in one tenant (C-14). It can do there what the account
 * can: Azure narrows no tokens (C-11).
 */
export class AzureIssuer {
  readonly #parts: AzureIssuerParts;

  /** @throws LanyardError `invalid_tenant`, `invalid_client` */
  constructor(parts: AzureIssuerParts) {
    this.#parts = parts;
    if (!uuid.test(parts.tenantId)) throw notAnId('invalid_tenant', 'a tenant');
    if (!uuid.test(parts.clientId)) throw notAnId('invalid_client', 'a client');
  }

  /**
   * A new token, never one that another program holds already.
   * @throws LanyardError `invalid_azure_resource`, `azure_account_not_found`, `azure_sign_in_expired`,
   *   `azure_wrong_tenant`, `azure_unreachable`, `azure_refused`; what the cache throws
   */
  async issue(request: AzureIssueRequest): Promise<IssuedAzureToken> {
    const resource = cleanResource(request.resource);
    const { tenantId, clock } = this.#parts;
    const failedCache: unknown[] = [];
    const application = this.#application(failedCache);
    const asked = clock.now();
    let result: AuthenticationResult | null;
    try {
      const accounts = await application.getAllAccounts();
      const account = pick(accounts, tenantId, request.homeAccountId);
      result = await application.acquireTokenSilent({
        account,
        scopes: [`${resource}/.default`],
        authority: authorityOf(tenantId),
        forceRefresh: true,
      });
    } catch (error) {
      // MSAL may wrap what our own cache threw.
      if (failedCache.length > 0) throw failedCache[0];
      throw refusal(error);
    }
    const { accessToken, expiresOn, account } = result ?? {};
    if (!accessToken || !expiresOn || !account) throw refusal(new Error('no token'));
    if (result?.tenantId !== tenantId || tenantOf(accessToken, tenantId) !== tenantId) {
      throw new LanyardError({
        code: 'azure_wrong_tenant',
        title: 'Azure answered for another tenant.',
        hint: "Sign in to Azure again, in this identity's tenant.",
      });
    }
    const expiresAt = expiresOn.getTime();
    return {
      token: new Secret(accessToken),
      expiresAt,
      grantedSeconds: Math.round((expiresAt - asked) / 1000),
      principal: account.username,
      tenantId,
      resource,
    };
  }

  #application(failedCache: unknown[]): PublicClientApplication {
    const { clientId, tenantId, cache, fetch } = this.#parts;
    const noting = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failedCache.push(error);
        throw error;
      }
    };
    const cachePlugin: ICachePlugin = {
      beforeCacheAccess: ({ tokenCache }) =>
        noting(async () => tokenCache.deserialize((await cache.read()).reveal())),
      afterCacheAccess: ({ cacheHasChanged, tokenCache }) =>
        noting(async () => {
          if (cacheHasChanged) await cache.write(new Secret(tokenCache.serialize()));
        }),
    };
    return new PublicClientApplication({
      auth: { clientId, authority: authorityOf(tenantId) },
      cache: { cachePlugin },
      ...(fetch ? { system: { networkClient: msalNetwork(fetch) } } : {}),
    });
  }
}

function authorityOf(tenantId: string): string {
  return `https://login.microsoftonline.com/${tenantId}`;
}

function pick(accounts: readonly AccountInfo[], tenantId: string, homeAccountId?: string): AccountInfo {
  const fitting = accounts.filter((account) =>
    homeAccountId === undefined ? account.tenantId === tenantId : account.homeAccountId === homeAccountId,
  );
  const [account, ...more] = fitting;
  if (account && more.length === 0) return account;
  throw new LanyardError({
    code: 'azure_account_not_found',
    title:
      more.length === 0
        ? 'This account is not signed in to Azure.'
        : 'Several accounts are signed in to this tenant.',
    hint: more.length === 0 ? 'Sign in to Azure again.' : 'Choose one of them.',
  });
}

/** The tenant that a token names itself; tokens of personal accounts cannot be read, and are taken at their answer. */
function tenantOf(token: string, answered: string): unknown {
  return jwtClaims(token)?.tid ?? answered;
}

function cleanResource(text: string): string {
  const clean = text.replace(/\/+$/, '');
  if (/^https:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(clean)) return clean;
  throw new LanyardError({
    code: 'invalid_azure_resource',
    title: 'This is not a resource of Azure.',
    hint: 'Write it as https://management.azure.com.',
  });
}

function notAnId(code: string, what: string): LanyardError {
  return new LanyardError({
    code,
    title: `This is not the id of ${what}.`,
    hint: 'Write it as 00000000-0000-0000-0000-000000000000.',
  });
}

/** What Azure said no with, in words; of its own only the number is shown. */
function refusal(error: unknown): LanyardError {
  if (error instanceof LanyardError) return error;
  const text = error instanceof Error ? error.message : '';
  const number = /AADSTS\d+/.exec(text)?.[0];
  const name = error instanceof Error ? error.name : 'unknown';
  const detail = number ?? name;
  if (error instanceof InteractionRequiredAuthError || /invalid_grant/.test(text)) {
    return new LanyardError(
      {
        code: 'azure_sign_in_expired',
        title: 'The sign-in at Azure has expired.',
        hint: 'Sign in to Azure again.',
        detail,
      },
      { cause: error },
    );
  }
  if (name === 'NetworkError' || /network|fetch failed|endpoints_resolution/i.test(text)) {
    return new LanyardError(
      {
        code: 'azure_unreachable',
        title: 'Azure could not be reached.',
        hint: 'Check the connection and try again.',
        detail,
      },
      { cause: error },
    );
  }
  return new LanyardError(
    {
      code: 'azure_refused',
      title: 'Azure did not issue a token.',
      hint: "Check the resource and the account's rights, and try again.",
      detail,
    },
    { cause: error },
  );
}
