import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildCommand } from '../scripts/build-command.mjs';
import { canaries } from './support/canaries.ts';
import { runOnPipes } from './support/cli-process.ts';
import { newIdentity } from './support/connect-ui.ts';
import { approve } from './support/demo-person.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { processTreeOf } from './support/process-list.ts';
import { missingForSecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace } from './support/test-place.ts';

/** The `lanyard` command against the app. */

let command: string;
test.beforeAll(async () => {
  command = await buildCommand();
});

/** Runs the command to its end as a shell of the person would. */
async function call(
  launched: LaunchedApp,
  file: string,
  args: string[],
  env: Record<string, string> = {},
  input = '',
) {
  const running = runOnPipes({
    file,
    args,
    cwd: launched.homeDirectory,
    env: {
      HOME: launched.homeDirectory,
      LANYARD_HOME: launched.dataDirectory,
      PATH: '/usr/bin:/bin',
      ...env,
    },
    input,
  });
  return { code: await running.exited, text: running.text() };
}

test('R-4: installed from Settings, it runs as an identity of the app, and says what is there', async () => {
  const launched = await launchApp();
  try {
    const { window } = launched;
    await window.getByRole('button', { name: 'Settings', exact: true }).click();
    await window.getByRole('tab', { name: 'Command line' }).click();
    const installed = join(launched.homeDirectory, '.local', 'bin', 'lanyard');
    await expect(window.getByText(`It would be ${installed}.`)).toBeVisible();
    const install = window.getByRole('button', { name: 'Install' });
    await install.focus();
    await window.keyboard.press('Enter');
    await expect(window.getByText(`Installed as ${installed}.`)).toBeVisible();
    await expect(window.getByRole('button', { name: 'Remove' })).toBeFocused();
    await expect(window.getByText('>> ~/.profile')).toBeVisible();
    await expectAccessible(window, 'settings-command');
    await window.getByRole('button', { name: 'Copy line' }).click();
    await expect
      .poll(() => launched.app.evaluate(({ clipboard }) => clipboard.readText()))
      .toBe(`echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.profile`);
    expect(readlinkSync(installed)).toBe(command);

    await newIdentity(window, 'Client A');
    const connect = runOnPipes({
      file: installed,
      args: ['connect', 'demo', '--as', 'client a', '--flow', 'browser'],
      cwd: launched.homeDirectory,
      env: { HOME: launched.homeDirectory, LANYARD_HOME: launched.dataDirectory, PATH: '/usr/bin:/bin' },
    });
    const [, link = ''] = await connect.waitFor(/^ {2}(http\S+)$/m);
    await approve(link);
    expect([await connect.exited, connect.text()]).toEqual([
      0,
      expect.stringContaining('in the identity Client A'),
    ]);
    const accounts = window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
    await expect(accounts).toContainText('Demo');

    // The caller's own environment is what it starts from, not the app's.
    const own = { EDITOR: 'an-editor', UNLISTED: 'stays' };
    const args = ['run', '--as', 'Client A', '--', 'printenv', 'EDITOR', 'LANYARD_BUNDLE', 'DEMO_HOME'];
    const run = await call(launched, installed, args, own);
    const all = await call(launched, installed, ['run', '--as', 'Client A', '--', 'env'], own);
    expect(all.text).not.toContain('UNLISTED');
    expect(run).toEqual({
      code: 0,
      text: expect.stringMatching(
        new RegExp(`^an-editor\nClient A\n${launched.dataDirectory}/accounts/.*/1\n$`),
      ),
    });
    const status = await call(launched, installed, ['status', '--json', '--as', 'Client A']);
    expect(JSON.parse(status.text)).toMatchObject({
      schemaVersion: 1,
      host: 'app',
      identity: { name: 'Client A' },
    });
    expect((await call(launched, installed, ['serve', '--stop'])).text).toContain('What runs is the app');

    await window.getByRole('button', { name: 'Settings', exact: true }).click();
    await window.getByRole('tab', { name: 'Command line' }).click();
    // other tools are told to ask it, and Test asks as they would.
    await window.getByRole('combobox', { name: 'Identity' }).selectOption('Client A');
    await window.getByRole('button', { name: 'Copy lines for git' }).click();
    await expect
      .poll(() => launched.app.evaluate(({ clipboard }) => clipboard.readText()))
      .toBe(`git config --global credential.helper 'lanyard --as "Client A"'`);
    await window.getByRole('button', { name: 'Test git' }).click();
    await expect(window.getByText('Nothing is known of github.com')).toBeVisible();
    await window.getByRole('button', { name: 'Test AWS CLI and SDKs' }).click();
    await expect(window.getByText('Client A has no open session at AWS.')).toBeVisible();
    await expectAccessible(window, 'settings-tools');

    await window.getByRole('button', { name: 'Remove' }).click();
    await expect(window.getByText(`It would be ${installed}.`)).toBeVisible();
    expect(existsSync(installed)).toBe(false);
  } finally {
    await launched.close();
  }
});

