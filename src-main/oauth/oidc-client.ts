import * as openid from 'openid-client';
import type { Clock } from '../clock.ts';
import type { IssuerEndpoints } from '../providers/definition.ts';
import { Secret } from '../vault/secret.ts';
import { OAuthError } from './oauth-error.ts';
import type { OAuthStage } from './progress.ts';
import { type Fetch, providerFetch, RejectedError, TransportError } from './provider-http.ts';
import { expiryOf, neverExpires, type TokenIdentity, type TokenSet } from './token-set.ts';

/** An issuer and the client that is registered with it. All of it is public. */
export interface IssuerSettings {
  /** Issuer identifier: https, or http on a loopback address. */
  issuer: string;
  clientId: string;
  scopes: string[];
  /** Further parameters of the authorization request: `prompt`, `login_hint`, `audience`. */
  parameters: Record<string, string>;
  /** A claim of the ID token that must have this value (O-10). */
  restriction: { claim: string; value: string } | null;
  /** Where an issuer without metadata is asked. */
  endpoints?: IssuerEndpoints;
}

/** What an issuer says of itself in its metadata. */
export interface IssuerSupport {
  browser: boolean;
  device: boolean;
  refresh: boolean;
  revocation: boolean;
}

export interface DeviceAuthorization {
  deviceCode: Secret;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string | null;
  /** How long the code lives, ms. */
  lifetimeMs: number;
  /** Least pause between two questions, ms; RFC 8628 section 3.2: 5 s where the server does not say. */
  intervalMs: number;
}

/** What an authorization request and its answer share; made for one attempt. */
export interface AuthorizationChecks {
  state: string;
  nonce: string;
  verifier: Secret;
  redirectUri: string;
}

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** A clock that is this far off is no reason to refuse a token, s. */
const clockToleranceSeconds = 60;

/**
 * One issuer as a public client: the protocol is openid-client's. PKCE with S256 always, no implicit and no password
 * grant; ID tokens are checked with the issuer's keys also where TLS alone would do (OpenID Connect Core 3.1.3.7).
 */
export class OidcClient {
  readonly settings: IssuerSettings;
  readonly #configuration: openid.Configuration;
  readonly #clock: Clock;
  readonly #fetch: Fetch;

