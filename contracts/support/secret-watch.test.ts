import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../e2e/support/local-host.ts';
import { SecretWatch } from './secret-watch.ts';

it('finds what a server handed out in files and in names of files, and nothing else', async () => {
  const watch = new SecretWatch();
  const { host } = watch.over({
    host: ({ url, json, formEncoded }) =>
      url.pathname === '/form'
        ? formEncoded({ access_token: 'form-token-0001' })
        : json(200, {
            nested: { refreshToken: 'json-token-0002' },
            token_type: 'long-enough-bearer',
            expires: 12,
          }),
  });
  if (!host) throw new Error('the host is kept');
  const server = await listenOnLoopback(host);
  const root = await mkdtemp(join(tmpdir(), 'secret-watch-'));
  onTestFinished(async () => {
    await server.close();
    await rm(root, { recursive: true });
  });
  expect(await (await fetch(`${server.url}/form`)).text()).toBe('access_token=form-token-0001');
  await fetch(server.url);
  expect(watch.handedOut).toEqual(['form-token-0001', 'json-token-0002']);

  await mkdir(join(root, 'deep', 'er'), { recursive: true });
  await writeFile(join(root, 'deep', 'er', 'log'), 'GET ?t=form-token-0001 200');
  await writeFile(join(root, 'cache-json-token-0002'), '');
  await writeFile(join(root, 'clean'), 'long-enough-bearer');
  expect(watch.filesWith(root)).toEqual(['cache-json-token-0002', 'deep/er/log']);
});
