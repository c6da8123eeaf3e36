import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { manyIdentities } from '../src-main/identities/many-identities.fixture.ts';
import { sceneTest } from './support/cli-scene.ts';
import { ConnectModal } from './support/connect-modal.ts';
import { accountEntries, connectDialog, listBundles, newIdentity } from './support/connect-ui.ts';
import { approve } from './support/demo-person.ts';
import { expectAccessible, screenshots } from './support/expect-accessible.ts';
import { createGate, faultProvider, type Gate, writeProviders } from './support/fault-providers.ts';
import { expectFocus, pressWithEnter, tabTo } from './support/keyboard.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

/** A CLI whose logout waits for the gate and then fails. */
const stubbornCli = `#!/bin/sh
case "$1" in
  status) [ -e "$FAULT_HOME/signed-in" ] || exit 1 ;;
  logout) read -r _ < "$FAULT_GATE"; exit 3 ;;
  *) : > "$FAULT_HOME/signed-in" ;;
esac
echo 'Logged in as late@fault.test'
`;

/** Settings > Identities and what it has in common with an identity's page. */

const settingsRows = (window: Page) =>
  window.getByRole('tabpanel').getByRole('list', { name: 'Identities' }).locator('> li');
const rowOf = (window: Page, name: string) => settingsRows(window).filter({ hasText: name });
const names = (window: Page) =>
  settingsRows(window).locator('[data-component="settings-name"]').allTextContents();
const railNames = (window: Page) =>
  window
    .getByRole('navigation', { name: 'Identities' })
    .locator('[data-component="rail-item-name"]')
    .allTextContents();
const openSettings = async (window: Page) => {
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(window.getByRole('tab', { name: 'Identities' })).toHaveAttribute('aria-selected', 'true');
};
const openIdentity = (window: Page, name: string) =>
  window
    .getByRole('navigation', { name: 'Identities' })
    .getByRole('button', { name: new RegExp(`^${name}(\\s|\\d|$)`) })
    .first()
    .click();
/** An entry of the "More" menu of an identity, in the shown page. */
const choose = async (window: Page, name: string, entry: string) => {
  await window
    .getByRole('main')
    .getByRole('button', { name: `More for ${name}`, exact: true })
    .click();
  await window.getByRole('menuitem', { name: entry }).click();
};
const note = (window: Page) => window.getByRole('region', { name: 'Just done' });

