import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { LanyardBridge } from '../src-preload/contract.ts';
import { ConnectModal } from './support/connect-modal.ts';
import { accountEntries, listBundles, listSessions, runningSessions } from './support/connect-ui.ts';
import {
  createGate,
  type Fault,
  type FaultOptions,
  faultCode,
  faultProvider,
  unlistedProvider,
  writeProviders,
} from './support/fault-providers.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { processesMarkedWith, processesOf } from './support/process-list.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

/** What goes wrong with a CLI, a file or the app itself, as the person meets it. */

const name = (fault: Fault) => `Fault ${fault}`;

interface Scene {
  place: TestPlace;
  launched: LaunchedApp;
  modal: ConnectModal;
}

/** A place with provider files for the faults, and the app in it. */
async function openScene(
  faults: [Fault, FaultOptions?][],
  prepare: (place: TestPlace) => Promise<void> = async () => {},
): Promise<Scene> {
  const place = await createTestPlace();
  try {
    await writeProviders(
      place.data,
      faults.map(([fault, options]) => faultProvider(fault, options)),
    );
    await prepare(place);
    const launched = await launchApp({ place });
    return { place, launched, modal: new ConnectModal(launched.window) };
  } catch (error) {
    await place.remove();
    throw error;
  }
}

async function closeScene(scene: Scene | undefined): Promise<void> {
  await scene?.launched.close();
  await scene?.place.remove();
}

/** What the failed step says: title, hint, and the code behind "Details"; Try again must be there. */
async function expectFailure(
  modal: ConnectModal,
  title: string | RegExp,
  hint: string | RegExp,
  code: string,
) {
  await expect(modal.failure.locator('strong')).toHaveText(title);
  await expect(modal.dialog.locator('[data-component="note"]')).toHaveText(hint);
  await expect(modal.tryAgain).toBeVisible();
  await modal.press('Details');
  await expect(modal.dialog.locator('[data-component="failure-details"] dd').first()).toHaveText(code);
}

const signInProcesses = (place: TestPlace) =>
  [join(place.data, 'accounts'), join(place.data, 'run', 'auth-')].flatMap((marker) =>
    processesMarkedWith(marker),
  );

