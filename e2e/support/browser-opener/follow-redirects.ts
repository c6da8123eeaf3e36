import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LocalNet } from '../local-net.ts';

/** Where a visit ended. */
export interface BrowsedPage {
  /** URL of the last page. */
  url: string;
  status: number;
  body: string;
  /** Every URL on the way, the first and the last included. */
  visited: string[];
}

const timeoutMs = 10_000;
const headers = { 'user-agent': 'Lanyard test browser', accept: 'text/html' };

function isLoopback(url: URL): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.end();
  });
}

function openTunnel(host: string, proxy: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: `${host}:443`,
      agent: false,
    });
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      return reject(new Error(`${host} is not on the local network (${response.statusCode})`));
    });
    request.on('error', reject);
    request.end();
  });
}

async function get(url: URL, net: LocalNet | undefined, posted?: string): Promise<IncomingMessage> {
  if (isLoopback(url)) {
    if (url.protocol !== 'http:') throw new Error(`${url.protocol} on loopback is not played here`);
    if (posted === undefined) return responseOf(httpRequest(url, { headers, agent: false }));
    const form = {
      ...headers,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(posted),
    };
    const request = httpRequest(url, { method: 'POST', headers: form, agent: false });
    request.write(posted);
    return responseOf(request);
  }
  if (posted !== undefined) throw new Error(`a form for ${url.origin} is not posted by a test`);
  // Nothing ever leaves this machine: without a local network there is nowhere to go.
  if (!net || url.protocol !== 'https:') throw new Error(`${url.origin} cannot be reached by a test`);
  const socket = await openTunnel(url.hostname, new URL(net.url));
  const createConnection = () =>
    connectTls({ socket, servername: url.hostname, ca: net.ca.certificate, ALPNProtocols: ['http/1.1'] });
  return responseOf(httpsRequest(url, { headers, createConnection }));
}

/** The form of a page that posts itself to loopback, as Microsoft's sign-in page does; `local-host.ts` writes them. */
function formOf(body: string): { action: string; posted: string } | null {
  const action = /<form method="post" action="([^"]+)">/.exec(body)?.[1];
  if (action === undefined) return null;
  const plain = (text = '') => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const inputs = body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
  const fields = [...inputs].map(([, name, value]) => [plain(name), plain(value)]);
  return { action: plain(action), posted: new URLSearchParams(fields).toString() };
}

/**
 * Visits a URL as a browser does: loopback directly, every other host through the local network, redirects followed
 * and forms that post themselves posted.
 * @param stopAtLoopback ends at an address of this machine without asking for it, as the browser of another one does:
 *   status 0, and the address is what its address bar shows
 * @throws when a host is not on the local network, nothing listens, or there are more than ten redirects
 */
export async function followRedirects(
  start: string,
  net?: LocalNet,
  { stopAtLoopback = false } = {},
): Promise<BrowsedPage> {
  const visited: string[] = [];
  let url = new URL(start);
  let posted: string | undefined;
  while (visited.length <= 10) {
    visited.push(url.href);
    if (stopAtLoopback && isLoopback(url)) return { url: url.href, status: 0, body: '', visited };
    const response = await get(url, net, posted);
    posted = undefined;
    response.setEncoding('utf8');
    let body = '';
    for await (const chunk of response) body += chunk;
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    const form = formOf(body);
    if (form) {
      posted = form.posted;
      url = new URL(form.action);
      continue;
    }
    if (status < 300 || status >= 400 || !location) return { url: url.href, status, body, visited };
    url = new URL(location, url);
  }
  throw new Error(`more than ten redirects from ${new URL(start).origin}`);
}
