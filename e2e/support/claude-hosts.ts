import type { Exchange, HostHandler } from './local-host.ts';
import { type Authorisation, CodeBook, type Decision, randomText } from './oauth-parts.ts';

/** Who signs in at the fake Claude hosts. */
export interface ClaudePerson {
  email: string;
  accountId: string;
  organisationId: string;
  organisation: string;
}

/** What claude 2.1 talks to. `person` and `decision` may be changed between sign-ins. */
export interface ClaudeHosts {
  hosts: Record<string, HostHandler>;
  person: ClaudePerson;
  decision: Decision;
  /** What a person gets at the end of an authorisation URL, without any request. */
  authorize(authorizeUrl: string): Authorisation;
}

export function createClaudeHosts(options: { person?: Partial<ClaudePerson> } = {}): ClaudeHosts {
  const codes = new CodeBook('cc_');
  const fake: ClaudeHosts = {
    hosts: {
      'claude.com': pages,
      'claude.ai': pages,
      'platform.claude.com': platform,
      'api.anthropic.com': api,
    },
    person: {
      email: 'dev@example.test',
      accountId: '00000000-0000-4000-8000-000000000001',
      organisationId: '00000000-0000-4000-8000-000000000002',
      organisation: 'Local Org',
      ...options.person,
    },
    decision: 'allow',
    authorize: (authorizeUrl) => codes.visit(new URL(authorizeUrl), fake.decision, 'The person said no.'),
  };

  function pages(exchange: Exchange) {
    if (!exchange.url.pathname.endsWith('/oauth/authorize')) return exchange.page('Claude');
    return exchange.redirect(fake.authorize(exchange.url.href).redirect);
  }

  function platform(exchange: Exchange) {
    const { url, form, json } = exchange;
    if (url.pathname === '/oauth/code/callback') {
      return exchange.page(`${url.searchParams.get('code') ?? ''}#${url.searchParams.get('state') ?? ''}`);
    }
    if (url.pathname !== '/v1/oauth/token') return pages(exchange);
    if (form.grant_type !== 'authorization_code') return json(400, { error: 'unsupported_grant_type' });
    const granted = codes.redeem(form.code, form.code_verifier);
    if (!granted || granted.redirectUri !== form.redirect_uri) {
      return json(400, { error: 'invalid_grant', error_description: 'Invalid authorization code' });
    }
    return json(200, {
      token_type: 'Bearer',
      access_token: `sk-ant-oat01-${randomText(48)}`,
      refresh_token: `local-refresh-${randomText(8)}`,
      // `setup-token` asks for a year; everything else gets eight hours.
      expires_in: Number(form.expires_in ?? 28_800),
      scope: granted.scope,
      account: { uuid: fake.person.accountId, email_address: fake.person.email },
      organization: { uuid: fake.person.organisationId, name: fake.person.organisation },
    });
  }

  function api({ url, json }: Exchange) {
    const { person } = fake;
    const since = '2026-01-01T00:00:00Z';
    switch (url.pathname) {
      case '/api/oauth/profile':
        return json(200, {
          account: {
            uuid: person.accountId,
            email: person.email,
            full_name: 'Local Dev',
            display_name: 'Local',
            has_claude_max: false,
            has_claude_pro: true,
            created_at: since,
          },
          organization: {
            uuid: person.organisationId,
            name: person.organisation,
            organization_type: 'claude_pro',
            rate_limit_tier: 'default_claude_ai',
            billing_type: 'stripe_subscription',
            has_extra_usage_enabled: false,
            subscription_created_at: since,
          },
        });
      case '/api/oauth/claude_cli/roles':
        return json(200, {
          organization_role: 'admin',
          workspace_role: null,
          organization_name: person.organisation,
        });
      case '/api/oauth/claude_cli/create_api_key':
        return json(200, { raw_key: 'local-fake-key' });
      default:
        return json(404, { error: 'not_found' });
    }
  }

  return fake;
}
