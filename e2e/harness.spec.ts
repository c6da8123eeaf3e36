import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { canaries } from './support/canaries.ts';
import { launchApp } from './support/launch-app.ts';
import { listenOnLoopback } from './support/local-host.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { createTestPlace } from './support/test-place.ts';

const appDirectory = join(import.meta.dirname, 'support', 'fixtures', 'opens-links');

test('a link opened by Electron reaches the test as the browser, and nothing of the app is left after close', async () => {
  const launched = await launchApp({ appDirectory, colorScheme: 'dark' });
  const host = await listenOnLoopback(({ page }) => page('welcome back'));
  try {
    const link = `${host.url}/callback?code=a%20b&state=s#fragment`;
    const open = (url: string) =>
      launched.app.evaluate(({ shell }, target) => shell.openExternal(target), url);
    await open(link);
    expect(await launched.opener.nextOpened()).toBe(link);
    expect(host.seen).toEqual([]);
    launched.opener.follow = true;
    await open(link);
    expect(await launched.opener.pages.next()).toMatchObject({ status: 200 });
    expect(host.seen).toMatchObject([{ path: '/callback', query: { code: 'a b', state: 's' } }]);

    const env = await launched.app.evaluate(() => ({ ...process.env }));
    expect(env).toMatchObject({ HOME: launched.homeDirectory, LANYARD_HOME: launched.dataDirectory });
    expect(Object.keys(env).filter((name) => /^(npm_|NODE_|SSL_CERT|HTTPS?_PROXY)/i.test(name))).toEqual([]);
    expect(await launched.window.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(true);
  } finally {
    await launched.close();
    await host.close();
  }
  await expect.poll(() => processesMarkedWith(launched.place.root), { timeout: 2_000 }).toEqual([]);
  expect(existsSync(launched.place.root)).toBe(false);
});

test('a crashed app can be started again on the same data', async () => {
  const place = await createTestPlace();
  try {
    const first = await launchApp({ appDirectory, place });
    await first.crash();
    await first.close();
    const second = await launchApp({ appDirectory, place });
    expect(await second.window.title()).toBe('fixture');
    await second.close();
  } finally {
    await place.remove();
  }
});

test('a secret in the data directory fails the test that left it there', async () => {
  const launched = await launchApp();
  const logs = join(launched.dataDirectory, 'logs');
  await mkdir(logs, { recursive: true });
  await appendFile(
    join(logs, 'planted.log'),
    `token=${canaries.plant('refresh token', 'rt_planted_0123456789')}`,
  );
  const message = await launched.close().then(
    () => 'nothing was found',
    (error: Error) => error.message,
  );
  expect(message).toBe('secrets where none may be:\nrefresh token in the data directory: logs/planted.log');
});
