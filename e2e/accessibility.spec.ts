import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { acmeOnPort, acmeProvider } from './support/acme-provider.ts';
import { connectDialog, newIdentity, useAnotherWay } from './support/connect-ui.ts';
import { approve, approveDevice, deny } from './support/demo-person.ts';
import { expectAccessible, screenshots } from './support/expect-accessible.ts';
import { faultProvider, unlistedProvider, writeProviders } from './support/fault-providers.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createTestPlace, projectRoot, type TestPlace } from './support/test-place.ts';

const updatesImages = process.env.LANYARD_UPDATE_IMAGES === '1';

/** The smallest window that the modal must fit into without scrolling. */
const size = { width: 1040, height: 720 };

/** Heights are whole pixels; the dialog is centred, so its top follows from its height. */
async function geometry(dialog: Locator) {
  return dialog.evaluate((element) => {
    const scrolling = [element, ...element.querySelectorAll('*')].filter((each) => {
      if (!/auto|scroll/.test(getComputedStyle(each).overflowY)) return false;
      // A text that is long by nature has a scroller of its own.
      if (each.closest('[data-component="transcript"]')) return false;
      return each.scrollHeight > each.clientHeight;
    });
    const { top, bottom, height } = element.getBoundingClientRect();
    return {
      height: Math.round(height),
      scrolling: scrolling.map((each) => each.getAttribute('data-component') ?? each.tagName),
      fits: top >= 0 && bottom <= innerHeight,
    };
  });
}

async function launchAt(place: TestPlace, colorScheme: 'light' | 'dark' = 'light'): Promise<LaunchedApp> {
  const launched = await launchApp({ place, colorScheme });
  await launched.app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
  }, size);
  await expect
    .poll(() => launched.window.evaluate(() => [innerWidth, innerHeight]))
    .toEqual([size.width, size.height]);
  return launched;
}

