import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { createAwsHosts } from './support/aws-hosts.ts';
import { ConnectModal } from './support/connect-modal.ts';
import { connectDialog, listBundles, newIdentity } from './support/connect-ui.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { listenOnLoopback } from './support/local-host.ts';

const provider = 'AWS IAM Identity Center';
const acme = {
  startUrl: 'https://acme.awsapps.com/start',
  region: 'eu-central-1',
  accountId: '123456789012',
  roleName: 'Developer',
  person: 'ada',
};

async function hasAws(window: Page): Promise<boolean> {
  const listed = await window.evaluate(() =>
    (
      globalThis as typeof globalThis & { lanyard: import('../src-preload/contract.ts').LanyardBridge }
    ).lanyard.providers.list(),
  );
  if (!listed.ok) throw new Error(listed.failure.title);
  return listed.value.providers.find(({ id }) => id === 'aws')?.program.state !== 'missing';
}

test('C-12: signs in without the AWS CLI; a session then lists accounts and roles; signing out tells AWS', async () => {
  const aws = createAwsHosts(acme);
  const server = await listenOnLoopback(aws.all);
  let launched: LaunchedApp | null = null;
  try {
    launched = await launchApp({ env: { LANYARD_AWS_ORIGIN: server.url } });
    const { window, dataDirectory } = launched;
    const modal = new ConnectModal(window);
    const dialog = connectDialog(window, provider);
    const field = (name: string) => dialog.getByRole('textbox', { name, exact: true });
    await newIdentity(window, 'Work');
    await expect.poll(() => hasAws(window), 'no `aws` may be on the PATH').toBe(false);
    const row = window.getByRole('listitem').filter({ hasText: provider });
    await expect(row).not.toContainText('Not installed');

    // Denied first: the form comes back as it was.
    await modal.open(provider);
    await field('SSO start URL').fill(acme.startUrl);
    await field('SSO region').fill(acme.region);
    await expectAccessible(window, 'identity-center-form');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const denied = await aws.devices.next();
    await expect(modal.code).toHaveText(denied.userCode);
    await expect(dialog).toContainText('Enter this code at acme.awsapps.com');
    await expect(dialog).toContainText('at Amazon');
    await expectAccessible(window, 'identity-center-code');
    denied.deny();
    await expect(modal.failure).toContainText('The sign-in was denied.');
    await expect(dialog).not.toContainText('Install');
    await expectAccessible(window, 'identity-center-denied');
    await modal.tryAgain.click();
    await expect(field('SSO start URL')).toHaveValue(acme.startUrl);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const device = await aws.devices.next();
    device.approve();
    await expect(modal.success).toContainText('Signed in as ada');
    await modal.press('Done');

    const [bundle] = await listBundles(window);
    expect(bundle?.accounts).toMatchObject([
      { flowId: 'identity-center', parameters: { startUrl: acme.startUrl, ssoRegion: acme.region } },
    ]);
    const accounts = join(dataDirectory, 'accounts');
    const [account = ''] = readdirSync(accounts);
    const cache = join(accounts, account, '1', '.aws', 'sso', 'cache');
    expect(readdirSync(cache)).toHaveLength(1);

    // Looked at without the program: nothing is said to be missing.
    await window.getByRole('button', { name: `Check ${provider} now` }).click();
    await expect(window.getByRole('status')).toContainText(`${provider}: `);
    const card = window.getByRole('listitem').filter({ hasText: 'Sign out' });
    await expect(card).not.toContainText(/not installed|not known|could not/i);

    await window
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('button', { name: /^Sessions/ })
      .click();
    await window.getByRole('button', { name: 'New session' }).click();
    const sheet = window.getByRole('dialog', { name: 'New session' });
    await sheet.getByLabel('AWS account').selectOption('Production (123456789012)');
    await sheet.getByLabel('Signed in there as').selectOption('Developer');
    await expectAccessible(window, 'identity-center-session');
    await window.keyboard.press('Escape');

    await window.getByRole('button', { name: 'Work' }).first().click();
    await window.getByRole('button', { name: `Sign out of ${provider}` }).click();
    const question = window.getByRole('alertdialog', { name: `Sign out of ${provider}?` });
    await question.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(window.getByRole('region', { name: 'Just done' })).toContainText('Signed out at');
    expect(server.seen.map(({ path }) => path)).toContain('/logout');
    expect(existsSync(join(accounts, account))).toBe(false);
  } finally {
    await launched?.close();
    await server.close();
  }
});

test('X-1: a way that needs the AWS CLI where it is missing offers the one without it', async () => {
  const launched = await launchApp();
  try {
    const { window } = launched;
    const modal = new ConnectModal(window);
    const dialog = connectDialog(window, provider);
    await newIdentity(window, 'Work');
    await expect.poll(() => hasAws(window)).toBe(false);
    await modal.open(provider);
    await dialog.getByRole('button', { name: 'Use another way' }).click();
    await window.getByRole('menuitem', { name: 'Device code', exact: true }).click();
    for (const [name, value] of [
      ['SSO start URL', acme.startUrl],
      ['SSO region', acme.region],
      ['AWS account id', acme.accountId],
      ['Role name', acme.roleName],
    ] as const) {
      await dialog.getByRole('textbox', { name, exact: true }).fill(value);
    }
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await expect(modal.failure).toContainText('is not installed');
    await expect(dialog).toContainText("through Amazon's own CLI");
    await expectAccessible(window, 'identity-center-missing');
    await modal.press('Use Device code (without the AWS CLI) instead');
    await expect(dialog.getByRole('textbox', { name: 'Role name (optional)' })).toHaveValue(acme.roleName);
  } finally {
    await launched.close();
  }
});
