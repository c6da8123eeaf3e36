import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { connectDialog, listBundles, newIdentity } from './support/connect-ui.ts';
import { approve, type DemoPersonId } from './support/demo-person.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { expectFocus, tabTo } from './support/keyboard.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

/** Things are run as an identity, in the window, as a person does it. */
test.describe('terminals', () => {
  test.describe.configure({ mode: 'serial', timeout: 60_000 });
  let place: TestPlace;
  let launched: LaunchedApp;
  let window: Page;

  const button = (name: string | RegExp) => window.getByRole('button', { name, exact: true });
  const tab = (name: string | RegExp) => window.getByRole('tab', { name });
  const panel = () => window.getByRole('tabpanel');
  const input = () => panel().getByRole('textbox', { name: 'Terminal input' });
  /** What the terminal shows; its rows are not in the accessibility tree, as in every terminal of this kind. */
  const screen = () => panel().locator('.xterm-rows');
  const runDialog = (name: string) => window.getByRole('dialog', { name, exact: true });
  const said = (text: string | RegExp) => expect(window.locator('#announcements')).toHaveText(text);
  const type = async (line: string) => {
    await expect(input()).toBeFocused();
    await window.keyboard.type(line);
    await window.keyboard.press('Enter');
  };
  const signIn = async (name: string, person: DemoPersonId = 'demo-ada') => {
    await button(name).click();
    await approve(await launched.opener.nextOpened(), person);
    await connectDialog(window, 'Demo').getByRole('button', { name: 'Done' }).click();
  };
  const credentials = async (): Promise<string> => {
    const [bundle] = await listBundles(window);
    const account = bundle?.accounts.find(({ providerId }) => providerId === 'demo');
    const generations = join(place.data, 'accounts', account?.id ?? '');
    const [newest] = readdirSync(generations).sort().reverse();
    return join(generations, newest ?? '', 'demo-credentials.json');
  };
  const toIdentity = async () => {
    await window
      .getByRole('navigation', { name: 'Identities' })
      .getByRole('button', { name: 'Work' })
      .click();
    await expect(window.getByRole('heading', { level: 1, name: 'Work' })).toBeVisible();
  };
  const toTerminals = () =>
    window.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Terminals' }).click();
  const runHere = async (command: string) => {
    await toIdentity();
    await button('Run as…').click();
    await runDialog('Run as Work').getByRole('textbox', { name: 'Command' }).fill(command);
    await button('Run here').click();
  };
  const running = (): Locator =>
    window.getByRole('list', { name: 'Running programs' }).locator(':scope > li');

  test.beforeAll(async () => {
    place = await createTestPlace();
    launched = await launchApp({ place });
    window = launched.window;
    await window.evaluate(() => {
      const noted: string[] = [];
      Object.assign(globalThis, { noted });
      document.addEventListener('securitypolicyviolation', (event) => {
        noted.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    await newIdentity(window, 'Work');
    await signIn('Connect Demo');
  });
  test.afterAll(async () => {
    await launched.close();
    await place.remove();
  });

  test('R-1: a shell as the identity, by keyboard alone: it says whose it is, and Ctrl+F6 leads out', async () => {
    await toTerminals();
    await expect(panel()).toContainText('Nothing runs as an identity now.');
    await expectAccessible(window, 'terminals-empty');
    await toIdentity();
    await tabTo(button('Run as…'));
    await window.keyboard.press('Enter');
    const command = runDialog('Run as Work').getByRole('textbox', { name: 'Command' });
    await expectFocus(command);
    await expectAccessible(window, 'run-dialog');
    await tabTo(button('Terminal here'));
    await window.keyboard.press('Enter');
    await expect(tab('bash Work')).toHaveAttribute('aria-selected', 'true');
    await type('echo "it is $LANYARD_BUNDLE"');
    await expect(screen()).toContainText('it is Work');
    await type('clear; echo "of ours: $(env | grep ^LANYARD | tr "\\n" ";")"');
    await expect(screen()).toContainText('of ours: LANYARD_BUNDLE=Work;');
    await expectAccessible(window, 'terminal-shell');
    await window.keyboard.press('Control+F6');
    await expectFocus(tab('bash Work'));
    await tabTo(input().page().getByRole('button', { name: 'Find' }));
    await expect(
      window.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Terminals 1 running' }),
    ).toBeVisible();
  });

  test('the program has the size of the window, and colours of its own are shown under our policy', async () => {
    await input().focus();
    await type('clear; stty size');
    const sizes = async () => /(\d+) (\d+)/.exec((await screen().textContent()) ?? '')?.[0];
    await expect.poll(sizes).toBeTruthy();
    const before = await sizes();
    await launched.app.evaluate(({ BrowserWindow }) => {
      const [shown] = BrowserWindow.getAllWindows();
      const [width = 0, height = 0] = shown?.getContentSize() ?? [];
      shown?.setContentSize(width - 120, height - 90);
    });
    await expect
      .poll(async () => {
        await window.keyboard.type('clear; stty size\r');
        return sizes();
      })
      .not.toBe(before);
    await window.emulateMedia({ colorScheme: 'light' });
    await type(`clear; printf '\\033[38;2;10;120;60mtrue\\033[0m \\033[31;1mred\\033[0m\\n'`);
    const coloured = screen().locator('span', { hasText: 'true' }).last();
    await expect(coloured).toHaveCSS('color', 'rgb(10, 120, 60)');
    // Monospaced, and each row of one height: the rules that xterm.js writes are in force.
    await expect(screen()).toHaveCSS('white-space', 'pre');
    expect(await window.evaluate(() => Reflect.get(globalThis, 'noted'))).toEqual([]);
    await expectAccessible(window, 'terminal-colours');
  });

  test('finds, from the end upwards, and Esc leads back', async () => {
    await input().focus();
    await type('clear; for n in 1 2 3; do echo "needle $n"; done');
    await expect(screen()).toContainText('needle 3');
    await window.keyboard.press('Control+Shift+F');
    const box = window.getByRole('textbox', { name: 'Find in this terminal' });
    await expectFocus(box);
    await window.keyboard.type('needle ');
    await expect(window.getByRole('search').getByRole('status')).toHaveText(/^\d of \d$/);
    await window.keyboard.press('Enter');
    await expectAccessible(window, 'terminal-search');
    await window.keyboard.type('nowhere');
    await expect(window.getByRole('search').getByRole('status')).toHaveText('Not found');
    await window.keyboard.press('Escape');
    await expect(box).toBeHidden();
    await expect(input()).toBeFocused();
  });

  test('copies and pastes; several lines only when the person says so', async () => {
    await type('clear; cat > /dev/null');
    await launched.app.evaluate(({ clipboard }) => clipboard.writeText('one line'));
    await window.keyboard.press('Control+Shift+V');
    await expect(screen()).toContainText('one line');
    await launched.app.evaluate(({ clipboard }) => clipboard.writeText('first\nsecond\n'));
    await window.keyboard.press('Control+Shift+V');
    const question = window.getByRole('alertdialog', { name: 'Paste several lines?' });
    await expect(question).toContainText('The clipboard has 2 lines.');
    await expectAccessible(window, 'terminal-paste');
    await question.getByRole('button', { name: 'Do not paste' }).click();
    await expect(screen()).not.toContainText('second');
    await expect(input()).toBeFocused();
    // The browser's own way to paste goes past our keys.
    await window.keyboard.press('Shift+Insert');
    await question.getByRole('button', { name: 'Do not paste' }).click();
    await expect(screen()).not.toContainText('second');
    await launched.app.evaluate(({ clipboard }) => clipboard.writeText('\x1b[201~ended'));
    await window.keyboard.press('Shift+Insert');
    await expect(screen()).toContainText('\u241b[201~ended');
    await panel().locator('.xterm-screen').click({ button: 'right' });
    await expectAccessible(window, 'terminal-menu');
    await window.getByRole('menuitem', { name: 'Select all' }).click();
    await expect(input()).toBeFocused();
    await window.keyboard.press('Control+Shift+C');
    await said('Copied');
    expect(await launched.app.evaluate(({ clipboard }) => clipboard.readText())).toContain('one line');
    await window.keyboard.press('Control+C');
  });

  test('a link is opened by main, after its host was named, from the screen and by keyboard', async () => {
    await type(`clear; echo 'see https://docs.acme.test/start?x=1.'`);
    await expect(screen()).toContainText('docs.acme.test/start');
    await window.keyboard.press('Control+F6');
    await tabTo(panel().getByRole('button', { name: 'Links' }));
    await window.keyboard.press('Enter');
    await expect(window.getByRole('menuitem', { name: 'https://docs.acme.test/start?x=1' })).toBeFocused();
    await window.keyboard.press('Enter');
    const dialog = window.getByRole('dialog', { name: 'Open docs.acme.test?' });
    await expect(dialog).toContainText('https://docs.acme.test/start?x=1');
    await expectAccessible(window, 'terminal-link');
    await dialog.getByRole('button', { name: 'Open in the browser' }).click();
    expect(await launched.opener.nextOpened()).toBe('https://docs.acme.test/start?x=1');
    await expect(dialog).toBeHidden();
    await expect(input()).toBeFocused();
  });

  test('a window that is loaded again finds the terminal as it was', async () => {
    await type('clear; mark=kept; echo "before the reload"');
    await expect(screen()).toContainText('before the reload');
    await window.reload();
    await expect(tab('bash Work')).toHaveAttribute('aria-selected', 'true');
    await expect(screen()).toContainText('before the reload');
    await input().focus();
    await type('echo "still $mark"');
    await expect(screen()).toContainText('still kept');
  });

  test('a full-screen program keeps its screen over another page and leaves it when it ends', async () => {
    await type(`clear; seq 1 200 | less`);
    await expect(screen()).toContainText('1');
    await window.keyboard.press('G');
    await expect(screen()).toContainText('200');
    await toIdentity();
    await toTerminals();
    await expect(screen()).toContainText('200');
    await expect(screen()).toContainText('(END)');
    await input().focus();
    await window.keyboard.press('q');
    await expect(screen()).not.toContainText('(END)');
  });

  test('a command is kept only when the person says so, is offered again, and shows how it ended', async () => {
    await runHere('sleep 0.2; exit 7');
    await expect(panel()).toContainText('Ended with code 7');
    await said('sleep 0.2; exit 7: Ended with code 7.');
    await expectAccessible(window, 'terminal-ended');
    await toIdentity();
    await button('Run as…').click();
    const dialog = runDialog('Run as Work');
    await expect(dialog.getByRole('list', { name: 'Kept commands' })).toBeHidden();
    await dialog.getByRole('textbox', { name: 'Command' }).fill('curl -H "Authorization: Bearer abc.def"');
    await dialog.getByRole('checkbox', { name: 'Keep this command for next time' }).check();
    await button('Run here').click();
    await expect(dialog.getByRole('alert')).toContainText('seems to hold a secret');
    await dialog.getByRole('textbox', { name: 'Command' }).fill('echo "kept as $LANYARD_BUNDLE"');
    await button('Run here').click();
    await expect(screen()).toContainText('kept as Work');
    await toTerminals();
    await button('Run as…').click();
    const anyone = runDialog('Run as…');
    await expect(anyone.getByRole('combobox', { name: 'Identity' })).toHaveValue(/.+/);
    await expect(anyone.getByRole('button', { name: 'Run echo "kept as $LANYARD_BUNDLE"' })).toBeVisible();
    await expectAccessible(window, 'run-dialog-kept');
    await anyone.getByRole('button', { name: 'Remove echo "kept as $LANYARD_BUNDLE"' }).click();
    await expect(anyone.getByRole('list', { name: 'Kept commands' })).toBeHidden();
    await window.keyboard.press('Escape');
  });

  test('R-2: a program that the identity has no account for is not started with the machine’s login', async () => {
    await toIdentity();
    await button('Run as…').click();
    const dialog = runDialog('Run as Work');
    await dialog.getByRole('textbox', { name: 'Command' }).fill('codex login status');
    await button('Run here').click();
    await expect(dialog.getByRole('alert')).toContainText(
      "Work has no account of Codex: codex would use the machine's own login.",
    );
    await expect(dialog.getByRole('button', { name: 'Connect Codex' })).toBeVisible();
    await expectAccessible(window, 'run-dialog-no-account');
    await window.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await toTerminals();
  });

  test('closing: an idle shell goes at once, a running program only when the person says so', async () => {
    const ended = tab(/exit 7/);
    await ended.click();
    await panel().getByRole('button', { name: 'Close' }).click();
    await expect(ended).toBeHidden();
    await runHere('sleep 600');
    await expect(tab('sleep 600 Work')).toHaveAttribute('aria-selected', 'true');
    await panel().getByRole('button', { name: 'Close' }).click();
    const question = window.getByRole('alertdialog', { name: 'Close this terminal?' });
    await expectAccessible(window, 'terminal-close');
    await window.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await panel().getByRole('button', { name: 'Close' }).click();
    await question.getByRole('button', { name: 'End it and close' }).click();
    await expect(tab('sleep 600 Work')).toBeHidden();
    await said('Terminal closed.');
  });

  test('R-3: the list says who each program is now; another person is red with both names; End asks', async () => {
    await tab(/^Running/).click();
    await expect(running().first()).toContainText('ada@demo.lanyard.test');
    await expectAccessible(window, 'running-list');
    writeFileSync(
      await credentials(),
      JSON.stringify({
        ...JSON.parse(readFileSync(await credentials(), 'utf8')),
        email: 'grace@demo.lanyard.test',
        accountId: 'demo-grace',
        organisationId: 'demo-compilers',
        organisation: 'Compilers & Co',
      }),
    );
    await toIdentity();
    await button('Check Demo now').click();
    await expect(window.getByRole('region', { name: 'Just done' })).toContainText(
      'One program still has an old login of Demo.',
    );
    await window.getByRole('region', { name: 'Just done' }).getByRole('button', { name: 'Show' }).click();
    await expect(running()).toContainText(
      'Demo was ada@demo.lanyard.test (Analytical Engines) when it started. Its program now says grace@demo.lanyard.test (Compilers & Co).',
    );
    await expectAccessible(window, 'running-drift');
  });

  test('R-2: while somebody else is signed in nothing starts, and one click mends it; R-3: the old login can be restarted', async () => {
    await toIdentity();
    await button('Run as…').click();
    await button('Terminal here').click();
    const dialog = runDialog('Run as Work');
    await expect(dialog.getByRole('alert')).toContainText('Somebody else is signed in to Demo.');
    await expectAccessible(window, 'run-dialog-refused');
    await signIn('Sign in to Demo again');
    await expect(dialog).toBeHidden();
    await toTerminals();
    await tab(/^Running/).click();
    await expect(running()).toContainText('signed in again since. It still has the login from before.');
    await button('Restart bash with the new login').click();
    await expect(running()).not.toContainText('still has');
    await expect(running()).toContainText('Demo: ada@demo.lanyard.test');
    await button('End bash').click();
    const question = window.getByRole('alertdialog', { name: 'End bash?' });
    await expectAccessible(window, 'running-end');
    await question.getByRole('button', { name: 'End it' }).click();
    await expect(panel()).toContainText('Nothing runs as an identity now.');
    await expect(window.getByRole('heading', { level: 1, name: 'Terminals' })).toBeFocused();
    expect(await window.evaluate(() => document.querySelectorAll('[role="alert"]').length)).toBe(0);
  });

  test('R-2: an account that needs its person stops a restart, and the tab says so', async () => {
    await tab('bash Work').click();
    await expect(panel()).toContainText(/Ended/);
    rmSync(await credentials());
    await toIdentity();
    await button('Check Demo now').click();
    await said('Demo: sign in again.');
    await toTerminals();
    await panel().getByRole('button', { name: 'Start again' }).click();
    await expect(panel().getByRole('alert')).toContainText('Demo needs a new sign-in.');
    await expectAccessible(window, 'terminal-refused');
    await signIn('Sign in to Demo again');
    await toTerminals();
    await panel().getByRole('button', { name: 'Start again' }).click();
    await input().focus();
    await type('echo "again $LANYARD_BUNDLE"');
    await expect(screen()).toContainText('again Work');
  });

  test('what runs in a tab outlives the window, which finds it again', async () => {
    await type('clear; mark=alive');
    await Promise.all([
      window.waitForEvent('close'),
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()),
    ]);
    const next = launched.app.waitForEvent('window');
    await launched.app.evaluate(({ app }) => void app.emit('activate'));
    window = await next;
    await toTerminals();
    await tab('bash Work').click();
    await input().focus();
    await type('echo "still $mark"');
    await expect(screen()).toContainText('still alive');
  });
});
