import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { type CallbackPage, type CallbackTemplates, renderCallbackPage } from './callback-page.ts';
import { OAuthError } from './oauth-error.ts';
import { pause } from './pause.ts';
import type { OnPhase } from './progress.ts';

/** A redirect that came back with the right state, whose page is still to be answered. */
export interface ReceivedCallback {
  /** The whole URL as the provider made it, code and state included: never to be logged. */
  url: URL;
  /** Shows the person what became of it. Later calls do nothing; a browser that is gone is no error (O-12). */
  answer(page: CallbackPage): Promise<void>;
}

export interface CallbackListenerOptions {
  /** The state that the right redirect carries. */
  state: string;
  /** 0 for any free port; a fixed one where the client is registered for it (O-1). */
  port: number;
  /** Path of the redirect, beginning with `/`. */
  path: string;
  templates: CallbackTemplates;
  clock: Clock;
  onPhase: OnPhase;
  /** Where the listener of an earlier sign-in is known by its port, so that it can be asked to stop (O-2). */
  previous: PreviousListeners;
  /** Ends the wait for a port. */
  signal: AbortSignal;
  /** How long a request may take to come in whole, ms; 10 s when absent. */
  requestMs?: number;
}

/** Listeners of this app, by port, also those of another process of it. */
export interface PreviousListeners {
  /** Notes a listener and the secret that stops it; returns what removes the note. */
  note(port: number, secret: string): () => void;
  /** The secret of the listener noted for a port, if there is one. */
  secretOf(port: number): string | null;
}

const tries = 10;
const pauseMs = 200;
/** How long an earlier listener of ours may take to answer, ms. */
const stopDeadlineMs = 1_000;
const usualRequestMs = 10_000;
/** A browser asks for a handful of things. */
const connectionLimit = 64;
const stopHeader = 'x-lanyard-stop';

/**
 * Waits for the redirect of an authorization request on loopback (RFC 8252 section 7.3). The sockets are those that
 * were bound at the start: 127.0.0.1 and, where the system has it, [::1] on the same port.
 *
 * What does not carry the right state is answered and counted, and the wait goes on (O-7): an old tab, a prefetch or a
 * page that guesses the port cannot end a sign-in.
 */
export class CallbackListener {
  readonly redirectUri: string;
  readonly port: number;
  /** Resolves with the first redirect that carries the state; never rejects. */
  readonly received: Promise<ReceivedCallback>;
  /** Resolves when another sign-in of this app asked for the port. */
  readonly displaced: Promise<void>;
  readonly #servers: Server[];
  readonly #forget: () => void;
  #ignored: () => number;

  private constructor(parts: {
    redirectUri: string;
    port: number;
    received: Promise<ReceivedCallback>;
    displaced: Promise<void>;
    servers: Server[];
    forget: () => void;
    ignored: () => number;
  }) {
    this.redirectUri = parts.redirectUri;
    this.port = parts.port;
    this.received = parts.received;
    this.displaced = parts.displaced;
    this.#servers = parts.servers;
    this.#forget = parts.forget;
    this.#ignored = parts.ignored;
  }

  /** How many requests were not the redirect that is waited for. */
  get ignored(): number {
    return this.#ignored();
  }

  /**
   * @throws OAuthError `local_server_unavailable` when the port stays taken for 10 tries, 200 ms apart;
   *   `login_cancelled` when the signal ends the wait
   */
  static async open(options: CallbackListenerOptions): Promise<CallbackListener> {
    const { port, clock, onPhase, previous, signal } = options;
    const startedAt = clock.now();
    for (let attempt = 1; ; attempt += 1) {
      if (signal.aborted) throw cancelled();
      onPhase({ phase: 'binding-local-server', attempt });
      const desk = new Desk(options);
      try {
        const servers = await bind(port, desk, options.requestMs ?? usualRequestMs);
        const bound = boundPort(servers);
        desk.port = bound;
        const secret = randomBytes(32).toString('base64url');
        desk.stopSecret = secret;
        onPhase({ phase: 'local-server-bound', port: bound });
        return new CallbackListener({
          redirectUri: `http://127.0.0.1:${bound}${options.path}`,
          port: bound,
          received: desk.received,
          displaced: desk.displaced,
          servers,
          forget: previous.note(bound, secret),
          ignored: () => desk.ignored,
        });
      } catch (error) {
        if (!isTaken(error) || port === 0 || attempt === tries) {
          throw unavailable(port, clock.now() - startedAt, attempt, error);
        }
      }
      if (attempt === 1) {
        const secret = previous.secretOf(port);
        if (secret !== null && (await stopPrevious(port, secret, signal))) {
          onPhase({ phase: 'previous-login-server-detected', attempt });
        }
      }
      await pause(clock, pauseMs, signal);
    }
  }

  /** Stops listening at once, whatever is under way (O-14). */
  async close(): Promise<void> {
    this.#forget();
    await closeAll(this.#servers);
  }
}

/** Takes requests in and decides which one is the redirect. */
class Desk {
  readonly received: Promise<ReceivedCallback>;
  readonly displaced: Promise<void>;
  ignored = 0;
  port = 0;
  stopSecret: string | null = null;
  readonly #options: CallbackListenerOptions;
  #deliver: ((callback: ReceivedCallback) => void) | null = null;
  #displace: () => void = () => {};

  constructor(options: CallbackListenerOptions) {
    this.#options = options;
    this.received = new Promise((resolve) => {
      this.#deliver = resolve;
    });
    this.displaced = new Promise((resolve) => {
      this.#displace = resolve;
    });
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const host = request.headers.host ?? '';
    const target = request.url ?? '';
    if (!this.#isOurs(host)) {
      // Another host name that leads here is a rebinding attack, whatever it asks for.
      this.#refuse(response, 421);
    } else if (request.headers.origin !== undefined && request.headers['sec-fetch-mode'] !== 'navigate') {
      // The redirect is a page that the browser goes to. A script of another page names its origin.
      this.#refuse(response, 403);
    } else if (!target.startsWith('/') || !URL.canParse(target, `http://${host}`)) {
      this.#refuse(response, 400);
    } else {
      this.#route(new URL(target, `http://${host}`), request, response);
    }
  }

