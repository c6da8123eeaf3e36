import type { Failure } from '../../../src-preload/contract/values.ts';
import { plainLabel } from '../../identities/names.ts';
import { OAuthError } from '../../oauth/oauth-error.ts';
import { oauthFailure, transportReasonOf } from '../../oauth/oauth-failures.ts';
import { transportCategory } from '../../oauth/oidc-client.ts';
import type { OAuthStage } from '../../oauth/progress.ts';
import { RejectedError, TransportError } from '../../oauth/provider-http.ts';
import { denied, expired } from '../../providers/common-failures.ts';

/** What a person calls it. */
const service = 'AWS IAM Identity Center';
const longestText = 300;

/** RFC 8628's words for what the SDK (3.1162) has classes for. */
const codes: ReadonlyMap<string, string> = new Map([
  ['AuthorizationPendingException', 'authorization_pending'],
  ['SlowDownException', 'slow_down'],
  ['AccessDeniedException', 'access_denied'],
  ['ExpiredTokenException', 'expired_token'],
  ['InvalidGrantException', 'invalid_grant'],
  ['InvalidClientException', 'invalid_client'],
  ['UnauthorizedClientException', 'unauthorized_client'],
  ['InvalidScopeException', 'invalid_scope'],
  ['InvalidRequestException', 'invalid_request'],
  ['InvalidRequestRegionException', 'invalid_request'],
]);

/** What the SDK threw, in the categories of every other sign-in (O-5). Details name errors, never values. */
export function ssoErrorOf(stage: OAuthStage, thrown: unknown): OAuthError {
  if (thrown instanceof OAuthError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error('unknown');
  const transport = error.cause instanceof TransportError ? error.cause : null;
  if (transport)
    return new OAuthError(stage, transportCategory(transport), transport.message, { cause: error });
  const { $metadata, error_description: said } = error as {
    $metadata?: { httpStatusCode?: number };
    error_description?: unknown;
  };
  const status = $metadata?.httpStatusCode ?? 0;
  const code = codes.get(error.name);
  // A page in the place of an answer says nothing, unless the server has a problem, which may pass.
  if (code === undefined && (status < 400 || (status < 500 && error.name === 'SyntaxError'))) {
    return new OAuthError(stage, 'token_response_malformed', `HTTP ${status}`, { cause: error });
  }
  const text = typeof said === 'string' ? plainLabel(said).slice(0, longestText) : '';
  const rejected = new RejectedError(
    { status, ...(code === undefined ? {} : { code }), text: text || plainLabel(error.name) },
    null,
  );
  return new OAuthError(stage, 'token_endpoint_rejected', rejected.message, {
    provider: rejected.provider,
    cause: rejected,
  });
}

/** @returns the error when an answer lacks what it must have */
export function malformed(stage: OAuthStage, what: string): OAuthError {
  return new OAuthError(stage, 'token_response_malformed', `no ${what}`);
}

/** What a person reads about it; the same codes and words as where the AWS CLI signs in. */
export function ssoFailure(error: OAuthError, region: string): Failure {
  const usual = oauthFailure(error, service);
  // Our words say it better than a code; a sentence of AWS's may say more.
  const said = error.provider?.text ?? error.message;
  const words = (failure: Failure): Failure => ({
    ...failure,
    ...(said.includes(' ') ? { detail: said } : {}),
  });
  switch (error.provider?.code) {
    case 'access_denied':
      return words(textOf(denied('.')));
    case 'expired_token':
      return words(textOf(expired('.')));
    case 'invalid_request':
      return words(ssoFailures.startPageRefused());
  }
  switch (error.category) {
    case 'token_exchange_connect':
      // Every region has a host of its own.
      return transportReasonOf(error) === 'dns' ? words(ssoFailures.regionUnknown(region)) : usual;
    case 'token_response_malformed':
      return words(ssoFailures.notAws());
    default:
      return usual;
  }
}

function textOf({ code, title, hint }: Failure): Failure {
  return { code, title, hint };
}

export const ssoFailures = {
  startPageRefused: (): Failure => ({
    code: 'start_page_refused',
    title: 'AWS does not know this start URL in this region.',
    hint: 'Compare both with what the access portal shows under "Access keys", then try again.',
  }),
  startPageUnknown: (): Failure => ({
    code: 'start_page_unknown',
    title: 'Nothing says where your organisation signs in.',
    hint: 'Sign in as one of your identities, or name an sso-session in the default profile of ~/.aws/config.',
  }),
  halfARole: (): Failure => ({
    code: 'role_incomplete',
    title: 'An account id and a role name belong together.',
    hint: 'Give both, or leave both empty: sessions choose their own.',
  }),
  roleRefused: (role: { accountId: string; roleName: string }): Failure => ({
    code: 'role_refused',
    title: `AWS gives you no role ${role.roleName} in the account ${role.accountId}.`,
    hint: 'Compare both with what the access portal shows, or leave both empty, then try again.',
  }),
  regionUnknown: (region: string): Failure => ({
    code: 'token_exchange_connect',
    title: `${service} could not be reached in ${region}`,
    hint: 'Check the region and the network: the name of its server was not found.',
  }),
  notAws: (): Failure => ({
    code: 'token_response_malformed',
    title: `What answered is not ${service}`,
    hint: 'A network that wants a sign-in of its own may have answered. Open any web page, then try again.',
  }),
};
