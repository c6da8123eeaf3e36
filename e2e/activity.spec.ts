import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { AuditTrail } from '../src-main/journal/audit-trail.ts';
import { ManualClock } from '../src-main/manual-clock.fixture.ts';
import { MemoryVault } from '../src-main/vault/memory-vault.fixture.ts';
import type { LanyardBridge } from '../src-preload/contract.ts';
import { connectDialog, listSessions, newIdentity } from './support/connect-ui.ts';
import { approve } from './support/demo-person.ts';
import { expectAccessible, screenshots } from './support/expect-accessible.ts';
import { writeProviders } from './support/fault-providers.ts';
import { expectFocus, tabTo } from './support/keyboard.ts';
import { keysProvider } from './support/keys-provider.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { missingForSecretService, type SecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

type Global = typeof globalThis & { lanyard: LanyardBridge };

const noKeychain = { DBUS_SESSION_BUS_ADDRESS: 'disabled:' };
const button = (window: Page, name: string) => window.getByRole('button', { name, exact: true });
const rows = (window: Page): Locator => window.getByRole('list', { name: 'Entries' }).getByRole('button');

async function openActivity(window: Page): Promise<void> {
  await button(window, 'Activity').click();
  await expect(window.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();
}

async function saveTo(launched: LaunchedApp, path: string): Promise<void> {
  await launched.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, path);
}

async function verify(window: Page): Promise<Locator> {
  await button(window, 'Verify').click();
  const result = window.getByRole('region', { name: 'Result of the check' });
  await expect(result).toBeVisible();
  return result;
}

test.beforeAll(() => mkdirSync(screenshots, { recursive: true }));