test('R-4: where the app does not run, the command starts it without a window', async () => {
  // Its first start is what tells the command how it is started.
  const launched = await launchApp();
  try {
    await expect(launched.window.getByRole('button', { name: 'Settings', exact: true })).toBeVisible();
    const display = { DISPLAY: process.env.DISPLAY ?? '', XAUTHORITY: process.env.XAUTHORITY ?? '' };
    await expect.poll(() => existsSync(join(launched.dataDirectory, 'command', 'launcher.json'))).toBe(true);
    await launched.app.close().catch(() => undefined);
    const without = await call(launched, command, ['status']);
    expect(without).toEqual({ code: 3, text: expect.stringContaining('lanyard serve') });

    const status = await call(launched, command, ['status', '--json'], display);
    expect([status.code, status.text]).toEqual([0, expect.stringContaining('"host": "app"')]);
    const { pid } = JSON.parse(status.text);
    const tree = processTreeOf(pid);
    // A page would have a renderer.
    expect(tree.filter(({ arguments: args }) => args.some((each) => each === '--type=renderer'))).toEqual([]);
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => processTreeOf(pid), { timeout: 15_000 }).toEqual([]);
  } finally {
    await launched.close();
  }
});

test('R-6: what git has Lanyard keep is listed without its password, and goes when the person says so', async () => {
  const missing = missingForSecretService();
  test.skip(missing.length > 0, `${missing.join(' and ')} not found: apt-get install dbus gnome-keyring`);
  const place = await createTestPlace();
  const service = await startSecretService(place.root);
  const launched = await launchApp({ place, env: service.env });
  try {
    const { window } = launched;
    await newIdentity(window, 'Work');
    const ask = 'protocol=https\nhost=git.example.test\nusername=ada\n\n';
    const password = canaries.plant('password', 'kept for git 4711');
    const git = (word: string, input: string) =>
      call(launched, command, ['credential', 'git', '--as', 'Work', word], {}, input);
    await window.getByRole('button', { name: 'Settings', exact: true }).click();
    await window.getByRole('tab', { name: 'Command line' }).click();
    await expect(window.getByText('Nothing yet. What they have Lanyard keep')).toBeVisible();

    expect(await git('store', ask.replace('\n\n', `\npassword=${password}\n\n`))).toEqual({
      code: 0,
      text: '',
    });
    const kept = window.getByRole('list', { name: 'Kept for git and docker' }).getByRole('listitem');
    await expect(kept).toContainText(['https://git.example.test']);
    await expect(kept).toContainText(['ada, git, kept on']);
    await expect(window.locator('body')).not.toContainText(password);
    expect((await git('get', ask)).text).toContain(`password=${password}`);
    await expectAccessible(window, 'settings-kept');

    const remove = kept.getByRole('button', {
      name: 'Delete what is kept for ada at https://git.example.test',
    });
    await remove.click();
    const question = window.getByRole('alertdialog', {
      name: 'Delete what is kept for https://git.example.test?',
    });
    await question.getByRole('button', { name: 'Keep' }).click();
    await expect(remove).toBeFocused();
    await remove.click();
    await question.getByRole('button', { name: 'Delete' }).click();
    await expect(kept).toHaveCount(0);
    await expect(window.getByRole('heading', { name: 'Kept for git and docker' })).toBeFocused();
    expect(await git('get', ask)).toEqual({ code: 0, text: '' });
  } finally {
    await launched.close();
    await service.end();
    await place.remove();
  }
});
