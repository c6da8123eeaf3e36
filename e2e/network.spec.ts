import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { openProxy, type TestProxy } from '../src-main/network/proxy.fixture.ts';
import { openIssuer, type TestIssuer } from '../src-main/oauth/issuer.fixture.ts';
import { acmeProvider } from './support/acme-provider.ts';
import { connectDialog } from './support/connect-ui.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { writeProviders } from './support/fault-providers.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createLocalCa, type LocalCa } from './support/local-ca.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { missingForSecretService, type SecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

const host = 'idp.corp.test';
const login = { user: 'ada', password: 'pa55 w:rd/@' };

/** The name of the issuer leads nowhere but through the proxy, and only the company's own authority vouches for it. */
test.describe
  .serial('T-6: a company network', () => {
    let ca: LocalCa;
    let issuer: TestIssuer;
    let proxy: TestProxy;
    let service: SecretService;
    let launched: LaunchedApp;
    let place: TestPlace;

    test.beforeAll(async () => {
      const missing = missingForSecretService();
      test.skip(missing.length > 0, `not on this machine: ${missing.join(', ')}`);
      place = await createTestPlace();
      await writeProviders(place.data, [acmeProvider]);
      ca = await createLocalCa(join(place.root, 'ca'));
      issuer = await openIssuer({ secure: { host, credential: await ca.leafFor(host) } });
      proxy = await openProxy(login);
      proxy.routes.set(`${host}:443`, issuer.securePort);
      service = await startSecretService(place.root);
      launched = await launchApp({ place, env: service.env });
    });

    test.afterAll(async () => {
      await launched?.close();
      await service?.end();
      await proxy?.close();
      await issuer?.close();
      await place?.remove();
    });

    const settings = async (tab: string) => {
      const { window } = launched;
      await window.getByRole('button', { name: 'Settings', exact: true }).click();
      await window.getByRole('tab', { name: tab }).click();
    };
    /** Tests with the issuer, and reads what came of each step. */
    const tested = async () => {
      const { window } = launched;
      await window.getByLabel('Provider to test with').selectOption('Corp');
      await window.getByRole('button', { name: 'Test', exact: true }).click();
      const list = window.getByRole('list', { name: 'Test result' });
      await expect(list).toBeVisible();
      return list;
    };
    const connect = async () => {
      const { window } = launched;
      await window.getByRole('button', { name: 'Identities', exact: true }).click();
      await window.getByRole('button', { name: 'Connect Corp', exact: true }).click();
      return connectDialog(window, 'Corp');
    };

    test('without any of it, a sign-in fails with the hint', async () => {
      const { window } = launched;
      await settings('Providers');
      await window.getByRole('button', { name: 'Add an issuer' }).click();
      const dialog = window.getByRole('dialog', { name: 'Add an OpenID Connect issuer' });
      await dialog.getByLabel('Name').fill('Corp');
      await dialog.getByLabel('Issuer address').fill(issuer.issuer);
      await dialog.getByLabel('Client id').fill(issuer.clientId);
      await dialog.getByRole('button', { name: 'More settings' }).click();
      await dialog.getByLabel('Further parameters').fill('prompt=consent');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(dialog).toBeHidden();
      const modal = await connect();
      await expect(modal).toContainText('its name was not found');
      await modal.getByRole('button', { name: 'Close' }).click();
    });

    test('a proxy is set by hand; without its password it refuses', async () => {
      const { window } = launched;
      await settings('Network');
      await expect(window.getByRole('radio', { name: 'As the system says' })).toBeChecked();
      await window.getByRole('radio', { name: 'This proxy' }).check();
      await window.getByRole('textbox', { name: 'Address' }).fill('socks5://nope');
      await window.getByRole('button', { name: 'Save' }).click();
      await expect(window.getByRole('alert').filter({ hasText: 'Write it as' })).toBeVisible();
      await window.getByRole('textbox', { name: 'Address' }).fill(proxy.address);
      await window.getByRole('button', { name: 'Save' }).click();
      await expect(window.getByText('The proxy settings are in use.')).toBeAttached();
      await expect(await tested()).toContainText(`Go through the proxy ${proxy.address}`);
      await expect(await tested()).toContainText('The proxy refused.');
      await expectAccessible(window, 'settings-network');
    });

    test('with its password the proxy lets it through, and the certificate is not trusted', async () => {
      const { window } = launched;
      await window.getByRole('textbox', { name: 'User name' }).fill(login.user);
      await window.getByRole('textbox', { name: 'Password' }).fill(login.password);
      await window.getByRole('button', { name: 'Save' }).click();
      await expect(window.getByRole('textbox', { name: 'Password' })).toHaveValue('');
      const result = await tested();
      await expect(result).toContainText('name its certificate file in Settings > Network');
      await expect(result.getByRole('listitem').filter({ hasText: 'Trust its certificate' })).toContainText(
        'Failed',
      );
      const modal = await connect();
      await expect(modal).toContainText('Its certificate is not trusted here');
      await modal.getByRole('button', { name: 'Close' }).click();
    });

    test('with the company’s certificate a sign-in works to the end', async () => {
      const { window, app, opener } = launched;
      await settings('Network');
      const choose = async (paths: string[]) => {
        await app.evaluate(({ dialog }, filePaths) => {
          dialog.showOpenDialog = () => Promise.resolve({ canceled: filePaths.length === 0, filePaths });
        }, paths);
        await window.getByRole('button', { name: /^Choose/ }).click();
      };
      await choose([]);
      await choose([join(place.root, 'ca', 'missing.pem')]);
      await expect(window.getByRole('alert')).toContainText('This file cannot be read');
      await choose([ca.caFile]);
      const added = window.getByRole('list', { name: 'Certificates' });
      await expect(added).toContainText('Lanyard throw-away test CA');
      await expect(added).toContainText('Valid until');
      const result = await tested();
      await expect(result.getByRole('listitem').filter({ hasText: 'Answer (HTTP 200)' })).toContainText(
        'Passed',
      );
      await expectAccessible(window, 'settings-network-ready');
      const modal = await connect();
      const redirect = await issuer.visit(await opener.nextOpened());
      await fetch(redirect);
      await expect(modal).toContainText('Signed in as ada@example.test');
      await modal.getByRole('button', { name: 'Done' }).click();
      // The issuer's own log: nothing came past the proxy but the person's browser.
      expect(proxy.seen).toContain(`CONNECT ${host}:443 200`);
    });

    test('a sign-in’s program is told of both, and the password is in no file', async () => {
      test.skip(process.platform !== 'linux', 'another process is looked into in /proc');
      const { window } = launched;
      await window.getByRole('button', { name: 'Connect Acme', exact: true }).click();
      const program = () =>
        processesMarkedWith(place.root).find(({ arguments: given }) => given.join(' ') === 'sleep 900');
      await expect
        .poll(() => program()?.environment ?? [])
        .toContain(`HTTPS_PROXY=http://ada:pa55%20w%3Ard%2F%40@${proxy.address}`);
      const environment = program()?.environment;
      expect(environment).toContain(`NODE_EXTRA_CA_CERTS=${join(place.data, 'network', 'added.pem')}`);
      expect(environment).toContain(`SSL_CERT_FILE=${join(place.data, 'network', 'all.pem')}`);
      await connectDialog(window, 'Acme').getByRole('button', { name: 'Cancel' }).click();
      for (const entry of readdirSync(place.data, { recursive: true, withFileTypes: true })) {
        // Chromium's own files of the window stand beside.
        if (!entry.isFile() || entry.parentPath.includes(join(place.data, 'window'))) continue;
        const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
        expect(text.includes('pa55'), entry.name).toBe(false);
      }
      expect(await window.content()).not.toContain('pa55');
    });

    test('removed, the certificate is not trusted any more, at once', async () => {
      const { window } = launched;
      await settings('Network');
      await window.getByRole('button', { name: 'Remove…' }).click();
      await window.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
      await expect(window.getByRole('list', { name: 'Certificates' })).toBeHidden();
      await expect(await tested()).toContainText('name its certificate file in Settings > Network');
      await window.getByRole('radio', { name: 'No proxy' }).check();
      await window.getByRole('button', { name: 'Save' }).click();
      await expect(window.getByText('The proxy settings are in use.')).toBeAttached();
      await expect((await tested()).getByRole('listitem').filter({ hasText: `Find ${host}` })).toContainText(
        'Failed',
      );
    });
  });