test.describe('identities', () => {
  test.describe.configure({ mode: 'serial' });
  let place: TestPlace;
  let launched: LaunchedApp;
  let window: Page;
  let logoutGate: Gate;

  const start = async () => {
    launched = await launchApp({ place });
    window = launched.window;
    await window.getByRole('main').waitFor();
  };
  const connectDemo = async () => {
    await window.getByRole('button', { name: 'Connect Demo', exact: true }).click();
    await approve(await launched.opener.nextOpened());
    await connectDialog(window, 'Demo').getByRole('button', { name: 'Done' }).click();
    await expect(connectDialog(window, 'Demo')).toBeHidden();
  };

  test.beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    place = await createTestPlace();
    const program = join(place.root, 'stubborn');
    await writeFile(program, stubbornCli, { mode: 0o755 });
    logoutGate = await createGate(join(place.root, 'gate'));
    const base = faultProvider('exits-1', { gate: logoutGate.path });
    const stubborn = {
      ...base,
      id: 'stubborn',
      name: 'Stubborn',
      program: { names: [program], args: [], installCommand: null },
      logout: { args: ['logout'] },
    };
    await writeProviders(place.data, [stubborn]);
    await start();
  });
  test.afterAll(async () => {
    await launched.close();
    await logoutGate.close();
    await place.remove();
  });

  test('I-1: made, described, recoloured, reordered and chosen as the default; a restart keeps all of it', async () => {
    await openSettings(window);
    await expect(window.getByText('None yet. Connecting an account makes one.')).toBeVisible();
    for (const name of ['Work', 'Client A', 'Client B']) {
      await newIdentity(window, name);
      await openSettings(window);
    }
    expect(await names(window)).toEqual(['Work', 'Client A', 'Client B']);
    await expect(rowOf(window, 'Work')).toContainText('Default');

    await choose(window, 'Work', 'Describe');
    const box = window.getByRole('textbox', { name: 'Description of Work' });
    await expect(box).toBeFocused();
    await box.fill('  Day job ');
    await box.press('Enter');
    await expect(rowOf(window, 'Work')).toContainText('Day job');
    await expect(window.getByRole('button', { name: 'More for Work' })).toBeFocused();
    await choose(window, 'Work', 'Describe');
    await box.fill('something else');
    await box.press('Escape');
    await expect(rowOf(window, 'Work')).toContainText('Day job');

    const colour = window.getByRole('button', { name: 'Colour of Client A' });
    await colour.click();
    const popover = window.getByRole('dialog', { name: 'Colour of Client A' });
    await expectAccessible(window, 'settings-colour');
    await popover.getByRole('button', { name: 'Pink' }).click();
    await expect(popover).toBeHidden();
    await expect(colour).toBeFocused();
    await colour.click();
    await expect(popover.getByRole('button', { name: 'Pink' })).toHaveAttribute('aria-pressed', 'true');
    await popover.getByRole('textbox', { name: 'Another colour' }).fill('rebeccapurple');
    await popover.getByRole('button', { name: 'Use' }).click();
    await expect(popover.getByRole('alert')).toContainText('This is not a colour.');
    await popover.getByRole('textbox', { name: 'Another colour' }).fill('#123ABC');
    await popover.getByRole('textbox', { name: 'Another colour' }).press('Enter');
    await expect(popover).toBeHidden();

    await window.getByRole('button', { name: 'Move Client B up' }).click();
    await expect.poll(() => names(window)).toEqual(['Work', 'Client B', 'Client A']);
    await expect(window.getByRole('button', { name: 'Move Client B up' })).toBeFocused();
    await window.keyboard.press('Enter');
    await expect.poll(() => names(window)).toEqual(['Client B', 'Work', 'Client A']);
    await expect(window.getByRole('button', { name: 'Move Client B up' })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await expect(window.getByRole('button', { name: 'Move Client B up' })).toBeFocused();
    await rowOf(window, 'Client A')
      .locator('[data-component="drag-handle"]')
      .dragTo(rowOf(window, 'Client B').locator('[data-component="settings-name"]'));
    await expect.poll(() => names(window)).toEqual(['Client A', 'Client B', 'Work']);
    await choose(window, 'Work', 'Set as default');
    await expect(rowOf(window, 'Work')).toContainText('Default');
    await expectAccessible(window, 'settings-identities-full');

    await launched.close();
    await start();
    await expect(window.getByRole('heading', { level: 1, name: 'Work' })).toBeVisible();
    await expect(window.getByRole('main')).toContainText('Day job');
    expect(await railNames(window)).toEqual(['Client A', 'Client B', 'Work', 'No credentials']);
    expect(
      (await listBundles(window)).map(({ name, colour: kept, description }) => [name, kept, description]),
    ).toEqual([
      ['Client A', '#123abc', ''],
      ['Client B', expect.any(String), ''],
      ['Work', expect.any(String), 'Day job'],
    ]);
  });

  test('I-1, I-4, I-11: a copy shares the account; deleting one leaves the other signed in', async () => {
    await openIdentity(window, 'Work');
    await connectDemo();
    const entries = accountEntries(place.data);
    expect(entries).toHaveLength(1);
    await choose(window, 'Work', 'Duplicate');
    await expect(note(window)).toContainText('Work 2 was made. It shares the accounts of Work.');
    await expectAccessible(window, 'identity-duplicated');
    expect(await railNames(window)).toEqual(['Client A', 'Client B', 'Work', 'Work 2', 'No credentials']);
    await note(window).getByRole('button', { name: 'Undo' }).click();
    await expect(note(window)).toContainText('Work 2 was taken back.');
    await expect.poll(() => railNames(window)).not.toContain('Work 2');
    expect(accountEntries(place.data)).toEqual(entries);

    await choose(window, 'Work', 'Duplicate');
    await expect.poll(() => railNames(window)).toContain('Work 2');
    const [work, copy] = (await listBundles(window)).filter(({ name }) => name.startsWith('Work'));
    expect(copy?.accounts).toEqual(work?.accounts);
    await choose(window, 'Work', 'Delete…');
    const question = window.getByRole('alertdialog', { name: 'Delete Work?' });
    await expect(question).toContainText('Demo, ada@demo.lanyard.test, because Work 2 uses it.');
    await expect(question.getByRole('button', { name: 'Keep' })).toBeFocused();
    await expectAccessible(window, 'identity-delete-shared');
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(question).toBeHidden();
    await expect(note(window)).toContainText('Work was deleted. Accounts that others use stay.');
    expect(accountEntries(place.data)).toEqual(entries);
    await openIdentity(window, 'Work 2');
    await window.getByRole('button', { name: 'Reconnect Demo' }).click();
    await approve(await launched.opener.nextOpened());
    await connectDialog(window, 'Demo').getByRole('button', { name: 'Done' }).click();
    await expect
      .poll(() => accountEntries(place.data))
      .toEqual(entries.map((entry) => entry.replace(/1$/, '2')));
  });

  test('I-11: what uses an identity is named before, and what became of each account after', async () => {
    await openIdentity(window, 'Work 2');
    await window.getByRole('button', { name: 'Connect Stubborn' }).click();
    const modal = new ConnectModal(window);
    await expect(modal.success).toContainText('late@fault.test');
    await modal.press('Done');
    const [bundle] = (await listBundles(window)).filter(({ name }) => name === 'Work 2');
    expect(bundle?.accounts).toHaveLength(2);
    const demo = accountEntries(place.data)
      .map((entry) => join(place.data, 'accounts', entry))
      .find((path) => existsSync(join(path, 'demo-credentials.json')));
    const holder = spawn('sleep', ['60'], { env: { DEMO_HOME: demo ?? '' }, stdio: 'ignore' });
    await once(holder, 'spawn');
    try {
      await choose(window, 'Work 2', 'Delete…');
      const question = window.getByRole('alertdialog', { name: 'Delete Work 2?' });
      await expect(question).toContainText(
        'Demo, ada@demo.lanyard.test is signed out at Demo and its files are removed from this computer.',
      );
      if (process.platform === 'linux') {
        await expect(question).toContainText(
          `sleep (process ${holder.pid}) was started with it and goes on, without its login.`,
        );
      }
      await expectAccessible(window, 'identity-delete');
      await question.getByRole('button', { name: 'Keep' }).click();
      await expect(question).toBeHidden();
      await expect(window.getByRole('button', { name: 'More for Work 2' })).toBeFocused();
      expect(accountEntries(place.data)).toHaveLength(2);

      await choose(window, 'Work 2', 'Delete…');
      await question.getByRole('button', { name: 'Delete', exact: true }).click();
      await expect(question.getByRole('button', { name: 'Deleting…' })).toBeVisible();
      await expect.poll(() => railNames(window)).not.toContain('Work 2');
      await logoutGate.open();
      const report = window.getByRole('alertdialog', { name: 'Work 2 was deleted' });
      await expect(report.getByRole('button', { name: 'Done' })).toBeFocused();
      await expect(report).toContainText('Signed out at Demo.');
      await expect(report).toContainText("Did not work: Stubborn's own logout did not work");
      await expect(report.getByText('Files removed from this computer.')).toHaveCount(2);
      await expectAccessible(window, 'identity-deleted');
      await report.getByRole('button', { name: 'Done' }).click();
      await expect(report).toBeHidden();
      await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
      expect(accountEntries(place.data)).toEqual([]);
      expect(await railNames(window)).toEqual(['Client A', 'Client B', 'No credentials']);
      expect(holder.exitCode).toBeNull();
    } finally {
      holder.kill('SIGKILL');
    }
  });

  test('I-11: deleting ends a sign-in that runs into the identity', async () => {
    await newIdentity(window, 'Hasty');
    await window.getByRole('button', { name: 'Connect Demo', exact: true }).click();
    const link = await launched.opener.nextOpened();
    await connectDialog(window, 'Demo').getByRole('button', { name: 'Keep going in the background' }).click();
    await choose(window, 'Hasty', 'Delete…');
    const question = window.getByRole('alertdialog', { name: 'Delete Hasty?' });
    await expect(question).toContainText('The sign-in to Demo is ended.');
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(question).toBeHidden();
    await expect.poll(() => accountEntries(place.data)).toEqual([]);
    await expect(approve(link)).rejects.toThrow();
    expect((await listBundles(window)).map(({ name }) => name)).not.toContain('Hasty');
  });

  test('I-16: another person than the expected one is not saved, and can be connected as a new identity', async () => {
    await openIdentity(window, 'Client A');
    await connectDemo();
    await window.getByRole('button', { name: 'More for Demo' }).click();
    await window.getByRole('menuitem', { name: 'Expect this person' }).click();
    await expect(window.getByText(/^Expected: ada@demo\.lanyard\.test/)).toBeVisible();
    await expectAccessible(window, 'identity-expected');
    const entries = accountEntries(place.data);
    await window.getByRole('button', { name: 'Reconnect Demo' }).click();
    await approve(await launched.opener.nextOpened(), 'demo-grace');
    const dialog = connectDialog(window, 'Demo');
    await expect(dialog).toContainText(/This is grace@demo\.lanyard\.test.*, not ada@demo\.lanyard\.test/);
    await expectAccessible(window, 'modal-unexpected-person');
    await expect.poll(() => accountEntries(place.data)).toEqual(entries);
    await dialog.getByRole('button', { name: 'Save as a new account' }).click();
    await approve(await launched.opener.nextOpened(), 'demo-grace');
    await expect(dialog).toContainText('Signed in as grace@demo.lanyard.test');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(window.getByRole('heading', { level: 1, name: 'grace@demo.lanyard.test' })).toBeVisible();
    const [client] = (await listBundles(window)).filter(({ name }) => name === 'Client A');
    expect(client?.accounts).toMatchObject([{ email: 'ada@demo.lanyard.test' }]);
  });

  test('an export says who is in which identity and holds no secret and no place', async () => {
    const path = join(place.root, 'export.json');
    await launched.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, path);
    await openSettings(window);
    await window.getByRole('button', { name: 'Export…' }).click();
    await expect(note(window)).toContainText('The identities were exported, without any secret.');
    const text = readFileSync(path, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      format: 'lanyard-identities',
      version: 1,
      identities: [
        {
          name: 'Client A',
          colour: '#123abc',
          accounts: [{ provider: 'demo', kind: 'oauth', email: 'ada@demo.lanyard.test' }],
        },
        { name: 'Client B', accounts: [] },
        { name: 'grace@demo.lanyard.test', accounts: [{ provider: 'demo' }] },
      ],
    });
    expect(text).not.toContain(place.root);
    expect(text).not.toMatch(/secretRef|token/);
    await note(window).getByRole('button', { name: 'Close this note' }).click();
    await launched.app.evaluate(({ dialog }) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: true, filePath: '' });
    });
    await window.getByRole('button', { name: 'Export…' }).click();
    await expect(note(window)).toBeHidden();
    await launched.app.evaluate(
      ({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
      },
      join(place.root, 'gone', 'export.json'),
    );
    await window.getByRole('button', { name: 'Export…' }).click();
    await expect(window.getByRole('alert')).toContainText('The file could not be written.');
  });

  test('by keyboard: colour, description, order, copy and deletion', async () => {
    const press = (key: string) => window.keyboard.press(key);
    const button = (name: string): Locator => window.getByRole('button', { name, exact: true });
    await openSettings(window);
    await window.getByRole('tab', { name: 'Identities' }).focus();
    await pressWithEnter(button('Colour of Client B'));
    await tabTo(window.getByRole('button', { name: 'Green' }));
    await press('Enter');
    await expectFocus(button('Colour of Client B'));
    await pressWithEnter(button('Move Client B down'));
    await expect.poll(() => names(window)).toEqual(['Client A', 'grace@demo.lanyard.test', 'Client B']);
    await expectFocus(button('Move Client B down'));
    const menuEntry = async (label: string) => {
      await pressWithEnter(button('More for Client B'));
      const entry = window.getByRole('menuitem', { name: label });
      await expect(window.getByRole('menuitem').first()).toBeFocused();
      while (!(await entry.evaluate((item) => item === document.activeElement))) await press('ArrowDown');
      await press('Enter');
    };
    await menuEntry('Describe');
    await expectFocus(window.getByRole('textbox', { name: 'Description of Client B' }));
    await window.keyboard.type('By keyboard');
    await press('Enter');
    await expectFocus(button('More for Client B'));
    await menuEntry('Duplicate');
    await expect.poll(() => names(window)).toContain('Client B 2');
    await expectFocus(button('More for Client B'));
    await tabTo(note(window).getByRole('button', { name: 'Undo' }), 'Tab');
    await press('Enter');
    await expect.poll(() => names(window)).not.toContain('Client B 2');
    await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
    await menuEntry('Delete…');
    const question = window.getByRole('alertdialog', { name: 'Delete Client B?' });
    await expectFocus(question.getByRole('button', { name: 'Keep' }));
    await press('Escape');
    await expectFocus(button('More for Client B'));
    await menuEntry('Delete…');
    await pressWithEnter(question.getByRole('button', { name: 'Delete' }));
    await expect(question).toBeHidden();
    await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
    expect(await names(window)).toEqual(['Client A', 'grace@demo.lanyard.test']);
  });
});

