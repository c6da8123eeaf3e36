import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { acmeProvider } from './support/acme-provider.ts';
import { connectDialog, listBundles, newIdentity } from './support/connect-ui.ts';
import { approve, type DemoPersonId } from './support/demo-person.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { writeProviders } from './support/fault-providers.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

const minute = 60_000;

/** How accounts are, as a person sees it, when something happens to their logins behind the app's back. */
test.describe('the state of accounts', () => {
  test.describe.configure({ mode: 'serial' });
  let place: TestPlace;
  let launched: LaunchedApp;
  let window: Page;

  const dialog = () => connectDialog(window, 'Demo');
  const card = (provider: string): Locator =>
    window
      .getByRole('list', { name: 'Accounts' })
      .getByRole('listitem')
      .filter({ has: window.getByRole('heading', { name: provider }) });
  const demo = () => card('Demo');
  const check = async (provider = 'Demo') => {
    await window.getByRole('button', { name: `Check ${provider} now` }).click();
  };
  /** Comes back when all accounts have been looked at. */
  const lookNow = async () => {
    const [bundle] = await listBundles(window);
    await window.evaluate((bundleId) => {
      const { lanyard } = globalThis as typeof globalThis & {
        lanyard: { accounts: { checkAll(request: { bundleId: string }): Promise<unknown> } };
      };
      return lanyard.accounts.checkAll({ bundleId });
    }, bundle?.id ?? '');
  };
  const said = (text: string | RegExp) => expect(window.getByRole('status')).toHaveText(text);
  const signIn = async (button: string, person: DemoPersonId = 'demo-ada') => {
    await window.getByRole('button', { name: button, exact: true }).click();
    await approve(await launched.opener.nextOpened(), person);
  };
  const finish = async () => {
    await dialog().getByRole('button', { name: 'Done' }).click();
    await expect(dialog()).toBeHidden();
  };
  /** Where the shown identity's demo account has its login. */
  const credentials = async (): Promise<string> => {
    const [bundle] = await listBundles(window);
    const account = bundle?.accounts.find(({ providerId }) => providerId === 'demo');
    const generations = join(place.data, 'accounts', account?.id ?? '');
    const [newest] = readdirSync(generations).sort().reverse();
    return join(generations, newest ?? '', 'demo-credentials.json');
  };
  const change = async (more: Record<string, unknown>) => {
    const file = await credentials();
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...more }));
  };

  test.beforeAll(async () => {
    place = await createTestPlace();
    // Signs in without a question; its status needs a network, which is away while there is a file.
    const program = join(place.root, 'acme');
    const lines = [
      '#!/bin/sh',
      `if [ "$1" = login ]; then echo 'Logged in as ada@acme.test'; exit 0; fi`,
      `if [ -e '${join(place.root, 'offline')}' ]; then echo 'could not connect' >&2; exit 1; fi`,
      `echo 'Logged in as ada@acme.test'`,
    ];
    writeFileSync(program, `${lines.join('\n')}\n`);
    chmodSync(program, 0o755);
    const acme = { ...acmeProvider.program, names: [program] };
    await writeProviders(place.data, [{ ...acmeProvider, program: acme }]);
    launched = await launchApp({ place });
    window = launched.window;
    await newIdentity(window, 'Work');
    await signIn('Connect Demo');
    await finish();
  });
  test.afterAll(async () => {
    await launched.close();
    await place.remove();
  });

  test('I-12: a login that went away is told by Check now, keeps a terminal from opening, and Reconnect mends it', async () => {
    await expect(demo()).toContainText('Signed in');
    rmSync(await credentials());
    await check();
    await said('Demo: sign in again.');
    await expect(demo()).toContainText('Sign in again');
    await expect(demo()).toContainText('Demo says that nobody is signed in. Checked just now.');
    await expect(window.getByRole('navigation', { name: 'Identities' })).toContainText('1 to renew');

    await window.getByRole('button', { name: 'Open terminal' }).click();
    await expect(window.getByRole('alert')).toContainText('Demo needs a new sign-in.');
    await expectAccessible(window, 'health-signed-out');
    await signIn('Sign in to Demo again');
    await finish();
    await expect(window.getByRole('alert')).toBeHidden();
    await expect(demo()).toContainText('Signed in');
    await expect(window.getByRole('navigation', { name: 'Identities' })).not.toContainText('to renew');
  });

  test('I-12: an expiry shows the time left, a login that renews itself says so, one that is over asks for a sign-in', async () => {
    await change({ expiresAt: Date.now() + 9.5 * minute });
    await check();
    await said('Demo: signed in, and expires soon.');
    await expect(demo()).toContainText('Expires in 9 min');
    await expectAccessible(window, 'health-expiring');
    await change({ expiresAt: Date.now() - minute });
    await check();
    await expect(demo()).toContainText('Sign in again');
    await expect(demo()).toContainText('Its sign-in has expired.');
    await change({ refreshToken: 'r' });
    await check();
    await expect(demo()).toContainText('Renews on use');
  });

  test('I-16: somebody else behind our back is flagged with both names, and can be accepted', async () => {
    await change({
      expiresAt: 0,
      refreshToken: '',
      email: 'grace@demo.lanyard.test',
      accountId: 'demo-grace',
      organisationId: 'demo-compilers',
      organisation: 'Compilers & Co',
    });
    await check();
    const [found, expected] = [
      'grace@demo.lanyard.test (Compilers & Co)',
      'ada@demo.lanyard.test (Analytical Engines)',
    ];
    await said(`Demo: signed in as ${found} instead of ${expected}.`);
    await expect(demo()).toContainText('Somebody else');
    await expect(demo()).toContainText(found);
    await expect(demo()).toContainText(expected);
    await window.getByRole('button', { name: 'Open terminal' }).click();
    await expect(window.getByRole('alert')).toContainText('Somebody else is signed in to Demo.');
    await expectAccessible(window, 'health-somebody-else');
    await window.getByRole('button', { name: 'Accept this person for Demo' }).click();
    await said(`Demo is ${found}'s from now on.`);
    await expect(window.getByRole('alert')).toBeHidden();
    await expect(demo()).toContainText('grace@demo.lanyard.test, Compilers & Co');
    await expect(demo()).toContainText('Signed in');
    await expect(demo().getByRole('heading', { name: 'Demo' })).toBeFocused();
  });

  test('I-16: a reconnect as somebody else is not saved, keeps the old login, and can become an account of its own', async () => {
    const file = await credentials();
    const before = readFileSync(file, 'utf8');
    await signIn('Reconnect Demo', 'demo-ada');
    await expect(dialog()).toContainText(
      'This is ada@demo.lanyard.test (Analytical Engines), not grace@demo.lanyard.test (Compilers & Co).',
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
    await expectAccessible(window, 'health-unexpected');
    await signIn('Save as a new account', 'demo-ada');
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await finish();
    const bundles = await listBundles(window);
    expect(bundles.map(({ name, accounts }) => [name, accounts.map(({ email }) => email)])).toEqual([
      ['Work', ['grace@demo.lanyard.test']],
      ['ada@demo.lanyard.test', ['ada@demo.lanyard.test']],
    ]);
    expect(readFileSync(file, 'utf8')).toBe(before);
    await window
      .getByRole('navigation', { name: 'Identities' })
      .getByRole('button', { name: /^Work/ })
      .click();
  });

  test('I-12: no network is not known, says so, and is no reason to sign in again', async () => {
    await window.getByRole('button', { name: 'Connect Acme', exact: true }).click();
    await connectDialog(window, 'Acme').getByRole('button', { name: 'Done' }).click();
    await check('Acme');
    await said('Acme: signed in.');
    const offline = join(place.root, 'offline');
    writeFileSync(offline, '');
    await check('Acme');
    await said('Acme: could not be checked. Acme could not say whether somebody is signed in.');
    await expect(card('Acme')).toContainText('Could not check');
    await expect(card('Acme')).toContainText('Checked just now.');
    await expect(card('Acme')).not.toContainText(/sign in again/i);
    await expectAccessible(window, 'health-unknown');
    rmSync(offline);
    // By keyboard, for all of the identity at once.
    await window.getByRole('button', { name: 'Check all' }).focus();
    await window.keyboard.press('Enter');
    await said('Work: all accounts are signed in.');
    await expect(window.getByRole('button', { name: 'Check all' })).toBeFocused();
    await expect(card('Acme')).toContainText('Signed in');
  });

  test('I-12: a login that went away is seen after the start by itself, and read out once', async () => {
    rmSync(await credentials());
    await launched.close();
    launched = await launchApp({ place });
    window = launched.window;
    await expect(demo()).toContainText('Sign in again', { timeout: 20_000 });
    await said('Demo: sign in again.');
  });

  test('I-12: a login that went away while the computer slept is seen when it wakes', async () => {
    await signIn('Reconnect Demo', 'demo-grace');
    await finish();
    // The look that follows a sign-in is over when this one is: nothing else is due to see what happens next.
    await lookNow();
    rmSync(await credentials());
    await launched.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'));
    await expect(demo()).toContainText('Sign in again', { timeout: 20_000 });
    await said('Demo: sign in again.');
  });
});
