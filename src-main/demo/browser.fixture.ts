import { type IncomingHttpHeaders, request } from 'node:http';

/** An answer as it came, redirects followed. */
export interface Visit {
  url: string;
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** One request as given, nothing followed. `path` may be anything that a client could put on the wire. */
export function send(
  url: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Visit> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path, headers = {}, body } = options;
    const sent = request(url, { method, headers, agent: false, ...(path === undefined ? {} : { path }) });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ url, status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.end(body);
  });
}

export function postFields(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Visit> {
  return send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

/** Opens a page as a browser does, following redirects. */
export async function open(url: string): Promise<Visit> {
  return follow(await send(url), () => true);
}

/**
 * Presses a button of the page's form, with what stands in its fields unless `fields` says otherwise. As Chromium
 * does: the Origin is `null` under `no-referrer`, and redirects must be in the page's `form-action`.
 */
export async function press(
  page: Visit,
  button: string,
  fields: Record<string, string> = {},
): Promise<Visit> {
  const form = /<form method="post" action="([^"]*)">([\s\S]*?)<\/form>/.exec(page.text);
  if (!form) throw new Error(`no form on this page: ${page.text}`);
  const [, action = '', inside = ''] = form;
  const values: Record<string, string> = {};
  for (const [input] of inside.matchAll(/<input [^>]*>/g)) {
    if (attribute(input, 'type') === 'radio' && !/ checked\b/.test(input)) continue;
    values[attribute(input, 'name') ?? ''] = attribute(input, 'value') ?? '';
  }
  const pressed = [...inside.matchAll(/<button [^>]*>([^<]*)<\/button>/g)].find(
    ([, name]) => name === button,
  );
  if (!pressed) throw new Error(`no button ${button}`);
  values[attribute(pressed[0], 'name') ?? ''] = attribute(pressed[0], 'value') ?? '';
  const origin = new URL(page.url).origin;
  const target = new URL(action, page.url).href;
  const targets = /form-action ([^;]*)/
    .exec(String(page.headers['content-security-policy']))?.[1]
    ?.split(' ');
  const allowed = (url: string) =>
    !!targets?.some((entry) => (entry === "'self'" ? origin : entry) === new URL(url).origin);
  if (!allowed(target)) throw new Error(`form-action forbids ${target}`);
  const sentOrigin = page.headers['referrer-policy'] === 'no-referrer' ? 'null' : origin;
  return follow(await postFields(target, { ...values, ...fields }, { origin: sentOrigin }), allowed);
}

async function follow(visit: Visit, allowed: (url: string) => boolean): Promise<Visit> {
  let at = visit;
  for (let hops = 0; at.status === 303; hops++) {
    if (hops === 5) throw new Error('too many redirects');
    const next = new URL(at.headers.location ?? '', at.url).href;
    if (!allowed(next)) throw new Error(`form-action forbids the redirect to ${next}`);
    at = await send(next);
  }
  return at;
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : unescaped(value);
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
