import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { html } from './html.ts';
import { finish, hardHeaders, type Page, sendPage } from './page.ts';
import { callbackPath } from './protocol.ts';

/** The answer that came back from the provider; `respond` shows the person what became of it. */
export interface Callback {
  parameters: URLSearchParams;
  respond(page: Page): Promise<void>;
}

/**
 * A CLI's own listener for the redirect (RFC 8252 section 7.3): one loopback port, one path, one answer. What does
 * not carry the right state is answered and otherwise ignored, so that no stray request ends a sign-in.
 */
export class CallbackListener {
  readonly redirectUri: string;
  /** Resolves with the first request that carries the state. */
  readonly callback: Promise<Callback>;
  readonly #server: Server;

  private constructor(server: Server, redirectUri: string, callback: Promise<Callback>) {
    this.#server = server;
    this.redirectUri = redirectUri;
    this.callback = callback;
  }

  /** Listens on a free port of 127.0.0.1. Rejects when the system gives none. */
  static async open(state: string): Promise<CallbackListener> {
    let host = '';
    let deliver: ((callback: Callback) => void) | null = null;
    const callback = new Promise<Callback>((resolve) => {
      deliver = resolve;
    });
    const answer = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (request.headers.host !== host) return refuse(response, 421);
      // A script of another page; the redirect is a page that the browser goes to.
      const { origin, 'sec-fetch-mode': mode } = request.headers;
      if (origin !== undefined && mode !== 'navigate') return refuse(response, 403);
      if (request.method !== 'GET') return refuse(response, 405);
      const target = request.url ?? '';
      if (!target.startsWith('/') || !URL.canParse(target, `http://${host}`)) return refuse(response, 400);
      const url = new URL(target, `http://${host}`);
      if (url.pathname !== callbackPath) return refuse(response, 404);
      if (!sameText(url.searchParams.get('state') ?? '', state)) return sendPage(response, wrongState);
      if (!deliver) return sendPage(response, alreadyDone);
      deliver({ parameters: url.searchParams, respond: (page) => sendPage(response, page) });
      deliver = null;
      return Promise.resolve();
    };
    const server = createServer(
      { requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 16 * 1024 },
      (q, s) => {
        answer(q, s).catch(() => s.destroy());
      },
    );
    server.maxConnections = 32;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener has no port');
    host = `127.0.0.1:${address.port}`;
    return new CallbackListener(server, `http://${host}${callbackPath}`, callback);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

const wrongState: Page = {
  status: 400,
  title: 'This link is from another sign-in',
  content: html`<p>It is an earlier one, or a part of it is missing. Go back to the app and open the link that it shows now.</p>`,
};

const alreadyDone: Page = {
  status: 409,
  title: 'Already answered',
  content: html`<p>This sign-in has its answer. You can close this tab.</p>`,
};

function refuse(response: ServerResponse, status: number): Promise<void> {
  response.writeHead(status, { ...hardHeaders, connection: 'close' });
  return finish(response, '');
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