test('a thousand identities with 16 accounts each are listed, filtered and shown', async () => {
  const place = await createTestPlace();
  await mkdir(place.data, { recursive: true });
  const content: { accounts: unknown[] } & Record<string, unknown> = manyIdentities(
    1000,
    join(place.data, 'accounts'),
  );
  content.accounts[123] = { ...(content.accounts[123] as object), status: 'odd' };
  await writeFile(join(place.data, 'identities.json'), JSON.stringify(content));
  const launched = await launchApp({ place });
  try {
    const { window } = launched;
    await expect(window.getByRole('heading', { level: 1, name: 'Client 1', exact: true })).toBeVisible();
    const problems = window.getByRole('region', { name: 'Problems' });
    await problems.getByRole('button', { name: /could not be read/ }).click();
    await expect(problems).toContainText('ada.lovelace@client-8.example.test');
    await expect.poll(async () => (await railNames(window)).length).toBe(1001);
    const filter = window.getByRole('textbox', { name: 'Filter identities' });
    await filter.fill('client-777.');
    await expect.poll(() => railNames(window)).toEqual(['Client 777']);
    await filter.press('ArrowDown');
    await window.keyboard.press('Enter');
    await expect(window.getByRole('heading', { level: 1, name: 'Client 777' })).toBeVisible();
    await expect(window.getByRole('list', { name: 'Accounts' }).locator('> li')).toHaveCount(16);
    await filter.fill('nobody');
    await expect(window.getByText('No identity has this in its name, text or accounts.')).toBeVisible();
    await expectAccessible(window, 'identities-filtered');
    await filter.press('Escape');
    await expect(filter).toHaveValue('');
    await openSettings(window);
    const panel = window.getByRole('tabpanel');
    expect(await names(window)).toHaveLength(30);
    await expect(panel.getByRole('combobox')).toHaveCount(30);
    const filterRows = window.getByRole('textbox', { name: 'Filter these identities' });
    await filterRows.fill('client 999');
    await expect.poll(() => names(window)).toEqual(['Client 999']);
    await expect(panel.getByRole('combobox', { name: 'Client 999' })).toBeVisible();
    await expect(panel.getByRole('combobox')).toHaveCount(1);
    await expect(window.getByRole('button', { name: 'Move Client 999 up' })).toBeHidden();
    await choose(window, 'Client 999', 'Set as default');
    await expect(rowOf(window, 'Client 999')).toContainText('Default');
    await filterRows.press('Escape');
    // A row that moves beyond those shown is still in sight.
    const lastShown = (await names(window)).at(-1);
    await window.getByRole('button', { name: `Move ${lastShown} down` }).click();
    await expect(window.getByRole('button', { name: `Move ${lastShown} down` })).toBeFocused();
    await expect.poll(async () => (await names(window)).indexOf(lastShown ?? '')).toBe(30);

    await window.getByRole('tab', { name: 'Cloud sessions' }).click();
    const caps = panel.getByRole('list', { name: 'How long sessions may last' }).locator('> li');
    await expect(caps).toHaveCount(30);
    await expectAccessible(window, 'settings-cloud-sessions-many');
    await panel.getByRole('button', { name: 'Show all 1,001' }).click();
    await expect(caps.nth(30).getByRole('textbox')).toBeFocused();
    await expect(caps).toHaveCount(1001, { timeout: 30_000 });
    expect(readFileSync(join(place.data, 'identities.json')).byteLength).toBeLessThan(5_000_000);
  } finally {
    await launched.close();
    await place.remove();
  }
});