test.describe('R-10: with a keychain', () => {
  test.describe.configure({ mode: 'serial' });
  const missing = missingForSecretService();
  test.skip(missing.length > 0, `${missing.join(' and ')} not found: apt-get install dbus gnome-keyring`);

  let place: TestPlace;
  let keychain: TestPlace;
  let service: SecretService;
  let launched: LaunchedApp;
  let window: Page;
  const start = async () => {
    launched = await launchApp({ place, env: service.env });
    window = launched.window;
  };
  test.beforeAll(async () => {
    place = await createTestPlace();
    await writeProviders(place.data, [keysProvider]);
    // Of its own: what is left of an app that quits slowly is killed by its place, and the keychain is needed again.
    keychain = await createTestPlace();
    service = await startSecretService(keychain.root);
    await start();
  });
  test.afterAll(async () => {
    await launched.close();
    await service.end();
    await keychain.remove();
    await place.remove();
  });

  test('R-10: says that nothing has happened yet', async () => {
    await openActivity(window);
    await expect(window.getByText('Nothing has happened yet.')).toBeVisible();
    await expectAccessible(window, 'activity-empty');
  });

  test('R-10: a sign-in is there, with what is known of it', async () => {
    await newIdentity(window, 'Work');
    await button(window, 'Connect Demo').click();
    const dialog = connectDialog(window, 'Demo');
    await dialog.getByRole('button', { name: 'Copy link' }).waitFor();
    const [session] = await listSessions(window);
    const link = session && 'authUrl' in session ? session.authUrl : undefined;
    await approve(link ?? 'no link');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await openActivity(window);
    await expect(rows(window)).toHaveText([/Signed in to Demo.*Work/, /Identity created.*Work/]);
    await rows(window).first().click();
    const facts = window.getByRole('list', { name: 'Entries' }).getByRole('listitem').first();
    await expect(facts).toContainText('ada@');
    await expect(facts).toContainText('SignedYes');
    await expectAccessible(window, 'activity-list');
    // Nothing is wider than the window.
    const main = window.getByRole('main');
    expect(await main.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  });

  test('R-10: what happens while it is open appears by itself, and the focus stays', async () => {
    await rows(window).first().focus();
    await window.evaluate(() => (globalThis as Global).lanyard.bundles.create({ name: 'Client A' }));
    await expect(rows(window).first()).toContainText('Identity created');
    await expect(rows(window)).toHaveCount(3);
    await expect(rows(window).nth(1)).toBeFocused();
  });

  test('R-10: filters by identity, provider, kind, words and time', async () => {
    await window.getByLabel('Identity', { exact: true }).selectOption('Client A');
    await expect(rows(window)).toHaveCount(1);
    await window.getByLabel('Identity', { exact: true }).selectOption('All identities');
    await window.getByLabel('Provider', { exact: true }).selectOption('Demo');
    await expect(rows(window)).toHaveText([/Signed in to Demo/]);
    await window.getByLabel('Provider', { exact: true }).selectOption('All providers');
    await window.getByLabel('Kind').selectOption('Identities');
    await expect(rows(window)).toHaveCount(2);
    await window.getByLabel('Time').selectOption('Today');
    await window.getByLabel('Words').fill('client');
    await expect(rows(window)).toHaveCount(1);
    await window.getByLabel('Words').fill('no such thing');
    await expect(window.getByText('No entry fits these filters.')).toBeVisible();
    await window.getByLabel('Words').press('Escape');
    await window.getByLabel('Kind').selectOption('All kinds');
    await window.getByLabel('Time').selectOption('Any time');
    await expect(rows(window)).toHaveCount(3);
  });

  test('R-10: by keyboard', async () => {
    await button(window, 'Activity').focus();
    await tabTo(button(window, 'Verify'));
    await tabTo(window.getByLabel('Words'));
    await window.keyboard.press('Tab');
    await window.keyboard.press('Home');
    await expectFocus(rows(window).first());
    await window.keyboard.press('End');
    await expectFocus(rows(window).last());
    await window.keyboard.press('ArrowUp');
    await expectFocus(rows(window).nth(1));
    await window.keyboard.press('Enter');
    await expect(rows(window).nth(1)).toHaveAttribute('aria-expanded', 'true');
    // One stop for the whole list.
    await window.keyboard.press('Shift+Tab');
    await expectFocus(window.getByLabel('Words'));
  });

  test('R-10: verifies that the record is whole', async () => {
    const result = await verify(window);
    await expect(result).toContainText('The record is whole.');
    await expect(result).toContainText('3 entries');
  });

  test('R-10: exports a table, and lines that hold the chain', async () => {
    const table = join(place.root, 'activity.csv');
    await saveTo(launched, table);
    await button(window, 'Export').click();
    await window.getByRole('menuitem', { name: 'Table (CSV)…' }).click();
    await expect(window.getByText('Activity exported.').last()).toBeVisible();
    expect(readFileSync(table, 'utf8').split('\r\n')).toHaveLength(5);
    const lines = join(place.root, 'activity.jsonl');
    await saveTo(launched, lines);
    await button(window, 'Export').click();
    await window.getByRole('menuitem', { name: 'Signed lines (JSON)…' }).click();
    await expect.poll(() => readTextOr(lines)).toContain('"mac":"');
    expect(readFileSync(lines, 'utf8')).toBe(
      readFileSync(join(place.data, 'audit', 'audit-000001.jsonl'), 'utf8'),
    );
  });

  test('R-10: the diagnostics report can be read before it is sent, and holds no secret and no email', async () => {
    const canary = 'sk-canary-diagnostics-0123456789';
    await button(window, 'Identities').click();
    await button(window, 'Connect Keys').click();
    const dialog = connectDialog(window, 'Keys');
    await dialog.getByLabel('API key').fill(canary);
    await dialog.getByRole('button', { name: 'Check and save' }).click();
    await expect(dialog.getByRole('alert')).toBeVisible();
    await window.keyboard.press('Escape');
    await button(window, 'Settings').click();
    await window.getByRole('tab', { name: 'Security' }).click();
    await button(window, 'Test it').click();
    await expect(window.getByRole('list', { name: 'Test result' })).toContainText('Delete it', {
      timeout: 30_000,
    });
    await window.getByRole('tab', { name: 'About' }).click();
    await button(window, 'Show the report').click();
    const report = window.getByRole('region', { name: 'Diagnostics report' });
    await expect(report).toContainText('# Lanyard diagnostics');
    for (const part of ['- Electron: ', '- In use: keychain, ready', '- demo: ', '## Log']) {
      await expect(report).toContainText(part);
    }
    await expect(report).toContainText(/- Keys are kept, [^:]+:\d\d:[^:]+: passed/);
    const text = (await report.textContent()) ?? '';
    for (const hidden of [canary, place.home, 'ada@']) expect(text).not.toContain(hidden);
    await expectAccessible(window, 'diagnostics');
    const file = join(place.root, 'diagnostics.md');
    await saveTo(launched, file);
    await button(window, 'Save…').click();
    await expect.poll(() => readTextOr(file)).toContain('# Lanyard diagnostics');
    expect(readFileSync(file, 'utf8')).not.toContain(canary);
    await window.getByLabel('Leave email addresses in').check();
    await expect(report).not.toContainText('no email addresses');
  });

  test('R-10: an entry that was edited while the app was closed is named', async () => {
    await launched.close();
    const file = join(place.data, 'audit', 'audit-000001.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"Client A"', '"Client B"'));
    await start();
    await openActivity(window);
    const result = await verify(window);
    await expect(result).toContainText('The record was changed.');
    await expect(result).toContainText(
      'First bad entry: 3. Entry 3 was edited (audit-000001.jsonl, line 3).',
    );
    await expectAccessible(window, 'activity-damaged');
  });
});

