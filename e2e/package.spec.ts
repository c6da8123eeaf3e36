import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { expect, type Page, test } from '@playwright/test';
import { chromium } from 'playwright';
import { open, press } from '../src-main/demo/browser.fixture.ts';
import { type BrowserOpener, createBrowserOpener } from './support/browser-opener/browser-opener.ts';
import { runOnPipes } from './support/cli-process.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { createTestPlace, projectRoot } from './support/test-place.ts';

/** What `npm run package` made, which `npm test` does before these tests. */
const executable = join(projectRoot, 'release', 'linux-unpacked', 'lanyard');

test.skip(!existsSync(executable), 'there is no packaged app: run `npm run package` (Linux x64)');

test('the packaged app has its fuses set', async () => {
  const fuses = await getCurrentFuseWire(executable);
  const state = (fuse: FuseV1Options) => fuses[fuse];
  expect(state(FuseV1Options.RunAsNode)).toBe(FuseState.DISABLE);
  expect(state(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(FuseState.DISABLE);
  expect(state(FuseV1Options.EnableNodeCliInspectArguments)).toBe(FuseState.DISABLE);
  expect(state(FuseV1Options.OnlyLoadAppFromAsar)).toBe(FuseState.ENABLE);
  expect(state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation)).toBe(FuseState.ENABLE);
  expect(state(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(FuseState.DISABLE);
});

/** Resolves when the page is there: one that is still on its way while Playwright attaches may never be reported. */
async function pageOf(endpoint: string): Promise<void> {
  const list = `http://${new URL(endpoint).host}/json/list`;
  const titles = async () => {
    const targets = (await (await fetch(list)).json()) as { type: string; title: string }[];
    return targets.filter(({ type }) => type === 'page').map(({ title }) => title);
  };
  await expect.poll(titles, { timeout: 30_000 }).toContain('Lanyard');
}

/** Starts the packaged app in a place of its own and leaves nothing behind. */
async function inPackagedApp(use: (window: Page, opener: BrowserOpener) => Promise<void>): Promise<void> {
  const place = await createTestPlace();
  const opener = await createBrowserOpener(join(place.root, 'opener'));
  // Its fuses keep Playwright's Node inspector out, so the window is driven through Chromium's own port.
  const app = spawn(
    executable,
    ['--remote-debugging-port=0', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    {
      cwd: place.home,
      env: {
        HOME: place.home,
        LANYARD_HOME: place.data,
        DISPLAY: process.env.DISPLAY ?? '',
        XAUTHORITY: process.env.XAUTHORITY ?? '',
        PATH: `${opener.pathDirectory}:/usr/bin:/bin`,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  try {
    let output = '';
    const endpoint = await new Promise<string>((resolve, reject) => {
      app.once('exit', () => reject(new Error(`the app ended early:\n${output}`)));
      app.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
        if (found) resolve(found);
      });
    });
    await pageOf(endpoint);
    const browser = await chromium.connectOverCDP(endpoint);
    const context = browser.contexts()[0];
    const window = context?.pages()[0] ?? (await context?.waitForEvent('page'));
    if (!window) throw new Error('the app opened no window');
    await use(window, opener);
    await browser.close();
  } finally {
    app.kill();
    await new Promise((resolve) =>
      app.exitCode === null && app.signalCode === null ? app.once('exit', resolve) : resolve(null),
    );
    opener.close();
  }
  // Chromium's helper processes end a moment after the main one.
  await expect.poll(() => processesMarkedWith(place.root), { timeout: 2_000 }).toEqual([]);
  await place.remove();
}

test('the packaged app connects the demo provider and quits, with nothing left behind', async () => {
  await inPackagedApp(async (window, opener) => {
    await window.getByRole('button', { name: 'Connect Demo' }).click();
    await press(await open(await opener.nextOpened()), 'Approve');
    await expect(
      window.getByRole('dialog', { name: 'Connect Demo' }).getByRole('button', { name: 'Done' }),
    ).toBeFocused();
  });
});

test('T-2: the packaged app makes a sealed file, and a second process of it reads it back', async () => {
  await inPackagedApp(async (window) => {
    await window.getByRole('button', { name: 'Settings' }).click();
    await window.getByRole('tab', { name: 'Security' }).click();
    // With a keychain that works it is one way of two, and without one it is the way out.
    await window.getByRole('button', { name: /^Use a sealed file/ }).click();
    const dialog = window.getByRole('dialog', { name: 'Make a sealed file' });
    for (const label of ['Passphrase', 'Passphrase again']) {
      await dialog.getByLabel(label, { exact: true }).fill('correct horse battery staple');
    }
    await dialog.getByRole('button', { name: 'Make and use it' }).click();
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    await window.getByRole('button', { name: 'Test it' }).click();
    await expect(window.getByRole('list', { name: 'Test result' }).getByText('Passed')).toHaveCount(3, {
      timeout: 30_000,
    });
  });
});

test('R-4, R-7: the packaged command serves without windows, runs as an identity, and stops', async () => {
  const place = await createTestPlace();
  const file = join(projectRoot, 'release', 'linux-unpacked', 'resources', 'bin', 'lanyard');
  const env = { HOME: place.home, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  const lanyard = (...args: string[]) => runOnPipes({ file, args, env, cwd: place.home });
  const serve = lanyard('serve', '--passphrase-stdin');
  try {
    serve.write('correct horse battery staple\n');
    await serve.waitFor(/serving, process/);
    const connect = lanyard('connect', 'demo', '--as', 'Work', '--flow', 'browser');
    const [, link = ''] = await connect.waitFor(/^ {2}(http\S+)$/m);
    await press(await open(link), 'Approve');
    expect(await connect.exited).toBe(0);
    const run = lanyard('run', '--as', 'work', '--', 'printenv', 'LANYARD_BUNDLE');
    expect([await run.exited, run.text()]).toEqual([0, 'Work\n']);
    expect(await lanyard('serve', '--stop').exited).toBe(0);
    expect(await serve.exited).toBe(0);
  } finally {
    serve.kill();
    await place.remove();
  }
});
