import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import {
  CallbackListener,
  type CallbackListenerOptions,
  type PreviousListeners,
} from './callback-listener.ts';
import { OAuthError } from './oauth-error.ts';
import type { OAuthPhase } from './progress.ts';

const pages = join(import.meta.dirname, '..', '..', 'resources', 'callback');
const templates = {
  page: readFileSync(join(pages, 'page.html'), 'utf8'),
  style: readFileSync(join(pages, 'page.css'), 'utf8'),
};

/** Notes in memory; those of the app are files. */
class Notes implements PreviousListeners {
  readonly secrets = new Map<number, string>();

  note(port: number, secret: string): () => void {
    this.secrets.set(port, secret);
    return () => this.secrets.delete(port);
  }

  secretOf(port: number): string | null {
    return this.secrets.get(port) ?? null;
  }
}

const opened: CallbackListener[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((listener) => listener.close()));
});

async function open(options: Partial<CallbackListenerOptions> = {}) {
  const phases: OAuthPhase[] = [];
  const listener = await CallbackListener.open({
    state: 'right-state',
    port: 0,
    path: '/callback',
    templates,
    clock: new ManualClock(),
    onPhase: (phase) => phases.push(phase),
    previous: new Notes(),
    signal: new AbortController().signal,
    ...options,
  });
  opened.push(listener);
  return { listener, phases };
}

