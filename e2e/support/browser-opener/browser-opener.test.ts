import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenOnLoopback } from '../local-host.ts';
import { type BrowserOpener, createBrowserOpener } from './browser-opener.ts';

const run = promisify(execFile);
let directory: string;
let opener: BrowserOpener;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanyard-opener-'));
  opener = await createBrowserOpener(directory);
});
afterEach(async () => {
  opener.close();
  await rm(directory, { recursive: true, force: true });
});

const open = (url: string) =>
  run('xdg-open', [url], { env: { PATH: `${opener.pathDirectory}:/usr/bin:/bin` } });

it('reports each link that a program opens through xdg-open, once and unchanged', async () => {
  const links = [
    'https://a.example.test/authorize?x=1&y=%20z#f',
    'https://b.example.test/?q=$HOME;`id`',
    'http://127.0.0.1:1/',
  ];
  for (const link of links) await open(link);
  expect([await opener.nextOpened(), await opener.nextOpened(), await opener.nextOpened()]).toEqual(links);
  expect(opener.opened).toEqual(links);
  await expect(opener.nextOpened(50)).rejects.toThrow(/none arrived/);
});

it('visits nothing until it is told to follow', async () => {
  const host = await listenOnLoopback(({ page }) => page('welcome'));
  try {
    await open(`${host.url}/first`);
    await opener.nextOpened();
    opener.follow = true;
    await open(`${host.url}/second`);
    expect(await opener.pages.next()).toMatchObject({ status: 200, url: `${host.url}/second` });
    expect(host.seen.map(({ path }) => path)).toEqual(['/second']);
  } finally {
    await host.close();
  }
});