sceneTest(
  'I-15: the real Codex’s own login is brought in, used, and never touched',
  async ({ openScene }) => {
    const scene = await openScene();
    const { window } = scene.launched;
    const own = join(scene.place.home, '.codex');
    const claims = { email: 'ada@home.test', 'https://api.openai.com/auth': { chatgpt_plan_type: 'pro' } };
    const idToken = ['{"alg":"none"}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const auth = JSON.stringify({
      OPENAI_API_KEY: null,
      tokens: { id_token: idToken, access_token: 'access', refresh_token: 'refresh', account_id: 'acct' },
      last_refresh: new Date().toISOString(),
    });
    await openSettings(window);
    await window.getByRole('button', { name: 'Look for logins' }).click();
    await expect(window.getByText(/^None was found\./)).toBeVisible();
    // Looking has made nothing.
    expect(existsSync(own)).toBe(false);

    await mkdir(own, { mode: 0o700 });
    await writeFile(join(own, 'auth.json'), auth, { mode: 0o600 });
    await window.getByRole('button', { name: 'Look again' }).click();
    const logins = window.getByRole('list', { name: 'Logins on this machine' });
    await expect(logins).toContainText('Codex, ada@home.test');
    await expectAccessible(window, 'settings-adopt');
    await window.getByRole('button', { name: 'Bring in Codex' }).click();
    await expect(note(window)).toContainText('Codex was brought in. Its login stays where it is.');
    await expect(logins).toContainText('Used by ada@home.test');
    await openIdentity(window, 'ada@home.test');
    const card = window.getByRole('list', { name: 'Accounts' }).locator('> li');
    await expect(card).toContainText('On this machine');
    await expectAccessible(window, 'identity-on-this-machine');
    expect(scene.accountEntries()).toEqual([]);

    await window.getByRole('button', { name: 'Sign out of Codex' }).click();
    const question = window.getByRole('alertdialog', { name: 'Sign out of Codex?' });
    await expect(question).toContainText(
      'is taken off the list, and the login on this machine stays as it is.',
    );
    await question.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(note(window)).toContainText('The login on this machine was left as it is.');
    expect((await listBundles(window)).map(({ accounts }) => accounts)).toEqual([[]]);
    expect(readFileSync(join(own, 'auth.json'), 'utf8')).toBe(auth);
    const status = scene.run('codex', ['login', 'status'], {});
    expect(await status.exited).toBe(0);
  },
);
