import { DeviceGrants } from './device-grants.ts';
import type { Exchange, HostHandler } from './local-host.ts';
import { randomText, unsignedJwt } from './oauth-parts.ts';

export interface MicrosoftPerson {
  /** User principal name, which reads like an email address. */
  name: string;
  tenantId: string;
  tenant: string;
}

/** What `az login` 2.91 talks to: Microsoft's sign-in and the list of what may be managed. */
export function createMicrosoftHosts(person: MicrosoftPerson): {
  hosts: Record<string, HostHandler>;
  devices: DeviceGrants;
} {
  const devices = new DeviceGrants();
  /** The nonce that belongs to each code of the browser flow. */
  const nonces = new Map<string, string>();

  function tokens(clientId: string, nonce?: string) {
    const { name, tenantId } = person;
    const now = Math.floor(Date.now() / 1000);
    const clientInfo = Buffer.from(JSON.stringify({ uid: 'user-ada', utid: tenantId })).toString('base64url');
    return {
      token_type: 'Bearer',
      scope: 'https://management.core.windows.net//.default',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: unsignedJwt({ oid: 'user-ada', tid: tenantId, n: randomText() }),
      refresh_token: `ms-refresh-${randomText()}`,
      client_info: clientInfo,
      id_token: unsignedJwt({
        aud: clientId,
        iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        iat: now,
        nbf: now - 10,
        exp: now + 3600,
        oid: 'user-ada',
        sub: 'user-ada',
        preferred_username: name,
        tid: tenantId,
        ver: '2.0',
        ...(nonce === undefined ? {} : { nonce }),
      }),
    };
  }

  function token({ form, json }: Exchange) {
    const clientId = form.client_id ?? '';
    // MSAL sends a device code as `code`, too.
    if (form.device_code !== undefined) {
      const state = devices.poll(form.device_code);
      if (state === 'approved') return json(200, tokens(clientId));
      return json(400, {
        error: state === 'pending' ? 'authorization_pending' : 'authorization_declined',
        error_description: 'AADSTS70016',
      });
    }
    if (form.code === undefined) return json(200, tokens(clientId));
    const nonce = nonces.get(form.code);
    nonces.delete(form.code);
    return nonce === undefined ? json(400, { error: 'invalid_grant' }) : json(200, tokens(clientId, nonce));
  }

  /** Microsoft's page posts the answer to the loopback port. */
  function authorize({ url, postForm }: Exchange) {
    const asked = url.searchParams;
    const code = randomText();
    nonces.set(code, asked.get('nonce') ?? '');
    const clientInfo = Buffer.from(JSON.stringify({ uid: 'user-ada', utid: person.tenantId }));
    return postForm(asked.get('redirect_uri') ?? '', {
      code,
      state: asked.get('state') ?? '',
      client_info: clientInfo.toString('base64url'),
    });
  }

  function login(exchange: Exchange) {
    const { url, json } = exchange;
    const base = `https://login.microsoftonline.com/${url.pathname.split('/')[1]}`;
    if (url.pathname.endsWith('/discovery/instance')) {
      return json(200, {
        tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
        metadata: [
          {
            preferred_network: 'login.microsoftonline.com',
            preferred_cache: 'login.windows.net',
            aliases: ['login.microsoftonline.com', 'login.windows.net'],
          },
        ],
      });
    }
    if (url.pathname.endsWith('/openid-configuration')) {
      return json(200, {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        issuer: `https://login.microsoftonline.com/${person.tenantId}/v2.0`,
      });
    }
    if (url.pathname.endsWith('/authorize')) return authorize(exchange);
    if (url.pathname.endsWith('/token')) return token(exchange);
    if (!url.pathname.endsWith('/devicecode')) return json(404, {});
    const device = devices.issue(randomText(5).toUpperCase().slice(0, 9));
    const page = 'https://microsoft.com/devicelogin';
    return json(200, {
      device_code: device.deviceCode,
      user_code: device.userCode,
      verification_uri: page,
      expires_in: 900,
      interval: 1,
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${device.userCode} to authenticate.`,
    });
  }

  function management({ url, json }: Exchange) {
    const { tenantId, tenant } = person;
    switch (url.pathname) {
      case '/tenants':
        return json(200, {
          value: [
            {
              id: `/tenants/${tenantId}`,
              tenantId,
              displayName: tenant,
              tenantCategory: 'Home',
              defaultDomain: 'example.test',
            },
          ],
        });
      case '/subscriptions':
        return json(200, {
          value: [
            {
              id: '/subscriptions/local',
              subscriptionId: 'local',
              tenantId,
              displayName: 'Local',
              state: 'Enabled',
              managedByTenants: [],
              subscriptionPolicies: {},
            },
          ],
        });
      default:
        return json(404, {});
    }
  }

  return { hosts: { 'login.microsoftonline.com': login, 'management.azure.com': management }, devices };
}
