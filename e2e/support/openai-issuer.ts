import { DeviceGrants } from './device-grants.ts';
import { type Exchange, type HostHandler, type LocalHost, listenOnLoopback } from './local-host.ts';
import {
  type Authorisation,
  CodeBook,
  challengeOf,
  type Decision,
  randomText,
  unsignedJwt,
} from './oauth-parts.ts';

/** Who signs in at the fake OpenAI issuer. */
export interface OpenAiPerson {
  email: string;
  accountId: string;
  userId: string;
  plan: string;
}

export interface OpenAiIssuerOptions {
  person?: Partial<OpenAiPerson>;
  /** Seconds between polls, as text: codex 0.169 wants it so. */
  interval?: string;
  /** False answers 404 to device requests, as a server does that has device login switched off. */
  deviceLogin?: boolean;
}

/**
 * What codex 0.169 talks to, for both of its logins. `person` and `decision` may be changed between sign-ins.
 * Play it as `auth.openai.com` in a local net (browser flow), or on its own port (device flow, `--experimental_issuer`).
 */
export interface OpenAiIssuer {
  handler: HostHandler;
  devices: DeviceGrants;
  person: OpenAiPerson;
  decision: Decision;
  /** Where the page behind an authorisation URL sends a person, without any request. */
  authorize(authorizeUrl: string): Authorisation;
}

export function createOpenAiIssuer(options: OpenAiIssuerOptions = {}): OpenAiIssuer {
  const codes = new CodeBook('ac_');
  const devices = new DeviceGrants();
  const issuer: OpenAiIssuer = {
    handler,
    devices,
    person: {
      email: 'dev@example.test',
      accountId: 'acct-local',
      userId: 'user-local',
      plan: 'plus',
      ...options.person,
    },
    decision: 'allow',
    authorize: (authorizeUrl) => codes.visit(new URL(authorizeUrl), issuer.decision, 'The person said no.'),
  };

  function tokens() {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'local',
      sub: issuer.person.userId,
      email: issuer.person.email,
      email_verified: true,
      iat: now,
      exp: now + 3600,
      'https://api.openai.com/auth': {
        chatgpt_plan_type: issuer.person.plan,
        chatgpt_user_id: issuer.person.userId,
        chatgpt_account_id: issuer.person.accountId,
        organizations: [],
      },
      // Where opencode and pi look for it: the access token is all they keep.
      'https://api.openai.com/profile': { email: issuer.person.email, email_verified: true },
    };
    return {
      id_token: unsignedJwt(claims),
      access_token: unsignedJwt({ ...claims, aud: 'local' }),
      refresh_token: `rt_local_${randomText(8)}`,
      token_type: 'Bearer',
      expires_in: 3600,
    };
  }

  function pollDevice({ form, url, json }: Exchange) {
    const state = devices.poll(form.device_auth_id);
    if (!state) return json(400, { error: 'bad device' });
    // 403 means "still waiting"; any other failure ends the login.
    if (state === 'pending') return json(403, { error: 'authorization_pending' });
    if (state !== 'approved')
      return json(400, { error: state === 'denied' ? 'access_denied' : 'expired_token' });
    // Here the server makes the PKCE pair.
    const codeVerifier = randomText(32);
    const codeChallenge = challengeOf(codeVerifier);
    return json(200, {
      authorization_code: codes.grant(codeChallenge, `${url.origin}/deviceauth/callback`),
      code_challenge: codeChallenge,
      code_verifier: codeVerifier,
    });
  }

  function handler(exchange: Exchange) {
    const { url, form, json } = exchange;
    switch (url.pathname) {
      case '/oauth/authorize':
        return exchange.redirect(issuer.authorize(url.href).redirect);
      case '/codex/device':
        return exchange.page('Enter the code from your terminal.');
      case '/api/accounts/deviceauth/usercode': {
        if (options.deviceLogin === false) return json(404, { error: 'device login is off' });
        const device = devices.issue();
        return json(200, {
          device_auth_id: device.deviceCode,
          user_code: device.userCode,
          interval: options.interval ?? '1',
          // For opencode and openclaw; codex counts fifteen minutes by itself.
          expires_in: 900,
          expires_at: new Date(Date.now() + 900_000).toISOString(),
        });
      }
      case '/api/accounts/deviceauth/token':
        return pollDevice(exchange);
      case '/oauth/token':
        // codex also tries a token exchange for an API key and goes on when it is refused.
        if (form.grant_type !== 'authorization_code') return json(400, { error: 'unsupported_grant_type' });
        if (!codes.redeem(form.code, form.code_verifier)) return json(400, { error: 'invalid_grant' });
        return json(200, tokens());
      case '/oauth/revoke':
        return json(200, {});
      default:
        return json(404, { error: 'not_found' });
    }
  }

  return issuer;
}

/** The issuer on a port of its own: what codex's `--experimental_issuer` takes. */
export async function startOpenAiIssuer(
  options: OpenAiIssuerOptions = {},
): Promise<OpenAiIssuer & LocalHost> {
  const issuer = createOpenAiIssuer(options);
  return Object.assign(issuer, await listenOnLoopback(issuer.handler));
}

/** The hosts of a local net on which codex's browser flow ends. */
export function openAiHosts(issuer: OpenAiIssuer): Record<string, HostHandler> {
  return { 'auth.openai.com': issuer.handler };
}