test('R-10: without a keychain, entries go on and are said not to be signed', async () => {
  const launched = await launchApp({ env: noKeychain });
  const { window } = launched;
  try {
    await newIdentity(window, 'Work');
    await openActivity(window);
    await expect(rows(window)).toHaveCount(1);
    await expect(window.getByText('Entries are not signed now')).toBeVisible();
    await expect(await verify(window)).toContainText('could not be compared with the place for keys');
    await expectAccessible(window, 'activity-unsigned');
    await button(window, 'Open Settings > Security').click();
    await expect(window.getByRole('heading', { name: 'Where keys are kept' })).toBeVisible();
    await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
  } finally {
    await launched.close();
  }
});

test('R-10: many entries, a page at a time', async () => {
  const place = await createTestPlace();
  await writeTrail(join(place.data, 'audit'), 1_250);
  const launched = await launchApp({ place, env: noKeychain });
  const { window } = launched;
  try {
    await openActivity(window);
    await expect(rows(window)).toHaveCount(100);
    await expect(rows(window).first()).toContainText('Started tool-1249');
    await button(window, 'Older').click();
    await expect(rows(window).first()).toContainText('Started tool-1149');
    await expect(rows(window)).toHaveCount(100);
    await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
    await button(window, 'Newer').click();
    await expect(rows(window).first()).toContainText('Started tool-1249');
    for (let page = 2; page <= 13; page += 1) {
      await button(window, 'Older').click();
      await expect(window.getByText(`Page ${page}`, { exact: true }).last()).toBeVisible();
    }
    await expect(rows(window)).toHaveCount(50);
    await expect(button(window, 'Older')).toHaveAttribute('aria-disabled', 'true');
    await expectAccessible(window, 'activity-oldest');
  } finally {
    await launched.close();
    await place.remove();
  }
});

function readTextOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A trail as an earlier run would have left it, half an hour between entries. */
async function writeTrail(directory: string, count: number): Promise<void> {
  const clock = new ManualClock();
  const trail = new AuditTrail({
    directory,
    vault: new MemoryVault('keychain'),
    clock,
    lock: { self: async () => ({ pid: 1, startTime: '' }), isRunning: async () => false, newId: () => 'x' },
    redact: (text) => text,
    knownOf: () => ({}),
    onChanged: () => {},
    log: { error: () => {} },
  });
  for (let at = 0; at < count; at += 1) {
    trail.record({ kind: 'launch.started', detail: { program: `tool-${at}` } });
    clock.advance(30 * 60_000);
  }
  await trail.settled();
  await trail.stop();
}
