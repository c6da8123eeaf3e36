import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ManualClock } from '../../manual-clock.fixture.ts';
import { replayCallback } from './replay-callback.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse, port: number) => void,
  address = '127.0.0.1',
) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response, (server.address() as AddressInfo).port);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

const never = new AbortController().signal;

it('V-1: one GET, then one redirect to the same origin, and no more', async () => {
  const { port, seen } = await listen((request, response) => {
    const location = request.url?.startsWith('/callback') ? '/success?id_token=t' : '/again';
    response.writeHead(302, { location }).end();
  });
  const outcome = await replayCallback(
    new URL(`http://localhost:${port}/callback?code=c&state=s`),
    new ManualClock(),
    never,
  );
  expect(outcome).toEqual({ delivered: true });
  expect(seen).toEqual(['GET /callback?code=c&state=s', 'GET /success?id_token=t']);
});

it('V-1: a redirect to anywhere else is not followed', async () => {
  const other = await listen((_request, response) => response.end());
  const { port, seen } = await listen((_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${other.port}/stolen?code=c` }).end();
  });
  expect(
    await replayCallback(new URL(`http://127.0.0.1:${port}/callback?code=c`), new ManualClock(), never),
  ).toEqual({ delivered: true });
  expect(seen).toHaveLength(1);
  expect(other.seen).toEqual([]);
});

it('V-3: says when the listener refused, is gone, or does not answer', async () => {
  const refusing = await listen((_request, response) => response.writeHead(400).end('State mismatch'));
  const url = (port: number) => new URL(`http://localhost:${port}/callback?code=c`);
  expect(await replayCallback(url(refusing.port), new ManualClock(), never)).toMatchObject({
    delivered: false,
    failure: { code: 'callback_refused' },
  });

  const gone = await listen(() => {});
  for (const close of closers.splice(0)) close();
  expect(await replayCallback(url(gone.port), new ManualClock(), never)).toMatchObject({
    delivered: false,
    failure: { code: 'callback_listener_gone' },
  });

  const clock = new ManualClock();
  const silent = await listen(() => clock.advance(60_000));
  const outcome = await replayCallback(url(silent.port), clock, never);
  expect(outcome).toMatchObject({ delivered: false, failure: { code: 'callback_not_answered' } });
  expect(JSON.stringify(outcome)).not.toContain('code=c');
});

it('V-1: a listener on ::1 alone is found behind localhost, and 127.0.0.1 is not the same origin as [::1]', async () => {
  const six = await listen((_request, response, port) => {
    response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
  }, '::1');
  const url = new URL(`http://localhost:${six.port}/callback?code=c`);
  expect(await replayCallback(url, new ManualClock(), never)).toEqual({ delivered: true });
  expect(six.seen).toEqual(['GET /callback?code=c']);
});
