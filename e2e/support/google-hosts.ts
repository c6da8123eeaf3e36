import type { Exchange, HostHandler } from './local-host.ts';
import { type Authorisation, CodeBook, type Decision, randomText, unsignedJwt } from './oauth-parts.ts';

/** What gemini 0.61 and gcloud talk to. `email` and `decision` may be changed between sign-ins. */
export interface GoogleHosts {
  hosts: Record<string, HostHandler>;
  email: string;
  decision: Decision;
  /** What a person gets at the end of an authorisation URL, without any request. */
  authorize(authorizeUrl: string): Authorisation;
}

export function createGoogleHosts(options: { email?: string } = {}): GoogleHosts {
  const codes = new CodeBook('4/');
  const fake: GoogleHosts = {
    hosts: {
      'accounts.google.com': accounts,
      'codeassist.google.com': codePage,
      'sdk.cloud.google.com': codePage,
      'oauth2.googleapis.com': token,
      'www.googleapis.com': apis,
      'openidconnect.googleapis.com': apis,
      'cloudcode-pa.googleapis.com': codeAssist,
    },
    email: options.email ?? 'dev@example.test',
    decision: 'allow',
    authorize: (authorizeUrl) => codes.visit(new URL(authorizeUrl), fake.decision, 'The person said no.'),
  };

  function accounts(exchange: Exchange) {
    if (!exchange.url.pathname.startsWith('/o/oauth2/')) return token(exchange);
    return exchange.redirect(fake.authorize(exchange.url.href).redirect);
  }

  /** The pages from which a person copies gemini's and gcloud's code. */
  function codePage(exchange: Exchange) {
    return exchange.page(exchange.url.searchParams.get('code') ?? '');
  }

  function token({ url, form, json }: Exchange) {
    const bearer = {
      access_token: `ya29.local-${randomText()}`,
      expires_in: 3599,
      token_type: 'Bearer',
      scope: 'openid email',
    };
    if (url.pathname.endsWith('/revoke')) return json(200, {});
    if (url.pathname === '/tokeninfo') {
      return json(200, {
        email: fake.email,
        expires_in: '3500',
        scope: 'openid email',
        aud: 'local',
        azp: 'local',
      });
    }
    if (form.grant_type === 'refresh_token') return json(200, bearer);
    const granted = codes.redeem(form.code, form.code_verifier);
    if (!granted) return json(400, { error: 'invalid_grant', error_description: 'Malformed auth code.' });
    const now = Math.floor(Date.now() / 1000);
    return json(200, {
      ...bearer,
      refresh_token: `1//local-${randomText()}`,
      scope: granted.scope,
      id_token: unsignedJwt({
        iss: 'https://accounts.google.com',
        sub: '1',
        email: fake.email,
        email_verified: true,
        aud: form.client_id,
        iat: now,
        exp: now + 3600,
      }),
    });
  }

  function apis(exchange: Exchange) {
    if (!exchange.url.pathname.includes('userinfo')) return token(exchange);
    return exchange.json(200, {
      id: '1',
      sub: '1',
      email: fake.email,
      verified_email: true,
      name: 'Local Dev',
    });
  }

  function codeAssist({ url, json }: Exchange) {
    if (url.pathname.endsWith(':loadCodeAssist')) {
      return json(200, {
        currentTier: { id: 'standard-tier', name: 'Local', userDefinedCloudaicompanionProject: false },
        allowedTiers: [{ id: 'standard-tier', name: 'Local', isDefault: true }],
        cloudaicompanionProject: 'local-project',
      });
    }
    if (url.pathname.endsWith(':onboardUser')) {
      const project = { id: 'local-project', name: 'local' };
      return json(200, { name: 'op', done: true, response: { cloudaicompanionProject: project } });
    }
    return json(200, {});
  }

  return fake;
}
