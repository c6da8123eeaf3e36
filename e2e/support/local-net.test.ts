import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { followRedirects } from './browser-opener/follow-redirects.ts';
import { createLocalCa, type LocalCa } from './local-ca.ts';
import { listenOnLoopback } from './local-host.ts';
import { startLocalNet } from './local-net.ts';

let directory: string;
let ca: LocalCa;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-net-'));
  ca = await createLocalCa(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it('follows a redirect from a named host over TLS to a loopback listener and keeps what it saw', async () => {
  const loopback = await listenOnLoopback(({ page, url }) => page(`code ${url.searchParams.get('code')}`));
  const net = await startLocalNet(ca, {
    'login.example.test': ({ redirect }) => redirect(`${loopback.url}/callback?code=abc`),
  });
  try {
    const page = await followRedirects('https://login.example.test/authorize?state=s', net);
    expect(page).toMatchObject({ status: 200, url: `${loopback.url}/callback?code=abc` });
    expect(page.body).toContain('code abc');
    expect(page.visited).toHaveLength(2);
    expect(net.seen).toMatchObject([
      { method: 'GET', host: 'login.example.test', path: '/authorize', query: { state: 's' }, status: 302 },
    ]);
  } finally {
    await net.close();
    await loopback.close();
  }
});

it('refuses a host that nobody plays instead of dialling out', async () => {
  const net = await startLocalNet(ca, {});
  try {
    await expect(followRedirects('https://example.com/', net)).rejects.toThrow(/not on the local network/);
    expect(net.seen).toMatchObject([{ method: 'CONNECT', host: 'example.com', status: 502 }]);
  } finally {
    await net.close();
  }
});

it('is not trusted by a client that was not told about the CA', async () => {
  const net = await startLocalNet(ca, { 'login.example.test': ({ page }) => page('hello') });
  const other = await createLocalCa(join(directory, 'other'));
  try {
    await expect(followRedirects('https://login.example.test/', { ...net, ca: other })).rejects.toThrow(
      /certificate/,
    );
  } finally {
    await net.close();
  }
});

it('close ends tunnels that are still open', async () => {
  const asked = new Arrivals<string>('requests to the slow host');
  const net = await startLocalNet(ca, {
    'slow.example.test': () => {
      asked.push('request');
      return new Promise(() => undefined);
    },
  });
  const visit = followRedirects('https://slow.example.test/', net);
  const failed = expect(visit).rejects.toThrow(/socket hang up|ECONNRESET/);
  await asked.next();
  await net.close();
  await failed;
});
