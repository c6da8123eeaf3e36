import { DeviceGrants } from './device-grants.ts';
import type { Exchange, HostHandler } from './local-host.ts';
import { randomText, unsignedJwt } from './oauth-parts.ts';

/**
 * What kimi 2.1 talks to in one region.
 * @param domain `kimi.com` or `kimi.ai`
 */
export function createKimiHosts(domain: string): {
  hosts: Record<string, HostHandler>;
  devices: DeviceGrants;
} {
  const devices = new DeviceGrants();

  function auth({ url, form, json }: Exchange) {
    if (url.pathname.endsWith('/device_authorization')) {
      const device = devices.issue();
      const page = `https://www.${domain}/code/authorize_device`;
      return json(200, {
        device_code: device.deviceCode,
        user_code: device.userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${device.userCode}`,
        expires_in: 1800,
        interval: 1,
      });
    }
    if (!url.pathname.endsWith('/token')) return json(404, {});
    const state = devices.poll(form.device_code);
    if (state === 'pending') return json(400, { error: 'authorization_pending' });
    if (state !== 'approved') return json(400, { error: 'access_denied' });
    return json(200, {
      access_token: unsignedJwt({
        sub: 'user-ada',
        exp: Math.floor(Date.now() / 1000) + 3600,
        n: randomText(),
      }),
      refresh_token: `kimi-refresh-${randomText()}`,
      expires_in: 3600,
      token_type: 'Bearer',
      scope: 'kimi-code',
    });
  }

  function api({ url, json }: Exchange) {
    if (!url.pathname.endsWith('/models')) return json(404, {});
    return json(200, {
      data: [{ id: 'kimi-for-coding', object: 'model', context_length: 262_144, supports_reasoning: true }],
    });
  }

  return { hosts: { [`auth.${domain}`]: auth, [`api.${domain}`]: api }, devices };
}
