import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { type NpmRegistry, startNpmRegistry } from '../src-main/programs/npm-registry.fixture.ts';
import { connectDialog, useAnotherWay } from './support/connect-ui.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { writeProviders } from './support/fault-providers.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import {
  npmFolder,
  sharedProgram,
  sharedProvider,
  widget,
  widgetProgram,
  writeProgram,
} from './support/made-up-programs.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

let place: TestPlace;
let launched: LaunchedApp;
let window: Page;
let registry: NpmRegistry;
/** Programs of the person's own, on their PATH. */
let bin: string;

test.beforeEach(async () => {
  place = await createTestPlace();
  bin = join(place.root, 'bin');
  await mkdir(bin);
  await writeProviders(place.data, [
    widget,
    sharedProvider(await writeProgram(join(place.root, 'shared'), sharedProgram)),
  ]);
  registry = await startNpmRegistry(place.root);
});
test.afterEach(async () => {
  await launched.close();
  await registry.close();
  await place.remove();
});

async function launch(): Promise<void> {
  launched = await launchApp({
    place,
    pathPrefix: [bin, await npmFolder()],
    env: { npm_config_registry: registry.url, npm_config_fetch_retries: '0' },
  });
  window = launched.window;
  await window.getByRole('main').waitFor();
}

async function openSettings(): Promise<void> {
  await window.getByRole('button', { name: 'Settings' }).click();
  await window.getByRole('tab', { name: 'Providers' }).click();
}

const row = (name: string): Locator =>
  window
    .getByRole('list', { name: 'Providers', exact: true })
    .getByRole('listitem')
    .filter({
      has: window.getByRole('button', { name: `Details of ${name}`, exact: true }),
    });
const openDetails = (name: string) =>
  window.getByRole('button', { name: `Details of ${name}`, exact: true }).click();
const connect = (name: string) =>
  window.getByRole('button', { name: `Connect ${name}`, exact: true }).click();
const publishWidget = (version: string) =>
  registry.publish({ name: '@acme/widget', version, bin: { 'lanyard-test-widget': widgetProgram(version) } });
const generations = () => {
  const folder = join(place.data, 'programs', 'widget');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** Stands in for the person in the system's file dialog: from now on it is closed with this choice. */
async function chooseInDialog(path: string | null): Promise<void> {
  await launched.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({
      canceled: chosen === null,
      filePaths: chosen === null ? [] : [chosen],
    });
  }, path);
}

test('X-6: found programs with path and version, filtered by name, and the way that fits the version', async () => {
  const gh = join(bin, 'gh');
  const ghWith = (version: string) =>
    writeProgram(
      gh,
      `case $1 in --version) echo "gh version ${version} (2023-02-27)" ;; *) exec sleep 900 ;; esac`,
    );
  await ghWith('2.23.0');
  await writeProgram(join(bin, 'aws'), 'echo aws-cli/2.0.1 Python/3.11');
  await writeProgram(join(bin, 'az'), 'echo no version here');
  await launch();
  await openSettings();
  await expect(row('GitHub CLI')).toContainText(gh);
  await expect(row('GitHub CLI')).toContainText('2.23.0');
  await expect(row('GitHub CLI')).toContainText('Tried with 2.23.0');
  await expect(row('AWS IAM Identity Center')).toContainText(
    '2.0.1, older than the one Lanyard was tried with',
  );
  await expect(row('AWS IAM Identity Center')).toContainText('Older than 2.9.19');
  await expect(row('Azure CLI')).toContainText('version unknown');
  await expect(row('Codex')).toContainText('Not installed');

  const filter = window.getByRole('textbox', { name: 'Filter providers' });
  await filter.fill('github');
  await expect(row('GitHub CLI')).toBeVisible();
  await expect(row('GitHub Copilot CLI')).toBeVisible();
  await expect(row('Codex')).toBeHidden();
  await filter.fill('claude-code');
  await expect(row('Claude Code')).toBeVisible();
  await filter.fill('zzz');
  await expect(window.getByText('No provider is called that.')).toBeVisible();
  await filter.fill('');

  // 2.23.0 does not know --insecure-storage.
  await window.getByRole('button', { name: 'Identities' }).click();
  await connect('GitHub CLI');
  await expect(connectDialog(window, 'GitHub CLI')).toContainText('--git-protocol=https');
  await expect(connectDialog(window, 'GitHub CLI')).not.toContainText('--insecure-storage');
  await connectDialog(window, 'GitHub CLI').getByRole('button', { name: 'Cancel' }).click();

  await ghWith('2.81.0');
  await openSettings();
  await window.getByRole('button', { name: 'Look again' }).click();
  await expect(row('GitHub CLI')).toContainText('2.81.0, newer than tried');
  await window.getByRole('button', { name: 'Identities' }).click();
  await connect('GitHub CLI');
  await expect(connectDialog(window, 'GitHub CLI')).toContainText('--insecure-storage');
});

