import { Readable } from 'node:stream';
import { net, type Session, session } from 'electron';
import { isVouchedFor, parseAll } from '../network/added-authorities.ts';
import { chromiumBypass, type ProxyCredentials, type Route } from '../network/network-settings.ts';
import type { Transport, Way } from '../network/transport.ts';
import type { Fetch } from '../oauth/provider-http.ts';

/** Verdicts for `setCertificateVerifyProc`. */
const trusted = 0;
const asChromiumSays = -3;

/**
 * Requests through Chromium's network stack: the system's proxy (also a script's) and its certificate store. Each change
 * of the settings gets a session of its own, since one keeps verdicts on certificates, proxy logins and connections.
 */
export class ChromiumTransport implements Transport {
  readonly #now: () => number;
  #session: Session | null = null;
  #credentials: ProxyCredentials | null = null;
  #count = 0;

  /** After the app is ready. @param now ms since the Unix epoch, UTC */
  constructor(now: () => number) {
    this.#now = now;
  }

  readonly fetch: Fetch = (url, init) => request(this.#used, this.#credentials, url, init);

  async use({ proxy, authorities }: Route): Promise<void> {
    this.#count += 1;
    // Without `persist:` it is in memory only.
    const next = session.fromPartition(`network-${this.#count}`, { cache: false });
    switch (proxy.mode) {
      case 'system':
        await next.setProxy({ mode: 'system' });
        break;
      case 'none':
        await next.setProxy({ mode: 'direct' });
        break;
      case 'manual':
        await next.setProxy({
          mode: 'fixed_servers',
          proxyRules: proxy.address,
          proxyBypassRules: chromiumBypass(proxy.bypass),
        });
    }
    const added = parseAll(authorities);
    if (added.length > 0) {
      next.setCertificateVerifyProc(({ hostname, certificate, verificationResult }, answer) => {
        // Any other verdict stands: this adds authorities and takes no check away.
        const unknownAuthority = verificationResult === 'net::ERR_CERT_AUTHORITY_INVALID';
        const vouched =
          unknownAuthority && isVouchedFor(parseAll(sentWith(certificate)), added, hostname, this.#now());
        answer(vouched ? trusted : asChromiumSays);
      });
    }
    const old = this.#session;
    this.#session = next;
    this.#credentials = proxy.mode === 'manual' ? proxy.credentials : null;
    // What is under way fails, which is better than going a way that is no longer wanted.
    await old?.closeAllConnections();
  }

  async wayTo(url: string): Promise<Way> {
    // As in a proxy script: `PROXY host:port; DIRECT`.
    const [first = ''] = (await this.#used.resolveProxy(url)).split(';');
    const [, address] = /^\s*(?:PROXY|HTTPS)\s+(\S+)/.exec(first) ?? [];
    return address === undefined ? { kind: 'direct' } : { kind: 'proxy', address };
  }

  get #used(): Session {
    return this.#session ?? session.defaultSession;
  }
}

/** The server's certificate and those that it sent along, as PEM. */
function sentWith(certificate: Electron.Certificate): string[] {
  const found: string[] = [];
  let current: Electron.Certificate | undefined = certificate;
  while (current && found.length < 10 && !found.includes(current.data)) {
    found.push(current.data);
    current = current.issuerCert;
  }
  return found;
}

/** `fetch` over `net.request`: `net.fetch` gives no chance to log in to a proxy. Redirects are answers, as they come. */
async function request(
  used: Session,
  credentials: ProxyCredentials | null,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const asked = new Request(url, init);
  const body = asked.body ? Buffer.from(await asked.arrayBuffer()) : null;
  return new Promise((resolve, reject) => {
    const { signal } = asked;
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const made = net.request({
      url,
      method: asked.method,
      session: used,
      redirect: 'manual',
      cache: 'no-store',
    });
    const abort = () => {
      made.abort();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    for (const [name, value] of asked.headers) made.setHeader(name, value);
    let asks = 0;
    made.on('login', ({ isProxy }, answer) => {
      asks += 1;
      // Asked again, they were wrong.
      if (isProxy && credentials && asks === 1) answer(credentials.user, credentials.password.reveal());
      else answer();
    });
    made.on('redirect', (status, _method, location) => {
      signal.removeEventListener('abort', abort);
      made.abort();
      resolve(new Response(null, { status, headers: { location } }));
    });
    made.on('response', (answer) => {
      const { statusCode: status, rawHeaders } = answer;
      const headers = new Headers();
      for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
        // The body comes unpacked.
        if (!/^content-(encoding|length)$/i.test(rawHeaders[at] ?? ''))
          headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
      }
      const empty = status === 204 || status === 205 || status === 304;
      const stream = Readable.toWeb(answer as unknown as Readable) as ReadableStream<Uint8Array>;
      resolve(new Response(empty ? null : stream, { status, headers }));
    });
    made.on('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(new TypeError('fetch failed', { cause: error }));
    });
    made.end(body ?? undefined);
  });
}
