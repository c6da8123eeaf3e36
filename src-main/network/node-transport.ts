import * as tls from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent, fetch as undiciFetch } from 'undici';
import { TransportError, transportErrorOf } from '../oauth/provider-http.ts';
import { isBypassed, type Route } from './network-settings.ts';
import type { Transport, Way } from './transport.ts';

/**
 * Requests without Electron. "The system's proxy" is what the variables say here (`HTTPS_PROXY`, `HTTP_PROXY`,
 * `NO_PROXY`), and the system's authorities are Node's own, those that it reads from the system where it can
 * (22.15 or later), and `NODE_EXTRA_CA_CERTS`.
 */
export class NodeTransport implements Transport {
  readonly #environment: NodeJS.ProcessEnv;
  #route: Route = { proxy: { mode: 'system' }, authorities: [] };
  #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    this.#direct = new Agent();
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const way = this.#proxyFor(new URL(url));
    // undici's types and those of Node's own copy of it describe the same, in two versions.
    const given = { ...init, headers: [...new Headers(init.headers)] } as unknown as UndiciRequest;
    const asked = undiciFetch(url, { ...given, dispatcher: way ? this.#through(way) : this.#direct });
    const response = await (way ? asked.catch(throwProxyError) : asked);
    return response as unknown as Response;
  };

  async use(route: Route): Promise<void> {
    const old = [this.#direct, ...this.#proxies.values()];
    this.#route = route;
    this.#proxies.clear();
    this.#direct = new Agent(this.#trust ? { connect: this.#trust } : {});
    // What is under way may end first.
    for (const each of old) each.close().catch(() => {});
  }

  async wayTo(url: string): Promise<Way> {
    const proxy = this.#proxyFor(new URL(url));
    return proxy ? { kind: 'proxy', address: new URL(proxy.uri).host } : { kind: 'direct' };
  }

  get #trust(): { ca: string[] } | null {
    const { authorities } = this.#route;
    return authorities.length === 0 ? null : { ca: [...trustedAlready(), ...authorities] };
  }

  #through({ uri, token }: ProxyAddress): Dispatcher {
    const known = this.#proxies.get(uri);
    if (known) return known;
    const made = new ProxyAgent({
      uri,
      ...(token === undefined ? {} : { token }),
      ...(this.#trust ? { requestTls: this.#trust, proxyTls: this.#trust } : {}),
    });
    this.#proxies.set(uri, made);
    return made;
  }

  #proxyFor(url: URL): ProxyAddress | null {
    const { proxy } = this.#route;
    switch (proxy.mode) {
      case 'none':
        return null;
      case 'manual': {
        if (isBypassed(url, proxy.bypass)) return null;
        const { address, credentials } = proxy;
        if (!credentials) return { uri: address };
        return { uri: address, token: basic(credentials.user, credentials.password.reveal()) };
      }
      case 'system':
        return proxyOfVariables(url, this.#environment);
    }
  }
}

type UndiciRequest = NonNullable<Parameters<typeof undiciFetch>[1]>;

interface ProxyAddress {
  uri: string;
  /** For `Proxy-Authorization`. */
  token?: string;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Who was not found or reached was the proxy: it speaks of the server behind it in HTTP. */
function throwProxyError(error: unknown): never {
  const found = transportErrorOf(error);
  if (!['dns', 'refused', 'unreachable'].includes(found.reason)) throw error;
  throw new TransportError('proxy', found.message, error);
}

/** What curl and others make of the variables: small letters first. */
function proxyOfVariables(url: URL, environment: NodeJS.ProcessEnv): ProxyAddress | null {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name];
  const except = (read('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  if (except.includes('*') || isBypassed(url, except.flatMap(withBelow))) return null;
  const text = (url.protocol === 'https:' ? read('HTTPS_PROXY') : read('HTTP_PROXY')) || read('ALL_PROXY');
  if (!text) return null;
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(whole) ? new URL(whole) : null;
  if (!proxy || !['http:', 'https:'].includes(proxy.protocol)) return null;
  const { username, password, origin } = proxy;
  return username === ''
    ? { uri: origin }
    : { uri: origin, token: basic(decodeURIComponent(username), decodeURIComponent(password)) };
}

/** `example.com` stands for what is below it, too. */
function withBelow(entry: string): string[] {
  const name = entry.toLowerCase().replace(/^\*?\./, '');
  return [name, `.${name}`];
}

/** A list of ours takes the place of Node's, so that has to be in it. */
function trustedAlready(): string[] {
  const read = 'getCACertificates' in tls ? tls.getCACertificates : null;
  if (!read) return [...tls.rootCertificates];
  return [...read('default'), ...read('system')];
}
