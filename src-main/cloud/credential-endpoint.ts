import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LanyardError } from '../failures.ts';
import { Secret } from '../vault/secret.ts';

const timeoutMs = 5000;
const path = '/credentials';

/**
 * C-16: where the programs of one session get their credentials: the container-credentials protocol of AWS's SDKs, on
 * a port of 127.0.0.1 that is there for this session only. The token dies with it. A web page cannot ask: a request
 * must name this very address as its `Host` (DNS rebinding), and one with an `Origin` or `Sec-Fetch-Site` comes from a
 * browser.
 */
export class CredentialEndpoint {
  readonly #server: Server;
  readonly #answer: () => Promise<Record<string, unknown>>;
  readonly #tokenHash: Buffer;
  #host = '';
  #ended = false;
  /** Sent in the `Authorization` header. */
  readonly token: Secret;

  private constructor(answer: () => Promise<Record<string, unknown>>) {
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
  static async open(answer: () => Promise<Record<string, unknown>>): Promise<CredentialEndpoint> {
    const endpoint = new CredentialEndpoint(answer);
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

  get url(): string {
    return `http://${this.#host}${path}`;
  }

  /** What leads AWS's SDKs and CLI here. */
  get awsVariables(): Record<string, string> {
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: this.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: this.token.reveal(),
    };
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
    const { status, body } = this.#refusal(request) ?? (await this.#credentials());
    // Asked again: the session may have ended while the cloud was waited for.
    const { status: sent, body: text } = this.#ended ? ended : { status, body };
    response.writeHead(sent, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
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
      return refuse(over ? 403 : 503, code, `${title} ${hint}`);
    }
  }

  #refusal({ headers, url, method }: IncomingMessage): Answer | null {
    if (headers.host !== this.#host) {
      return refuse(421, 'wrong_host', 'This is not the address of this endpoint.');
    }
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
      return refuse(403, 'from_a_page', 'Web pages get nothing here.');
    }
    if (!timingSafeEqual(hash(headers.authorization ?? ''), this.#tokenHash)) {
      return refuse(401, 'wrong_token', 'The token is missing or wrong.');
    }
    if (url !== path) return refuse(404, 'not_found', 'There is nothing here.');
    return method === 'GET' ? null : refuse(405, 'wrong_method', 'Credentials are asked for with GET.');
  }
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** As AWS's SDKs read a refusal. */
function refuse(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } };
}

const ended = refuse(403, 'session_ended', 'The session has ended.');

/** Of equal length whatever came, as the comparison needs it. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
