import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Provider } from 'oidc-provider';

export interface TestIssuer {
  issuer: string;
  clientId: string;
  /** Follows a link as a browser in which `person` signs in and agrees; returns the redirect to the client. */
  visit(link: string): Promise<URL>;
  /** Enters a device code as the person, and agrees. */
  approve(userCode: string): Promise<void>;
  deny(userCode: string): Promise<void>;
  /** Where the TLS server listens, if there is one; its host name leads nowhere by itself. */
  securePort: number;
  /** Paths that were asked for, in order. */
  readonly seen: string[];
  /** Events of the provider: `grant.revoked`, `grant.error`, `refresh_token.consumed`. */
  readonly events: string[];
  close(): Promise<void>;
}

export interface TestIssuerOptions {
  person?: { sub: string; email?: string; name?: string; [claim: string]: string | undefined };
  /** Lifetime of access tokens, s. */
  accessTokenSeconds?: number;
  /** The issuer is `https://<host>`, behind a TLS server of its own. */
  secure?: { host: string; credential: { key: string; cert: string } };
  /** Looks at each request first; true when it was answered. */
  before?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /**
   * Shows oidc-provider's own pages: who types a login there is that person, and agrees or cancels. Then `visit`, which
   * only follows redirects, is not of use.
   */
  signInPages?: boolean;
  /** Told the fields of each form that was posted, and of each answer. */
  onExchange?: (fields: unknown, direction: 'request' | 'answer') => void;
}

const clientId = 'lanyard-test';

/** A real OpenID provider (oidc-provider) on loopback: a public client, rotating refresh tokens, device flow, revocation. */
export async function openIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const person = { sub: 'user-1', email: 'ada@example.test', name: 'Ada Example', ...options.person };
  const seen: string[] = [];
  const events: string[] = [];
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${request.method} ${(request.url ?? '').split('?')[0]}`);
    if (!options.before?.(request, response)) handle(request, response);
  };
  const server = createServer(answer);
  const { secure, signInPages = false } = options;
  const secureServer = secure ? createTlsServer(secure.credential, answer) : null;
  const securePort = secureServer ? await listen(secureServer) : 0;
  const plain = `http://127.0.0.1:${await listen(server)}`;
  const issuer = secure ? `https://${secure.host}` : plain;

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
      },
    ],
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    claims: { openid: ['sub', 'hd'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: signInPages },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () =>
        Promise.resolve({
          ...person,
          ...(signInPages ? { sub: id, email: id } : {}),
          email_verified: true,
        }),
    }),
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 3600,
      AuthorizationCode: 60,
      DeviceCode: 600,
      IdToken: 3600,
      RefreshToken: 86_400,
      Grant: 86_400,
      Interaction: 600,
      Session: 86_400,
    },
    cookies: { keys: ['test-only'] },
    ...(signInPages
      ? {}
      : { interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` } }),
    jwks: { keys: [await signingKey()] },
  });
  provider.on('grant.revoked', () => events.push('grant.revoked'));
  provider.on('grant.error', () => events.push('grant.error'));
  provider.on('refresh_token.consumed', () => events.push('refresh_token.consumed'));

  // The person's browser comes past the TLS server.
  provider.proxy = secure !== undefined;

  const grantFor = async (scope: string) => {
    const grant = new provider.Grant({ accountId: person.sub, clientId });
    grant.addOIDCScope(scope);
    return grant.save();
  };
  provider.use(async (context, next) => {
    await next();
    options.onExchange?.(context.oidc?.body, 'request');
    options.onExchange?.(context.body, 'answer');
  });
  const callback = provider.callback();
  handle = (request, response) => {
    if (signInPages || !request.url?.startsWith('/interaction/')) return void callback(request, response);
    // The person signs in and agrees at once.
    void (async () => {
      const { params, prompt } = await provider.interactionDetails(request, response);
      const grantId = await grantFor(String(params.scope ?? 'openid'));
      await provider.interactionFinished(
        request,
        response,
        prompt.name === 'login'
          ? { login: { accountId: person.sub }, consent: { grantId } }
          : { consent: { grantId } },
        { mergeWithLastSubmission: true },
      );
    })().catch(() => response.destroy());
  };
  const behind = secure ? { plain, host: secure.host } : null;
  /** Enters a code in the provider's own page, presses a button there, and signs in where that is asked for. */
  const enter = async (userCode: string, button: 'confirm' | 'abort') => {
    const browser = new Browser(issuer, behind);
    const first = await browser.open(new URL('/device', issuer));
    const second = await browser.submit('/device', { ...hiddenFields(first), user_code: userCode });
    if (!second.includes('confirm')) throw new Error('no such user code');
    await browser.submit('/device', { ...hiddenFields(second), user_code: userCode, [button]: 'yes' });
  };

  return {
    issuer,
    clientId,
    securePort,
    seen,
    events,
    visit: (link) => new Browser(issuer, behind).leave(new URL(link)),
    approve: (userCode) => enter(userCode, 'confirm'),
    deny: (userCode) => enter(userCode, 'abort'),
    close: () =>
      new Promise<void>((resolve) => {
        secureServer?.close();
        secureServer?.closeAllConnections();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function signingKey(): Promise<Record<string, unknown>> {
  const { generateKeyPair, exportJWK } = await import('jose');
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'test-1' };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
      else reject(new Error('no port'));
    });
  });
}

/** A browser with cookies and forms, no more. */
class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #origin: string;
  readonly #behind: { plain: string; host: string } | null;

  constructor(issuer: string, behind: { plain: string; host: string } | null) {
    this.#origin = new URL(issuer).origin;
    this.#behind = behind;
  }

  /** Follows redirects until one leaves the issuer, and returns where that leads. */
  async leave(link: URL): Promise<URL> {
    const { url } = await this.#follow(link);
    if (url.origin === this.#origin) throw new Error(`the issuer stayed at ${url.pathname}`);
    return url;
  }

  /** @returns the page that a link ends at */
  async open(link: URL): Promise<string> {
    return (await this.#follow(link)).page;
  }

  /** @returns the page that a form ends at */
  async submit(path: string, fields: Record<string, string>): Promise<string> {
    return (await this.#follow(new URL(path, this.#origin), new URLSearchParams(fields))).page;
  }

  async #follow(start: URL, form?: URLSearchParams): Promise<{ url: URL; page: string }> {
    let url = start;
    for (let hops = 0; hops < 10; hops += 1) {
      const sent = hops === 0 && form ? { method: 'POST', body: form } : {};
      const response = await fetch(this.#behind ? `${this.#behind.plain}${url.pathname}${url.search}` : url, {
        ...sent,
        redirect: 'manual',
        headers: {
          cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(this.#behind ? { 'x-forwarded-proto': 'https', 'x-forwarded-host': this.#behind.host } : {}),
        },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.#cookies.set(name, value);
      }
      const page = await response.text();
      const location = response.headers.get('location');
      if (location === null) {
        if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
        return { url, page };
      }
      url = new URL(location, url);
      if (url.origin !== this.#origin) return { url, page: '' };
    }
    throw new Error('too many redirects');
  }
}

function hiddenFields(page: string): Record<string, string> {
  const inputs = page.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  return Object.fromEntries(
    inputs.map((input) => [
      /name="([^"]*)"/.exec(input)?.[1] ?? '',
      /value="([^"]*)"/.exec(input)?.[1] ?? '',
    ]),
  );
}