  private constructor(
    settings: IssuerSettings,
    configuration: openid.Configuration,
    clock: Clock,
    fetch: Fetch,
  ) {
    this.settings = settings;
    this.#configuration = configuration;
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /**
   * Reads the issuer's metadata: OpenID Connect Discovery, else RFC 8414. One whose endpoints are set is not asked.
   * @param signal ends every request of this client, at once
   * @throws OAuthError of the stage `discover-issuer`
   */
  static async discover(
    settings: IssuerSettings,
    http: { fetch: Fetch; clock: Clock; signal?: AbortSignal },
  ): Promise<OidcClient> {
    const issuer = issuerUrl(settings.issuer);
    const fetch = providerFetch(http.fetch, http.clock, http.signal);
    const { endpoints } = settings;
    if (endpoints) {
      const configuration = configurationOf(issuer, settings.clientId, endpoints);
      configuration[openid.customFetch] = (url, init) => fetch(url, init as RequestInit);
      return new OidcClient(settings, configuration, http.clock, fetch);
    }
    const read = (algorithm: 'oidc' | 'oauth2') =>
      openid.discovery(
        issuer,
        settings.clientId,
        { [openid.clockTolerance]: clockToleranceSeconds },
        openid.None(),
        {
          algorithm,
          [openid.customFetch]: (url, init) => fetch(url, init as RequestInit),
          execute: [
            openid.enableNonRepudiationChecks,
            ...(issuer.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
          ],
        },
      );
    try {
      const configuration = await read('oidc').catch((error: unknown) => {
        if (rejectionIn(error)?.provider.status === 404) return read('oauth2');
        throw error;
      });
      return new OidcClient(settings, configuration, http.clock, fetch);
    } catch (error) {
      throw oauthErrorOf('discover-issuer', error);
    }
  }

  get supports(): IssuerSupport {
    const metadata = this.#configuration.serverMetadata();
    // RFC 8414 section 2: what is left out means authorization_code and implicit.
    const grants = metadata.grant_types_supported;
    return {
      browser:
        metadata.authorization_endpoint !== undefined && (grants?.includes('authorization_code') ?? true),
      device: metadata.device_authorization_endpoint !== undefined,
      refresh: grants?.includes('refresh_token') ?? true,
      revocation: metadata.revocation_endpoint !== undefined,
    };
  }

  /** Fresh state, nonce and PKCE verifier for one attempt. */
  static newChecks(redirectUri: string): AuthorizationChecks {
    return {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: new Secret(openid.randomPKCECodeVerifier()),
      redirectUri,
    };
  }

  /** The link that the browser is sent to. Settings never override what the protocol needs. */
  async authorizationUrl(checks: AuthorizationChecks): Promise<string> {
    const url = openid.buildAuthorizationUrl(this.#configuration, {
      ...this.settings.parameters,
      response_type: 'code',
      scope: this.settings.scopes.join(' '),
      redirect_uri: checks.redirectUri,
      state: checks.state,
      code_challenge: await openid.calculatePKCECodeChallenge(checks.verifier.reveal()),
      code_challenge_method: 'S256',
      ...(this.#isOpenId ? { nonce: checks.nonce } : {}),
    });
    return url.href;
  }

  /**
   * Turns the redirect into tokens: checks state, `iss` (RFC 9207) and the ID token, then the restriction.
   * @param url the whole redirect URL
   * @throws OAuthError
   */
  async exchange(url: URL, checks: AuthorizationChecks): Promise<TokenSet> {
    const callbackError = url.searchParams.get('error');
    if (callbackError !== null) {
      throw new OAuthError('validate-callback', 'provider_callback_error', callbackError.slice(0, 80), {
        provider: {
          code: callbackError.slice(0, 80),
          text: plain(url.searchParams.get('error_description') ?? callbackError),
        },
      });
    }
    if (!url.searchParams.get('code')) {
      throw new OAuthError('validate-callback', 'missing_authorization_code', 'no code in the redirect');
    }
    const tokens = await this.#ask('exchange-token', () =>
      openid.authorizationCodeGrant(this.#configuration, url, {
        expectedState: checks.state,
        pkceCodeVerifier: checks.verifier.reveal(),
        ...(this.#isOpenId ? { expectedNonce: checks.nonce, idTokenExpected: true } : {}),
      }),
    );
    return this.#accept(tokens, null);
  }

  /** @throws OAuthError */
  async startDevice(): Promise<DeviceAuthorization> {
    const answer = await this.#ask('exchange-token', () =>
      openid.initiateDeviceAuthorization(this.#configuration, {
        ...this.settings.parameters,
        scope: this.settings.scopes.join(' '),
      }),
    );
    return {
      deviceCode: new Secret(answer.device_code),
      userCode: plain(answer.user_code),
      verificationUri: answer.verification_uri,
      verificationUriComplete: answer.verification_uri_complete ?? null,
      lifetimeMs: answer.expires_in * 1000,
      intervalMs: Math.max(1, answer.interval ?? 5) * 1000,
    };
  }

  /**
   * Asks once whether the person has approved.
   * @throws OAuthError; its `cause` chain holds the RejectedError that says `authorization_pending` and the like
   */
  async pollDevice(deviceCode: Secret): Promise<TokenSet> {
    const tokens = await this.#ask('exchange-token', () =>
      openid.genericGrantRequest(this.#configuration, deviceGrant, { device_code: deviceCode.reveal() }),
    );
    return this.#accept(tokens, null);
  }

  /**
   * New tokens for a refresh token. Where the server sends no new refresh token the old one is kept (T-4).
   * @throws OAuthError
   */
  async refresh(old: TokenSet): Promise<TokenSet> {
    const { refreshToken } = old;
    if (!refreshToken) {
      throw new OAuthError('exchange-token', 'token_endpoint_rejected', 'no refresh token', {
        provider: { code: 'invalid_grant', text: 'There is no refresh token.' },
      });
    }
    const tokens = await this.#ask('exchange-token', () =>
      openid.refreshTokenGrant(this.#configuration, refreshToken.reveal()),
    );
    return this.#accept(tokens, old);
  }

  /** Tells the issuer that the tokens are done with (RFC 7009). Nothing to do where it has no such endpoint. */
  async revoke(tokens: TokenSet): Promise<void> {
    if (!this.supports.revocation) return;
    const token = tokens.refreshToken ?? tokens.accessToken;
    await this.#ask('exchange-token', () =>
      openid.tokenRevocation(this.#configuration, token.reveal(), {
        token_type_hint: tokens.refreshToken ? 'refresh_token' : 'access_token',
      }),
    );
  }

  get #isOpenId(): boolean {
    return this.settings.scopes.includes('openid');
  }

  #accept(answer: TokenAnswer, old: TokenSet | null): TokenSet {
    const claims = answer.claims();
    const identity = claims ? identityOf(claims) : (old?.identity ?? null);
    if (old?.identity && identity && !isSamePerson(old.identity, identity)) {
      throw new OAuthError(
        'exchange-token',
        'token_response_malformed',
        'another person in the refreshed ID token',
      );
    }
    // A refreshed answer need not hold an ID token; what was checked at sign-in stands.
    if (claims || !old) this.#assertAllowed(claims);
    return {
      accessToken: new Secret(answer.access_token),
      refreshToken: answer.refresh_token ? new Secret(answer.refresh_token) : (old?.refreshToken ?? null),
      idToken: answer.id_token ? new Secret(answer.id_token) : (old?.idToken ?? null),
      expiresAt:
        this.settings.endpoints?.tokensStay && answer.expiresIn() === undefined
          ? neverExpires
          : expiryOf(answer.expiresIn(), this.#clock.now()),
      scope: this.#scopeOf(answer) ?? old?.scope ?? this.settings.scopes.join(' '),
      identity,
      refreshedAt: null,
      refused: false,
    };
  }

  /** GitHub puts commas between them. */
  #scopeOf({ scope }: TokenAnswer): string | undefined {
    return this.settings.endpoints ? scope?.replaceAll(',', ' ') : scope;
  }

  /**
   * With who it is, where no ID token says so and the issuer has another place that does.
   * @throws OAuthError
   */
  async identified(tokens: TokenSet): Promise<TokenSet> {
    const { endpoints, issuer } = this.settings;
    const person = endpoints?.person;
    if (!person || tokens.identity) return tokens;
    const answer = await this.#ask('exchange-token', async () => {
      const response = await this.#fetch(person.url, {
        headers: { accept: 'application/json', authorization: `Bearer ${tokens.accessToken.reveal()}` },
      });
      return (await response.json()) as unknown;
    });
    const identity = personIn(answer, person, issuer);
    if (identity) return { ...tokens, identity };
    throw new OAuthError('exchange-token', 'token_response_malformed', 'it does not say who it is');
  }

  #assertAllowed(claims: Record<string, unknown> | undefined): void {
    const { restriction } = this.settings;
    if (!restriction) return;
    const value = claims?.[restriction.claim];
    const values = Array.isArray(value) ? value : [value];
    if (values.some((each) => String(each ?? '') === restriction.value)) return;
    throw new OAuthError(
      'exchange-token',
      'workspace_restriction',
      `the claim "${restriction.claim}" is ${value === undefined ? 'missing' : 'another one'}`,
    );
  }

  async #ask<T>(stage: OAuthStage, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw oauthErrorOf(stage, error);
    }
  }
}