test('X-6: a program that the person sets is used, and one that vanished says so', async () => {
  await launch();
  await openSettings();
  await openDetails(widget.name);
  const set = () => row(widget.name).getByRole('button', { name: /^Set (another )?program of / });

  await chooseInDialog(null);
  await set().click();
  await expect(row(widget.name)).toContainText('Not installed');

  const mine = await writeProgram(
    join(place.root, 'tools', 'my-widget'),
    widgetProgram('2.0.0').slice('#!/bin/sh\n'.length),
  );
  await chmod(mine, 0o644);
  await chooseInDialog(mine);
  await set().click();
  await expect(row(widget.name).getByRole('alert')).toContainText('my-widget is not executable');
  await chmod(mine, 0o757);
  await set().click();
  await expect(row(widget.name).getByRole('alert')).toContainText(
    'Everybody on this machine can change my-widget',
  );
  await expect(row(widget.name)).toContainText('Not installed');
  await chmod(mine, 0o755);
  await set().click();
  await expect(row(widget.name).getByRole('alert')).toBeHidden();
  await expect(row(widget.name)).toContainText(mine);
  await expect(row(widget.name)).toContainText('2.0.0, set by you');
  await expect(set()).toBeFocused();

  // The choice outlives the app, and a sign-in uses it.
  await launched.close();
  await launch();
  await connect(widget.name);
  await expect(
    connectDialog(window, widget.name).getByRole('region', { name: 'Sign-in link' }),
  ).toContainText('client_id=widget-2.0.0');
  await connectDialog(window, widget.name).getByRole('button', { name: 'Cancel' }).click();

  await rm(mine);
  await connect(widget.name);
  const dialog = connectDialog(window, widget.name);
  await expect(dialog).toContainText(`${mine} is not there any more`);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await openSettings();
  await window.getByRole('button', { name: 'Look again' }).click();
  await expect(row(widget.name)).toContainText(`${mine} is not there any more`);
  await openDetails(widget.name);
  await expectAccessible(window, 'provider-unusable');
  await writeProgram(join(bin, 'lanyard-test-widget'), 'echo 2.0.0');
  await row(widget.name)
    .getByRole('button', { name: /^Use the one found/ })
    .click();
  await expect(row(widget.name)).toContainText(join(bin, 'lanyard-test-widget'));
  await expect(row(widget.name)).not.toContainText('set by you');
  await expect(set()).toBeFocused();
});