test.describe('without violations in both themes', () => {
  test.describe.configure({ mode: 'serial' });
  let place: TestPlace;
  let launched: LaunchedApp;
  let window: Page;
  /** Height of the modal where it was first seen, for all other steps. */
  let height: number | null = null;

  const dialog = (provider = 'Demo') => connectDialog(window, provider);
  const connect = (provider: string) =>
    window.getByRole('button', { name: `Connect ${provider}`, exact: true }).click();
  /** axe, and the modal's promises: nothing scrolls, one height for all statuses; what is opened may add to it. */
  const expectStep = async (name: string, provider = 'Demo', disclosed = false) => {
    const seen = await geometry(dialog(provider));
    height ??= seen.height;
    const expected = { scrolling: [], fits: true, height: disclosed ? expect.any(Number) : height };
    expect.soft(seen, name).toEqual(expected);
    await expectAccessible(window, name);
  };
  const disclose = async (name: string, provider = 'Demo') => {
    await dialog(provider).getByRole('button', { name, exact: true }).click();
  };
  const cancel = async (provider = 'Demo') => {
    await dialog(provider)
      .getByRole('button', { name: /^(Cancel|Close|Done)$/ })
      .click();
    await expect(dialog(provider)).toBeHidden();
  };

  test.beforeAll(async () => {
    place = await createTestPlace();
    await writeProviders(place.data, [
      acmeProvider,
      acmeOnPort,
      faultProvider('hangs'),
      faultProvider('missing'),
      faultProvider('exits-1'),
      faultProvider('foreign-link'),
      unlistedProvider(),
    ]);
    launched = await launchAt(place);
    window = launched.window;
  });
  test.afterAll(async () => {
    await launched.close();
    await place.remove();
  });

  test('home on the first run', async () => {
    await expect(window.getByRole('heading', { name: 'Connect your first account' })).toBeVisible();
    await expect(window.getByText('Not installed').first()).toBeVisible();
    await expectAccessible(window, 'home-first-run');
  });

  test('modal while the CLI starts', async () => {
    await connect('Fault hangs');
    await expect(dialog('Fault hangs')).toContainText('hangs login');
    await expectStep('modal-pending', 'Fault hangs');
    await disclose('What the CLI said', 'Fault hangs');
    await expect(dialog('Fault hangs')).toContainText('Contacting the sign-in service...');
    await expectStep('modal-pending-transcript', 'Fault hangs', true);
    await expect(dialog('Fault hangs')).toContainText(/\d+ s so far/);
    await expect(dialog('Fault hangs')).toContainText(/9:5\d left/);
    await cancel('Fault hangs');
  });

  test('modal with a link, and each of its disclosures', async () => {
    await connect('Demo');
    const link = await launched.opener.nextOpened();
    await expect(dialog().getByRole('button', { name: 'Open again' })).toBeVisible();
    await expectStep('modal-link');
    await disclose('Browser on another machine, or nothing happened?');
    await dialog().getByRole('textbox').fill(link);
    await dialog().getByRole('button', { name: 'Submit' }).click();
    await expect(dialog().getByRole('alert')).toContainText('This is the sign-in page');
    await expectStep('modal-link-paste-refused', 'Demo', true);
    await dialog().getByRole('button', { name: 'Use another way' }).click();
    await expectAccessible(window, 'modal-link-menu');
    await window.keyboard.press('Escape');
    await disclose('What the CLI said');
    await expectStep('modal-link-transcript', 'Demo', true);
    await disclose('What the CLI said');
    await window.keyboard.press('Escape');
    await expect(window.getByRole('alertdialog')).toBeVisible();
    await expectAccessible(window, 'modal-question');
    await window.getByRole('button', { name: 'End sign-in' }).click();
    await expect(dialog()).toBeHidden();
  });

  test('modal with a QR code, of a link, which makes no room for it, and of the page for a code', async () => {
    await connect('Acme');
    await launched.opener.nextOpened();
    await dialog('Acme').getByRole('button', { name: 'QR code' }).press('Enter');
    await expect(dialog('Acme').getByRole('img', { name: /^QR code of the sign-in link/ })).toBeVisible();
    await expectStep('modal-link-qr', 'Acme');
    await useAnotherWay(dialog('Acme'), 'Device code');
    await expect(dialog('Acme').getByRole('button', { name: 'Copy code' })).toBeVisible();
    await disclose('QR code', 'Acme');
    await expect(dialog('Acme').getByRole('img')).toBeVisible();
    await expectStep('modal-code-qr', 'Acme', true);
    await cancel('Acme');
  });

  test('modal with a link to a foreign host', async () => {
    await connect('Fault foreign-link');
    await expect(dialog('Fault foreign-link')).toContainText('https://evil.test/oauth/authorize');
    await expectStep('modal-foreign-link', 'Fault foreign-link');
    await cancel('Fault foreign-link');
    await connect('Fault unlisted');
    await expect(dialog('Fault unlisted')).toContainText('Lanyard does not know evil.test.');
    await expectStep('modal-unlisted-link', 'Fault unlisted');
    await cancel('Fault unlisted');
  });

  test('modal where the code is pasted', async () => {
    await connect('Demo');
    await launched.opener.nextOpened();
    await useAnotherWay(dialog(), 'Paste a code');
    await launched.opener.nextOpened();
    await expect(dialog().getByRole('textbox')).toBeFocused();
    await expectStep('modal-paste');
    await cancel();
  });

  test('modal that asks before it starts, and says what is wrong with the answers', async () => {
    const provider = 'AWS IAM Identity Center';
    await connect(provider);
    await expect(dialog(provider).getByRole('textbox', { name: 'SSO start URL' })).toBeFocused();
    await expectStep('modal-parameters', provider);
    await dialog(provider).getByRole('textbox', { name: 'SSO region' }).fill('somewhere');
    await disclose('Continue', provider);
    // With the AWS CLI on this machine, two more are needed.
    await expect(dialog(provider).getByRole('alert').nth(0)).toHaveText('This is needed.');
    await expect(dialog(provider).getByRole('alert').nth(1)).toContainText('should look like eu-central-1');
    await expectStep('modal-parameters-refused', provider, true);
    await cancel(provider);
  });

  test('modal that failed, with details, with an install command, and the form for a key', async () => {
    await connect('Fault exits-1');
    await expect(dialog('Fault exits-1')).toContainText('exit code 1');
    await expectStep('modal-failed', 'Fault exits-1');
    await disclose('Details', 'Fault exits-1');
    await expect(dialog('Fault exits-1').getByRole('region', { name: 'Transcript' })).toBeVisible();
    await expectStep('modal-failed-details', 'Fault exits-1', true);
    await cancel('Fault exits-1');

    await connect('Codex');
    await expect(dialog('Codex')).toContainText('npm install -g @openai/codex');
    await expectStep('modal-missing', 'Codex');
    await useAnotherWay(dialog('Codex'), 'API key');
    await expect(dialog('Codex').getByRole('textbox').first()).toBeVisible();
    await expectStep('modal-api-key', 'Codex');
    await cancel('Codex');
  });

  test('modal that was denied', async () => {
    await connect('Demo');
    await deny(await launched.opener.nextOpened());
    await expect(dialog()).toContainText('You denied the sign-in.');
    await expectStep('modal-denied');
    await cancel();
  });

  test('modal with a code, its disclosures, and success', async () => {
    await newIdentity(window, 'Work');
    await connect('Demo');
    await launched.opener.nextOpened();
    await useAnotherWay(dialog(), 'Device code');
    await expect(dialog().getByRole('button', { name: 'Copy code' })).toBeVisible();
    await expectStep('modal-code');
    await disclose('What the CLI said');
    await expectStep('modal-code-transcript', 'Demo', true);
    await disclose('What the CLI said');
    await disclose('Copy code');
    const code = await launched.app.evaluate(({ clipboard }) => clipboard.readText());
    await dialog()
      .getByRole('button', { name: /^Open 127/ })
      .click();
    await approveDevice(await launched.opener.nextOpened(), code, 'demo-grace');
    await expect(dialog()).toContainText('Signed in as grace@demo.lanyard.test');
    await expectStep('modal-success');
    await disclose('Rename Work');
    await expectStep('modal-success-rename', 'Demo', true);
    await window.keyboard.press('Escape');
    await cancel();
  });

  test('home with accounts and with a sign-in in the background', async () => {
    await connect('Acme');
    await launched.opener.nextOpened();
    await disclose('Keep going in the background', 'Acme');
    await expect(window.getByRole('button', { name: /^Connecting Acme to Work/ })).toBeVisible();
    await expectAccessible(window, 'home-accounts');
    await window.getByRole('button', { name: 'Sign out of Demo' }).click();
    await expect(window.getByRole('alertdialog')).toBeVisible();
    await expectAccessible(window, 'home-sign-out');
    await window.keyboard.press('Escape');
    await window.getByRole('button', { name: 'New identity' }).click();
    await window.getByRole('dialog', { name: 'New identity' }).getByRole('textbox').press('Enter');
    await expect(window.getByRole('dialog', { name: 'New identity' }).getByRole('alert')).toBeVisible();
    await expectAccessible(window, 'new-identity');
    await window.keyboard.press('Escape');
    await window.getByRole('button', { name: /^No credentials/ }).click();
    await expectAccessible(window, 'home-blank');
    await window.getByRole('button', { name: /^Connecting Acme to Work/ }).click();
    await cancel('Acme');
  });

  test('I-17: modal whose port another sign-in has', async () => {
    await newIdentity(window, 'Client A');
    await connect('Acme on a port');
    await launched.opener.nextOpened();
    await disclose('Keep going in the background', 'Acme on a port');
    await newIdentity(window, 'Client B');
    await connect('Acme on a port');
    const shown = dialog('Acme on a port');
    await expect(shown).toContainText('Another sign-in has port 8976: Acme on a port as Client A');
    await expect(shown.getByRole('button', { name: 'End that sign-in and go on' })).toBeFocused();
    await expectStep('modal-port-held', 'Acme on a port');
    await disclose('End that sign-in and go on', 'Acme on a port');
    await launched.opener.nextOpened();
    await cancel('Acme on a port');
    await expect(window.getByRole('button', { name: /^Connecting Acme on a port/ })).toBeHidden();
  });

  test('home and settings with problems', async () => {
    await writeFile(join(place.data, 'providers', 'broken.json'), '{\n  "id": "broken",\n  "flows": 5\n}\n', {
      mode: 0o600,
    });
    await window.getByRole('button', { name: 'Settings' }).click();
    await expectAccessible(window, 'settings-identities');
    await window.getByRole('tab', { name: 'About' }).click();
    await expectAccessible(window, 'settings-about');
    await window.getByRole('tab', { name: 'Providers' }).click();
    await expectAccessible(window, 'settings-providers');
    await window.getByRole('button', { name: 'Look again' }).click();
    await expect(window.getByText('broken.json', { exact: false }).first()).toBeVisible();
    await expectAccessible(window, 'settings-problems');
    await window.getByRole('button', { name: 'Identities' }).click();
    await window
      .getByRole('navigation', { name: 'Identities' })
      .getByRole('button', { name: /^Work/ })
      .click();
    const problems = window.getByRole('region', { name: 'Problems' });
    await expect(problems).toBeVisible();
    await problems.getByRole('button').click();
    await expectAccessible(window, 'home-problems');
  });
});

