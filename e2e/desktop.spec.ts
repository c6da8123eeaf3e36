import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { _electron as electron } from 'playwright';
import { ensureElectron } from '../scripts/electron-runtime.mjs';
import { connectDialog, newIdentity, runningSessions, useAnotherWay } from './support/connect-ui.ts';
import { approve } from './support/demo-person.ts';
import { clickTray, startAgain, trayMenu, watchNotifications, watchTray } from './support/desktop-parts.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { expectFocus, tabTo } from './support/keyboard.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createTestPlace, projectRoot, type TestPlace } from './support/test-place.ts';

const palette = (window: Page) => window.getByRole('dialog', { name: 'Search or run' });
const box = (window: Page) => window.getByRole('combobox');
const options = (window: Page) => window.getByRole('option');
const marked = (window: Page) => window.getByRole('option', { selected: true });

test.describe('palette and shortcuts, by keyboard alone', () => {
  test.describe.configure({ mode: 'serial', timeout: 60_000 });
  let launched: LaunchedApp;
  let window: Page;
  const press = (key: string) => window.keyboard.press(key);
  const type = async (text: string) => {
    await press('Control+k');
    await expect(box(window)).toBeFocused();
    await window.keyboard.type(text);
  };

  test.beforeAll(async () => {
    launched = await launchApp();
    window = launched.window;
    await window.getByRole('main').waitFor();
    await newIdentity(window, 'Work');
    await newIdentity(window, 'Client A');
  });
  test.afterAll(() => launched.close());

  test('R-9: Ctrl+K finds what can be done, and Enter does it', async () => {
    await tabTo(window.getByRole('button', { name: 'Search or run' }));
    await type('');
    await expect(marked(window)).toHaveCount(1);
    await expectAccessible(window, 'palette');
    await window.keyboard.type('go work');
    await expect(marked(window)).toHaveText(/^Go to Work/);
    await press('Enter');
    await expect(palette(window)).toBeHidden();
    await expect(window.getByRole('heading', { level: 1, name: 'Work' })).toBeVisible();
    await expectFocus(window.getByRole('button', { name: 'Search or run' }));
  });

  test('R-9: the arrows go round the list, Esc and Ctrl+K leave it', async () => {
    await type('connect');
    const first = await marked(window).textContent();
    await press('ArrowUp');
    await expect(options(window).last()).toHaveAttribute('aria-selected', 'true');
    await expect(marked(window)).toBeInViewport();
    await press('ArrowDown');
    await expect(marked(window)).toHaveText(first ?? '');
    await expect(box(window)).toHaveAttribute('aria-activedescendant', /.+/);
    await press('Escape');
    await expect(palette(window)).toBeHidden();
    await type('zzz');
    await expect(palette(window).getByText('Nothing has this in its name.')).toBeVisible();
    await expect(window.getByRole('status')).toHaveText('Nothing found.');
    await expectAccessible(window, 'palette-empty');
    await press('Control+k');
    await expect(palette(window)).toBeHidden();
    await expectFocus(window.getByRole('button', { name: 'Search or run' }));
  });

  test('R-9: what was used last comes first', async () => {
    await type('settings about');
    await press('Enter');
    await expect(window.getByRole('tab', { name: 'About', selected: true })).toBeVisible();
    await type('');
    await expect(options(window).nth(0)).toHaveText(/^Settings: About/);
    await expect(options(window).nth(1)).toHaveText(/^Go to Work/);
    await press('Escape');
  });

  test('R-9: connect from the palette; the code of a running sign-in is copied from it', async () => {
    await type('connect demo');
    await expect(marked(window)).toHaveText(/^Connect Demo as Work/);
    await press('Enter');
    const dialog = connectDialog(window, 'Demo');
    await useAnotherWay(dialog, 'Device code');
    await expect(dialog.getByRole('button', { name: 'Copy code' })).toBeVisible();
    await dialog.getByRole('button', { name: 'Keep going in the background' }).click();
    const [session] = await runningSessions(window);
    if (session?.status !== 'code-emitted') throw new Error(`no code: ${session?.status}`);
    await type('copy code');
    await expect(marked(window)).toHaveText(/^Copy the code of Demo as Work/);
    await press('Enter');
    await expect(window.getByRole('status')).toHaveText('The code of Demo was copied.');
    expect(await launched.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(session.deviceCode);
    await type('show the sign-in');
    await press('Enter');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  test('R-9: the switcher shows whose page it is, on every page, and leads to another', async () => {
    await type('settings providers');
    await press('Enter');
    const switcher = window.getByRole('button', { name: 'Switch identity, now Work' });
    await tabTo(switcher, 'Shift+Tab');
    await press('Enter');
    await expect(window.getByRole('dialog', { name: 'Switch identity' })).toBeVisible();
    await expectAccessible(window, 'switcher');
    await window.keyboard.type('client');
    await press('Enter');
    await expect(window.getByRole('heading', { level: 1, name: 'Client A' })).toBeVisible();
    await expectFocus(window.getByRole('button', { name: 'Switch identity, now Client A' }));
    await press('Alt+ArrowUp');
    await expect(window.getByRole('heading', { level: 1, name: 'Work' })).toBeVisible();
    await press('Control+j');
    await press('Escape');
  });

  test('R-9: ? lists the shortcuts, is a letter in a box, and can be turned off (WCAG 2.1.4)', async () => {
    const list = window.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await press('?');
    await expect(list).toBeVisible();
    await expect(list.getByText('Search or run')).toBeVisible();
    await expect(list.getByText('Keyboard shortcuts', { exact: true })).toHaveCount(2); // its title and one row
    await expectAccessible(window, 'shortcuts');
    await press('Escape');
    await press('Control+n');
    const name = window.getByRole('dialog', { name: 'New identity' }).getByRole('textbox');
    await window.keyboard.type('Who?');
    await expect(name).toHaveValue('Who?');
    await expect(list).toBeHidden();
    await press('Escape');
    await type('settings appearance');
    await press('Enter');
    const single = window.getByRole('checkbox', { name: 'Shortcuts of a single key' });
    await tabTo(single);
    await press('Space');
    await expect(single).not.toBeChecked();
    await press('?');
    await press('Control+/');
    await expect(list).toHaveCount(1);
    await expect(list.getByText('Question mark')).toHaveCount(0);
    await press('Escape');
  });
});

test.describe('outside of the window', () => {
  test.describe.configure({ mode: 'serial', timeout: 60_000 });
  let launched: LaunchedApp;
  let window: Page;
  const dialog = () => connectDialog(window, 'Demo');
  const question = () => window.getByRole('alertdialog');

  test.beforeAll(async () => {
    launched = await launchApp();
    window = launched.window;
    await window.getByRole('main').waitFor();
    await watchTray(launched.app);
    await newIdentity(window, 'Work');
  });
  test.afterAll(() => launched.close());

  test('R-9: the tray has the identities and a running sign-in with its code', async () => {
    await expect
      .poll(() => trayMenu(launched.app))
      .toEqual(['Identities', { Work: ['Open'] }, '-', 'Open Lanyard', 'Quit']);
    await window.getByRole('button', { name: 'Connect Demo' }).click();
    await useAnotherWay(dialog(), 'Device code');
    await expect(dialog().getByRole('button', { name: 'Copy code' })).toBeVisible();
    await dialog().getByRole('button', { name: 'Keep going in the background' }).click();
    const [session] = await runningSessions(window);
    if (session?.status !== 'code-emitted') throw new Error(`no code: ${session?.status}`);
    await expect
      .poll(() => trayMenu(launched.app))
      .toEqual([
        'Connecting Demo as Work…',
        `Copy code ${session.deviceCode}`,
        '-',
        'Identities',
        { Work: ['Open'] },
        '-',
        'Open Lanyard',
        'Quit',
      ]);
    await launched.app.evaluate(({ clipboard }) => clipboard.writeText('something else'));
    await clickTray(launched.app, `Copy code ${session.deviceCode}`);
    expect(await launched.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(session.deviceCode);
    await clickTray(launched.app, 'Connecting Demo as Work…');
    await expect(dialog()).toBeVisible();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => trayMenu(launched.app)).toHaveLength(5);
  });

  test('R-9: a sign-in that ends while nobody looks is told, and leads back to it', async () => {
    const notifications = await watchNotifications(launched.app);
    await window.getByRole('button', { name: 'Connect Demo' }).click();
    const link = await launched.opener.nextOpened();
    await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    await approve(link);
    await expect.poll(notifications.shown).toEqual(['Demo is connected']);
    await notifications.click(0);
    const isVisible = () =>
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
    await expect.poll(isVisible).toBe(true);
    await dialog().getByRole('button', { name: 'Done' }).click();
    await expect
      .poll(() => trayMenu(launched.app))
      .toEqual(['Identities', { Work: ['Open', 'Run a terminal as Work'] }, '-', 'Open Lanyard', 'Quit']);
    await window.getByRole('button', { name: 'Settings' }).click();
    await clickTray(launched.app, 'Work', 'Open');
    await expect(window.getByRole('heading', { level: 1, name: 'Work' })).toBeVisible();
  });

  test('R-9: a link to connect asks, and starts nothing when it is refused', async () => {
    const link = 'lanyard://connect?provider=demo&as=work';
    expect(await startAgain(launched, link)).toBe(0);
    await expect(question()).toHaveAccessibleName('Connect Demo?');
    await expect(question()).toContainText('into Work');
    await expect(question().getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expectAccessible(window, 'link-connect');
    await window.keyboard.press('Enter');
    await expect(question()).toBeHidden();
    expect(await runningSessions(window)).toEqual([]);
    await startAgain(launched, link);
    await question().getByRole('button', { name: 'Connect', exact: true }).click();
    await expect(dialog()).toBeVisible();
    expect(await runningSessions(window)).toMatchObject([{ providerId: 'demo' }]);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
  });

  test('R-9: a link to run something shows the program and each argument, and runs nothing by itself', async () => {
    const touched = join(launched.homeDirectory, 'touched');
    const command = encodeURIComponent(`touch '${touched}' "; echo 'hi'"`);
    // A click or a key that was meant for something else must not allow it.
    const armedAtFirst = window.evaluate(
      () =>
        new Promise((resolve) => {
          new MutationObserver((_, observer) => {
            const buttons = [...document.querySelectorAll('[role="alertdialog"] button')];
            if (buttons.length < 2) return;
            observer.disconnect();
            resolve(!buttons.at(-1)?.matches(':disabled'));
          }).observe(document.body, { childList: true, subtree: true });
        }),
    );
    await startAgain(launched, `lanyard://run?as=Work&command=${command}`);
    expect(await armedAtFirst).toBe(false);
    await expect(question()).toHaveAccessibleName('Run this from a link?');
    await expect(question().locator('code')).toHaveText(['touch', touched, "; echo 'hi'"]);
    const cancel = question().getByRole('button', { name: 'Cancel' });
    await expect(cancel).toBeFocused();
    await expectAccessible(window, 'link-run');
    await window.keyboard.press('Escape');
    await expect(question()).toBeHidden();
    expect(existsSync(touched)).toBe(false);

    await startAgain(launched, `lanyard://run?as=Work&command=${command}`);
    await question().getByRole('button', { name: 'Run it' }).click();
    await expect(question()).toBeHidden();
    await expect.poll(() => existsSync(touched)).toBe(true);
    expect(existsSync(join(launched.homeDirectory, "; echo 'hi'"))).toBe(true);
    await expect(window.getByRole('tab', { selected: true })).toContainText('touch');
  });

  test('R-9: links that cannot be used say why and change nothing', async () => {
    const before = await window.evaluate(() => document.querySelector('h1')?.textContent);
    const hostile = [
      ['lanyard://connect?provider=nobody', 'A link asked to connect “nobody”, which Lanyard does not know'],
      ['lanyard://run?as=Nobody&command=ls', 'A link asked for the identity “Nobody”'],
      ['lanyard://connect/../run?as=Work&command=id', 'This link cannot be used.'],
      ['lanyard://run?as=Work&command=ls%0Aid', 'It has characters that cannot be shown.'],
    ];
    for (const [link = '', why = ''] of hostile) {
      await startAgain(launched, link);
      await expect(window.getByRole('region', { name: 'Just done' })).toContainText(why);
      await window.getByRole('button', { name: 'Close this note' }).click();
    }
    await expect(question()).toBeHidden();
    expect(await window.evaluate(() => document.querySelector('h1')?.textContent)).toBe(before);
    expect(await runningSessions(window)).toEqual([]);
  });
});

test.describe('Settings > Appearance', () => {
  test.describe.configure({ mode: 'serial', timeout: 60_000 });
  let place: TestPlace;
  test.beforeAll(async () => {
    place = await createTestPlace();
  });
  test.afterAll(() => place.remove());

  test('R-9: the theme, the tray and starting at login are chosen there, and stay', async () => {
    const config = join(place.root, 'xdg-config');
    const entry = join(config, 'autostart', 'lanyard.desktop');
    const launched = await launchApp({ place, env: { XDG_CONFIG_HOME: config } });
    try {
      const { window } = launched;
      await window.getByRole('button', { name: 'Settings' }).click();
      await window.getByRole('tab', { name: 'Appearance' }).click();
      const start = window.getByRole('checkbox', { name: 'Start at login' });
      await start.check();
      await expect.poll(() => existsSync(entry)).toBe(true);
      const line = readFileSync(entry, 'utf8').match(/^Exec=(.*)$/m)?.[1] ?? '';
      expect(line).toContain(`"${await launched.app.evaluate(() => process.execPath)}"`);
      expect(line).toContain(`"${projectRoot}"`);
      expect(line).toMatch(/ "--lanyard-hidden"$/);
      await window.getByRole('radio', { name: 'Dark' }).check();
      await window.getByRole('checkbox', { name: 'Keep running in the tray' }).check();
      const theme = () => launched.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
      await expect.poll(theme).toBe('dark');
      await expectAccessible(window, 'settings-appearance');
    } finally {
      await launched.close();
    }
    const again = await launchApp({ place, env: { XDG_CONFIG_HOME: config } });
    try {
      const { window, app } = again;
      expect(await app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('dark');
      await window.getByRole('button', { name: 'Settings' }).click();
      await window.getByRole('tab', { name: 'Appearance' }).click();
      await expect(window.getByRole('radio', { name: 'Dark' })).toBeChecked();
      await window.getByRole('checkbox', { name: 'Start at login' }).uncheck();
      await expect.poll(() => readdirSync(join(config, 'autostart'))).toEqual([]);

      // With "Keep running in the tray", closing the window is not quitting.
      const windows = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await expect.poll(windows).toBe(0);
      const opened = app.waitForEvent('window');
      expect(await startAgain(again)).toBe(0);
      await (await opened).getByRole('main').waitFor();
      expect(await windows()).toBe(1);
    } finally {
      await again.close();
    }
  });

  test('R-9: a start at login has no window until somebody wants one', async () => {
    const { executable } = await ensureElectron();
    const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const app = await electron.launch({
      executablePath: executable,
      args: [projectRoot, ...switches, '--lanyard-hidden'],
      cwd: place.home,
      env: {
        HOME: place.home,
        LANYARD_HOME: place.data,
        DISPLAY: process.env.DISPLAY ?? '',
        XAUTHORITY: process.env.XAUTHORITY ?? '',
        PATH: '/usr/bin:/bin',
      },
    });
    try {
      await watchTray(app);
      const windows = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
      await expect
        .poll(
          () => readFileSync(join(place.data, 'logs', 'lanyard.log'), 'utf8').match(/app\.started/g)?.length,
        )
        .toBe(3);
      expect(await windows()).toBe(0);
      const opened = app.waitForEvent('window');
      await app.evaluate(({ app: electronApp }) => electronApp.emit('activate'));
      await (await opened).getByRole('main').waitFor();
    } finally {
      await app.close();
    }
  });
});
