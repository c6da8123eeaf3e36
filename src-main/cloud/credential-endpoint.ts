import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LanyardError } from '../failures.ts';
import { Secret } from '../vault/secret.ts';
import type { EndpointProtocol, EndpointRequest } from './endpoint-protocols.ts';

const timeoutMs = 5000;
const longestBody = 32 * 1024;

/**
 * C-16: where the programs of one session get their credentials, in their cloud's own protocol, on a port of 127.0.0.1
 * that is there for this session only. The token dies with it. A web page cannot ask: a request
 * must name this very address as its `Host` (DNS rebinding), and one with an `Origin` or `Sec-Fetch-Site` comes from a
 * browser.
 */
export class CredentialEndpoint {
  readonly #server: Server;
  readonly #protocol: EndpointProtocol;
  readonly #answer: () => Promise<Record<string, unknown>>;
  readonly #tokenHash: Buffer;
  #host = '';
  #ended = false;
  /** What a request must bring. */
  readonly token: Secret;

  private constructor(protocol: EndpointProtocol, answer: () => Promise<Record<string, unknown>>) {
    this.#protocol = protocol;
    this.#answer = answer;
    this.token = new Secret(randomBytes(32).toString('base64url'));
    this.#tokenHash = hash(this.token.reveal());
    this.#server = createServer(
      {
        requestTimeout: timeoutMs,
        headersTimeout: timeoutMs,
        keepAliveTimeout: 1000,
        maxHeaderSize: 8 * 1024,
        connectionsCheckingInterval: 1000,
      },
      (request, response) => {
        this.#respond(request, response).catch(() => response.destroy());
      },
    );
    this.#server.maxConnections = 64;
  }

  /**
   * Listens on a free port.
   * @param answer what to give out now, in the protocol's own names; its `LanyardError` is told to the program
   * @throws the system's error when there is no port
   */
  static async open(
    protocol: EndpointProtocol,
    answer: () => Promise<Record<string, unknown>>,
  ): Promise<CredentialEndpoint> {
    const endpoint = new CredentialEndpoint(protocol, answer);
    const server = endpoint.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the endpoint has no port');
    endpoint.#host = `127.0.0.1:${address.port}`;
    return endpoint;
  }

  /** What leads AWS's SDKs and CLI here. */
  get awsVariables(): Record<string, string> {
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: this.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: this.token.reveal(),
    };
  }

  get url(): string {
    return `http://${this.#host}${this.#protocol.path}`;
  }

  /** Gives nothing out from this moment on, not to a request that is under way either. Safe to call again. */
  async close(): Promise<void> {
    this.#ended = true;
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answerTo(request);
    // Asked again: the session may have ended while the cloud was waited for.
    const { status: sent, body: text } = this.#ended ? this.#refuse(ended) : { status, body };
    response.writeHead(sent, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // To a page that only wants to know whether somebody is there, as nobody.
      'cross-origin-resource-policy': 'same-origin',
    });
    response.end(JSON.stringify(text));
  }

  async #credentials(): Promise<Answer> {
    try {
      return { status: 200, body: await this.#answer() };
    } catch (error) {
      const { code, title, hint } =
        error instanceof LanyardError
          ? error.failure
          : { code: 'internal_error', title: 'Lanyard could not get credentials.', hint: 'Try again.' };
      const over = code === 'session_ended' || code === 'budget_exceeded';
      return this.#refuse([over ? 403 : 503, code, `${title} ${hint}`]);
    }
  }

  async #answerTo(request: IncomingMessage): Promise<Answer> {
    const asked = await this.#read(request);
    if (!('headers' in asked)) return this.#refuse(asked);
    const aside = this.#protocol.aside?.(asked) ?? null;
    return aside === null ? this.#credentials() : { status: 200, body: aside };
  }

  /** Who asks is looked at before what they sent is read. */
  async #read(request: IncomingMessage): Promise<Refusal | EndpointRequest> {
    const { headers, method } = request;
    const protocol = this.#protocol;
    if (headers.host !== this.#host) return [421, 'wrong_host', 'This is not the address of this endpoint.'];
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
      return [403, 'from_a_page', 'Web pages get nothing here.'];
    }
    const form = method === 'POST' ? await readForm(request) : new URLSearchParams();
    if (form === null) return [413, 'too_large', 'The request is too large.'];
    const path = request.url ?? '/';
    const base = `http://${this.#host}`;
    // A path such as `//` is no address.
    if (!URL.canParse(path, base)) return [404, 'not_found', 'There is nothing here.'];
    const url = new URL(path, base);
    const asked: EndpointRequest = { headers, form, url };
    if (!timingSafeEqual(hash(protocol.token(asked)), this.#tokenHash)) {
      return [401, 'wrong_token', 'The token is missing or wrong.'];
    }
    if ((protocol.hasQuery ? url.pathname : path) !== protocol.path) {
      return [404, 'not_found', 'There is nothing here.'];
    }
    if (method !== protocol.method) {
      return [405, 'wrong_method', `Credentials are asked for with ${protocol.method}.`];
    }
    const reason = protocol.refusal?.(asked) ?? null;
    return reason === null ? asked : [400, 'wrong_request', reason];
  }

  #refuse([status, code, message]: Refusal): Answer {
    return { status, body: this.#protocol.refused(code, message) };
  }
}

/** Null when there is more than any request needs. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestBody) return null;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

type Refusal = readonly [status: number, code: string, message: string];

const ended: Refusal = [403, 'session_ended', 'The session has ended.'];

/** Of equal length whatever came, as the comparison needs it. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