test('X-6: installing in Settings shows what npm says, can be cancelled, and ends with the program found', async () => {
  await publishWidget('1.0.0');
  await launch();
  await openSettings();
  await openDetails(widget.name);
  const held = registry.holdTarballs();
  await row(widget.name)
    .getByRole('button', { name: `Install (${widget.name})` })
    .click();
  await held.asked;
  await expect(row(widget.name).getByRole('region', { name: 'What npm says' })).toContainText('GET 200');
  await expect(row(widget.name)).toContainText('npm install --global --prefix');
  await expect(row(widget.name)).toContainText(/\d s so far/);
  const cancel = row(widget.name).getByRole('button', { name: `Cancel the installation of ${widget.name}` });
  await expect(cancel).toBeFocused();
  await expectAccessible(window, 'provider-installing');
  await cancel.press('Enter');
  await expect(row(widget.name).getByRole('button', { name: `Install (${widget.name})` })).toBeFocused();
  expect(generations()).toEqual([]);
  expect(
    processesMarkedWith(place.root).filter(({ arguments: given }) => given.join(' ').includes('npm')),
  ).toEqual([]);
  held.release();

  await row(widget.name)
    .getByRole('button', { name: `Install (${widget.name})` })
    .press('Enter');
  await expect(row(widget.name)).toContainText(`${widget.name} 1.0.0 was installed.`);
  await expect(row(widget.name)).toContainText(
    '1.0.0, older than the one Lanyard was tried with, installed by Lanyard',
  );
  const [generation = ''] = generations();
  await expect(row(widget.name)).toContainText(join('widget', generation, 'bin', 'lanyard-test-widget'));
  await expectAccessible(window, 'provider-installed');
  await row(widget.name)
    .getByRole('button', { name: /^Dismiss: / })
    .click();
  await expect(window.getByRole('button', { name: `Details of ${widget.name}` })).toBeFocused();

  // Its own copy it can bring up to date.
  await publishWidget('2.0.0');
  await row(widget.name)
    .getByRole('button', { name: `Update (${widget.name})` })
    .click();
  await expect(row(widget.name)).toContainText(`${widget.name} 2.0.0 was installed.`);
  await expect(row(widget.name)).toContainText('2.0.0, installed by Lanyard');
});

test('X-6: an installation that fails says why, and can be tried again', async () => {
  await launch();
  await openSettings();
  await openDetails(widget.name);
  await row(widget.name)
    .getByRole('button', { name: `Install (${widget.name})` })
    .click();
  const alert = row(widget.name).getByRole('alert');
  await expect(alert).toContainText('The npm registry does not have it');
  await expect(alert).toContainText('npm ended with exit code 1');
  await expect(row(widget.name).getByRole('region', { name: 'What npm says' })).toContainText('404');
  await expect(row(widget.name).getByRole('button', { name: /^Install again/ })).toBeFocused();
  await expectAccessible(window, 'provider-install-failed');
  await publishWidget('2.0.0');
  await row(widget.name)
    .getByRole('button', { name: /^Install again/ })
    .click();
  await expect(row(widget.name)).toContainText('2.0.0, installed by Lanyard');
});

test('X-6: the modal of a missing program installs it and goes on to the sign-in by itself', async () => {
  await publishWidget('2.0.0');
  await launch();
  const dialog = connectDialog(window, widget.name);
  await connect(widget.name);
  await expect(dialog).toContainText(`${widget.name} is not installed, or not where Lanyard looks`);
  // Once, in the one place where it can be copied.
  await expect(dialog.getByText('npm install -g @acme/widget')).toHaveCount(1);
  await expect(dialog.getByRole('button', { name: `Install (${widget.name})` })).toBeFocused();
  await expectAccessible(window, 'modal-not-installed');
  const held = registry.holdTarballs();
  await window.keyboard.press('Enter');
  await held.asked;
  await expect(dialog.getByRole('region', { name: 'What npm says' })).toContainText('GET 200');
  await expectAccessible(window, 'modal-installing');
  const scrolls = await dialog
    .locator('[data-component="connect-body"]')
    .evaluate((body) => body.scrollHeight > body.clientHeight);
  expect(scrolls).toBe(false);
  held.release();
  await expect(dialog.getByRole('region', { name: 'Sign-in link' })).toContainText('client_id=widget-2.0.0');
  await expect(window.getByRole('list', { name: 'Installations' })).toBeHidden();
});