/** What stands on a raw connection after `text` was sent, until the other side closes. */
function raw(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

const right = '/callback?code=abc&state=right-state';

describe('the redirect', () => {
  it('O-1: is awaited on 127.0.0.1 and [::1], on the port of the redirect URI', async () => {
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      const { listener, phases } = await open();
      expect(listener.redirectUri).toBe(`http://127.0.0.1:${listener.port}/callback`);
      const answered = fetch(`http://${host}:${listener.port}${right}`);
      const callback = await listener.received;
      expect(callback.url.href).toBe(`${listener.redirectUri}?code=abc&state=right-state`);
      await callback.answer({ status: 200, outcome: 'success', title: 'Signed in', text: ['As Ada.'] });
      expect((await answered).status).toBe(200);
      expect(phases.map(({ phase }) => phase)).toEqual([
        'binding-local-server',
        'local-server-bound',
        'callback-received',
      ]);
    }
  });

  it('O-12: is answered with a page that escapes, runs nothing and is kept nowhere', async () => {
    const { listener } = await open();
    const answered = fetch(listener.redirectUri.replace('/callback', right));
    const callback = await listener.received;
    await callback.answer({
      status: 200,
      outcome: 'success',
      title: 'Signed in as <img src=x onerror=alert(1)>',
      text: ['"quoted" & \'so\' {{style}}'],
    });
    const response = await answered;
    const body = await response.text();
    expect(body).not.toContain('<img');
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(body).toContain('&quot;quoted&quot; &amp; &#39;so&#39;');
    expect(body).not.toMatch(/<script|<link|http-equiv/i);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    await callback.answer({ status: 500, outcome: 'failure', title: 'Late', text: [] });
  });

  it('O-12: may lose its browser before the answer', async () => {
    const { listener } = await open();
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET ${right} HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\n\r\n`);
    const callback = await listener.received;
    const gone = new Promise((resolve) => socket.on('close', resolve));
    socket.destroy();
    await gone;
    await callback.answer({ status: 200, outcome: 'success', title: 'Signed in', text: [] });
  });
});

describe('O-7: what is not the redirect is answered, counted and ignored', () => {
  const host = (port: number) => `Host: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
  const strays: [string, (port: number) => string, RegExp][] = [
    [
      'a wrong state',
      (port) => `GET /callback?code=x&state=wrong-state HTTP/1.1\r\n${host(port)}`,
      /^HTTP\/1.1 400 /,
    ],
    ['no state', (port) => `GET /callback?code=x HTTP/1.1\r\n${host(port)}`, /^HTTP\/1.1 400 /],
    ['no query', (port) => `GET /callback HTTP/1.1\r\n${host(port)}`, /^HTTP\/1.1 400 /],
    [
      'an error with a wrong state',
      (port) => `GET /callback?error=access_denied&state=no HTTP/1.1\r\n${host(port)}`,
      /^HTTP\/1.1 400 /,
    ],
    ['a favicon', (port) => `GET /favicon.ico HTTP/1.1\r\n${host(port)}`, /^HTTP\/1.1 404 /],
    [
      'a stray path',
      (port) => `GET /callback/../x?state=right-state HTTP/1.1\r\n${host(port)}`,
      /^HTTP\/1.1 404 /,
    ],
    ['HEAD', (port) => `HEAD ${right} HTTP/1.1\r\n${host(port)}`, /^HTTP\/1.1 405 /],
    ['POST', (port) => `POST ${right} HTTP/1.1\r\nContent-Length: 0\r\n${host(port)}`, /^HTTP\/1.1 405 /],
    ['OPTIONS', (port) => `OPTIONS ${right} HTTP/1.1\r\n${host(port)}`, /^HTTP\/1.1 405 /],
    [
      'a request line of 64 KB',
      (port) => `GET ${right}&x=${'a'.repeat(65_536)} HTTP/1.1\r\n${host(port)}`,
      /^HTTP\/1.1 431 /,
    ],
    [
      'R-8: a script of another page, with the right state',
      (port) => `GET ${right} HTTP/1.1\r\nOrigin: https://evil.test\r\nSec-Fetch-Mode: cors\r\n${host(port)}`,
      /^HTTP\/1.1 403 /,
    ],
    [
      'R-8: one of a page without an origin',
      (port) => `GET ${right} HTTP/1.1\r\nOrigin: null\r\n${host(port)}`,
      /^HTTP\/1.1 403 /,
    ],
    [
      'R-8: another host name (DNS rebinding)',
      (port) => `GET ${right} HTTP/1.1\r\nHost: evil.test:${port}\r\nConnection: close\r\n\r\n`,
      /^HTTP\/1.1 421 /,
    ],
    [
      'another port in Host',
      (port) => `GET ${right} HTTP/1.1\r\nHost: 127.0.0.1:${port + 1}\r\nConnection: close\r\n\r\n`,
      /^HTTP\/1.1 421 /,
    ],
    [
      'an absolute address',
      (port) => `GET http://evil.test${right} HTTP/1.1\r\n${host(port)}`,
      /^HTTP\/1.1 400 /,
    ],
    ['/cancel without its secret', (port) => `GET /cancel HTTP/1.1\r\n${host(port)}`, /^HTTP\/1.1 404 /],
    [
      '/cancel with a wrong secret',
      (port) => `GET /cancel HTTP/1.1\r\nx-lanyard-stop: x\r\n${host(port)}`,
      /^HTTP\/1.1 404 /,
    ],
    ['no HTTP at all', () => 'SSH-2.0-x\r\n\r\n', /^HTTP\/1.1 400 /],
  ];

  it.each(strays)('%s', async (_name, request, answer) => {
    const { listener } = await open();
    expect(await raw(listener.port, request(listener.port))).toMatch(answer);
    expect(listener.ignored).toBe(1);
    const answered = fetch(listener.redirectUri.replace('/callback', right));
    const callback = await listener.received;
    expect(callback.url.searchParams.get('code')).toBe('abc');
    await callback.answer({ status: 200, outcome: 'success', title: 'Signed in', text: [] });
    expect((await answered).status).toBe(200);
  });

  it('R-8: what is refused is no answer to the page that asked for it', async () => {
    const { listener } = await open();
    const { status, headers } = await fetch(`http://127.0.0.1:${listener.port}/`);
    expect(status).toBe(404);
    // A page cannot tell it from a port at which nobody listens.
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('an old link is told where the right one is', async () => {
    const { listener } = await open();
    const page = await fetch(listener.redirectUri.replace('/callback', '/callback?code=abc&state=old'));
    expect(page.status).toBe(400);
    const text = await page.text();
    expect(text).toContain('<h1>This link is from another sign-in</h1>');
    expect(text).toContain('Go back to Lanyard and open the link that it shows now.');
  });

  it('a second hit', async () => {
    const { listener } = await open();
    const first = fetch(listener.redirectUri.replace('/callback', right));
    const callback = await listener.received;
    const second = await fetch(
      listener.redirectUri.replace('/callback', '/callback?code=other&state=right-state'),
    );
    expect(second.status).toBe(409);
    await callback.answer({ status: 200, outcome: 'success', title: 'Signed in', text: [] });
    expect(callback.url.searchParams.get('code')).toBe('abc');
    expect((await first).status).toBe(200);
  });
});

describe('O-2: a fixed port', () => {
  /** Advances whenever somebody waits, until `done` settles. */
  async function advancing<T>(clock: ManualClock, done: Promise<T>): Promise<T> {
    let settled = false;
    const finished = done.finally(() => {
      settled = true;
    });
    finished.catch(() => {});
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(50);
    }
    return finished;
  }

  it('that another program holds fails after 10 tries, naming the port and how long was tried', async () => {
    const { listener: holder } = await open();
    const clock = new ManualClock();
    const phases: OAuthPhase[] = [];
    const opening = CallbackListener.open({
      state: 's',
      port: holder.port,
      path: '/callback',
      templates,
      clock,
      onPhase: (phase) => phases.push(phase),
      previous: new Notes(),
      signal: new AbortController().signal,
    });
    const error = await advancing(clock, opening).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ stage: 'bind-local-server', category: 'local_server_unavailable' });
    expect(String(error)).toContain(`port ${holder.port}`);
    expect(String(error)).toMatch(/tried for \d/);
    expect(phases.filter(({ phase }) => phase === 'binding-local-server')).toHaveLength(10);
  });

  it('that an earlier sign-in of ours holds is given up by it', async () => {
    const previous = new Notes();
    const { listener: earlier } = await open({ previous });
    void earlier.displaced.then(() => earlier.close());
    const clock = new ManualClock();
    const phases: OAuthPhase[] = [];
    const later = await advancing(
      clock,
      CallbackListener.open({
        state: 's',
        port: earlier.port,
        path: '/callback',
        templates,
        clock,
        onPhase: (phase) => phases.push(phase),
        previous,
        signal: new AbortController().signal,
      }),
    );
    opened.push(later);
    expect(later.port).toBe(earlier.port);
    expect(phases).toContainEqual({ phase: 'previous-login-server-detected', attempt: 1 });
    expect(previous.secretOf(later.port)).not.toBeNull();
  });

  it('that only [::1] has taken is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '::1', resolve));
    const address = other.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    const clock = new ManualClock();
    const opening = CallbackListener.open({
      state: 's',
      port: address.port,
      path: '/callback',
      templates,
      clock,
      onPhase: () => {},
      previous: new Notes(),
      signal: new AbortController().signal,
    });
    await expect(advancing(clock, opening)).rejects.toMatchObject({ category: 'local_server_unavailable' });
    await new Promise((resolve) => other.close(resolve));
  });

  it('O-14: is waited for only until the sign-in is cancelled', async () => {
    const { listener: holder } = await open();
    const abort = new AbortController();
    const opening = CallbackListener.open({
      state: 's',
      port: holder.port,
      path: '/callback',
      templates,
      clock: new ManualClock(),
      onPhase: () => {},
      previous: new Notes(),
      signal: abort.signal,
    });
    abort.abort();
    await expect(opening).rejects.toMatchObject({ category: 'login_cancelled' });
  });
});

it('O-14: closing frees the port at once, with half a request on the line', async () => {
  const { listener } = await open();
  const socket = connect(listener.port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.write('GET /callb', resolve));
  await listener.close();
  await closed;
  await expect(fetch(`http://127.0.0.1:${listener.port}/`)).rejects.toThrow();
});

it('a request that does not come to its end is dropped soon, so that its connection is free for the redirect', async () => {
  const { listener } = await open({ requestMs: 100 });
  const began = performance.now();
  const slow = await Promise.all(
    ['GET /callback', 'GET /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '].map((text) =>
      raw(listener.port, text),
    ),
  );
  expect(slow).toEqual(['', ''].map(() => expect.stringMatching(/^(?:HTTP\/1\.1 4\d\d|$)/)));
  // Looked for once a second; by itself Node looks every half minute.
  expect(performance.now() - began).toBeLessThan(8_000);
  expect((await fetch(`http://127.0.0.1:${listener.port}/callback?state=wrong`)).status).toBe(400);
});
