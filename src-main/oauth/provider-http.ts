import type { Clock } from '../clock.ts';
import type { ProviderError } from './oauth-error.ts';

/** What a request needs of `fetch`; Electron's `net.fetch` and Node's are two. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type TransportReason =
  | 'timeout'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'proxy'
  | 'reset'
  | 'redirect'
  | 'too-large'
  | 'unknown';

/**
 * No usable answer came: the provider may know nothing of the request. A `TypeError`, as `fetch` throws, which
 * openid-client hands on as it is.
 */
export class TransportError extends TypeError {
  readonly reason: TransportReason;

  constructor(reason: TransportReason, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.reason = reason;
  }
}

/** The provider answered with an HTTP error. */
export class RejectedError extends TypeError {
  readonly provider: ProviderError & { status: number };
  /** From `Retry-After` (RFC 9110 section 10.2.3), ms; null when absent or not readable. */
  readonly retryAfterMs: number | null;

  constructor(provider: ProviderError & { status: number }, retryAfterMs: number | null) {
    super(`HTTP ${provider.status}${provider.code === undefined ? '' : ` ${provider.code}`}`);
    this.name = 'RejectedError';
    this.provider = provider;
    this.retryAfterMs = retryAfterMs;
  }
}

const deadlineMs = 30_000;
/** No metadata, key set or token answer comes near it. */
const bodyLimit = 1024 * 1024;
/** What is shown of an answer that is only text. */
const textLimit = 300;

/**
 * A `fetch` for openid-client that ends: a deadline over headers and body, bounded bodies, no redirects, and errors
 * that say what happened.
 * @param signal ends every request at once
 */
export function providerFetch(fetch: Fetch, clock: Clock, signal?: AbortSignal): Fetch {
  return async (url, init) => {
    const abort = new AbortController();
    const stopTimer = clock.after(deadlineMs, () =>
      abort.abort(new TransportError('timeout', `no answer in ${deadlineMs / 1000} s`)),
    );
    const given = [signal, init.signal].filter((each) => each !== undefined && each !== null);
    const ended = AbortSignal.any([abort.signal, ...given]);
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: ended });
      if (isRedirect(response)) {
        response.body?.cancel().catch(() => {});
        throw new TransportError('redirect', `HTTP ${response.status} to another address`);
      }
      const body = await readBody(response);
      if (response.status >= 400) {
        throw new RejectedError(
          providerErrorOf(response.status, body),
          retryAfterOf(response.headers.get('retry-after'), clock.now()),
        );
      }
      // GitHub says so with 200.
      if (isErrorAnswer(body)) throw new RejectedError(providerErrorOf(response.status, body), null);
      return new Response(hasNoBody(response.status) ? null : body, {
        status: response.status,
        headers: response.headers,
      });
    } catch (error) {
      if (abort.signal.aborted) throw abort.signal.reason;
      if (ended.aborted) throw new TransportError('unknown', 'cancelled', error);
      throw error instanceof RejectedError || error instanceof TransportError
        ? error
        : transportErrorOf(error);
    } finally {
      stopTimer();
    }
  };
}

/**
 * What a token endpoint's error says (O-9): `error_description`, else `error.message`, else `error` or `error.code`,
 * else the text itself, cut short and for the person alone.
 */
export function providerErrorOf(status: number, body: string): ProviderError & { status: number } {
  const parsed = parseObject(body);
  const { error } = parsed ?? {};
  const nested = isObject(error) ? error : null;
  const code = firstText(error, nested?.code);
  const text = firstText(parsed?.error_description, nested?.message, error, nested?.code);
  return {
    status,
    ...(code !== undefined && /^[\x21\x23-\x5b\x5d-\x7e]{1,80}$/.test(code) ? { code } : {}),
    text: oneLine(text ?? (parsed ? '' : withoutMarkup(body))) || 'unknown error',
  };
}

/** Seconds or an HTTP date; nothing that is in the past, negative or more than a day. @returns ms or null */
export function retryAfterOf(header: string | null, now: number): number | null {
  if (header === null) return null;
  const ms = /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 && ms <= 86_400_000 ? ms : null;
}

/** Which failure of `fetch` it was, by the codes that Node (undici) and Chromium give. */
export function transportErrorOf(error: unknown): TransportError {
  const causes = [...causesOf(error)];
  const texts = causes.map((each) => `${codeOf(each)} ${each.message}`).join(' ');
  const reason = reasons.find(([pattern]) => pattern.test(texts))?.[1] ?? 'unknown';
  // Chromium's codes stand in the message: `net::ERR_CERT_AUTHORITY_INVALID`.
  const codes = [...causes.map(codeOf), /\bERR_[A-Z_]+\b/.exec(texts)?.[0] ?? ''];
  const code = codes.find((each) => /^[A-Z][A-Z0-9_]{2,60}$/.test(each));
  return new TransportError(reason, code ?? reason, error);
}

const reasons: [RegExp, TransportReason][] = [
  [/ENOTFOUND|EAI_AGAIN|ERR_NAME_NOT_RESOLVED/, 'dns'],
  [/ERR_PROXY|ERR_TUNNEL|ERR_SOCKS|Proxy response|tunnel/i, 'proxy'],
  [/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS|ERR_SSL|EPROTO|altname/i, 'tls'],
  [/ECONNREFUSED|ERR_CONNECTION_REFUSED/, 'refused'],
  [
    /ENETUNREACH|EHOSTUNREACH|ENETDOWN|ERR_INTERNET_DISCONNECTED|ERR_ADDRESS_UNREACHABLE|ERR_NETWORK_CHANGED/,
    'unreachable',
  ],
  [/ETIMEDOUT|TIMED_OUT|UND_ERR_\w*TIMEOUT/, 'timeout'],
  [/ERR_TOO_MANY_REDIRECTS|ERR_UNEXPECTED_REDIRECT|Redirect was cancelled/, 'redirect'],
  [
    /ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_CONNECTION_(?:RESET|CLOSED|ABORTED)|ERR_EMPTY_RESPONSE|ERR_CONTENT_LENGTH|ERR_INCOMPLETE|terminated|other side closed|HPE_/,
    'reset',
  ],
];

function* causesOf(error: unknown): Generator<Error> {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    yield current;
    if (current instanceof AggregateError)
      for (const each of current.errors) if (each instanceof Error) yield each;
    current = current.cause;
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isRedirect(response: Response): boolean {
  return response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
}

/** An error as of RFC 6749 section 5.2, and nothing besides. */
function isErrorAnswer(body: string): boolean {
  const { error, access_token } = parseObject(body) ?? {};
  return typeof error === 'string' && error !== '' && access_token === undefined;
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

async function readBody(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  if (!reader) return '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > bodyLimit) {
      reader.cancel().catch(() => {});
      throw new TransportError('too-large', `an answer of more than ${bodyLimit} bytes`);
    }
    parts.push(value);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value) => typeof value === 'string' && value.trim() !== '') as string | undefined;
}

function withoutMarkup(text: string): string {
  return text.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
}

/** Control and direction marks could pass for something else on the screen. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, textLimit);
}