test.describe('a CLI that goes wrong', () => {
  let scene: Scene;
  let pidFile: string;

  test.beforeAll(async () => {
    const faults: [Fault, FaultOptions?][] = [
      ['missing'],
      ['exits-1'],
      ['exits-0-signed-out'],
      ['hangs', { timeoutSeconds: 2 }],
      ['foreign-link'],
    ];
    scene = await openScene(faults, async (place) => {
      pidFile = join(place.root, 'pids');
      await writeProviders(place.data, [faultProvider('ignores-sigterm', { pidFile }), unlistedProvider()]);
    });
  });
  test.afterAll(() => closeScene(scene));
  test.afterEach(async () => {
    const { modal, place } = scene;
    if (await modal.dialog.isVisible())
      await modal.dialog.getByRole('button', { name: /^(Cancel|Close)$/ }).click();
    await expect.poll(() => signInProcesses(place)).toEqual([]);
    await expect.poll(() => accountEntries(place.data)).toEqual([]);
  });

  test('that is not installed: says how to install it, and copies that', async () => {
    const { modal, launched } = scene;
    await modal.open(name('missing'));
    await expectFailure(
      modal,
      'Fault missing is not installed, or not where Lanyard looks',
      'Install it, or set where its program is in Settings > Providers, then try again.',
      'program_not_found',
    );
    const install = modal.dialog.locator('[data-component="install-command"]');
    await expect(install.locator('code')).toHaveText('npm install --global fault-cli');
    await install.getByRole('button', { name: 'Copy the install command of Fault missing' }).click();
    await expect
      .poll(() => launched.app.evaluate(({ clipboard }) => clipboard.readText()))
      .toBe('npm install --global fault-cli');
  });

  test('that exits with 1: says so in its words, and Try again starts anew', async () => {
    const { modal, launched } = scene;
    await modal.open(name('exits-1'));
    const title = 'Fault exits-1 gave up with exit code 1';
    await expectFailure(modal, title, 'Look at what the CLI said, then try again.', 'exited_with_code');
    await expect(modal.failure).toContainText('Error: the sign-in service answered 503');
    await expect(modal.dialog.getByRole('region', { name: 'Transcript' })).toContainText(
      'Starting sign-in...',
    );
    const started = async () =>
      (await listSessions(launched.window)).filter(({ providerId }) => providerId === 'fault-exits-1').length;
    expect(await started()).toBe(1);
    await modal.tryAgain.click();
    await expect.poll(started).toBe(2);
    await expect(modal.failure.locator('strong')).toHaveText(title);
  });

  test('that exits with 0 although nobody is signed in: nothing is saved', async () => {
    const { modal, place } = scene;
    await modal.open(name('exits-0-signed-out'));
    await expectFailure(
      modal,
      'Fault exits-0-signed-out finished, but says that nobody is signed in',
      /Nothing was saved/,
      'check_says_signed_out',
    );
    expect(accountEntries(place.data)).toEqual([]);
  });

  test('that hangs: is ended at its deadline', async () => {
    const { modal, place } = scene;
    await modal.open(name('hangs'));
    await expect.poll(() => signInProcesses(place).length).toBeGreaterThan(0);
    await expectFailure(
      modal,
      'The sign-in timed out after 2 seconds',
      'Try again, and finish in the browser while this window waits.',
      'timed_out',
    );
    await expect.poll(() => signInProcesses(place)).toEqual([]);
  });

  test('that prints a link to a foreign host: it is text with a warning, and opens nowhere', async () => {
    const { modal, launched } = scene;
    await modal.open(name('foreign-link'));
    const warning = modal.dialog.locator('[data-component="untrusted-links"]');
    await expect(warning).toContainText("The CLI printed a link that is not Fault foreign-link's.");
    await expect(warning.locator('code')).toHaveText(/^https:\/\/evil\.test\/oauth\/authorize\?/);
    expect(await warning.locator('a, button').count()).toBe(0);
    expect(await modal.dialog.getByRole('button', { name: /browser|copy link|qr/i }).count()).toBe(0);
    await expect(modal.link).toHaveCount(0);
    await warning.locator('code').click();
    const [running] = await runningSessions(launched.window);
    const refused = await launched.window.evaluate(async (sessionId) => {
      const { lanyard } = globalThis as unknown as { lanyard: LanyardBridge };
      return lanyard.auth.openLink({ sessionId });
    }, running?.sessionId ?? '');
    expect(refused).toMatchObject({ ok: true, value: { success: false, failure: { code: 'not_ready' } } });
    expect(launched.opener.opened).toEqual([]);
    await modal.press('Cancel');
    await expect(modal.dialog).toBeHidden();
  });

  test('of a provider without a host list: its link is offered, with a warning, and opens only when asked', async () => {
    const { modal, launched } = scene;
    await modal.open('Fault unlisted');
    expect(await modal.linkText()).toMatch(/^https:\/\/evil\.test\/oauth\/authorize\?/);
    const warning = modal.dialog.locator('[data-component="unknown-host"]');
    await expect(warning).toContainText('Lanyard does not know evil.test.');
    expect(launched.opener.opened).toEqual([]);
    await modal.press('Open in browser');
    expect(await launched.opener.nextOpened()).toMatch(/^https:\/\/evil\.test\//);
    await modal.press('Cancel');
    await expect(modal.dialog).toBeHidden();
  });

  test('that ignores every polite signal: Cancel ends its whole tree within 2 s', async () => {
    const { modal, launched } = scene;
    await modal.open(name('ignores-sigterm'));
    await modal.link.waitFor();
    await launched.opener.nextOpened();
    const pids = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
    const alive = () => processesOf(({ pid }) => pids.includes(pid)).map(({ pid }) => pid);
    expect(alive().sort()).toEqual([...pids].sort());
    await modal.press('Cancel');
    await expect.poll(alive, { timeout: 2_000, intervals: [20] }).toEqual([]);
    await expect(modal.dialog).toBeHidden();
  });
});

test('a CLI that floods 200 MB: the window answers, memory stays bounded, and its link and success are found', async () => {
  let gatePath = '';
  const scene = await openScene([], async (place) => {
    gatePath = join(place.root, 'gate');
    await writeProviders(place.data, [faultProvider('floods', { gate: gatePath })]);
  });
  const gate = await createGate(gatePath);
  try {
    const { launched, modal } = scene;
    const main = launched.app.process().pid ?? 0;
    const kilobytes = async (field: 'VmRSS' | 'VmHWM') =>
      Number(
        new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(await readFile(`/proc/${main}/status`, 'utf8'))?.[1],
      );
    const before = await kilobytes('VmRSS');
    await modal.open(name('floods'));
    const said = modal.dialog.getByRole('region', { name: 'What the CLI said' });
    const clicked = performance.now();
    await modal.press('What the CLI said');
    await expect(said).toContainText('Downloading the sign-in component');
    const answeredMs = performance.now() - clicked;
    expect(await modal.link.count(), 'the flood was over before the window was asked').toBe(0);
    await modal.link.waitFor({ timeout: 45_000 });
    expect(await modal.linkText()).toContain('login.fault.test/oauth/authorize');
    const grownMegabytes = ((await kilobytes('VmHWM')) - before) / 1024;
    console.info(
      `flood: answered in ${Math.round(answeredMs)} ms, main grew by ${Math.round(grownMegabytes)} MB`,
    );
    expect(answeredMs).toBeLessThan(3_000);
    expect(grownMegabytes).toBeLessThan(300);
    await gate.open();
    await expect(modal.success).toContainText('flood@fault.test');
    expect(await listBundles(launched.window)).toMatchObject([{ accounts: [{ email: 'flood@fault.test' }] }]);
  } finally {
    await gate.close();
    await closeScene(scene);
  }
});

test('a CLI that says more while "What the CLI said" is open: it comes by itself', async () => {
  let gatePath = '';
  const scene = await openScene([], async (place) => {
    gatePath = join(place.root, 'gate');
    await writeProviders(place.data, [faultProvider('prints-link-late', { gate: gatePath })]);
  });
  const gate = await createGate(gatePath);
  try {
    const { modal } = scene;
    await modal.open(name('prints-link-late'));
    await modal.press('What the CLI said');
    const said = modal.dialog.getByRole('region', { name: 'What the CLI said' });
    await expect(said).toHaveText('Contacting the sign-in service...');
    await gate.open();
    await expect(said).toContainText('visit: https://login.fault.test/oauth/authorize');
  } finally {
    await gate.close();
    await closeScene(scene);
  }
});

test('broken files: a provider file is named with line and reason, corrupt identities are set aside, the rest works', async () => {
  const scene = await openScene([['exits-1']], async ({ data }) => {
    await writeFile(
      join(data, 'providers', 'a-broken.json'),
      '{\n  "id": "broken",\n  "name": "Broken",\n}\n',
    );
    await writeFile(
      join(data, 'providers', 'b-wrong.json'),
      JSON.stringify({ ...faultProvider('hangs'), timeoutSeconds: '5' }, null, 2),
    );
    await writeFile(join(data, 'identities.json'), '{\n  "bundles": [\n    {"id": "b-1", ');
  });
  try {
    const { launched, modal, place } = scene;
    const banner = launched.window.getByRole('region', { name: 'Problems' });
    await banner.getByRole('button', { name: '3 files could not be read whole.' }).click();
    const problem = (source: string | RegExp) => banner.getByRole('listitem').filter({ hasText: source });
    await expect(problem('a-broken.json, line 4')).toContainText('"}" is not expected here');
    await expect(problem(/b-wrong\.json, line \d+/)).toContainText('"timeoutSeconds" must be a number');
    await expect(problem('identities.json')).toContainText(/not JSON.* It was kept as identities\.corrupt-/);
    const kept = (await readdir(place.data)).filter((file) => /^identities\.corrupt-.*\.json$/.test(file));
    expect(kept).toHaveLength(1);
    expect(await readFile(join(place.data, kept[0] ?? ''), 'utf8')).toContain('"b-1"');

    await expect(launched.window.getByRole('button', { name: `Connect ${name('hangs')}` })).toHaveCount(0);
    await modal.open(name('exits-1'));
    await expect(modal.failure.locator('strong')).toHaveText('Fault exits-1 gave up with exit code 1');
    await modal.press('Close');
    await launched.window.getByRole('button', { name: 'Settings' }).click();
    await launched.window.getByRole('tab', { name: 'Providers' }).click();
    await expect(launched.window.getByText('Your own provider files that could not be read')).toBeVisible();
  } finally {
    await closeScene(scene);
  }
});

test('a data directory where no account can be made: could_not_save, and the app goes on', async () => {
  const scene = await openScene([['exits-1']], ({ data }) =>
    // A file in its place: what an unwritable directory is to everybody but root.
    writeFile(join(data, 'accounts'), 'in the way'),
  );
  try {
    const { modal, launched, place } = scene;
    for (let attempt = 0; attempt < 2; attempt++) {
      if (attempt === 0) await modal.open(name('exits-1'));
      else await modal.tryAgain.click();
      await expectFailure(
        modal,
        'It could not be saved.',
        'Check that the data directory can be written and has space, and try again.',
        'could_not_save',
      );
    }
    await modal.press('Close');
    const banner = launched.window.getByRole('region', { name: 'Problems' });
    await banner.getByRole('button', { name: 'One entry could not be read' }).click();
    await expect(banner.getByRole('listitem')).toContainText('It was left alone.');
    expect(await listBundles(launched.window)).toEqual([]);
    expect(await readFile(join(place.data, 'accounts'), 'utf8')).toBe('in the way');
    expect(signInProcesses(place)).toEqual([]);
  } finally {
    await closeScene(scene);
  }
});

test('an identities file that cannot be written: the sign-in works, could_not_save, and nothing is left of it', async () => {
  let gatePath = '';
  const scene = await openScene([], async (place) => {
    gatePath = join(place.root, 'gate');
    await writeProviders(place.data, [faultProvider('prints-link-late', { gate: gatePath })]);
  });
  const gate = await createGate(gatePath);
  try {
    const { modal, launched, place } = scene;
    await modal.open(name('prints-link-late'));
    await gate.open();
    await modal.link.waitFor();
    // A directory in the file's place: renaming the new file over it fails, as on a full or read-only disk.
    const file = join(place.data, 'identities.json');
    await rm(file, { force: true });
    await mkdir(join(file, 'in-the-way'), { recursive: true });
    if (!(await modal.pasteBox.isVisible())) await modal.unfoldPasteBox();
    await modal.paste(faultCode);
    await expectFailure(modal, 'It could not be saved.', /./, 'could_not_save');
    await modal.press('Close');
    expect(await listBundles(launched.window)).toEqual([]);
    await expect.poll(() => accountEntries(place.data)).toEqual([]);
    await expect.poll(() => signInProcesses(place)).toEqual([]);
    await rm(file, { recursive: true });
    await modal.open(name('prints-link-late'));
    await gate.open();
    await modal.link.waitFor();
    if (!(await modal.pasteBox.isVisible())) await modal.unfoldPasteBox();
    await modal.paste(faultCode);
    await expect(modal.success).toContainText('late@fault.test');
  } finally {
    await gate.close();
    await closeScene(scene);
  }
});

test('the app is killed in the middle of a sign-in: the next start ends the orphans and nothing half-saved is left', async () => {
  let pidFile = '';
  const scene = await openScene([], async (place) => {
    pidFile = join(place.root, 'pids');
    await writeProviders(place.data, [faultProvider('ignores-sigterm', { pidFile })]);
  });
  let second: LaunchedApp | undefined;
  try {
    const { launched, modal, place } = scene;
    await modal.open(name('ignores-sigterm'));
    await modal.link.waitFor();
    const pids = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
    const alive = () => processesOf(({ pid }) => pids.includes(pid)).map(({ pid }) => pid);
    await launched.crash();
    expect(alive()).toHaveLength(3);
    expect(accountEntries(place.data)).toHaveLength(2);
    expect(existsSync(join(place.data, 'run'))).toBe(true);

    second = await launchApp({ place });
    await expect.poll(alive).toEqual([]);
    await expect.poll(() => accountEntries(place.data)).toEqual([]);
    // What asks programs for their version is the new start's own.
    const left = await readdir(join(place.data, 'run')).catch(() => []);
    expect(left.filter((file) => !file.startsWith('version-'))).toEqual([]);
    expect(await listBundles(second.window)).toEqual([]);
    expect(await listSessions(second.window)).toEqual([]);
    await expect(second.window.getByRole('region', { name: 'Problems' })).toHaveCount(0);
    await expect(
      second.window.getByRole('button', { name: `Connect ${name('ignores-sigterm')}` }),
    ).toBeVisible();
  } finally {
    await second?.close();
    await closeScene(scene);
  }
});
