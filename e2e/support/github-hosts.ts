import { DeviceGrants } from './device-grants.ts';
import type { Exchange, HostHandler } from './local-host.ts';
import { CodeBook, type Decision, randomText } from './oauth-parts.ts';

export interface GitHubOptions {
  login?: string;
  /** Seconds between polls. */
  interval?: number;
  scopes?: string;
}

/**
 * GitHub's device flow, web flow and the few API calls that gh 2.23, copilot 1.0, opencode 1.18 and pi 0.73 make. `web` alone serves
 * `copilot login --host http://127.0.0.1:PORT`, which asks everything of one origin.
 */
export interface GitHubHosts {
  hosts: Record<string, HostHandler>;
  web: HostHandler;
  devices: DeviceGrants;
  login: string;
  decision: Decision;
}

export function createGitHubHosts(options: GitHubOptions = {}): GitHubHosts {
  const codes = new CodeBook('');
  const devices = new DeviceGrants();
  const tokens = new Set<string>();
  const scopes = options.scopes ?? 'repo, read:org, gist';
  const fake: GitHubHosts = {
    hosts: {
      'github.com': web,
      'api.github.com': api,
      'api.githubcopilot.com': models,
      'api.individual.githubcopilot.com': models,
    },
    web,
    devices,
    login: options.login ?? 'local-dev',
    decision: 'allow',
  };

  /** GitHub answers form-encoded unless Accept asks for JSON; gh reads the first, copilot the second. */
  function reply(exchange: Exchange, body: Record<string, string | number>) {
    if ((exchange.request.headers.accept ?? '').includes('json')) return exchange.json(200, body);
    return exchange.formEncoded(
      Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)])),
    );
  }

  function mintToken(exchange: Exchange) {
    const token = `gho_${randomText(18)}`;
    tokens.add(token);
    return reply(exchange, { access_token: token, token_type: 'bearer', scope: scopes.replaceAll(' ', '') });
  }

  function accessToken(exchange: Exchange) {
    const { form } = exchange;
    if (!form.device_code) {
      if (codes.redeem(form.code, form.code_verifier)) return mintToken(exchange);
      return reply(exchange, {
        error: 'bad_verification_code',
        error_description: 'The code passed is incorrect or expired.',
      });
    }
    switch (devices.poll(form.device_code)) {
      case 'approved':
        return mintToken(exchange);
      case 'pending':
        return reply(exchange, {
          error: 'authorization_pending',
          error_description: 'The authorization request is still pending.',
        });
      case 'denied':
        return reply(exchange, {
          error: 'access_denied',
          error_description: 'The user has denied your application access.',
        });
      case 'expired':
        return reply(exchange, {
          error: 'expired_token',
          error_description: 'The device_code has expired.',
        });
      case undefined:
        return reply(exchange, {
          error: 'incorrect_device_code',
          error_description: 'The device_code provided is not valid.',
        });
    }
  }

  function web(exchange: Exchange) {
    const { url } = exchange;
    switch (url.pathname) {
      case '/login/oauth/authorize':
        return exchange.redirect(codes.visit(url, fake.decision, 'The person said no.').redirect);
      case '/login/device':
        return exchange.page('Enter the code displayed on your device.');
      case '/login/device/code': {
        const device = devices.issue();
        return reply(exchange, {
          device_code: device.deviceCode,
          user_code: device.userCode,
          verification_uri: `${url.origin}/login/device`,
          expires_in: 899,
          interval: options.interval ?? 1,
        });
      }
      case '/login/oauth/access_token':
        return accessToken(exchange);
      default:
        return api(exchange);
    }
  }

  function api({ request, url, json }: Exchange) {
    const token = (request.headers.authorization ?? '').replace(/^(token|bearer) /i, '');
    if (!tokens.has(token)) return json(401, { message: 'Bad credentials' });
    const headers = { 'x-oauth-scopes': scopes };
    // Other hosts than github.com have their API below /api.
    switch (url.pathname.replace(/^\/api(\/v3)?(?=\/)/, '')) {
      case '/graphql':
        return json(200, { data: { viewer: { login: fake.login } } }, headers);
      case '/user':
        return json(200, { login: fake.login, id: 1, type: 'User', name: 'Local Dev' }, headers);
      case '/copilot_internal/user':
        return json(
          200,
          {
            login: fake.login,
            access_type_sku: 'copilot_for_individual',
            copilot_plan: 'individual',
            chat_enabled: true,
            endpoints: { api: 'https://api.githubcopilot.com' },
          },
          headers,
        );
      case '/copilot_internal/v2/token':
        return json(
          200,
          {
            token: `tid=${randomText()};exp=9999999999;proxy-ep=proxy.individual.githubcopilot.com`,
            expires_at: Math.floor(Date.now() / 1000) + 1800,
            refresh_in: 1500,
          },
          headers,
        );
      case '/':
        return json(200, {}, headers);
      default:
        return json(404, { message: 'Not Found' }, headers);
    }
  }

  /** Models of those who pay for Copilot: none. */
  function models({ json }: Exchange) {
    return json(200, { data: [] });
  }

  return fake;
}