type TokenAnswer = Awaited<ReturnType<typeof openid.refreshTokenGrant>>;

/** What an issuer that publishes nothing would publish. */
function configurationOf(issuer: URL, clientId: string, endpoints: IssuerEndpoints): openid.Configuration {
  const { authorize, token, device, revoke, tokensStay } = endpoints;
  const configuration = new openid.Configuration(
    {
      issuer: issuer.href,
      token_endpoint: token,
      ...(authorize === undefined ? {} : { authorization_endpoint: authorize }),
      ...(device === undefined ? {} : { device_authorization_endpoint: device }),
      ...(revoke === undefined ? {} : { revocation_endpoint: revoke }),
      grant_types_supported: [
        ...(authorize === undefined ? [] : ['authorization_code']),
        ...(device === undefined ? [] : [deviceGrant]),
        ...(tokensStay ? [] : ['refresh_token']),
      ],
    },
    clientId,
    undefined,
    openid.None(),
  );
  if (issuer.protocol === 'http:') openid.allowInsecureRequests(configuration);
  return configuration;
}

function personIn(
  answer: unknown,
  names: { subject: string; email?: string; name?: string },
  issuer: string,
): TokenIdentity | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const members = new Map(Object.entries(answer));
  const text = (name: string | undefined) => {
    const value: unknown = name === undefined ? undefined : members.get(name);
    return typeof value === 'string' || typeof value === 'number'
      ? plain(String(value)) || undefined
      : undefined;
  };
  const subject = text(names.subject);
  const email = text(names.email);
  const name = text(names.name);
  if (subject === undefined) return null;
  return {
    issuer,
    subject,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
  };
}

