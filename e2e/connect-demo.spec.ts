import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { BundleView } from '../src-preload/contract/bundles.ts';
import {
  accountEntries,
  connectDialog,
  demoLogins,
  listBundles,
  listSessions,
  newIdentity,
  recordStatuses,
  runningSessions,
  startSession,
  useAnotherWay,
} from './support/connect-ui.ts';
import { approve, approveDevice, approveUnreached, codeOn, deny } from './support/demo-person.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { createTestPlace, projectRoot, type TestPlace } from './support/test-place.ts';

/** What is kept of identities: when an account was last looked at is not. */
const keptOf = (bundles: BundleView[]) =>
  bundles.map((bundle) => ({
    ...bundle,
    accounts: bundle.accounts.map(({ checkedAt: _, ...kept }) => kept),
  }));

const preload = join(projectRoot, 'dist', 'preload', 'preload.cjs');

/** Connect on the built-in demo provider, as a person meets it: the real app, the real CLI, clicks and keys. */
test.describe('Connect on Demo', () => {
  let place: TestPlace;
  let launched: LaunchedApp;
  let window: Page;

  const dialog = () => connectDialog(window, 'Demo');
  const connect = () => window.getByRole('button', { name: 'Connect Demo', exact: true });
  const pasteBox = () => dialog().getByRole('textbox', { name: 'Paste the callback URL or code' });
  const submit = () => dialog().getByRole('button', { name: 'Submit' });
  const done = () => dialog().getByRole('button', { name: 'Done' });
  const nextLink = () => launched.opener.nextOpened();
  const bundleNamed = async (name: string) => {
    const found = (await listBundles(window)).find((bundle) => bundle.name === name);
    if (!found) throw new Error(`no bundle ${name}`);
    return found;
  };
  /** Signs Ada in into the shown identity. */
  const connectByLink = async () => {
    await connect().click();
    await approve(await nextLink());
    await done().click();
    await expect(dialog()).toBeHidden();
  };
  const start = async () => {
    launched = await launchApp({ place });
    window = launched.window;
  };

  test.beforeAll(async () => {
    place = await createTestPlace();
    await start();
  });
  test.afterAll(async () => {
    await launched.close();
    await place.remove();
  });

  test('S-1, S-3, S-6, I-8: by link, from the first run into a new identity, and it is there after a restart', async () => {
    await expect(window.getByRole('heading', { name: 'Connect your first account' })).toBeVisible();
    const statuses = await recordStatuses(window);
    await connect().click();
    const link = await nextLink();
    await expect(dialog().getByRole('button', { name: 'Open again' })).toBeVisible();
    await expect(dialog().getByRole('region', { name: 'Sign-in link' })).toHaveText(link);
    expect((await listSessions(window))[0]?.sessionId).toMatch(
      /^auth-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect((await approve(link)).text).toContain('You are signed in as');
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    expect(await statuses()).toEqual(['pending', 'url-available', 'success']);
    await done().click();
    const card = () => window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
    const name = 'ada@demo.lanyard.test';
    await expect(window.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(card()).toContainText('Analytical Engines');
    const before = keptOf(await listBundles(window));
    const directories = accountEntries(place.data);
    expect(directories).toHaveLength(1);
    expect(launched.opener.opened).toEqual([link]);

    await launched.close();
    await expect.poll(() => processesMarkedWith(place.root), { timeout: 2_000 }).toEqual([]);
    await start();
    await expect(window.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(card()).toContainText('Signed in');
    expect(keptOf(await listBundles(window))).toEqual(before);
    expect(accountEntries(place.data)).toEqual(directories);
  });

  test('S-3, S-11, I-8: by device code into an existing identity, after the link was left for it', async () => {
    await newIdentity(window, 'Device');
    await connect().click();
    await nextLink();
    const [first] = demoLogins(place);
    const statuses = await recordStatuses(window);
    await useAnotherWay(dialog(), 'Device code');
    await expect(dialog().getByRole('button', { name: 'Copy code' })).toBeVisible();
    await expect.poll(() => demoLogins(place).map(({ pid }) => pid)).not.toContain(first?.pid);
    expect(demoLogins(place)).toHaveLength(1);

    await dialog().getByRole('button', { name: 'Copy code' }).click();
    await expect(window.getByRole('status')).toHaveText('Copied');
    const code = await launched.app.evaluate(({ clipboard }) => clipboard.readText());
    expect(code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    await expect(dialog().getByText(code, { exact: true })).toBeVisible();
    await dialog()
      .getByRole('button', { name: /^Open 127\.0\.0\.1:\d+$/ })
      .click();
    const page = await nextLink();
    expect(new URL(page).pathname).toBe('/device');
    await approveDevice(page, code, 'demo-grace');
    await expect(dialog()).toContainText('Signed in as grace@demo.lanyard.test');
    await expect(dialog()).toContainText('Device');
    const seen = (await statuses()).filter((status) => status !== 'url-available');
    expect(seen).toEqual(['failed', 'pending', 'code-emitted', 'success']);
    await done().click();
    expect((await bundleNamed('Device')).accounts).toMatchObject([
      { providerId: 'demo', email: 'grace@demo.lanyard.test', organisation: 'Compilers & Co', plan: 'team' },
    ]);
  });

  test('V-1, V-2, V-3, V-4: by pasting the callback URL that nothing followed, after wrong pastes', async () => {
    await newIdentity(window, 'Callback');
    await connect().click();
    const link = await nextLink();
    const callback = await approveUnreached(link);
    await dialog().getByRole('button', { name: 'Browser on another machine, or nothing happened?' }).click();
    const foreign = new URL(callback);
    foreign.searchParams.set('state', 'another');
    const elsewhere = new URL(callback);
    elsewhere.port = String((Number(elsewhere.port) % 60_000) + 1);
    const denied = new URL(callback);
    denied.searchParams.set('error', 'access_denied');
    for (const [text, reason] of [
      ['nonsense', 'This is not the address that the sign-in ends on'],
      [link, 'This is the sign-in page, not where it sent you'],
      [foreign.href, 'This belongs to another sign-in'],
      [elsewhere.href, 'This address belongs to another program or an earlier sign-in'],
      [denied.href, 'The provider said: access_denied'],
    ] as const) {
      await pasteBox().fill(text);
      await submit().click();
      await expect(dialog().getByRole('alert')).toContainText(reason);
      await expect(pasteBox()).toHaveValue(text);
      await expect(pasteBox()).toBeFocused();
      await expect(pasteBox()).toHaveAttribute('aria-invalid', 'true');
    }
    expect(await runningSessions(window)).toMatchObject([{ status: 'url-available', authUrl: link }]);
    await pasteBox().fill(`  ${callback} `);
    await expect(dialog().getByRole('alert')).toBeHidden();
    await submit().click();
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await done().click();
    expect((await bundleNamed('Callback')).accounts).toHaveLength(1);
  });

  test('V-1, V-2, V-4: by pasting the code of the paste flow, out of the clipboard, after a malformed one', async () => {
    await newIdentity(window, 'Paste');
    await connect().click();
    await nextLink();
    await useAnotherWay(dialog(), 'Paste a code');
    const code = codeOn(await approve(await nextLink()));
    await pasteBox().fill('demo_0f3a');
    await pasteBox().press('Enter');
    await expect(dialog().getByRole('alert')).toContainText('This does not look like the code');
    await expect(pasteBox()).toHaveValue('demo_0f3a');
    await launched.app.evaluate(({ clipboard }, text) => clipboard.writeText(text), ` ${code}\n`);
    await dialog().getByRole('button', { name: 'Paste from clipboard' }).click();
    await expect(pasteBox()).toHaveValue(code);
    await expect(dialog().getByRole('alert')).toBeHidden();
    await pasteBox().press('Enter');
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await done().click();
    expect((await bundleNamed('Paste')).accounts).toHaveLength(1);
  });

  test('S-9, I-6, I-7: a cancelled Reconnect changes nothing, and a finished one updates the same account', async () => {
    await newIdentity(window, 'Again');
    await connectByLink();
    const accountsKept = async () => keptOf([await bundleNamed('Again')])[0]?.accounts ?? [];
    const [before] = await accountsKept();
    const others = accountEntries(place.data).filter((entry) => !entry.startsWith(`${before?.id}/`));
    const own = () => accountEntries(place.data).filter((entry) => !others.includes(entry));
    const first = own();
    expect(first).toHaveLength(1);

    await window.getByRole('button', { name: 'Reconnect Demo' }).click();
    await nextLink();
    await expect(dialog().getByRole('button', { name: 'Open again' })).toBeVisible();
    expect(own()).toEqual(expect.arrayContaining(first));
    expect(own().length).toBeGreaterThan(1);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(own).toEqual(first);
    expect(demoLogins(place)).toEqual([]);
    expect(await accountsKept()).toEqual([before]);

    await window.getByRole('button', { name: 'Reconnect Demo' }).click();
    await approve(await nextLink());
    await done().click();
    const accounts = await accountsKept();
    expect(accounts).toEqual([{ ...before, updatedAt: expect.any(Number) }]);
    expect(accounts[0]?.updatedAt).toBeGreaterThan(before?.updatedAt ?? 0);
    await expect.poll(() => own().length).toBe(1);
    expect(own()).not.toEqual(first);
  });

  test('I-8: the blank identity signs the machine in and saves nothing', async () => {
    const [bundles, directories] = [keptOf(await listBundles(window)), accountEntries(place.data)];
    const { sessionId, authUrl } = await startSession(window, {
      providerId: 'demo',
      intoBundleId: 'blank',
    });
    expect(authUrl).toBeNull();
    const link = await nextLink();
    await window.getByRole('button', { name: /^Connecting Demo to No credentials/ }).click();
    await approve(link);
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await expect(dialog().getByText('Kept in')).toBeHidden();
    await done().click();
    expect((await listSessions(window))[0]).toMatchObject({
      sessionId,
      status: 'success',
      bundleId: `pending-bundle-for-${sessionId}`,
    });
    expect(keptOf(await listBundles(window))).toEqual(bundles);
    expect(accountEntries(place.data)).toEqual(directories);
    expect(existsSync(join(place.home, '.demo-provider', 'demo-credentials.json'))).toBe(true);
  });

  test('S-15: denied in the browser, it fails with title and hint, and Try again starts anew', async () => {
    await newIdentity(window, 'Denied');
    await connect().click();
    await deny(await nextLink());
    await expect(dialog()).toContainText('You denied the sign-in.');
    await expect(dialog()).toContainText('Try again and choose Approve on the page.');
    await dialog().getByRole('button', { name: 'Details' }).click();
    await expect(dialog()).toContainText('sign_in_denied');
    await expect(dialog().getByRole('region', { name: 'Transcript' })).toContainText('access_denied');
    await dialog().getByRole('button', { name: 'Copy report' }).click();
    await expect
      .poll(() => launched.app.evaluate(({ clipboard }) => clipboard.readText()))
      .toContain('Failure: sign_in_denied');
    await dialog().getByRole('button', { name: 'Try again' }).click();
    await approve(await nextLink());
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await done().click();
    expect((await bundleNamed('Denied')).accounts).toHaveLength(1);
  });

  test('an identity is renamed where it stands: in the modal and on its page', async () => {
    await newIdentity(window, 'Before');
    await connect().click();
    await approve(await nextLink());
    await dialog().getByRole('button', { name: 'Rename Before' }).click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Between');
    await dialog().getByRole('textbox', { name: 'Name' }).press('Enter');
    await expect(dialog()).toContainText('Run a terminal as Between');
    await done().click();
    await expect(window.getByRole('heading', { level: 1, name: 'Between' })).toBeVisible();
    const page = window.getByRole('main');
    await page.getByRole('button', { name: 'Rename Between' }).click();
    const box = page.getByRole('textbox', { name: 'Name' });
    await box.fill('Paste');
    await box.press('Enter');
    await expect(box).toHaveAttribute('aria-invalid', 'true');
    await box.fill('After');
    await box.press('Enter');
    await expect(window.getByRole('heading', { level: 1, name: 'After' })).toBeVisible();
    expect((await bundleNamed('After')).accounts).toHaveLength(1);
  });

  test('I-11: signing out removes the account and its directory', async () => {
    await newIdentity(window, 'Leaving');
    const before = accountEntries(place.data);
    await connectByLink();
    expect(accountEntries(place.data)).toHaveLength(before.length + 1);
    await window.getByRole('button', { name: 'Sign out of Demo' }).click();
    const question = window.getByRole('alertdialog', { name: 'Sign out of Demo?' });
    await question.getByRole('button', { name: 'Sign out' }).click();
    await expect(question).toBeHidden();
    await expect(connect()).toBeVisible();
    expect((await bundleNamed('Leaving')).accounts).toEqual([]);
    // The row goes first, so that a crash leaves no account without its login.
    await expect.poll(() => accountEntries(place.data)).toEqual(before);
  });

  test('S-11: a double click on Connect is one session and one process', async () => {
    await newIdentity(window, 'Twice');
    const before = (await listSessions(window)).length;
    await connect().dblclick();
    await nextLink();
    await expect(dialog().getByRole('button', { name: 'Open again' })).toBeVisible();
    expect(await listSessions(window)).toHaveLength(before + 1);
    expect(await runningSessions(window)).toHaveLength(1);
    expect(demoLogins(place)).toHaveLength(1);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog()).toBeHidden();
    await expect.poll(() => demoLogins(place), { timeout: 2_000 }).toEqual([]);
  });

  test('S-11: started twice it is one sign-in, and another way for the same identity replaces it', async () => {
    const { id: intoBundleId } = await bundleNamed('Twice');
    const first = await startSession(window, { providerId: 'demo', intoBundleId });
    expect(await startSession(window, { providerId: 'demo', intoBundleId })).toEqual(first);
    await nextLink();
    const second = await startSession(window, { providerId: 'demo', intoBundleId, flowId: 'paste' });
    await nextLink();
    const sessions = await listSessions(window);
    expect(sessions.find(({ sessionId }) => sessionId === first.sessionId)).toMatchObject({
      status: 'failed',
      failure: { code: 'replaced' },
    });
    expect(await runningSessions(window)).toMatchObject([{ sessionId: second.sessionId }]);
    expect(demoLogins(place)).toHaveLength(1);
    await window.getByRole('button', { name: 'Dismiss: Demo was not connected' }).click();
    await window.getByRole('button', { name: /^Connecting Demo to Twice/ }).click();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await expect(window.getByRole('list', { name: 'Sign-ins' })).toBeHidden();
  });

  test('S-16: a reload in the middle of a sign-in goes on where it was', async () => {
    await newIdentity(window, 'Reloaded');
    await connect().click();
    const link = await nextLink();
    await expect(dialog().getByRole('region', { name: 'Sign-in link' })).toHaveText(link);
    await window.reload();
    await expect(dialog().getByRole('region', { name: 'Sign-in link' })).toHaveText(link);
    expect(demoLogins(place)).toHaveLength(1);
    await approve(link);
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await done().click();
    await expect(window.getByRole('heading', { level: 1, name: 'Reloaded' })).toBeVisible();
  });

  test('S-16, I-9: a second window picks up a running sign-in, and both see its end', async () => {
    await newIdentity(window, 'Two windows');
    await connect().click();
    const link = await nextLink();
    const opened = launched.app.waitForEvent('window');
    await launched.app.evaluate(({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({ webPreferences: { preload, sandbox: true, contextIsolation: true } });
      void other.loadURL('lanyard-app://app/index.html');
    }, preload);
    const second = await opened;
    await second.getByRole('button', { name: /^Connecting Demo to Two windows/ }).click();
    const other = connectDialog(second, 'Demo');
    await expect(other.getByRole('region', { name: 'Sign-in link' })).toHaveText(link);
    await approve(link);
    for (const each of [dialog(), other]) {
      await expect(each).toContainText('Signed in as ada@demo.lanyard.test');
      await each.getByRole('button', { name: 'Done' }).click();
    }
    for (const each of [window, second]) {
      await expect(each.getByRole('heading', { level: 1, name: 'Two windows' })).toBeVisible();
      await expect(each.getByRole('button', { name: 'Reconnect Demo' })).toBeVisible();
    }
    await second.close();
  });

  test('S-16: closing the window does not end a sign-in, and the next window leads back to it', async () => {
    await newIdentity(window, 'Closed');
    await connect().click();
    const link = await nextLink();
    await expect(dialog().getByRole('region', { name: 'Sign-in link' })).toHaveText(link);
    await Promise.all([
      window.waitForEvent('close'),
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()),
    ]);
    expect(await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0);
    expect(demoLogins(place)).toHaveLength(1);
    const reopened = launched.app.waitForEvent('window');
    await launched.app.evaluate(({ app }) => void app.emit('activate'));
    window = await reopened;
    await window.getByRole('button', { name: /^Connecting Demo to Closed/ }).click();
    await expect(dialog().getByRole('region', { name: 'Sign-in link' })).toHaveText(link);
    await approve(link);
    await expect(dialog()).toContainText('Signed in as ada@demo.lanyard.test');
    await done().click();
    expect((await bundleNamed('Closed')).accounts).toHaveLength(1);
  });

  test('S-9: quitting in the middle of a sign-in leaves no process and nothing half-saved', async () => {
    await newIdentity(window, 'Quit');
    const before = accountEntries(place.data);
    await connect().click();
    await nextLink();
    expect(demoLogins(place)).toHaveLength(1);
    await launched.close();
    await expect.poll(() => processesMarkedWith(place.root), { timeout: 2_000 }).toEqual([]);
    expect(accountEntries(place.data)).toEqual(before);
  });
});

test('I-6: SIGKILL in the middle of a sign-in leaves nothing half-saved and no process after the next start', async () => {
  const place = await createTestPlace();
  try {
    const killed = await launchApp({ place });
    await killed.window.getByRole('button', { name: 'Connect Demo', exact: true }).click();
    const link = await killed.opener.nextOpened();
    expect(accountEntries(place.data)).not.toEqual([]);
    await killed.crash();

    const next = await launchApp({ place });
    await expect(next.window.getByRole('heading', { name: 'Connect your first account' })).toBeVisible();
    await expect.poll(() => demoLogins(place), { timeout: 2_000 }).toEqual([]);
    await expect.poll(() => accountEntries(place.data), { timeout: 2_000 }).toEqual([]);
    expect(await listBundles(next.window)).toEqual([]);
    expect(await listSessions(next.window)).toEqual([]);
    // The browser is still open on the old page, whose service is gone: approving there must revive nothing.
    await expect(approve(link)).rejects.toThrow();
    await next.window.getByRole('button', { name: 'Connect Demo', exact: true }).click();
    await approve(await next.opener.nextOpened());
    await expect(connectDialog(next.window, 'Demo')).toContainText('Signed in as ada@demo.lanyard.test');
    await next.close();
    await killed.close();
    await expect.poll(() => processesMarkedWith(place.root), { timeout: 2_000 }).toEqual([]);
  } finally {
    await place.remove();
  }
});