  #route(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (url.pathname === '/cancel' && this.#mayStop(request)) {
      response.writeHead(204, { connection: 'close' }).end();
      this.#displace();
    } else if (url.pathname !== this.#options.path) {
      this.#refuse(response, 404);
    } else if (request.method !== 'GET') {
      // A HEAD of a link checker must not use the code up.
      this.#refuse(response, 405, { allow: 'GET' });
    } else {
      this.#callback(url, response);
    }
  }

  #callback(url: URL, response: ServerResponse): void {
    const { searchParams } = url;
    const state = searchParams.get('state');
    const stateValid = state !== null && sameText(state, this.#options.state);
    this.#options.onPhase({
      phase: 'callback-received',
      hasCode: searchParams.has('code'),
      hasState: state !== null,
      hasError: searchParams.has('error'),
      stateValid,
    });
    const deliver = this.#deliver;
    if (!stateValid || deliver === null) {
      this.ignored += 1;
      void this.#send(response, stateValid ? alreadyAnswered : wrongState);
      return;
    }
    this.#deliver = null;
    // As it was registered and sent, not by the name that the browser used.
    const registered = new URL(`http://127.0.0.1:${this.port}${this.#options.path}`);
    registered.search = url.search;
    deliver({ url: registered, answer: (page) => this.#send(response, page) });
  }

  #isOurs(host: string): boolean {
    return ['127.0.0.1', 'localhost', '[::1]'].some((name) => host === `${name}:${this.port}`);
  }

  #mayStop(request: IncomingMessage): boolean {
    const secret = request.headers[stopHeader];
    return this.stopSecret !== null && typeof secret === 'string' && sameText(secret, this.stopSecret);
  }

  #refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
    this.ignored += 1;
    response.writeHead(status, {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
      // To a page that only wants to know whether somebody is there, as nobody.
      'cross-origin-resource-policy': 'same-origin',
      connection: 'close',
      ...headers,
    });
    response.end();
  }

  /** Resolves when the page was handed over or the browser is gone. */
  #send(response: ServerResponse, page: CallbackPage): Promise<void> {
    if (response.headersSent || response.destroyed) return Promise.resolve();
    const { status, headers, body } = renderCallbackPage(page, this.#options.templates);
    return new Promise((resolve) => {
      response.once('close', resolve);
      response.writeHead(status, { ...headers, connection: 'close' });
      response.end(body, () => resolve());
    });
  }
}

const wrongState: CallbackPage = {
  status: 400,
  outcome: 'waiting',
  title: 'This link is from another sign-in',
  text: [
    'It is an earlier one, or a part of it is missing.',
    'Go back to Lanyard and open the link that it shows now.',
  ],
};

const alreadyAnswered: CallbackPage = {
  status: 409,
  outcome: 'waiting',
  title: 'Already answered',
  text: ['This sign-in has its answer. You can close this tab and go back to Lanyard.'],
};

async function bind(port: number, desk: Desk, requestMs: number): Promise<Server[]> {
  const v4 = await listen('127.0.0.1', port, desk, requestMs);
  try {
    return [v4, await listen('::1', boundPort([v4]), desk, requestMs)];
  } catch (error) {
    // No IPv6 here: the redirect says 127.0.0.1.
    if (hasCode(error, ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])) return [v4];
    await closeAll([v4]);
    // The same number is taken on [::1] by somebody who would get what is meant for us.
    if (port === 0 && isTaken(error)) return bind(0, desk, requestMs);
    throw error;
  }
}

function listen(host: string, port: number, desk: Desk, requestMs: number): Promise<Server> {
  const server = createServer(
    {
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      // By itself Node looks for late ones every half minute.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 32 * 1024,
    },
    (request, response) => desk.take(request, response),
  );
  server.maxConnections = connectionLimit;
  const refused = new WeakSet<object>();
  // Half a request, or one that is too long: answered with its status and dropped.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Called again for what still arrives on the same connection.
    if (refused.has(socket)) return;
    refused.add(socket);
    desk.ignored += 1;
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, ipv6Only: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function boundPort(servers: Server[]): number {
  const address = servers[0]?.address();
  if (typeof address !== 'object' || !address) throw new Error('the listener has no port');
  return address.port;
}

async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}

/** Asks an earlier listener of this app to stop. @returns whether it said yes */
async function stopPrevious(port: number, secret: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/cancel`, {
      headers: { [stopHeader]: secret },
      signal: AbortSignal.any([signal, AbortSignal.timeout(stopDeadlineMs)]),
    });
    return response.status === 204;
  } catch {
    // Whoever listens there is not ours, or hangs: the port is tried again all the same.
    return false;
  }
}

function isTaken(error: unknown): boolean {
  return hasCode(error, ['EADDRINUSE']);
}

function hasCode(error: unknown, codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function unavailable(port: number, triedMs: number, attempts: number, cause: unknown): OAuthError {
  const where = port === 0 ? 'no free port on 127.0.0.1' : `port ${port}`;
  const tried = attempts > 1 ? `, tried for ${(triedMs / 1000).toFixed(1)} s` : '';
  return new OAuthError('bind-local-server', 'local_server_unavailable', `${where}${tried}`, { cause });
}

function cancelled(): OAuthError {
  return new OAuthError('bind-local-server', 'login_cancelled', 'cancelled while waiting for a port');
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
