import { expect, type Page, test } from '@playwright/test';
import { connectDialog, demoLogins, listBundles, runningSessions } from './support/connect-ui.ts';
import { approve, approveDevice, codeOn } from './support/demo-person.ts';
import { expectFocus, pressWithEnter, tabRound, tabTo } from './support/keyboard.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';

/** Everything with Tab, Enter, Esc, the arrows and letters: no test here uses a mouse. */
test.describe('by keyboard alone', () => {
  test.describe.configure({ mode: 'serial', timeout: 25_000 });
  let launched: LaunchedApp;
  let window: Page;

  const dialog = () => connectDialog(window, 'Demo');
  const button = (name: string) => window.getByRole('button', { name, exact: true });
  const inDialog = (name: string) => dialog().getByRole('button', { name, exact: true });
  const pasteBox = () => dialog().getByRole('textbox', { name: 'Paste the callback URL or code' });
  const press = (key: string) => window.keyboard.press(key);
  /** Opens "Use another way" and walks the menu to an entry. */
  const chooseWay = async (label: string) => {
    await pressWithEnter(inDialog('Use another way'));
    const items = window.getByRole('menuitem');
    const wanted = window.getByRole('menuitem', { name: label });
    await expect(items.first()).toBeFocused();
    for (let moves = await items.count(); moves > 0; moves -= 1) {
      if (await wanted.evaluate((item) => item === document.activeElement)) break;
      await press('ArrowDown');
    }
    await expect(wanted).toBeFocused();
    await press('Enter');
  };

  test.beforeAll(async () => {
    launched = await launchApp();
    window = launched.window;
    await window.getByRole('main').waitFor();
  });
  test.afterAll(() => launched.close());

  test('the first Connect: another way, the code, Done; the focus is on what each step asks for', async () => {
    await tabTo(button('Skip to content'));
    await press('Enter');
    await expect(window.getByRole('main')).toBeFocused();
    await pressWithEnter(button('Connect Demo'));
    await expectFocus(inDialog('Open again'));
    const opened = await launched.opener.nextOpened();
    await press('Enter');
    expect(await launched.opener.nextOpened()).toBe(opened);
    await chooseWay('Device code');
    await expectFocus(inDialog('Copy code'));
    await press('Enter');
    await expect(window.getByRole('status')).toHaveText('Copied');
    const code = await launched.app.evaluate(({ clipboard }) => clipboard.readText());
    await press('Tab');
    await expectFocus(dialog().getByRole('button', { name: /^Open 127\.0\.0\.1/ }));
    await press('Enter');
    await approveDevice(await launched.opener.nextOpened(), code, 'demo-grace');
    await expectFocus(inDialog('Done'));
    await press('Enter');
    await expect(dialog()).toBeHidden();
    // Connect Demo, which opened the modal, has become Reconnect Demo.
    await expectFocus(button('Reconnect Demo'));
    expect(await listBundles(window)).toMatchObject([{ name: 'grace@demo.lanyard.test' }]);
  });

  test('Esc ends a sign-in without a question while nothing is lost, and the focus goes back', async () => {
    await pressWithEnter(button('Reconnect Demo'));
    await launched.opener.nextOpened();
    await expectFocus(inDialog('Open again'));
    await press('Escape');
    await expect(dialog()).toBeHidden();
    await expectFocus(button('Reconnect Demo'));
    expect(await runningSessions(window)).toEqual([]);
    await expect.poll(() => demoLogins(launched.place), { timeout: 2_000 }).toEqual([]);
  });

  test('Tab stays in the modal, and Esc in the menu closes the menu alone', async () => {
    await pressWithEnter(button('Reconnect Demo'));
    await launched.opener.nextOpened();
    await expectFocus(inDialog('Open again'));
    const round = await tabRound(window, dialog());
    expect(round.left).toBe(false);
    expect(round.stops).toBeGreaterThan(6);
    await pressWithEnter(inDialog('Use another way'));
    await expect(window.getByRole('menuitem').first()).toBeFocused();
    await press('Escape');
    await expect(window.getByRole('menu')).toBeHidden();
    await expectFocus(inDialog('Use another way'));
    await press('Escape');
    await expect(dialog()).toBeHidden();
    await expectFocus(button('Reconnect Demo'));
  });

  test('Esc asks first when a pasted text would be lost; V-4: a refused paste is mended and submitted again', async () => {
    await pressWithEnter(button('Reconnect Demo'));
    await launched.opener.nextOpened();
    await chooseWay('Paste a code');
    const code = codeOn(await approve(await launched.opener.nextOpened(), 'demo-grace'));
    await expectFocus(pasteBox());
    await window.keyboard.type('demo_nonsense');
    await press('Enter');
    await expect(dialog().getByRole('alert')).toContainText('This does not look like the code');
    await expectFocus(pasteBox());

    await press('Escape');
    const question = window.getByRole('alertdialog', { name: 'End this sign-in?' });
    await expectFocus(question.getByRole('button', { name: 'Go on' }));
    await press('Escape');
    await expect(question).toBeHidden();
    await expectFocus(pasteBox());
    await expect(pasteBox()).toHaveValue('demo_nonsense');
    expect(await runningSessions(window)).toHaveLength(1);

    await press('ControlOrMeta+A');
    await window.keyboard.type(code);
    await press('Enter');
    await expectFocus(inDialog('Done'));
    await press('Escape');
    await expect(dialog()).toBeHidden();
    await expectFocus(button('Reconnect Demo'));
  });

  test('the question of a lost text can end the sign-in too', async () => {
    await pressWithEnter(button('Reconnect Demo'));
    await launched.opener.nextOpened();
    await expectFocus(inDialog('Open again'));
    await pressWithEnter(inDialog('Browser on another machine, or nothing happened?'));
    await tabTo(pasteBox());
    await window.keyboard.type('half a');
    await press('Escape');
    const end = window.getByRole('button', { name: 'End sign-in' });
    await pressWithEnter(end);
    await expect(dialog()).toBeHidden();
    await expectFocus(button('Reconnect Demo'));
    expect(await runningSessions(window)).toEqual([]);
  });

  test('a sign-in goes on in the background and is returned to from the rail', async () => {
    await pressWithEnter(button('Reconnect Demo'));
    const link = await launched.opener.nextOpened();
    await expectFocus(inDialog('Open again'));
    await tabTo(inDialog('Keep going in the background'));
    await press('Enter');
    await expect(dialog()).toBeHidden();
    await expectFocus(button('Show the sign-in of Demo'));
    await tabTo(window.getByRole('button', { name: /^Connecting Demo/ }));
    await press('Enter');
    await expectFocus(inDialog('Open again'));
    // The page of Demo is on this computer, where no phone can reach it.
    await expect(inDialog('QR code')).toHaveCount(0);
    await pressWithEnter(inDialog('What the CLI said'));
    await tabTo(dialog().getByRole('region', { name: 'What the CLI said' }));
    await tabTo(dialog().getByRole('region', { name: 'Sign-in link' }));
    const line = dialog().getByRole('region', { name: 'Sign-in link' });
    await press('ArrowRight');
    await expect.poll(() => line.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
    await approve(link, 'demo-grace');
    await expectFocus(inDialog('Done'));
    await press('Enter');
    await expect(dialog()).toBeHidden();
  });

  test('identities are made, renamed, walked through and left', async () => {
    await pressWithEnter(button('New identity'));
    await expectFocus(window.getByRole('dialog', { name: 'New identity' }).getByRole('textbox'));
    await press('Escape');
    await expectFocus(button('New identity'));
    await press('Enter');
    await window.keyboard.type('Work');
    await press('Enter');
    await expect(window.getByRole('heading', { level: 1, name: 'Work' })).toBeVisible();

    const rail = (name: RegExp) =>
      window.getByRole('navigation', { name: 'Identities' }).getByRole('button', { name });
    await tabTo(rail(/^Work/));
    await press('ArrowUp');
    await expectFocus(rail(/^grace/));
    await press('ArrowDown');
    await press('ArrowDown');
    await expectFocus(rail(/^No credentials/));
    await press('ArrowUp');
    await press('Enter');

    await pressWithEnter(window.getByRole('main').getByRole('button', { name: 'Rename Work' }));
    const name = window.getByRole('main').getByRole('textbox', { name: 'Name' });
    await expectFocus(name);
    await window.keyboard.type('Other');
    await press('Escape');
    await expectFocus(button('Rename Work'));
    await press('Enter');
    await window.keyboard.type('Client A');
    await press('Enter');
    await expectFocus(window.getByRole('main').getByRole('button', { name: 'Rename Client A' }));
  });

  test('signing out asks, with the focus on staying', async () => {
    await tabTo(
      window.getByRole('navigation', { name: 'Identities' }).getByRole('button', { name: /^grace/ }),
    );
    await press('Enter');
    await pressWithEnter(button('Sign out of Demo'));
    const question = window.getByRole('alertdialog', { name: 'Sign out of Demo?' });
    await expectFocus(question.getByRole('button', { name: 'Stay signed in' }));
    await press('Escape');
    await expectFocus(button('Sign out of Demo'));
    await press('Enter');
    await pressWithEnter(question.getByRole('button', { name: 'Sign out' }));
    await expect(question).toBeHidden();
    await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
    await pressWithEnter(button('Connect Demo'));
    await expectFocus(inDialog('Open again'));
    await press('Escape');
    await expectFocus(button('Connect Demo'));
  });

  test('settings are reached and left', async () => {
    await pressWithEnter(button('Settings'));
    await expect(window.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await pressWithEnter(button('More for grace@demo.lanyard.test'));
    const entry = window.getByRole('menuitem', { name: 'Delete…' });
    await expect(window.getByRole('menuitem').first()).toBeFocused();
    await press('End');
    await expect(entry).toBeFocused();
    await press('Enter');
    const question = window.getByRole('alertdialog');
    await expectFocus(question.getByRole('button', { name: 'Keep' }));
    await press('Tab');
    await press('Enter');
    await expect(question).toBeHidden();
    await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
    await tabTo(
      window.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Identities' }),
      'Shift+Tab',
    );
    await press('Enter');
    await expect(window.getByRole('heading', { level: 1, name: 'Client A' })).toBeVisible();
  });
});
