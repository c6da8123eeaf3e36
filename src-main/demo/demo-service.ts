import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import { type AuthorizationRequest, DemoGrants, type GrantResult, remember } from './grants.ts';
import { html, type Markup } from './html.ts';
import { finish, hardHeaders, sendPage } from './page.ts';
import { type DemoPerson, demoPeople } from './people.ts';
import {
  authorizationCodePattern,
  callbackPath,
  codePageRedirectUri,
  demoClientId,
  deviceCodeLifetimeSeconds,
  pollIntervalSeconds,
} from './protocol.ts';

/** Of a request body in bytes, and of its address in characters. */
const maxBodyBytes = 8 * 1024;
const maxUrlLength = 4 * 1024;
const timeoutMs = 5000;

/** A form that was sent out, known by the random token in it; it can come back once. */
type OpenForm = { kind: 'authorize'; request: AuthorizationRequest; target: URL } | { kind: 'device' };

/** A request that passed the checks that hold for all of them. */
interface Exchange {
  url: URL;
  request: IncomingMessage;
  response: ServerResponse;
}

type Handler = (exchange: Exchange) => Promise<void>;

/**
 * The provider behind the demo CLI: an OAuth server on loopback with two people in it, who sign in by clicking. It
 * lives and forgets with the app; what it gives access to is nothing. It is built as if that were not so, because any
 * web page that the person has open can send requests to it: the `Host` must be ours (DNS rebinding), forms must come
 * from our own pages (`Origin` and a token), and no page runs a script.
 */
export class DemoService {
  readonly #grants: DemoGrants;
  readonly #forms = new Map<string, OpenForm>();
  #server: Server | null = null;
  #origin = '';

  constructor(clock: Clock = systemClock) {
    this.#grants = new DemoGrants(clock);
  }