test('X-6: an installation goes on without its modal, in the rail, and after a reload; quitting ends it', async () => {
  await publishWidget('2.0.0');
  await launch();
  await connect(widget.name);
  const held = registry.holdTarballs();
  await connectDialog(window, widget.name)
    .getByRole('button', { name: `Install (${widget.name})` })
    .click();
  await held.asked;
  await connectDialog(window, widget.name).getByRole('button', { name: 'Close' }).click();
  const item = window
    .getByRole('list', { name: 'Installations' })
    .getByRole('button', { name: /^Installing Widget/ });
  await expect(item).toContainText(/\d s so far/);
  await expectAccessible(window, 'home-installing');
  await window.reload();
  await item.click();
  await expect(window.getByRole('button', { name: `Details of ${widget.name}` })).toBeFocused();
  await expect(row(widget.name)).toContainText('Installing');
  await expect(item).toBeHidden();
  held.release();
  await expect(row(widget.name)).toContainText(`${widget.name} 2.0.0 was installed.`);
  await window.getByRole('button', { name: 'Identities' }).click();
  const done = window.getByRole('list', { name: 'Installations' });
  await expect(done).toContainText(`Installed ${widget.name}`);
  await done.getByRole('button', { name: /^Dismiss/ }).click();
  await expect(done).toBeHidden();

  await publishWidget('3.0.0');
  const before = generations();
  const heldAgain = registry.holdTarballs();
  await window.evaluate(() => {
    const { lanyard } = globalThis as typeof globalThis & {
      lanyard: { providers: { install(request: { providerId: string }): Promise<unknown> } };
    };
    return lanyard.providers.install({ providerId: 'widget' });
  });
  await heldAgain.asked;
  await launched.close();
  heldAgain.release();
  expect(generations()).toEqual(before);
  expect(processesMarkedWith(place.root)).toEqual([]);
});

test('I-14: details of each provider, what is shared with this machine, and the test that shows it', async () => {
  await launch();
  // Said before anybody signs in: on the page, and in the modal.
  await expect(window.getByText('Shared with this machine').first()).toBeVisible();
  await connect('Shared');
  const dialog = connectDialog(window, 'Shared');
  await expect(dialog).toContainText('Shared with this machine: Shared keeps one login for all.');
  await expectAccessible(window, 'modal-shared');
  await useAnotherWay(dialog, 'Device code');
  await dialog.getByRole('button', { name: 'Done' }).click();
  const card = window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
  await expect(card).toContainText('Shared with this machine');
  await expectAccessible(window, 'account-shared');

  await openSettings();
  await openDetails('Codex');
  await expect(row('Codex')).toContainText('"codex login status" succeeds');
  await expect(row('Codex')).toContainText("auth.json in the account's directory");
  await expect(
    row('Codex').getByRole('list', { name: 'Ways to sign in to Codex' }).getByRole('listitem'),
  ).toHaveCount(2);
  await expect(row('GitHub Copilot CLI')).toContainText('Shared with this machine');
  await openDetails('GitHub Copilot CLI');
  await expect(row('GitHub Copilot CLI')).toContainText('in a terminal of its own');
  await openDetails('Kubernetes OIDC');
  await expect(row('Kubernetes OIDC')).toContainText('Not with the program itself');
  await openDetails('Codex');
  await openDetails('GitHub Copilot CLI');
  await openDetails('Kubernetes OIDC');

  await window.getByRole('button', { name: 'Details of Demo' }).press('Enter');
  const test = row('Demo').getByRole('button', { name: 'Test that accounts are kept apart (Demo)' });
  await test.focus();
  await test.press('Enter');
  await expect(row('Demo')).toContainText('Two accounts are kept apart.', { timeout: 30_000 });
  const steps = row('Demo').getByRole('list', { name: 'What was tested' }).getByRole('listitem');
  await expect(steps).toHaveCount(4);
  for (const step of await steps.all()) await expect(step).toContainText('Yes: ');
  await expect(test).toBeFocused();
  await expectAccessible(window, 'provider-kept-apart');

  await openDetails('Shared');
  await row('Shared')
    .getByRole('button', { name: /^Test that accounts/ })
    .click();
  await expect(row('Shared')).toContainText('It could not be tested here.');
  await expect(row('Shared')).toContainText('nothing that could be kept apart');
  await expectAccessible(window, 'provider-not-tested');
});