test.describe('a change of status', () => {
  let launched: LaunchedApp;

  test.beforeAll(async () => {
    launched = await launchApp();
  });
  test.afterAll(() => launched.close());

  test('is announced once', async () => {
    const { window, opener } = launched;
    await window.getByRole('main').waitFor();
    const heard = await window.evaluateHandle(() => {
      const texts: string[] = [];
      const region = document.getElementById('announcements');
      if (!region) throw new Error('no live region');
      new MutationObserver(() => {
        const text = region.textContent ?? '';
        if (text !== '') texts.push(text);
      }).observe(region, { childList: true, characterData: true, subtree: true });
      return texts;
    });
    const said = () => heard.evaluate((texts) => [...texts]);
    const dialog = connectDialog(window, 'Demo');
    const start = window.getByRole('button', { name: 'Connect Demo', exact: true });
    await start.click();
    await deny(await opener.nextOpened());
    await expect(dialog).toContainText('You denied the sign-in.');
    await expect.poll(said).toHaveLength(2);
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await approve(await opener.nextOpened());
    await expect(dialog).toContainText('Signed in as');
    await expect.poll(said).toHaveLength(4);
    // That it starts is said by the dialog's own opening.
    expect(await said()).toEqual([
      'The sign-in page of Demo is ready.',
      'Demo: You denied the sign-in. Try again and choose Approve on the page.',
      'The sign-in page of Demo is ready.',
      'Demo: signed in as ada@demo.lanyard.test.',
    ]);
  });
});

test("the README's picture", async () => {
  const place = await createTestPlace();
  await writeProviders(place.data, [acmeProvider]);
  const launched = await launchAt(place);
  try {
    const { window } = launched;
    await window.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await newIdentity(window, 'Client A');
    await newIdentity(window, 'Work');
    await window.getByRole('button', { name: 'Connect Demo', exact: true }).click();
    await approve(await launched.opener.nextOpened());
    await connectDialog(window, 'Demo').getByRole('button', { name: 'Done' }).click();
    await window.getByRole('button', { name: 'Connect Acme', exact: true }).click();
    const dialog = connectDialog(window, 'Acme');
    await expect(dialog.getByRole('region', { name: 'Sign-in link' })).toContainText(
      'https://login.acme.example/oauth/authorize?',
    );
    // The same second every time.
    await expect(dialog).toContainText('9:57 left', { timeout: 10_000 });
    const directory = updatesImages ? join(projectRoot, 'docs', 'images') : screenshots;
    mkdirSync(directory, { recursive: true });
    await window.screenshot({
      path: join(directory, 'connect-link.png'),
      animations: 'disabled',
      caret: 'hide',
    });
  } finally {
    await launched.close();
    await place.remove();
  }
});
