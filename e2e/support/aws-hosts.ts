import { DeviceGrants } from './device-grants.ts';
import type { Exchange, HostHandler } from './local-host.ts';
import { randomText } from './oauth-parts.ts';

export interface AwsHostsOptions {
  /** As in the CLI's configuration: `https://acme.awsapps.com/start`. */
  startUrl: string;
  region: string;
  accountId: string;
  roleName: string;
  /** Name of the session, which ends the ARN. */
  person: string;
}

/** What `aws sso login` 2.9 and `aws sts get-caller-identity` talk to: IAM Identity Center and STS of one region. */
export interface AwsHosts {
  hosts: Record<string, HostHandler>;
  /** All of them at one address. */
  all: HostHandler;
  devices: DeviceGrants;
  /** Answers that come before the usual ones, by path and in order. */
  faults: Map<string, HostHandler[]>;
  /** Whether an access token is good. */
  isValid: (accessToken: string) => boolean;
  /** Who `aws sts get-caller-identity` says it is. */
  arn: string;
}

export function createAwsHosts(options: AwsHostsOptions): AwsHosts {
  const { startUrl, region, accountId, roleName, person } = options;
  const devices = new DeviceGrants();
  const tokens = new Set<string>();
  const arn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${person}`;

  function refuse({ json }: Exchange, type: string, error: string) {
    return json(400, { error, error_description: error, __type: type }, { 'x-amzn-errortype': type });
  }

  function token(exchange: Exchange) {
    switch (devices.poll(exchange.form.deviceCode)) {
      case 'approved': {
        const accessToken = `sso-access-${randomText()}`;
        tokens.add(accessToken);
        const refreshToken = `sso-refresh-${randomText()}`;
        return exchange.json(200, { accessToken, tokenType: 'Bearer', expiresIn: 28_800, refreshToken });
      }
      case 'pending':
        return refuse(exchange, 'AuthorizationPendingException', 'authorization_pending');
      case 'denied':
        return refuse(exchange, 'AccessDeniedException', 'access_denied');
      case 'expired':
        return refuse(exchange, 'ExpiredTokenException', 'expired_token');
      case undefined:
        return refuse(exchange, 'InvalidGrantException', 'invalid_grant');
    }
  }

  function oidc(exchange: Exchange) {
    const { url, json } = exchange;
    switch (url.pathname) {
      case '/client/register': {
        const now = Math.floor(Date.now() / 1000);
        return json(200, {
          clientId: randomText(),
          clientSecret: `sso-client-${randomText()}`,
          clientIdIssuedAt: now,
          clientSecretExpiresAt: now + 90 * 86_400,
        });
      }
      case '/device_authorization': {
        if (exchange.form.startUrl !== startUrl) {
          return refuse(exchange, 'InvalidRequestException', 'invalid_request');
        }
        const device = devices.issue();
        const verificationUri = `${startUrl}/#/device`;
        return json(200, {
          deviceCode: device.deviceCode,
          userCode: device.userCode,
          verificationUri,
          verificationUriComplete: `${verificationUri}?user_code=${device.userCode}`,
          expiresIn: 600,
          interval: 1,
        });
      }
      case '/token':
        return token(exchange);
      default:
        return json(404, {});
    }
  }

  function portal({ request, url, json }: Exchange) {
    const token = String(request.headers['x-amz-sso_bearer_token']);
    if (!tokens.has(token)) {
      const message = 'Session token not found or invalid';
      return json(401, { message }, { 'x-amzn-errortype': 'UnauthorizedException' });
    }
    const asked = { account: url.searchParams.get('account_id'), role: url.searchParams.get('role_name') };
    switch (url.pathname) {
      case '/assignment/accounts':
        return json(200, {
          accountList: [{ accountId, accountName: 'Production', emailAddress: 'production@acme.test' }],
        });
      case '/assignment/roles':
        return json(200, { roleList: [{ roleName, accountId }] });
      case '/federation/credentials':
        if (asked.account !== accountId || asked.role !== roleName) {
          const headers = { 'x-amzn-errortype': 'ForbiddenException' };
          return json(403, { message: 'No access' }, headers);
        }
        return json(200, {
          roleCredentials: {
            accessKeyId: `ASIA${randomText(8).toUpperCase()}`,
            secretAccessKey: `sso-role-${randomText()}`,
            sessionToken: `sso-session-${randomText()}`,
            expiration: Date.now() + 3_600_000,
          },
        });
      case '/logout':
        tokens.delete(token);
        return json(200, {});
      default:
        return json(404, {});
    }
  }

  function sts({ xml }: Exchange) {
    return xml(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>${arn}</Arn><UserId>AROALOCAL:${person}</UserId><Account>${accountId}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  }

  const faults: AwsHosts['faults'] = new Map();
  const orFault =
    (usual: HostHandler): HostHandler =>
    (exchange) =>
      (faults.get(exchange.url.pathname)?.shift() ?? usual)(exchange);

  return {
    arn,
    devices,
    faults,
    isValid: (accessToken) => tokens.has(accessToken),
    hosts: {
      [`oidc.${region}.amazonaws.com`]: orFault(oidc),
      [`portal.sso.${region}.amazonaws.com`]: orFault(portal),
      [`sts.${region}.amazonaws.com`]: orFault(sts),
    },
    all: orFault((exchange) => {
      const { pathname } = exchange.url;
      if (pathname === '/') return sts(exchange);
      return /^\/(?:assignment|federation|logout)/.test(pathname) ? portal(exchange) : oidc(exchange);
    }),
  };
}