/** The transport's or the provider's own error below what openid-client made of it. */
export function rejectionIn(error: unknown): RejectedError | null {
  return inCauses(error, (each) => each instanceof RejectedError) as RejectedError | null;
}

function inCauses(error: unknown, wanted: (error: Error) => boolean): Error | null {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    if (wanted(current)) return current;
    current = current.cause;
  }
  return null;
}

/** What openid-client throws, in our categories (O-5). Details name codes, never values. */
function oauthErrorOf(stage: OAuthStage, error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  const rejected = rejectionIn(error);
  if (rejected) {
    return new OAuthError(stage, 'token_endpoint_rejected', rejected.message, {
      provider: rejected.provider,
      cause: error,
    });
  }
  const transport = inCauses(error, (each) => each instanceof TransportError) as TransportError | null;
  if (transport)
    return new OAuthError(stage, transportCategory(transport), transport.message, { cause: error });
  if (error instanceof openid.AuthorizationResponseError) {
    return new OAuthError('validate-callback', 'provider_callback_error', error.error, {
      provider: { code: error.error, text: plain(error.error_description ?? error.error) },
      cause: error,
    });
  }
  const code = error instanceof openid.ClientError ? (error.code ?? 'unknown') : 'unknown';
  return new OAuthError(stage, 'token_response_malformed', code, { cause: error });
}

/** Which category it is when no usable answer came (O-5). */
export function transportCategory({ reason }: TransportError): OAuthError['category'] {
  switch (reason) {
    case 'timeout':
      return 'token_exchange_timeout';
    case 'dns':
    case 'refused':
    case 'unreachable':
    case 'tls':
    case 'proxy':
      return 'token_exchange_connect';
    case 'reset':
    case 'redirect':
    case 'too-large':
    case 'unknown':
      return 'token_exchange_request';
  }
}

/** @throws OAuthError when it is no URL of an issuer */
function issuerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const loopback = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url && safe && url.username === '' && url.password === '' && url.search === '' && url.hash === '')
    return url;
  throw new OAuthError('discover-issuer', 'token_exchange_request', 'not an https address of an issuer');
}

function identityOf(claims: Record<string, unknown>): TokenIdentity {
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === 'string' && value !== '' ? plain(value) : undefined;
  };
  const email = text('email') ?? text('preferred_username');
  const name = text('name');
  return {
    issuer: text('iss') ?? '',
    subject: text('sub') ?? '',
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Issuer and subject are the person (OpenID Connect Core 5.7). */
function isSamePerson(a: TokenIdentity, b: TokenIdentity): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/** One line without control and direction characters, of bounded length. */
function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
