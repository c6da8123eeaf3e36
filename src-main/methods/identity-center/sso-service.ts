import {
  GetRoleCredentialsCommand,
  ListAccountRolesCommand,
  ListAccountsCommand,
  LogoutCommand,
  type SSOClient,
} from '@aws-sdk/client-sso';
import {
  CreateTokenCommand,
  RegisterClientCommand,
  type SSOOIDCClient,
  StartDeviceAuthorizationCommand,
} from '@aws-sdk/client-sso-oidc';
import type { AwsKeys } from '../../cloud/aws-credentials.ts';
import {
  callerIdentity,
  type SsoServices,
  ssoOidcClient,
  ssoPortalClient,
} from '../../cloud/sources/sso-clients.ts';
import type { DeviceAuthorization } from '../../oauth/oidc-client.ts';
import type { OAuthStage } from '../../oauth/progress.ts';
import { Secret } from '../../vault/secret.ts';
import { malformed, ssoErrorOf } from './sso-errors.ts';

const clientName = 'Lanyard';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** A client that a region's service knows for some weeks. */
export interface SsoRegistration {
  clientId: string;
  clientSecret: Secret;
  /** Milliseconds since the Unix epoch, UTC. */
  expiresAt: number;
}

export interface SsoTokens {
  accessToken: Secret;
  /** Null where the client may not renew. */
  refreshToken: Secret | null;
  lifetimeMs: number;
}

export interface SsoRole {
  accountId: string;
  roleName: string;
}

/**
 * IAM Identity Center of one region, as a sign-in needs it. Every call is tried once: who waits decides what is tried
 * again. Its requests end with the signal.
 */
export class SsoService {
  readonly #region: string;
  readonly #services: SsoServices;
  readonly #signal: AbortSignal;

  constructor(region: string, services: SsoServices, signal: AbortSignal) {
    this.#region = region;
    this.#services = services;
    this.#signal = signal;
  }

  /** A public client, as the AWS CLI registers one (2.9). @throws OAuthError */
  register(scopes: string[]): Promise<SsoRegistration> {
    return this.#oidc(async (client, options) => {
      const { clientId, clientSecret, clientSecretExpiresAt } = await client.send(
        new RegisterClientCommand({ clientName, clientType: 'public', scopes }),
        options,
      );
      if (!isText(clientId) || !isText(clientSecret)) throw malformed('discover-issuer', 'client');
      return {
        clientId,
        clientSecret: new Secret(clientSecret),
        expiresAt: (clientSecretExpiresAt ?? 0) * 1000,
      };
    }, 'discover-issuer');
  }

  /** @throws OAuthError, with `invalid_request` where nobody signs in at this start URL in this region */
  startDevice(registration: SsoRegistration, startUrl: string): Promise<DeviceAuthorization> {
    const { clientId, clientSecret } = registration;
    return this.#oidc(async (client, options) => {
      const answer = await client.send(
        new StartDeviceAuthorizationCommand({ clientId, clientSecret: clientSecret.reveal(), startUrl }),
        options,
      );
      const { deviceCode, userCode, verificationUri, verificationUriComplete, expiresIn, interval } = answer;
      if (!isText(deviceCode) || !isText(userCode) || !isText(verificationUri) || !isTime(expiresIn))
        throw malformed('exchange-token', 'code');
      return {
        deviceCode: new Secret(deviceCode),
        userCode,
        verificationUri,
        verificationUriComplete: verificationUriComplete ?? null,
        lifetimeMs: expiresIn * 1000,
        intervalMs: Math.max(1, interval ?? 5) * 1000,
      };
    });
  }

  /** Asks once whether the person has approved. @throws OAuthError, with RFC 8628's codes */
  token({ clientId, clientSecret }: SsoRegistration, deviceCode: Secret): Promise<SsoTokens> {
    return this.#oidc(async (client, options) => {
      const { accessToken, refreshToken, expiresIn } = await client.send(
        new CreateTokenCommand({
          clientId,
          clientSecret: clientSecret.reveal(),
          grantType: deviceGrant,
          deviceCode: deviceCode.reveal(),
        }),
        options,
      );
      if (!isText(accessToken) || !isTime(expiresIn)) throw malformed('exchange-token', 'token');
      return {
        accessToken: new Secret(accessToken),
        refreshToken: isText(refreshToken) ? new Secret(refreshToken) : null,
        lifetimeMs: expiresIn * 1000,
      };
    });
  }

  /** The first role of the first account that the token may use; null where there is none. @throws OAuthError */
  firstRole(token: Secret): Promise<SsoRole | null> {
    const accessToken = token.reveal();
    return this.#portal(async (client, options) => {
      const { accountList } = await client.send(new ListAccountsCommand({ accessToken }), options);
      if (!Array.isArray(accountList)) throw malformed('exchange-token', 'accounts');
      const accountId = accountList[0]?.accountId;
      if (!accountId) return null;
      const { roleList } = await client.send(
        new ListAccountRolesCommand({ accessToken, accountId, maxResults: 1 }),
        options,
      );
      const roleName = roleList?.[0]?.roleName;
      return roleName ? { accountId, roleName } : null;
    });
  }

  /** @throws OAuthError, `token_endpoint_rejected` where this role is not to be had */
  roleKeys(token: Secret, { accountId, roleName }: SsoRole): Promise<AwsKeys> {
    return this.#portal(async (client, options) => {
      const { roleCredentials } = await client.send(
        new GetRoleCredentialsCommand({ accessToken: token.reveal(), accountId, roleName }),
        options,
      );
      const { accessKeyId, secretAccessKey, sessionToken } = roleCredentials ?? {};
      if (!isText(accessKeyId) || !isText(secretAccessKey) || !isText(sessionToken))
        throw malformed('exchange-token', 'credentials');
      return {
        accessKeyId,
        secretAccessKey: new Secret(secretAccessKey),
        sessionToken: new Secret(sessionToken),
      };
    });
  }

  /** Who the role's credentials are, in STS's words. @throws OAuthError */
  async caller(keys: AwsKeys): Promise<{ arn?: string; account?: string }> {
    try {
      return await callerIdentity(this.#region, keys, this.#services, this.#signal);
    } catch (error) {
      throw ssoErrorOf('exchange-token', error);
    }
  }

  /** Ends a sign-in. @throws OAuthError; a status of 401 says that it was over already */
  logout(token: Secret): Promise<void> {
    return this.#portal(async (client, options) => {
      await client.send(new LogoutCommand({ accessToken: token.reveal() }), options);
    });
  }

  async #oidc<T>(
    work: (client: SSOOIDCClient, options: { abortSignal: AbortSignal }) => Promise<T>,
    stage: OAuthStage = 'exchange-token',
  ): Promise<T> {
    const client = ssoOidcClient(this.#region, this.#services, 1);
    try {
      return await work(client, { abortSignal: this.#signal });
    } catch (error) {
      throw ssoErrorOf(stage, error);
    } finally {
      client.destroy();
    }
  }

  async #portal<T>(
    work: (client: SSOClient, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const client = ssoPortalClient(this.#region, this.#services);
    try {
      return await work(client, { abortSignal: this.#signal });
    } catch (error) {
      throw ssoErrorOf('exchange-token', error);
    } finally {
      client.destroy();
    }
  }
}

/** The SDK (3.1162) takes what an answer has for what its types say. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Seconds that something is good for. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
