import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { buildCommand } from '../scripts/build-command.mjs';
import { newIdentity } from './support/connect-ui.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { expectFocus, tabTo } from './support/keyboard.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';

/** Programs outside of the app that want something of an identity, with the real `lanyard` command (C-22, R-8). */
test.describe.configure({ mode: 'serial', timeout: 60_000 });

let launched: LaunchedApp;
let window: Page;
let command: string;

const question = (page: Page) => page.getByRole('alertdialog', { name: 'Let a program use Work?' });
const deny = () => question(window).getByRole('button', { name: 'Deny' });
const once = () => question(window).getByRole('button', { name: 'Allow once' });
const untilQuit = () => question(window).getByRole('button', { name: 'Allow until Lanyard quits' });

/** A program of somebody's, at a path of its own, that calls `lanyard`. */
function program(name: string): string {
  const path = join(launched.homeDirectory, 'tools', name);
  mkdirSync(join(launched.homeDirectory, 'tools'), { recursive: true });
  copyFileSync(realpathSync('/bin/sh'), path);
  chmodSync(path, 0o755);
  return path;
}

/** Lets a program call `lanyard`, and tells how that ends. */
function ask(file: string, ...args: string[]) {
  // The second command keeps the shell from becoming the first one.
  const child = spawn(file, ['-c', '"$0" "$@"; exit $?', command, ...args], {
    cwd: launched.homeDirectory,
    env: { HOME: launched.homeDirectory, LANYARD_HOME: launched.dataDirectory, PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, which can be ended as a whole.
    detached: true,
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
  return { ended, said, child };
}

const runs = ['run', '--as', 'Work', '--machine-logins', '--', 'printenv', 'LANYARD_BUNDLE'];

test.beforeAll(async () => {
  command = await buildCommand();
  launched = await launchApp();
  window = launched.window;
  await newIdentity(window, 'Work');
});
test.afterAll(() => launched.close());

async function setMode(label: string) {
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await window.getByRole('tab', { name: 'Identities' }).click();
  const select = window.getByRole('combobox', { name: 'Work' });
  await select.selectOption({ label });
  await expect(window.locator('#announcements')).toHaveText(`Work: ${label}`);
}

test('C-22: off by default; switched on in Settings', async () => {
  const asking = await ask(program('deploy'), ...runs).ended;
  expect([asking.code, asking.out]).toEqual([0, 'Work\n']);
  await setMode('Ask the first time for each program');
  await expectAccessible(window, 'settings-approvals');
});

test('C-22: the question names who asks for what; nothing is handed out before the answer; Esc denies', async () => {
  const asking = ask(program('deploy'), ...runs);
  await expect(question(window)).toBeVisible();
  await expect(deny()).toBeFocused();
  const facts = question(window).getByRole('region', { name: 'The request' });
  await expect(facts).toContainText(join(launched.homeDirectory, 'tools', 'deploy'));
  await expect(facts).toContainText(realpathSync(process.execPath));
  await expect(facts).toContainText('printenv');
  // Announced as not to be had yet, and a press does nothing.
  await expect(once()).toHaveAttribute('aria-disabled', 'true');
  await expect(once()).toHaveAccessibleDescription(/in a moment/);
  await once().press('Enter');
  await expect(question(window)).toBeVisible();
  expect(asking.said.out).toBe('');
  expect(asking.said.err).toContain('Work asks before a program uses it');
  await window.keyboard.press('Escape');
  const { code, out, err } = await asking.ended;
  expect([code, out, err]).toEqual([125, '', expect.stringContaining('was not allowed')]);
  await expect(question(window)).toBeHidden();
});

test('R-8: allow once, by keyboard, is for once; Enter on Deny and on nothing denies', async () => {
  const tool = program('deploy');
  const first = ask(tool, ...runs);
  await tabTo(once(), 'Tab');
  await expect(once()).not.toHaveAttribute('aria-disabled');
  await expectFocus(once());
  await window.keyboard.press('Enter');
  expect(await first.ended).toMatchObject({ code: 0, out: 'Work\n' });

  const second = ask(tool, ...runs);
  await expect(deny()).toBeFocused();
  await window.keyboard.press('Enter');
  expect((await second.ended).code).toBe(125);

  const third = ask(tool, 'env', '--as', 'Work');
  await expect(deny()).toBeFocused();
  await expect(once()).not.toHaveAttribute('aria-disabled');
  await tabTo(question(window).getByRole('region', { name: 'The request' }), 'Shift+Tab');
  await window.keyboard.press('Enter');
  expect(await third.ended).toMatchObject({ code: 1, out: '' });
});

test('R-8: allowed until Lanyard quits: the same program is not asked again, another one is', async () => {
  const tool = program('deploy');
  const first = ask(tool, ...runs);
  await expect(untilQuit()).not.toHaveAttribute('aria-disabled');
  await untilQuit().click();
  expect((await first.ended).code).toBe(0);
  expect(await ask(tool, ...runs).ended).toMatchObject({ code: 0, out: 'Work\n' });
  // Not for something else.
  const more = ask(tool, 'env', '--as', 'Work');
  await expect(question(window)).toBeVisible();
  await window.keyboard.press('Escape');
  expect((await more.ended).code).toBe(1);

  const other = ask(program('other'), ...runs);
  await expect(question(window)).toContainText('tools/other');
  // It goes away, and its question with it.
  process.kill(-(other.child.pid ?? 0), 'SIGKILL');
  await expect(question(window)).toBeHidden();
});

test('R-8: asked every time, an answer is for once only', async () => {
  await setMode('Ask every time');
  const asking = ask(program('deploy'), ...runs);
  await expect(once()).not.toHaveAttribute('aria-disabled');
  await expect(untilQuit()).toHaveCount(0);
  await once().click();
  expect((await asking.ended).code).toBe(0);
});

test('R-8: names of others cannot pretend; without an answer it is denied after a minute', async () => {
  test.setTimeout(150_000);
  const tool = program('\u202egnp.deploy\u202c\nAllowed by Lanyard \u05d0\u05d1\u05d2');
  const long = 'x'.repeat(3000);
  const asking = ask(
    tool,
    'run',
    '--as',
    'Work',
    '--',
    'aws',
    '',
    `--profile=${long}`,
    '\u05d0\u05d1\u05d2',
    's3://b',
  );
  await expect(question(window)).toBeVisible();
  const text = (await question(window).textContent()) ?? '';
  expect(text).not.toMatch(/[\u202e\u202c\n]/);
  expect(text).not.toContain('x'.repeat(250));
  await expect(once()).not.toHaveAttribute('aria-disabled');
  await expectAccessible(window, 'approval');
  await expect(once()).toBeInViewport();
  const { code, err } = await asking.ended;
  expect([code, err]).toEqual([125, expect.stringContaining('within 60 seconds')]);
  await expect(question(window)).toBeHidden();
});

test('R-8: closing the window denies', async () => {
  const asking = ask(program('deploy'), ...runs);
  await expect(question(window)).toBeVisible();
  await window.close();
  const { code, out } = await asking.ended;
  expect([code, out]).toEqual([125, '']);
});