  /** Listens on a free port of 127.0.0.1. Rejects when the system gives none. */
  async start(): Promise<{ origin: string }> {
    if (this.#server) return { origin: this.#origin };
    const server = createServer(
      {
        requestTimeout: timeoutMs,
        headersTimeout: timeoutMs,
        keepAliveTimeout: 1000,
        maxHeaderSize: 8 * 1024,
        connectionsCheckingInterval: 1000,
      },
      (request, response) => {
        this.#answer(request, response).catch(() => response.destroy());
      },
    );
    server.maxConnections = 64;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the demo service has no port');
    this.#server = server;
    this.#origin = `http://127.0.0.1:${address.port}`;
    return { origin: this.#origin };
  }

  /** Stops listening and ends open connections. Safe to call again. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '';
    if (`http://${request.headers.host ?? ''}` !== this.#origin) return refuse(response, 421);
    if (target.length > maxUrlLength) return refuse(response, 414);
    if (!target.startsWith('/') || !URL.canParse(target, this.#origin)) return refuse(response, 400);
    const url = new URL(target, this.#origin);
    const handlers = this.#handlersOf(url.pathname);
    if (!handlers) return refuse(response, 404);
    const handler = handlers[request.method ?? ''];
    if (!handler) return refuse(response, 405, { allow: Object.keys(handlers).join(', ') });
    return handler({ url, request, response });
  }

  #handlersOf(path: string): Partial<Record<string, Handler>> | null {
    switch (path) {
      case '/':
        return { GET: ({ response }) => this.#showHome(response) };
      case '/authorize':
        return {
          GET: (exchange) => this.#showAuthorize(exchange),
          POST: (exchange) => this.#fromOwnPage(exchange, (fields) => this.#authorize(exchange, fields)),
        };
      case '/code':
        return { GET: (exchange) => this.#showCode(exchange) };
      case '/device':
        return {
          GET: ({ url, response }) =>
            this.#showDevice(response, 200, url.searchParams.get('user_code') ?? '', null),
          POST: (exchange) => this.#fromOwnPage(exchange, (fields) => this.#device(exchange, fields)),
        };
      case '/device_authorization':
        return { POST: (exchange) => this.#fromClient(exchange, () => this.#startDevice(exchange.response)) };
      case '/token':
        return {
          POST: (exchange) => this.#fromClient(exchange, (fields) => this.#token(exchange.response, fields)),
        };
      case '/revoke':
        return {
          POST: (exchange) => this.#fromClient(exchange, (fields) => this.#revoke(exchange.response, fields)),
        };
      case '/userinfo':
        return { GET: (exchange) => this.#userinfo(exchange) };
      default:
        return null;
    }
  }

  #showHome(response: ServerResponse): Promise<void> {
    return sendPage(response, {
      status: 200,
      title: 'Demo provider',
      content: html`<p>This page belongs to the app's built-in demo. Start a sign-in there, and it will lead here.</p>`,
    });
  }

  /** RFC 6749 section 4.1.1. Until client and redirect URI are known to be good, nothing is redirected (4.1.2.1). */
  async #showAuthorize({ url, response }: Exchange): Promise<void> {
    const asked = url.searchParams;
    const redirectUri = asked.get('redirect_uri') ?? '';
    const state = asked.get('state') ?? '';
    const target = this.#targetOf(redirectUri);
    if (asked.get('client_id') !== demoClientId || !target) {
      return sendPage(response, {
        status: 400,
        title: 'This link does not work',
        content: html`<p>It is not a sign-in link of the demo, or not the whole of it. Start the sign-in again in the app.</p>`,
      });
    }
    const codeChallenge = asked.get('code_challenge') ?? '';
    if (
      asked.get('response_type') !== 'code' ||
      asked.get('code_challenge_method') !== 'S256' ||
      !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge) ||
      state === ''
    ) {
      return redirect(response, target, { error: 'invalid_request', state });
    }
    const token = this.#openForm({
      kind: 'authorize',
      request: { redirectUri, state, codeChallenge },
      target,
    });
    return sendPage(response, {
      status: 200,
      title: 'Sign in to the demo provider',
      formTargets: target.origin === this.#origin ? [] : [target.origin],
      content: html`<p>The demo CLI asks to sign in on this computer. Nothing leaves it.</p>
<form method="post" action="/authorize">
<input type="hidden" name="form" value="${token}">
${peopleChoice}
${approveOrDeny}
</form>`,
    });
  }

  async #authorize({ response }: Exchange, fields: URLSearchParams): Promise<void> {
    const form = this.#takeForm(fields, 'authorize');
    if (form?.kind !== 'authorize') return sendUsedForm(response);
    const { request, target } = form;
    const answer = answerIn(fields);
    if (answer === null) return refuse(response, 400);
    if (answer === 'denied') {
      return redirect(response, target, { error: 'access_denied', state: request.state });
    }
    const code = this.#grants.issueCode(request, answer);
    return redirect(response, target, { code, state: request.state });
  }

  #showCode({ url, response }: Exchange): Promise<void> {
    const code = url.searchParams.get('code') ?? '';
    // Anybody can make a link to this page: only a code that we gave is shown, and never a text from the link.
    if (
      new RegExp(`^${authorizationCodePattern}$`).test(code) &&
      this.#grants.isOpen(code, codePageRedirectUri)
    ) {
      return sendPage(response, {
        status: 200,
        title: 'Copy this code',
        content: html`<p>Paste it into the app, where the demo's sign-in waits for it.</p>
<code class="code">${code}</code>
<p class="note">It works once, within ten minutes. Give it to nobody.</p>`,
      });
    }
    const denied = url.searchParams.get('error') === 'access_denied';
    return sendPage(response, {
      status: denied ? 200 : 400,
      title: denied ? 'Not signed in' : 'There is no code here',
      content: denied
        ? html`<p>You denied the sign-in. Cancel it in the app, and close this tab.</p>`
        : html`<p>The code was used, or its time is over. Start the sign-in again in the app.</p>`,
    });
  }

  #showDevice(
    response: ServerResponse,
    status: number,
    userCode: string,
    error: string | null,
  ): Promise<void> {
    const token = this.#openForm({ kind: 'device' });
    const shown = userCode.slice(0, 16);
    const alert = error === null ? '' : html`<p class="error" role="alert">${error}</p>`;
    return sendPage(response, {
      status,
      title: 'Connect the demo CLI',
      formTargets: [],
      content: html`<p>Type the code that the app shows. Continue only if you started this.</p>
${alert}
<form method="post" action="/device">
<input type="hidden" name="form" value="${token}">
<label class="label" for="user_code">Code</label>
<input type="text" id="user_code" name="user_code" value="${shown}" maxlength="16" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus>
${peopleChoice}
${approveOrDeny}
</form>`,
    });
  }

  async #device({ response }: Exchange, fields: URLSearchParams): Promise<void> {
    if (!this.#takeForm(fields, 'device')) return sendUsedForm(response);
    const answer = answerIn(fields);
    if (answer === null) return refuse(response, 400);
    const userCode = fields.get('user_code') ?? '';
    if (!this.#grants.answerDevice(userCode, answer)) {
      return this.#showDevice(response, 400, userCode, 'This code is not known, was used, or has expired.');
    }
    const denied = answer === 'denied';
    return sendPage(response, {
      status: 200,
      title: denied ? 'Not signed in' : `Signed in as ${answer.name}`,
      content: denied
        ? html`<p>You denied the sign-in. You can close this tab.</p>`
        : html`<p>The demo CLI is signed in as <strong>${answer.email}</strong>. You can close this tab.</p>`,
    });
  }

  #startDevice(response: ServerResponse): Promise<void> {
    const { deviceCode, userCode } = this.#grants.startDevice();
    return sendJson(response, 200, {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${this.#origin}/device`,
      verification_uri_complete: `${this.#origin}/device?user_code=${userCode}`,
      expires_in: deviceCodeLifetimeSeconds,
      interval: pollIntervalSeconds,
    });
  }

  #token(response: ServerResponse, fields: URLSearchParams): Promise<void> {
    switch (fields.get('grant_type')) {
      case 'authorization_code':
        return sendGrant(
          response,
          this.#grants.exchangeCode(
            fields.get('code') ?? '',
            fields.get('redirect_uri') ?? '',
            fields.get('code_verifier') ?? '',
          ),
        );
      case 'urn:ietf:params:oauth:grant-type:device_code':
        return sendGrant(response, this.#grants.pollDevice(fields.get('device_code') ?? ''));
      default:
        return sendJson(response, 400, { error: 'unsupported_grant_type' });
    }
  }

  #revoke(response: ServerResponse, fields: URLSearchParams): Promise<void> {
    this.#grants.revoke(fields.get('token') ?? '');
    return sendJson(response, 200, {});
  }

  #userinfo({ request, response }: Exchange): Promise<void> {
    const token = /^Bearer ([A-Za-z0-9_-]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const person = this.#grants.personOf(token);
    if (!person) return refuse(response, 401, { 'www-authenticate': 'Bearer error="invalid_token"' });
    return sendJson(response, 200, userinfo(person));
  }

  /** For the forms: posted by a page of ours, as the browser itself says. */
  async #fromOwnPage(exchange: Exchange, handle: (fields: URLSearchParams) => Promise<void>): Promise<void> {
    if (exchange.request.headers.origin !== this.#origin) return refuse(exchange.response, 403);
    const fields = await readForm(exchange);
    if (fields) await handle(fields);
  }

  /** For the endpoints of the CLI: whatever names an origin is a web page, and has no business there. */
  async #fromClient(exchange: Exchange, handle: (fields: URLSearchParams) => Promise<void>): Promise<void> {
    if (exchange.request.headers.origin !== undefined) return refuse(exchange.response, 403);
    const fields = await readForm(exchange);
    if (!fields) return;
    const known = fields.get('client_id') === demoClientId;
    await (known ? handle(fields) : sendJson(exchange.response, 401, { error: 'invalid_client' }));
  }

  #openForm(form: OpenForm): string {
    const token = randomBytes(24).toString('base64url');
    remember(this.#forms, token, form);
    return token;
  }

  #takeForm(fields: URLSearchParams, kind: OpenForm['kind']): OpenForm | null {
    const token = fields.get('form') ?? '';
    const form = this.#forms.get(token);
    if (form?.kind !== kind) return null;
    this.#forms.delete(token);
    return form;
  }

  /** Where the answer for a redirect URI goes: loopback by its address, any port (RFC 8252 section 7.3), or our page for codes. */
  #targetOf(redirectUri: string): URL | null {
    if (redirectUri === codePageRedirectUri) return new URL('/code', this.#origin);
    if (!redirectUri.startsWith('http://127.0.0.1:') || !URL.canParse(redirectUri)) return null;
    const target = new URL(redirectUri);
    return redirectUri === `http://127.0.0.1:${target.port}${callbackPath}` ? target : null;
  }
}

