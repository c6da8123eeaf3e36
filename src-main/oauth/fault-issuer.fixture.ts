import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export type Stage = 'discovery' | 'jwks' | 'device' | 'token';

/** Answers one request in place of the issuer. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void;

export interface TokenChanges {
  /** Claims of the ID token over the right ones; `undefined` leaves one out. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  /** Signs with a key that is not in the key set. */
  foreignKey?: boolean;
  /** The whole token, as it is. */
  idToken?: string;
  /** Members of the answer over the right ones. */
  answer?: Record<string, unknown>;
}

/**
 * An issuer that does as it is told, for faults that a real one does not produce. Without any it is a right one that
 * approves every code at once.
 */
export class FaultIssuer {
  readonly clientId = 'fault-client';
  /** By stage, used up from the front; the last one stays. */
  readonly faults: Partial<Record<Stage, (Fault | null)[]>> = {};
  token: TokenChanges = {};
  /** Over the right metadata. */
  metadata: Record<string, unknown> = {};
  nonce: string | null = null;
  readonly seen: Stage[] = [];
  issuer = '';
  readonly #server: ReturnType<typeof createHttpServer>;
  readonly #keys = Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
  ]);
  #arrived: (() => void)[] = [];

  private constructor(tls: { key: string; cert: string } | null) {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch(() => response.destroy());
    };
    this.#server = tls ? createTlsServer(tls, handle) : createHttpServer(handle);
  }

  static async open(
    tls: { key: string; cert: string } | null = null,
    host = '127.0.0.1',
  ): Promise<FaultIssuer> {
    const made = new FaultIssuer(tls);
    await new Promise<void>((resolve, reject) => {
      made.#server.once('error', reject);
      made.#server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = made.#server.address() as AddressInfo;
    made.issuer = `${tls ? 'https' : 'http'}://${host}:${port}`;
    return made;
  }

  /** Resolves when the next request has come. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.#arrived.push(resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stage = stages.find(([path]) => request.url?.startsWith(path))?.[1];
    request.resume();
    if (!stage) {
      response.writeHead(404).end();
      return;
    }
    this.seen.push(stage);
    for (const resolve of this.#arrived.splice(0)) resolve();
    const queue = this.faults[stage];
    const fault = queue && queue.length > 1 ? queue.shift() : queue?.[0];
    if (fault) fault(request, response);
    else json(200, await this.#right(stage))(request, response);
  }

  async #right(stage: Stage): Promise<unknown> {
    const [own, foreign] = await this.#keys;
    switch (stage) {
      case 'discovery':
        return {
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          device_authorization_endpoint: `${this.issuer}/device`,
          jwks_uri: `${this.issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
          code_challenge_methods_supported: ['S256'],
          ...this.metadata,
        };
      case 'jwks':
        return { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'own', use: 'sig', alg: 'ES256' }] };
      case 'device':
        return {
          device_code: 'device-secret',
          user_code: 'ABCD-EFGH',
          verification_uri: `${this.issuer}/verify`,
          verification_uri_complete: `${this.issuer}/verify?user_code=ABCD-EFGH`,
          expires_in: 600,
          interval: 5,
        };
      case 'token': {
        const now = Math.floor(Date.now() / 1000);
        const claims: Record<string, unknown> = {
          iss: this.issuer,
          aud: this.clientId,
          sub: 'user-1',
          email: 'ada@example.test',
          iat: now,
          exp: now + 300,
          ...(this.nonce === null ? {} : { nonce: this.nonce }),
          ...this.token.claims,
        };
        const signed = new SignJWT(JSON.parse(JSON.stringify(claims))).setProtectedHeader({
          alg: 'ES256',
          kid: 'own',
          ...this.token.header,
        });
        const key = this.token.foreignKey ? foreign.privateKey : own.privateKey;
        return {
          access_token: 'access-secret',
          refresh_token: 'refresh-secret',
          token_type: 'Bearer',
          expires_in: 3600,
          id_token: this.token.idToken ?? (await signed.sign(key)),
          ...this.token.answer,
        };
      }
    }
  }
}

const stages: [string, Stage][] = [
  ['/.well-known/', 'discovery'],
  ['/jwks', 'jwks'],
  ['/device', 'device'],
  ['/token', 'token'],
];

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Fault {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Answers with text, as it is. */
export function text(
  status: number,
  body: string,
  type: string,
  headers: Record<string, string> = {},
): Fault {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  };
}

/** Takes the request and says nothing. */
export const hang: Fault = () => {};

/** Says that there is more, and stops in the middle. */
export const hangInBody: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"a":');
};

export const reset: Fault = (request) => {
  request.socket.resetAndDestroy();
};

export const resetInBody: Fault = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"a":', () => request.socket.resetAndDestroy());
};
