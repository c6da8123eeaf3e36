import type { CloudSession } from './session-record.ts';

/** What a program asks an endpoint, as far as protocols differ. */
export interface EndpointRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url: URL;
  /** Of a form; empty for a request without a body. */
  readonly form: URLSearchParams;
}

/** How the programs of one cloud ask for credentials (C-16). */
export interface EndpointProtocol {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Whether what is asked for stands behind the path. */
  readonly hasQuery: boolean;
  /** The session's token, where its programs put it; empty when it is not there. */
  token(request: EndpointRequest): string;
  /** Why a request with the right token gets nothing, in words for who reads the program's output. */
  refusal?(request: EndpointRequest): string | null;
  /** The answer to a request with the right token that asks for something else than credentials; null where it does not. */
  aside?(request: EndpointRequest): Record<string, unknown> | null;
  /** A refusal as its programs read it. */
  refused(code: string, message: string): Record<string, unknown>;
}

/** The container-credentials protocol of AWS's SDKs and CLI. */
const aws: EndpointProtocol = {
  method: 'GET',
  path: '/credentials',
  hasQuery: false,
  token: ({ headers }) => one(headers.authorization),
  refused: (code, message) => ({ code, message }),
};

/**
 * The token exchange (RFC 8693) of Google's "external accounts": the libraries exchange the session's token here, where
 * Google's own service would be asked otherwise. gcloud also asks whose an access token is (RFC 7662), at an address that
 * has the session's token in it: the request itself has none.
 */
function gcp(principal: string): EndpointProtocol {
  return {
    method: 'POST',
    path: '/token',
    hasQuery: true,
    token: ({ form, url }) => form.get('subject_token') ?? url.searchParams.get('session') ?? '',
    aside: ({ form }) => (form.has('subject_token') ? null : { active: true, username: principal }),
    // RFC 6749 section 5.2.
    refused: (code, message) => ({ error: code, error_description: message }),
  };
}

/** Managed identities as Azure's App Service has them (2019-08-01), for one resource. */
function azure(audience: string): EndpointProtocol {
  return {
    method: 'GET',
    path: '/msi/token',
    hasQuery: true,
    token: ({ headers }) => one(headers['x-identity-header']),
    refused: (code, message) => ({ error: code, message }),
    refusal: ({ url }) => {
      const resource = (url.searchParams.get('resource') ?? '').replace(/\/+$/, '');
      return resource === audience ? null : `This session's token is for ${audience}, and for nothing else.`;
    },
  };
}

/** How the programs of a session's cloud ask. */
export function endpointProtocol({
  provider,
  roleArn,
  audience = '',
}: Pick<CloudSession, 'provider' | 'roleArn' | 'audience'>): EndpointProtocol {
  if (provider === 'aws') return aws;
  return provider === 'gcp' ? gcp(roleArn) : azure(audience);
}

function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
