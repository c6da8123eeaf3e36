import { Readable } from 'node:stream';
import type { INetworkModule, NetworkRequestOptions } from '@azure/msal-node';
import { type Fetch, TransportError, transportErrorOf } from '../oauth/provider-http.ts';

/** An answer takes no longer, ms. */
const deadlineMs = 15_000;

/** A request as the AWS SDK makes it, signed. */
interface AwsRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * Requests of the AWS SDK (3.1160) by way of the proxy and the authorities that are set, in the place of its own
 * Node handler.
 * @throws an Error with the `code` and `name` that the SDK knows from Node, so that it tries again where it would
 */
export function awsRequestHandler(fetch: Fetch): Record<string, unknown> {
  return {
    handle: async (request: AwsRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      const { method, headers, body } = request;
      // Who sends it says where to and how long.
      const sent = Object.entries(headers).filter(([name]) => !/^(host|content-length)$/i.test(name));
      const signals = [AbortSignal.timeout(deadlineMs), ...(abortSignal ? [abortSignal] : [])];
      const init: RequestInit = {
        method,
        headers: sent,
        signal: AbortSignal.any(signals),
        redirect: 'manual',
        ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: body as string }),
      };
      try {
        const response = await fetch(addressOf(request), init);
        const content = Buffer.from(await response.arrayBuffer());
        return {
          response: {
            statusCode: response.status,
            headers: Object.fromEntries(response.headers),
            body: Readable.from([content]),
          },
        };
      } catch (error) {
        throw abortSignal?.aborted ? named('AbortError', 'ABORT_ERR', error) : nodeErrorOf(error);
      }
    },
    destroy: () => {},
    httpHandlerConfigs: () => ({}),
    updateHttpClientConfig: () => {},
  };
}

function addressOf({ protocol, hostname, port, path, query = {} }: AwsRequest): string {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value ?? '']) url.searchParams.append(name, each);
  }
  return url.href;
}

const codes: Partial<Record<TransportError['reason'], string>> = {
  timeout: 'ETIMEDOUT',
  dns: 'ENOTFOUND',
  refused: 'ECONNREFUSED',
  unreachable: 'ENETUNREACH',
  reset: 'ECONNRESET',
};

function nodeErrorOf(error: unknown): Error {
  const found =
    error instanceof Error && error.name === 'TimeoutError'
      ? new TransportError('timeout', 'no answer', error)
      : error instanceof TransportError
        ? error
        : transportErrorOf(error);
  return named(
    found.reason === 'timeout' ? 'TimeoutError' : 'Error',
    codes[found.reason] ?? found.message,
    found,
  );
}

function named(name: string, code: string, cause: unknown): Error {
  const made = new Error(code, { cause });
  made.name = name;
  return Object.assign(made, { code });
}

/** The same for MSAL (msal-node 7). It takes what is no answer for a network error. */
export function msalNetwork(fetch: Fetch): INetworkModule {
  const ask = async (method: 'GET' | 'POST', url: string, options: NetworkRequestOptions = {}) => {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
      ...(options.headers ? { headers: options.headers } : {}),
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await response.text();
    return { headers: Object.fromEntries(response.headers), body: JSON.parse(text), status: response.status };
  };
  return {
    sendGetRequestAsync: (url, options) => ask('GET', url, options),
    sendPostRequestAsync: (url, options) => ask('POST', url, options),
  };
}

/** The same for google-auth-library (10), as the `fetchImplementation` of its transporter. */
export function googleFetch(fetch: Fetch): typeof globalThis.fetch {
  return (input, init) => fetch(input instanceof Request ? input.url : String(input), init ?? {});
}
