import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { CredentialEndpoint } from './credential-endpoint.ts';
import { endpointProtocol } from './endpoint-protocols.ts';

const open: CredentialEndpoint[] = [];
afterEach(async () => {
  for (const endpoint of open.splice(0)) await endpoint.close();
});

async function start(
  answer: () => Promise<Record<string, unknown>> = async () => ({ AccessKeyId: 'ASIA1' }),
) {
  const endpoint = await CredentialEndpoint.open(endpointProtocol({ provider: 'aws', roleArn: '' }), answer);
  open.push(endpoint);
  return endpoint;
}

async function ask(
  endpoint: CredentialEndpoint,
  { headers = {}, path = '/credentials', method = 'GET' } = {} as {
    headers?: Record<string, string | undefined>;
    path?: string;
    method?: string;
  },
): Promise<{ status: number; body: Record<string, unknown>; headers: IncomingHttpHeaders }> {
  const { hostname, port, host } = new URL(endpoint.url);
  const all = { host, authorization: endpoint.token.reveal(), ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter((entry) => entry[1] !== undefined));
  const asked = request({ hostname, port, path, method, headers: sent, agent: false });
  asked.end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, body: JSON.parse(text), headers: response.headers };
}

describe('C-16: the endpoint of a session', () => {
  it('C-16: gives the session’s credentials to who has its token', async () => {
    const endpoint = await start();
    const { status, body, headers } = await ask(endpoint);
    expect(status).toBe(200);
    expect(body).toEqual({ AccessKeyId: 'ASIA1' });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(endpoint.awsVariables).toEqual({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: endpoint.token.reveal(),
    });
    expect(endpoint.token.reveal()).toMatch(/^[\w-]{43}$/);
  });

  it.each([
    ['no token', { headers: { authorization: undefined } }, 401],
    ['another token', { headers: { authorization: 'x'.repeat(43) } }, 401],
    ['a token and more', { headers: { authorization: 'Bearer x' } }, 401],
    ['another host of the same port (rebinding)', { headers: { host: 'evil.example' } }, 421],
    ['localhost by name', { headers: { host: 'localhost' } }, 421],
    ['a foreign origin', { headers: { origin: 'https://evil.example' } }, 403],
    ['an origin that is none', { headers: { origin: 'null' } }, 403],
    ['a page without an origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['another path', { path: '/credentials/x' }, 404],
    ['a query', { path: '/credentials?x' }, 404],
    ['another method', { method: 'POST' }, 405],
    ['a preflight', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }, 403],
  ])('C-16, R-8: %s gets nothing', async (_, wish, status) => {
    let given = 0;
    const endpoint = await start(async () => ({ given: ++given }));
    const answer = await ask(endpoint, wish);
    expect(answer.status).toBe(status);
    // A page cannot tell it from a port at which nobody listens.
    expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(answer.body).toEqual({ code: expect.any(String), message: expect.any(String) });
    expect(given).toBe(0);
  });

  it('C-16: the token of one session is none of another', async () => {
    const [one, other] = [await start(), await start()];
    expect(one.token.reveal()).not.toBe(other.token.reveal());
    expect(new URL(one.url).port).not.toBe(new URL(other.url).port);
    expect((await ask(one, { headers: { authorization: other.token.reveal() } })).status).toBe(401);
  });

  it('C-16: it cannot be reached from other machines', async () => {
    const endpoint = await start();
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address && !address.internal && address.family === 'IPv4');
    for (const address of outside) {
      const socket = connect(Number(new URL(endpoint.url).port), address?.address);
      const [error] = await once(socket, 'error');
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect(new URL(endpoint.url).hostname).toBe('127.0.0.1');
  });

  it('C-17: after the session it is gone, and open connections with it', async () => {
    const endpoint = await start();
    const { hostname, port } = new URL(endpoint.url);
    const idle: Socket = connect(Number(port), hostname);
    await once(idle, 'connect');
    const closed = once(idle, 'close');
    await endpoint.close();
    await closed;
    await expect(ask(endpoint)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await endpoint.close();
  });

  it('C-17: a request that is under way when the session ends gets nothing', async () => {
    let give: (body: Record<string, unknown>) => void = () => {};
    let arrived: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const endpoint = await start(() => {
      arrived();
      return new Promise((resolve) => {
        give = resolve;
      });
    });
    const answer = ask(endpoint).then(
      ({ body }) => JSON.stringify(body),
      (error: NodeJS.ErrnoException) => error.code,
    );
    await reached;
    const closing = endpoint.close();
    give({ AccessKeyId: 'ASIA1' });
    await closing;
    expect(await answer).toBe('ECONNRESET');
  });

  it.each([
    ['session_ended', 403],
    ['budget_exceeded', 403],
    ['aws_unreachable', 503],
  ])('C-17: %s is told to the program', async (code, status) => {
    const endpoint = await start(async () => {
      throw new LanyardError({ code, title: 'It is over.', hint: 'Start a new one.' });
    });
    const answer = await ask(endpoint);
    expect(answer).toMatchObject({ status, body: { code, message: 'It is over. Start a new one.' } });
  });

  it('a fault of ours is told without its text', async () => {
    const endpoint = await start(async () => {
      throw new Error('secret');
    });
    const answer = await ask(endpoint);
    expect(answer).toMatchObject({ status: 503, body: { code: 'internal_error' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});