const peopleChoice: Markup = html`<fieldset>
<legend>Sign in as</legend>
${demoPeople.map(
  (person, index) => html`<label class="person">
<input type="radio" name="person" value="${person.id}"${index === 0 ? html` checked` : ''}>
<span><strong>${person.name}</strong>${person.email} · ${person.organisation}</span>
</label>`,
)}
</fieldset>`;

const approveOrDeny: Markup = html`<div class="buttons">
<button class="primary" name="decision" value="approve">Approve</button>
<button name="decision" value="deny">Deny</button>
</div>
<p class="note">Both people are made up, and their accounts open nothing.</p>`;

function answerIn(fields: URLSearchParams): 'denied' | DemoPerson | null {
  switch (fields.get('decision')) {
    case 'deny':
      return 'denied';
    case 'approve':
      return demoPeople.find(({ id }) => id === fields.get('person')) ?? null;
    default:
      return null;
  }
}

function sendUsedForm(response: ServerResponse): Promise<void> {
  return sendPage(response, {
    status: 400,
    title: 'This page was used already',
    content: html`<p>Start the sign-in again in the app, and use the new page.</p>`,
  });
}

function userinfo(person: DemoPerson): Record<string, string> {
  return {
    sub: person.id,
    name: person.name,
    email: person.email,
    organisation_id: person.organisationId,
    organisation: person.organisation,
    plan: person.plan,
  };
}

