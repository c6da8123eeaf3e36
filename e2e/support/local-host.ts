import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { canaries } from './canaries.ts';

/** One request that reached a local host, kept for tests to look at. All tokens in it are made up. */
export interface SeenRequest {
  method: string;
  host: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  form: Record<string, string>;
  /** `null` while it is not answered. */
  status: number | null;
}

/** A request as a handler gets it, body read and decoded. */
export interface Exchange {
  request: IncomingMessage;
  url: URL;
  /** Fields of a form or JSON body; values that are not text are their JSON. */
  form: Record<string, string>;
  json(status: number, body: unknown, headers?: OutgoingHttpHeaders): void;
  /** The same for a form-encoded answer, status 200. */
  formEncoded(body: Record<string, string>): void;
  xml(body: string): void;
  /** A page that posts these fields by itself (OAuth 2.0 Form Post Response Mode). */
  postForm(action: string, fields: Record<string, string>): void;
  redirect(location: string): void;
  /** A page for a person's eyes; `text` is escaped. */
  page(text: string): void;
}

export type HostHandler = (exchange: Exchange) => void | Promise<void>;

function decodeBody(contentType: string, body: string): Record<string, string> {
  if (!contentType.includes('json')) return Object.fromEntries(new URLSearchParams(body));
  const decoded: unknown = JSON.parse(body || '{}');
  if (typeof decoded !== 'object' || decoded === null) return {};
  return Object.fromEntries(
    Object.entries(decoded).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * Answers one request with a handler and notes it in `seen`.
 * @param origin scheme and host that the client believes to talk to, such as `https://github.com`
 * @param handler absent for a host that nobody plays: 502
 */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  handler: HostHandler | undefined,
  seen: SeenRequest[],
): Promise<void> {
  const url = new URL(request.url ?? '/', origin);
  const entry: SeenRequest = {
    method: request.method ?? 'GET',
    host: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    form: {},
    status: null,
  };
  seen.push(entry);
  const send = (status: number, headers: OutgoingHttpHeaders, body: string) => {
    entry.status = status;
    response.writeHead(status, headers);
    response.end(body);
  };
  const html = (body: string) =>
    send(200, { 'content-type': 'text/html; charset=utf-8' }, `<!doctype html>${body}`);
  const json: Exchange['json'] = (status, body, headers = {}) => {
    canaries.note(body, 'answer');
    send(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
  };
  try {
    entry.form = decodeBody(request.headers['content-type'] ?? '', await readText(request));
    canaries.note(entry.query, 'request');
    canaries.note(entry.form, 'request');
    if (!handler) return json(502, { error: 'no such host here' });
    await handler({
      request,
      url,
      form: entry.form,
      json,
      formEncoded: (body) => {
        canaries.note(body, 'answer');
        send(
          200,
          { 'content-type': 'application/x-www-form-urlencoded' },
          new URLSearchParams(body).toString(),
        );
      },
      xml: (body) => send(200, { 'content-type': 'text/xml' }, body),
      postForm: (action, fields) => {
        const inputs = Object.entries(fields).map(
          ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
        );
        html(
          `<form method="post" action="${escapeHtml(action)}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`,
        );
      },
      redirect: (location) => send(302, { location }, ''),
      page: (text) => html(`<p>${escapeHtml(text)}</p>`),
    });
    if (entry.status === null) json(404, { error: 'not_found' });
  } catch (error) {
    if (entry.status === null && !response.destroyed) json(500, { error: String(error) });
  }
}

/** A server on 127.0.0.1 that plays one host in plain http. */
export interface LocalHost {
  /** `http://127.0.0.1:<port>` */
  url: string;
  seen: SeenRequest[];
  /** Ends the server and every open connection. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function listenOnLoopback(handler: HostHandler): Promise<LocalHost> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void answerRequest(request, response, `http://${request.headers.host ?? '127.0.0.1'}`, handler, seen);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
