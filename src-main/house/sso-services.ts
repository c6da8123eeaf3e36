import type { SsoServices } from '../cloud/sources/sso-clients.ts';
import type { Fetch } from '../oauth/provider-http.ts';
import type { CloudEndpoints } from './cloud-house.ts';

/** How IAM Identity Center and STS are asked. @param fetch Node itself when absent */
export function ssoServices(endpoints: CloudEndpoints, fetch?: Fetch): SsoServices {
  const { ssoPortal, ssoOidc, sts } = endpoints;
  return {
    ...(fetch ? { fetch } : {}),
    endpoints: {
      ...(ssoPortal === undefined ? {} : { portal: ssoPortal }),
      ...(ssoOidc === undefined ? {} : { oidc: ssoOidc }),
      ...(sts === undefined ? {} : { sts }),
    },
  };
}
