import { expect, test } from '@playwright/test';
import { openIssuer, type TestIssuer } from '../src-main/oauth/issuer.fixture.ts';
import { canaries } from './support/canaries.ts';
import { connectDialog, runningSessions } from './support/connect-ui.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { missingForSecretService, type SecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

test.describe
  .serial('an OpenID Connect issuer, without a CLI', () => {
    let issuer: TestIssuer;
    let service: SecretService;
    let launched: LaunchedApp;
    let place: TestPlace;

    test.beforeAll(async () => {
      const missing = missingForSecretService();
      test.skip(missing.length > 0, `not on this machine: ${missing.join(', ')}`);
      place = await createTestPlace();
      issuer = await openIssuer({ onExchange: (fields, direction) => canaries.note(fields, direction) });
      service = await startSecretService(place.root);
      launched = await launchApp({ place, env: service.env });
    });

    test.afterAll(async () => {
      await launched?.close();
      await service?.end();
      await issuer?.close();
      await place?.remove();
    });

    test('is added in Settings, after a test that says what it supports', async () => {
      const { window } = launched;
      await window.getByRole('button', { name: 'Settings', exact: true }).click();
      await window.getByRole('tab', { name: 'Providers' }).click();
      await window.getByRole('button', { name: 'Add an issuer' }).click();
      const dialog = window.getByRole('dialog', { name: 'Add an OpenID Connect issuer' });
      await dialog.getByLabel('Kind').selectOption('Google');
      await expect(dialog.getByLabel('Issuer address')).toHaveValue('https://accounts.google.com');
      await dialog.getByLabel('Kind').selectOption('Any issuer');
      await dialog.getByLabel('Name').fill('Work SSO');
      await dialog.getByLabel('Issuer address').fill('http://issuer.test');
      await dialog.getByLabel('Client id').fill(issuer.clientId);
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(dialog.getByRole('alert')).toContainText('The issuer address must be an https address');
      await expectAccessible(window, 'issuer-form');
      await dialog.getByLabel('Issuer address').fill(await nobodyThere());
      await dialog.getByRole('button', { name: 'Test' }).click();
      await expect(dialog.getByRole('alert')).toContainText('Work SSO could not be reached');
      await dialog.getByLabel('Issuer address').fill(issuer.issuer);
      await dialog.getByRole('button', { name: 'Test' }).click();
      await expect(dialog).toContainText('It works with the browser and a code.');
      await dialog.getByRole('button', { name: 'More settings' }).click();
      await dialog.getByLabel('Further parameters').fill('prompt=consent');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(dialog).toBeHidden();
      await expect(window.getByRole('listitem').filter({ hasText: 'Work SSO' })).toContainText(
        'no program needed',
      );
    });

    test('O-3: signs in through the browser, and the page there says who', async () => {
      const { window, opener } = launched;
      await window.getByRole('button', { name: 'Identities', exact: true }).click();
      await window.getByRole('button', { name: 'Connect Work SSO', exact: true }).click();
      const redirect = await issuer.visit(await opener.nextOpened());
      canaries.note(Object.fromEntries(redirect.searchParams), 'request');
      const page = await fetch(redirect);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Signed in as ada@example.test');
      await expect(connectDialog(window, 'Work SSO')).toContainText('Signed in as ada@example.test');
      await connectDialog(window, 'Work SSO').getByRole('button', { name: 'Done' }).click();
    });

    test('T-4: its tokens are shown by what is known of them, renewed and copied, and never come to the window', async () => {
      const { window } = launched;
      await window.getByRole('button', { name: 'Tokens' }).click();
      const card = window
        .getByRole('listitem')
        .filter({ has: window.getByRole('heading', { name: 'Work SSO' }) });
      await expect(card).toContainText(issuer.issuer);
      await expect(card).toContainText('user-1');
      await expect(card).not.toContainText('On this machine');
      await expectAccessible(window, 'account-tokens');
      const before = issuer.seen.filter((line) => line === 'POST /token').length;
      await card.getByRole('button', { name: 'Refresh now' }).click();
      await expect.poll(() => issuer.seen.filter((line) => line === 'POST /token').length).toBe(before + 1);
      await card.getByRole('button', { name: 'Copy access token' }).click();
      await window.getByRole('alertdialog').getByRole('button', { name: 'Copy', exact: true }).click();
      await expect(window.getByRole('alertdialog')).toBeHidden();
      const copied = await launched.app.evaluate(({ clipboard }) => clipboard.readText());
      expect(copied.length).toBeGreaterThan(20);
      expect(await window.content()).not.toContain(copied);
    });

    test('O-13: a pasted address finishes a sign-in whose browser is elsewhere', async () => {
      const { window, opener } = launched;
      await window.getByRole('button', { name: 'Reconnect Work SSO' }).click();
      const redirect = await issuer.visit(await opener.nextOpened());
      const dialog = connectDialog(window, 'Work SSO');
      await dialog.getByRole('button', { name: /nothing happened/ }).click();
      const box = dialog.getByRole('textbox', { name: 'Paste the callback URL or code' });
      await box.fill(redirect.href.replace(/state=[^&]*/, 'state=other'));
      await box.press('Enter');
      await expect(dialog.getByRole('alert')).toContainText('another sign-in');
      await box.fill(redirect.href);
      await box.press('Enter');
      await expect(dialog).toContainText('Signed in as ada@example.test');
      await dialog.getByRole('button', { name: 'Done' }).click();
    });

    test('D-2: signs in with a code that is approved elsewhere', async () => {
      const { window } = launched;
      await window.getByRole('button', { name: 'Reconnect Work SSO' }).click();
      const dialog = connectDialog(window, 'Work SSO');
      await dialog.getByRole('button', { name: 'Use a code instead' }).click();
      await expect(dialog).toContainText('Enter this code at');
      // And back, and there again.
      await dialog.getByRole('button', { name: 'Use the browser instead' }).click();
      await expect(dialog.getByRole('button', { name: 'Copy link' })).toBeVisible();
      await dialog.getByRole('button', { name: 'Use a code instead' }).click();
      await expect(dialog).toContainText('Only continue if you started this.');
      await expectAccessible(window, 'issuer-code');
      const [session] = await runningSessions(window);
      await issuer.approve(session?.status === 'code-emitted' ? session.deviceCode : '');
      await expect(dialog).toContainText('Signed in as ada@example.test', { timeout: 15_000 });
      await dialog.getByRole('button', { name: 'Done' }).click();
    });

    test('O-11: each kind of secret went over the wire, so that each is looked for when the app is closed', () => {
      const kinds = new Set(canaries.since(0).map(({ kind }) => kind));
      for (const kind of [
        'authorization code',
        'state',
        'code verifier',
        'access token',
        'refresh token',
        'id token',
      ] as const) {
        expect(kinds).toContain(kind);
      }
    });

    test('T-7: signing out revokes at the issuer and leaves nothing in the keychain', async () => {
      const { window } = launched;
      await window.getByRole('button', { name: 'Sign out of Work SSO' }).click();
      await window.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
      await expect(window.getByRole('heading', { name: 'Work SSO' })).toHaveCount(0);
      expect(issuer.seen).toContain('POST /token/revocation');
    });
  });

/** An address on this machine that nobody answers at. */
async function nobodyThere(): Promise<string> {
  const gone = await openIssuer();
  await gone.close();
  return gone.issuer;
}
