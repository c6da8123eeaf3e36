import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { connectDialog } from './support/connect-ui.ts';
import { writeProviders } from './support/fault-providers.ts';
import { keysProvider } from './support/keys-provider.ts';
import { launchApp } from './support/launch-app.ts';
import { createTestPlace } from './support/test-place.ts';

const key = 'sk-canary-0123456789abcdef';

/** A server on this machine and the authorizations that it was shown. */
async function server(
  answer: (authorization: string) => { status: number; location?: string; body?: string },
) {
  const seen: string[] = [];
  const http: Server = createServer((request, response) => {
    const authorization = request.headers.authorization ?? '';
    seen.push(authorization);
    const { status, location, body } = answer(authorization);
    response.writeHead(status, location === undefined ? {} : { location }).end(body ?? '');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/models`, seen, close: () => http.close() };
}

test('K-1: a key goes to the address in its definition and nowhere else, whatever that answers', async () => {
  const thief = await server(() => ({ status: 200 }));
  const moved = await server(() => ({ status: 302, location: thief.url }));
  const echo = await server((authorization) => ({ status: 400, body: `{"error":"bad ${authorization}"}` }));
  const place = await createTestPlace();
  const { apiKey } = keysProvider;
  if (!apiKey) throw new Error('the provider takes a key');
  const asking = (id: string, name: string, url: string) => ({
    ...keysProvider,
    id,
    name,
    apiKey: { ...apiKey, check: { ...apiKey.check, url } },
  });
  await writeProviders(place.data, [asking('moved', 'Moved', moved.url), asking('echo', 'Echo', echo.url)]);
  const launched = await launchApp({ place });
  try {
    const { window } = launched;
    for (const name of ['Moved', 'Echo']) {
      await window.getByRole('button', { name: `Connect ${name}`, exact: true }).click();
      const dialog = connectDialog(window, name);
      await dialog.getByLabel('API key').fill(key);
      await dialog.getByRole('button', { name: 'Check and save' }).click();
      await expect(dialog.getByRole('alert')).toContainText(`${name} could not be asked about this key.`);
      await expect(window.locator('body')).not.toContainText('canary');
      await dialog.getByRole('button', { name: /^(Cancel|Close)$/ }).click();
      await expect(dialog).toBeHidden();
    }
    expect([moved.seen, echo.seen, thief.seen]).toEqual([[`Bearer ${key}`], [`Bearer ${key}`], []]);
  } finally {
    await launched.close();
    for (const each of [thief, moved, echo]) each.close();
  }
  for (const entry of await readdir(place.root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    expect((await readFile(path)).includes(key), path).toBe(false);
  }
  expect(launched.output()).not.toContain(key);
  await place.remove();
});