function sendGrant(response: ServerResponse, result: GrantResult): Promise<void> {
  if (!result.ok) return sendJson(response, 400, { error: result.error });
  return sendJson(response, 200, {
    access_token: result.accessToken,
    token_type: 'Bearer',
    ...userinfo(result.person),
  });
}

function sendJson(response: ServerResponse, status: number, body: Record<string, unknown>): Promise<void> {
  response.writeHead(status, { ...hardHeaders, 'content-type': 'application/json' });
  return finish(response, JSON.stringify(body));
}

/** 303: whatever the method was, the browser goes on with a GET. */
function redirect(response: ServerResponse, to: URL, parameters: Record<string, string>): Promise<void> {
  const location = new URL(to);
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  response.writeHead(303, { ...hardHeaders, location: location.href });
  return finish(response, '');
}

/** An answer without content. The connection is closed: what else comes on it is not worth reading. */
function refuse(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): Promise<void> {
  response.writeHead(status, { ...hardHeaders, ...headers, connection: 'close' });
  return finish(response, '');
}

/** Reads a form body, or answers with the reason why not and returns null. */
async function readForm({ request, response }: Exchange): Promise<URLSearchParams | null> {
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    await refuse(response, 415);
    return null;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) {
      await refuse(response, 413);
      return null;
    }
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
