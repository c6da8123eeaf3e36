import { mkdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { armor, Decrypter } from 'age-encryption';
import { canaries } from './support/canaries.ts';
import { connectDialog } from './support/connect-ui.ts';
import { expectAccessible, screenshots } from './support/expect-accessible.ts';
import { writeProviders } from './support/fault-providers.ts';
import { keysProvider } from './support/keys-provider.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { missingForSecretService, type SecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

/** What the app gets where there is no session bus, and so no keychain. */
const noKeychain = { DBUS_SESSION_BUS_ADDRESS: 'disabled:' };
const passphrase = canaries.plant('password', 'correct horse battery staple');
const canary = 'sk-canary-0123456789abcdef';

const rail = (window: Page, name: string) => window.getByRole('button', { name, exact: true });

async function openSecurity(window: Page): Promise<void> {
  await rail(window, 'Settings').click();
  await window.getByRole('tab', { name: 'Security' }).click();
  await expect(window.getByRole('heading', { name: 'Where keys are kept' })).toBeVisible();
}

const backend = (window: Page, name: string) => window.getByRole('listitem').filter({ hasText: name });
const button = (window: Page, name: string) => window.getByRole('button', { name, exact: true });

async function typePassphrase(window: Page, title: string, texts: string[], submit: string): Promise<void> {
  const dialog = window.getByRole('dialog', { name: title });
  const boxes = [dialog.getByLabel('Passphrase', { exact: true }), dialog.getByLabel('Passphrase again')];
  for (const [n, text] of texts.entries()) await boxes[n]?.fill(text);
  await dialog.getByRole('button', { name: submit }).click();
}

async function expectSelfTestPasses(window: Page): Promise<void> {
  await button(window, 'Test it').click();
  const result = window.getByRole('list', { name: 'Test result' });
  await expect(result.getByRole('listitem')).toHaveText(
    [/Write a value\s*Passed/, /second process\s*Passed/, /Delete it\s*Passed/],
    { timeout: 30_000 },
  );
}

/** Fills in the form for a key, which nobody can be asked about, and presses the way round that. */
async function fillKey(window: Page, key: string) {
  await button(window, 'Connect Keys').click();
  const dialog = connectDialog(window, 'Keys');
  await dialog.getByLabel('API key').fill(key);
  await dialog.getByRole('button', { name: 'Check and save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Keys could not be asked about this key.');
  return dialog;
}

/** The keys in a sealed file, opened as any age tool would. */
async function valuesIn(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const [, key = '', entries = ''] =
    /\n(-----BEGIN.*?END[^\n]*\n)(-----BEGIN.*END[^\n]*\n)$/s.exec(text) ?? [];
  const first = new Decrypter();
  first.addPassphrase(passphrase);
  const second = new Decrypter();
  second.addIdentity(await first.decrypt(armor.decode(key), 'text'));
  const content = JSON.parse(await second.decrypt(armor.decode(entries), 'text')) as {
    entries: { account: string; secret: string }[];
  };
  // The audit trail keeps what it is checked against there, too.
  return content.entries.filter(({ account }) => account !== 'audit-trail').map(({ secret }) => secret);
}

/** Files under a directory that hold a text. */
async function filesWith(directory: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}

test.beforeAll(() => mkdirSync(screenshots, { recursive: true }));

test.describe('without a keychain', () => {
  test.describe.configure({ mode: 'serial' });
  let place: TestPlace;
  let launched: LaunchedApp;
  let window: Page;
  const start = async () => {
    launched = await launchApp({ place, env: noKeychain });
    window = launched.window;
  };

  test.beforeAll(async () => {
    place = await createTestPlace();
    await writeProviders(place.data, [keysProvider]);
    await start();
  });
  test.afterAll(async () => {
    await launched.close();
    await place.remove();
  });

  test('T-2, T-3: nothing is kept anywhere else by itself; the form says so and names the way out', async () => {
    const dialog = await fillKey(window, canary);
    await dialog.getByRole('button', { name: 'Save without checking' }).click();
    await expect(dialog.getByRole('alert')).toContainText('This machine has no usable keychain.');
    await expect(button(window, 'Use a sealed file instead…')).toBeVisible();
    await expectAccessible(window, 'vault-key-unavailable');
    expect(await readdir(place.data)).not.toContain('vault.age');
    await dialog.getByRole('button', { name: /^(Cancel|Close)$/ }).click();
    await expect(dialog).toBeHidden();

    await openSecurity(window);
    await expect(window.getByRole('alert')).toContainText('This machine has no usable keychain.');
    await expect(backend(window, "This computer's keychain")).toContainText('Chosen');
    await expect(window.getByRole('button', { name: /^Use a sealed file/ })).toHaveCount(1);
    await expectAccessible(window, 'vault-unavailable');
    await button(window, 'Try again').click();
    await expect(window.getByRole('alert')).toContainText('This machine has no usable keychain.');
  });

  test('T-2: a sealed file is made with a passphrase of some length, typed twice, and passes its test', async () => {
    await button(window, 'Use a sealed file instead…').click();
    const dialog = window.getByRole('dialog', { name: 'Make a sealed file' });
    await expect(dialog).toContainText('Nobody can recover this passphrase.');
    await expect(dialog.getByLabel('Passphrase', { exact: true })).toBeFocused();
    await expectAccessible(window, 'vault-new-passphrase');
    await typePassphrase(window, 'Make a sealed file', ['too short', 'too short'], 'Make and use it');
    await expect(dialog.getByRole('alert')).toContainText('At least 12 characters are needed; these are 9.');
    await typePassphrase(window, 'Make a sealed file', [passphrase, `${passphrase}!`], 'Make and use it');
    await expect(dialog.getByText('This is not the same.')).toBeVisible();
    await expect(dialog.getByLabel('Passphrase again')).toBeFocused();
    await dialog.getByLabel('Passphrase again').fill(passphrase);
    await dialog.getByLabel('Passphrase again').press('Enter');
    await expect(dialog.getByRole('status')).toContainText('This takes a second or two');
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    await expect(backend(window, 'Sealed file')).toContainText('In use');
    await expect(window.getByRole('heading', { name: 'Where keys are kept' })).toBeFocused();
    await expectSelfTestPasses(window);
    await expectAccessible(window, 'vault-test-passed');
    expect(await valuesIn(join(place.data, 'vault.age'))).toEqual([]);
  });

  test('T-2: a key is saved in it, and neither key nor passphrase is on disk in the clear', async () => {
    await rail(window, 'Identities').click();
    const dialog = await fillKey(window, canary);
    await dialog.getByRole('button', { name: 'Save without checking' }).click();
    await expect(dialog).toContainText('is kept in the sealed file.');
    await dialog.getByRole('button', { name: 'Done' }).click();
    expect(await valuesIn(join(place.data, 'vault.age'))).toEqual([canary]);
    await launched.close();
    for (const text of [canary, passphrase, 'AGE-SECRET-KEY']) {
      expect(await filesWith(place.root, text), text).toEqual([]);
    }
    expect(launched.output()).not.toContain(canary);
  });

  test('T-3: after a restart it is locked; a wrong passphrase is said where it was typed; then the key is there', async () => {
    await start();
    await openSecurity(window);
    await expect(window.getByText('The sealed file is locked.')).toBeVisible();
    await expect(window.getByRole('alert')).toBeHidden();
    await expect(backend(window, 'Sealed file')).toContainText('In use, locked');
    await expectAccessible(window, 'vault-locked');
    await button(window, 'Unlock…').click();
    const dialog = window.getByRole('dialog', { name: 'Unlock the sealed file' });
    await typePassphrase(window, 'Unlock the sealed file', ['not the passphrase'], 'Unlock');
    await expect(dialog.getByRole('alert')).toContainText('This is not the passphrase of the sealed file.');
    await expect(dialog.getByLabel('Passphrase')).toBeFocused();
    await expectAccessible(window, 'vault-wrong-passphrase');
    await typePassphrase(window, 'Unlock the sealed file', [passphrase], 'Unlock');
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    await expect(backend(window, 'Sealed file')).not.toContainText('locked');
    await expectSelfTestPasses(window);
    expect(await valuesIn(join(place.data, 'vault.age'))).toEqual([canary]);
  });

  test('T-2: another passphrase: the current one is asked for, and the new one opens the keys', async () => {
    const next = 'four other words here';
    const change = async (texts: string[]) => {
      const dialog = window.getByRole('dialog', { name: 'Change the passphrase' });
      const boxes = ['Current passphrase', 'New passphrase', 'New passphrase again'];
      for (const [n, text] of texts.entries()) {
        await dialog.getByLabel(boxes[n] ?? '', { exact: true }).fill(text);
      }
      await dialog.getByRole('button', { name: 'Change it' }).click();
      return dialog;
    };
    await button(window, 'Change passphrase…').click();
    const opened = window.getByRole('dialog', { name: 'Change the passphrase' });
    await expect(opened.getByLabel('Current passphrase')).toBeFocused();
    await expectAccessible(window, 'vault-change-passphrase');
    const dialog = await change(['not the passphrase', next, next]);
    await expect(dialog.getByRole('alert')).toContainText('This is not the passphrase of the sealed file.', {
      timeout: 20_000,
    });
    await expect(dialog.getByLabel('Current passphrase')).toBeFocused();
    await change([passphrase, next, next]);
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    await expect(window.getByRole('heading', { name: 'Where keys are kept' })).toBeFocused();

    await button(window, 'Lock').click();
    await button(window, 'Unlock…').click();
    await typePassphrase(window, 'Unlock the sealed file', [passphrase], 'Unlock');
    const unlock = window.getByRole('dialog', { name: 'Unlock the sealed file' });
    await expect(unlock.getByRole('alert')).toContainText('This is not the passphrase', { timeout: 20_000 });
    await typePassphrase(window, 'Unlock the sealed file', [next], 'Unlock');
    await expect(unlock).toBeHidden({ timeout: 20_000 });
    await button(window, 'Change passphrase…').click();
    await change([next, passphrase, passphrase]);
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    expect(await valuesIn(join(place.data, 'vault.age'))).toEqual([canary]);
  });

  test('T-2: it locks when the person goes away, unless they chose otherwise, which is kept', async () => {
    const away = () => launched.app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend'));
    const whenAway = window.getByRole('checkbox', { name: /^When this computer sleeps/ });
    const after = window.getByRole('combobox', { name: 'When no key was used for' });
    await expect(whenAway).toBeChecked();
    await away();
    await expect(backend(window, 'Sealed file')).toContainText('In use, locked');
    await button(window, 'Unlock…').click();
    await typePassphrase(window, 'Unlock the sealed file', [passphrase], 'Unlock');
    await expect(backend(window, 'Sealed file')).not.toContainText('locked', { timeout: 20_000 });
    await whenAway.uncheck();
    await after.selectOption('15 minutes');
    await expect
      .poll(async () => JSON.parse(await readFile(join(place.data, 'vault.json'), 'utf8')).autoLock)
      .toEqual({ afterMinutes: 15, whenAway: false });
    await expectAccessible(window, 'vault-auto-lock');
    await away();
    await expectSelfTestPasses(window);
  });

  test('T-3: locked where a key is saved: unlocked from there, and what was typed is still there', async () => {
    await button(window, 'Lock').click();
    await expect(window.getByText('The sealed file is locked.').first()).toBeVisible();
    await rail(window, 'Identities').click();
    await window.getByRole('button', { name: 'New identity' }).first().click();
    await window.getByRole('dialog', { name: 'New identity' }).getByRole('textbox').fill('Work');
    await window.getByRole('dialog', { name: 'New identity' }).getByRole('textbox').press('Enter');
    const dialog = await fillKey(window, `${canary}-2`);
    await dialog.getByRole('button', { name: 'Save without checking' }).click();
    await expect(dialog.getByRole('alert')).toContainText('The sealed file is locked.');
    await expectAccessible(window, 'vault-key-locked');
    await button(window, 'Unlock…').click();
    await typePassphrase(window, 'Unlock the sealed file', [passphrase], 'Unlock');
    await expect(window.getByRole('dialog', { name: 'Unlock the sealed file' })).toBeHidden({
      timeout: 20_000,
    });
    await expect(dialog.getByRole('button', { name: 'Check and save' })).toBeFocused();
    await expect(dialog.getByLabel('API key')).toHaveValue(`${canary}-2`);
    await dialog.getByRole('button', { name: 'Save without checking' }).click();
    await expect(dialog).toContainText('is kept in the sealed file.');
    await dialog.getByRole('button', { name: 'Done' }).click();
    expect((await valuesIn(join(place.data, 'vault.age'))).sort()).toEqual([canary, `${canary}-2`]);
  });

  test('T-3: damaged, it is said to be; a copy put back works; set aside only when confirmed, and kept', async () => {
    const file = join(place.data, 'vault.age');
    const whole = await readFile(file);
    await launched.close();
    const damaged = whole.subarray(0, whole.length - 30);
    await writeFile(file, damaged);
    await start();
    await openSecurity(window);
    await expect(window.getByRole('alert')).toContainText('The sealed file is damaged.');
    await expectAccessible(window, 'vault-corrupt');
    await writeFile(file, whole);
    await button(window, 'Try again').click();
    await expect(window.getByRole('alert')).toBeHidden();
    await expect(button(window, 'Unlock…')).toBeVisible();

    await writeFile(file, damaged);
    await button(window, 'Unlock…').click();
    await typePassphrase(window, 'Unlock the sealed file', [passphrase], 'Unlock');
    const dialog = window.getByRole('dialog', { name: 'Unlock the sealed file' });
    await expect(dialog.getByRole('alert')).toContainText('The sealed file is damaged.');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await rail(window, 'Identities').click();
    await openSecurity(window);
    await button(window, 'Set it aside…').click();
    const asking = window.getByRole('alertdialog', { name: 'Set the sealed file aside?' });
    await expectAccessible(window, 'vault-set-aside');
    await asking.getByRole('button', { name: 'Keep it' }).click();
    expect(await readFile(file)).toEqual(damaged);
    await button(window, 'Set it aside…').click();
    await asking.getByRole('button', { name: 'Set aside' }).click();
    await expect(asking).toBeHidden();
    const aside = (await readdir(place.data)).find((name) => name.startsWith('vault.aside-'));
    expect(await readFile(join(place.data, aside ?? ''))).toEqual(damaged);
    await expect(window.getByText(aside ?? 'none', { exact: true })).toBeVisible();
    await expect(window.getByRole('alert')).toContainText('The sealed file is not there.');
    await button(window, 'Make a new one…').click();
    await typePassphrase(window, 'Make a sealed file', [passphrase, passphrase], 'Make and use it');
    await expect(window.getByRole('dialog')).toBeHidden({ timeout: 20_000 });
    await expectSelfTestPasses(window);
  });

  test('nothing of it outlives the app', async () => {
    await launched.close();
    await expect.poll(() => processesMarkedWith(place.root), { timeout: 2_000 }).toEqual([]);
  });
});

test.describe('with a real keychain', () => {
  test.describe.configure({ mode: 'serial' });
  const missing = missingForSecretService();
  test.skip(missing.length > 0, `${missing.join(' and ')} not found: apt-get install dbus gnome-keyring`);

  let place: TestPlace;
  let service: SecretService;
  let launched: LaunchedApp;
  let window: Page;

  test.beforeAll(async () => {
    place = await createTestPlace();
    await writeProviders(place.data, [keysProvider]);
    service = await startSecretService(place.root);
    launched = await launchApp({ place, env: service.env });
    window = launched.window;
  });
  test.afterAll(async () => {
    await launched.close();
    await service.end();
    await place.remove();
  });

  test('T-2: it passes its test, and keeps a key', async () => {
    await openSecurity(window);
    await expect(backend(window, "This computer's keychain")).toContainText('In use');
    await expectSelfTestPasses(window);
    await expectAccessible(window, 'vault-keychain');
    await rail(window, 'Identities').click();
    const dialog = await fillKey(window, canary);
    await dialog.getByRole('button', { name: 'Save without checking' }).click();
    await expect(dialog).toContainText("is kept in this computer's keychain.");
    await dialog.getByRole('button', { name: 'Done' }).click();
  });

  test('T-2: the key moves to a sealed file and back', async () => {
    await openSecurity(window);
    await button(window, 'Use a sealed file…').click();
    await expect(window.getByRole('dialog', { name: 'Make a sealed file' })).toContainText(
      'The key that you saved is moved there.',
    );
    await typePassphrase(window, 'Make a sealed file', [passphrase, passphrase], 'Make and use it');
    await expect(backend(window, 'Sealed file')).toContainText('In use', { timeout: 20_000 });
    expect(await valuesIn(join(place.data, 'vault.age'))).toEqual([canary]);
    await button(window, 'Use the keychain').click();
    await expect(backend(window, "This computer's keychain")).toContainText('In use');
    expect(await readdir(place.data)).not.toContain('vault.age');
  });

  test('T-3: gone in the middle: keys cannot be moved, nothing is changed; leaving them is a choice of its own', async () => {
    service.endKeyring();
    await button(window, 'Test it').click();
    const result = window.getByRole('list', { name: 'Test result' });
    await expect(result).toContainText('This machine has no usable keychain.', { timeout: 20_000 });
    await expectAccessible(window, 'vault-test-failed');
    await button(window, 'Use a sealed file…').click();
    await typePassphrase(window, 'Make a sealed file', [passphrase, passphrase], 'Make and use it');
    const dialog = window.getByRole('dialog', { name: 'Make a sealed file' });
    await expect(dialog.getByRole('alert')).toContainText(
      'The keys could not be moved, so nothing was changed.',
      {
        timeout: 20_000,
      },
    );
    await expectAccessible(window, 'vault-not-moved');
    expect(await readdir(place.data)).not.toContain('vault.age');
    await dialog.getByRole('button', { name: 'Leave the keys where they are…' }).click();
    await window.getByRole('alertdialog').getByRole('button', { name: 'Leave them' }).click();
    await expect(backend(window, 'Sealed file')).toContainText('In use', { timeout: 20_000 });
    await expectSelfTestPasses(window);
  });
});
