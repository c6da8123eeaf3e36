import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { type CliScene, sceneTest as test } from './support/cli-scene.ts';
import { listBundles, listSessions, newIdentity, runningSessions } from './support/connect-ui.ts';
import {
  createOpenAiIssuer,
  type OpenAiIssuer,
  openAiHosts,
  startOpenAiIssuer,
} from './support/openai-issuer.ts';
import type { ListedProcess } from './support/process-list.ts';

/**
 * The real Codex CLI signs in through the app. Every test that uses its callback port, 1455 and one per machine, is in
 * this file.
 */

/** The person's own login, which nothing here may touch. */
async function plantOwnLogin(scene: CliScene): Promise<() => Promise<void>> {
  const directory = join(scene.place.home, '.codex');
  const file = join(directory, 'auth.json');
  await mkdir(directory);
  await writeFile(file, '{"OPENAI_API_KEY":"the person\'s own","tokens":null}\n', { mode: 0o600 });
  const look = async () => {
    const { mtimeMs, ino, mode } = await stat(file);
    return { mtimeMs, ino, mode, bytes: await readFile(file, 'hex'), beside: await readdir(directory) };
  };
  const before = await look();
  return async () => expect(await look()).toEqual(before);
}

/** What codex itself says of a directory, asked as in a terminal. */
async function loginStatus(scene: CliScene, directory: string) {
  const status = scene.run('codex', ['login', 'status'], { CODEX_HOME: directory });
  return { exitCode: await status.exited, text: status.text() };
}

const loggedIn = { exitCode: 0, text: expect.stringContaining('Logged in using ChatGPT') };

/** The one account is `<account>/1`, signed in, and the app lists it. */
async function expectSavedOnce(scene: CliScene, email: string, providerName: string): Promise<string> {
  const { modal, launched } = scene;
  await expect(modal.success).toContainText(`Signed in as ${email}`);
  await expect(modal.success).toContainText('plus');
  const entries = scene.accountEntries();
  expect(entries).toEqual([expect.stringMatching(/^[\w-]+\/1$/)]);
  const directory = scene.accountDirectory(entries[0] ?? '');
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect(await loginStatus(scene, directory)).toMatchObject(loggedIn);
  expect(scene.signInProcesses()).toEqual([]);
  await modal.press('Done');
  await expectListed(scene, email, providerName);
  for (const text of [launched.output(), await scene.logs()])
    expect(text).not.toMatch(/ac_[0-9a-f]{8}|id_token/);
  return entries[0] ?? '';
}

async function expectListed(scene: CliScene, email: string, providerName: string) {
  const { window } = scene.launched;
  await expect(window.getByRole('heading', { level: 1, name: email })).toBeVisible();
  const accounts = window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
  await expect(accounts).toHaveCount(1);
  await expect(accounts).toContainText(providerName);
  await expect(accounts).toContainText(email);
  await expect(accounts).toContainText('Signed in');
}

async function expectNothingKept(scene: CliScene) {
  await expect.poll(() => scene.accountEntries()).toEqual([]);
  await expect.poll(() => scene.signInProcesses()).toEqual([]);
}

/** True when something on this machine accepts connections there. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

test.describe('in the browser', () => {
  let issuer: OpenAiIssuer;
  test.beforeEach(() => {
    issuer = createOpenAiIssuer({ person: { email: 'ada@example.test' } });
  });
  const open = async (openScene: (options: object) => Promise<CliScene>, follow = false) =>
    openScene({ hosts: openAiHosts(issuer), follow });

  test('S-5, X-1, X-8, I-4: the redirect that the browser follows signs in, also after a restart', async ({
    openScene,
  }) => {
    const scene = await open(openScene);
    const expectUntouched = await plantOwnLogin(scene);
    const { modal, launched } = scene;
    launched.opener.follow = true;
    await modal.open('Codex');
    await expect(modal.dialog).toContainText('Sign-in page opened in your browser');
    expect(await launched.opener.pages.next()).toMatchObject({
      visited: [
        expect.stringContaining('https://auth.openai.com/oauth/authorize?'),
        expect.stringContaining('/auth/callback?'),
        expect.stringContaining('/success?'),
      ],
    });
    await expectSavedOnce(scene, 'ada@example.test', 'Codex');
    expect(launched.opener.opened).toHaveLength(1);
    await expectUntouched();

    await scene.restart();
    await expectListed(scene, 'ada@example.test', 'Codex');
    await expectUntouched();
  });

  test('V-1, V-2, V-4: the pasted callback URL signs in while nothing follows the link; wrong ones are refused', async ({
    openScene,
  }) => {
    const scene = await open(openScene);
    const expectUntouched = await plantOwnLogin(scene);
    const { modal, launched } = scene;
    await modal.open('Codex');
    const link = await modal.linkText();
    expect(await launched.opener.nextOpened()).toBe(link);
    const asked = new URL(link).searchParams;
    const redirectUri = new URL(asked.get('redirect_uri') ?? '');
    const callback = new URL(issuer.authorize(link).redirect);
    expect(callback.origin).toBe(redirectUri.origin);

    await modal.unfoldPasteBox();
    const wrongState = new URL(callback);
    wrongState.searchParams.set('state', 'of-another-sign-in');
    const otherPort = new URL(callback);
    otherPort.port = '9';
    const denied = new URL(redirectUri);
    denied.search = `?error=access_denied&error_description=You+said+no&state=${asked.get('state')}`;
    const wrong: [text: string, reason: string][] = [
      [wrongState.href, 'This belongs to another sign-in'],
      [otherPort.href, 'another program or an earlier sign-in'],
      [link, 'This is the sign-in page, not where it sent you'],
      ['https://example.test/?code=a&state=b', 'This is not the address that the sign-in ends on'],
      [redirectUri.href, 'There is no code in what you pasted'],
      [denied.href, 'The provider said: You said no'],
    ];
    for (const [text, reason] of wrong) {
      await modal.paste(text);
      await expect(modal.pasteError).toContainText(reason);
      await expect(modal.pasteBox).toHaveValue(text);
      await expect(modal.link).toHaveText(link);
    }
    expect(scene.net.seen.map(({ host }) => host)).toEqual([]);

    // As an address bar shows it.
    callback.hostname = 'localhost';
    await modal.paste(callback.href);
    await expectSavedOnce(scene, 'ada@example.test', 'Codex');
    expect(launched.opener.opened).toEqual([link]);
    await expectUntouched();
  });

  test('S-15, I-6: a sign-in that was denied in the browser fails with a hint, and keeps nothing', async ({
    openScene,
  }) => {
    issuer.decision = 'deny';
    const scene = await open(openScene, true);
    const expectUntouched = await plantOwnLogin(scene);
    const { modal } = scene;
    await modal.open('Codex');
    await expect(modal.failure).toContainText('OpenAI did not complete the sign-in.');
    await expect(modal.failure).toContainText('The person said no.');
    await expect(modal.dialog).toContainText('Try again and approve the sign-in on the page');
    await expectNothingKept(scene);
    await expectUntouched();

    issuer.decision = 'allow';
    await modal.tryAgain.click();
    await expectSavedOnce(scene, 'ada@example.test', 'Codex');
  });

  test.describe('I-17: while another sign-in of ours has the port', () => {
    /** Codex waits in the background for Work; the modal for Client A shows that. */
    const conflict = async (openScene: (options: object) => Promise<CliScene>) => {
      const scene = await open(openScene);
      const { modal, launched } = scene;
      const { window } = launched;
      await newIdentity(window, 'Work');
      await modal.open('Codex');
      const first = await modal.linkText();
      await launched.opener.nextOpened();
      await modal.press('Keep going in the background');
      await newIdentity(window, 'Client A');
      await modal.open('Codex');
      await expect(modal.failure).toHaveText('Another sign-in has port 1455: Codex as Work');
      await expect(modal.dialog).toContainText('End that sign-in, or use a way without the port.');
      const running = await runningSessions(window);
      expect(running).toHaveLength(1);
      expect(scene.signInProcesses().filter(isCodex)).toHaveLength(1);
      return { scene, first, sessionId: running[0]?.sessionId ?? '' };
    };
    const isCodex = ({ arguments: words }: ListedProcess) => words.includes('login');

    test('"End that sign-in and go on" ends it, with a clear text, and signs in', async ({ openScene }) => {
      const { scene, first, sessionId } = await conflict(openScene);
      const { modal, launched } = scene;
      launched.opener.follow = true;
      await modal.press('End that sign-in and go on');
      await expect(modal.success).toContainText('Signed in as ada@example.test');
      const ended = (await listSessions(launched.window)).find((session) => session.sessionId === sessionId);
      expect(ended).toMatchObject({
        status: 'failed',
        failure: {
          code: 'replaced',
          title: 'This sign-in was ended for another one: Codex as Client A',
          hint: 'Both need port 1455. Connect again when that one is done.',
        },
      });
      await modal.press('Done');
      const bundles = await listBundles(launched.window);
      expect(bundles.map(({ name, accounts }) => [name, accounts.length])).toEqual([
        ['Work', 0],
        ['Client A', 1],
      ]);
      expect(new URL(await launched.opener.nextOpened()).searchParams.get('state')).not.toBe(
        new URL(first).searchParams.get('state'),
      );
      await expect.poll(() => scene.signInProcesses()).toEqual([]);
    });

    test('a device code needs no port: both sign in, side by side', async ({ openScene }) => {
      const { scene, first } = await conflict(openScene);
      const { modal, launched } = scene;
      await modal.press('Use a device code instead');
      const device = await issuer.devices.next();
      await expect(modal.code).toHaveText(device.userCode);
      expect(await runningSessions(launched.window)).toHaveLength(2);
      device.approve();
      await expect(modal.success).toContainText('Signed in as ada@example.test');
      await modal.press('Done');
      await launched.window.getByRole('button', { name: /^Connecting Codex to Work/ }).click();
      await modal.unfoldPasteBox();
      await modal.paste(issuer.authorize(first).redirect);
      await expect(modal.success).toContainText('Signed in as ada@example.test');
      await modal.press('Done');
      expect((await listBundles(launched.window)).map(({ accounts }) => accounts.length)).toEqual([1, 1]);
    });
  });

  test('I-17: another program that has the port is named and left alone; without it, Try again goes on', async ({
    openScene,
  }) => {
    const stranger = createServer().listen(1455, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      const scene = await open(openScene, true);
      const { modal } = scene;
      await modal.open('Codex');
      await expect(modal.failure).toContainText('Port 1455, which Codex waits on, is taken');
      if (process.platform === 'linux') await expect(modal.failure).toContainText(`process ${process.pid}`);
      await expect(modal.dialog.getByRole('button', { name: 'Use a device code instead' })).toBeVisible();
      expect(scene.signInProcesses()).toEqual([]);
      expect(scene.accountEntries()).toEqual([]);
      expect(stranger.listening).toBe(true);
      stranger.close();
      await once(stranger, 'close');
      await modal.tryAgain.click();
      await expectSavedOnce(scene, 'ada@example.test', 'Codex');
    } finally {
      stranger.close();
    }
  });

  test('S-9: Cancel ends codex and frees its port', async ({ openScene }) => {
    const scene = await open(openScene);
    const { modal } = scene;
    await modal.open('Codex');
    const { port } = new URL(new URL(await modal.linkText()).searchParams.get('redirect_uri') ?? '');
    expect(await listens(Number(port))).toBe(true);
    expect(scene.signInProcesses()).not.toEqual([]);
    await modal.press('Cancel');
    await expect(modal.dialog).toBeHidden();
    await expect.poll(() => scene.signInProcesses(), { timeout: 2_000 }).toEqual([]);
    // A process that is ending loses its environment before its sockets.
    await expect.poll(() => listens(Number(port))).toBe(false);
    await expectNothingKept(scene);
  });
});

test.describe('by device code', () => {
  /** A user-defined provider (docs/providers.md): Codex at an issuer of one's own. */
  const codexAt = (issuer: string) => ({
    id: 'codex-local',
    extends: 'codex',
    name: 'Codex at home',
    allowedHosts: ['127.0.0.1'],
    flows: { device: { args: ['login', '--device-auth', '--experimental_issuer', issuer] } },
    flowOrder: ['device'],
  });

  test('S-3, L-3, I-4, I-6, I-11: signs in, again into the next directory, and out', async ({
    openScene,
  }) => {
    const issuer = await startOpenAiIssuer({ person: { email: 'grace@example.test' } });
    try {
      const scene = await openScene({ providers: [codexAt(issuer.url)] });
      const expectUntouched = await plantOwnLogin(scene);
      const { modal, launched } = scene;
      await modal.open('Codex at home');
      const device = await issuer.devices.next();
      await expect(modal.code).toHaveText(device.userCode);
      await expect(modal.dialog).toContainText(`Enter this code at ${new URL(issuer.url).host}/codex/device`);
      await modal.press('Copy code');
      await expect
        .poll(() => launched.app.evaluate(({ clipboard }) => clipboard.readText()))
        .toBe(device.userCode);
      expect(launched.opener.opened).toEqual([]);
      await modal.press(`Open ${new URL(issuer.url).host}`);
      expect(await launched.opener.nextOpened()).toBe(`${issuer.url}/codex/device`);
      device.approve();
      const first = await expectSavedOnce(scene, 'grace@example.test', 'Codex at home');
      await expectUntouched();

      const second = first.replace(/1$/, '2');
      await modal.open('Codex at home', 'Reconnect');
      const again = await issuer.devices.next();
      await expect(modal.code).toHaveText(again.userCode);
      // The old login is good until the new one is saved.
      expect(scene.accountEntries()).toEqual([first, second, `${second}.pending`]);
      expect(await loginStatus(scene, scene.accountDirectory(first))).toMatchObject(loggedIn);
      issuer.person = { ...issuer.person, email: 'grace.hopper@example.test' };
      again.approve();
      await expect(modal.success).toContainText('Signed in as grace.hopper@example.test');
      await expect.poll(() => scene.accountEntries()).toEqual([second]);
      expect(await loginStatus(scene, scene.accountDirectory(second))).toMatchObject(loggedIn);
      await modal.press('Done');
      const account = launched.window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
      await expect(account).toHaveCount(1);
      await expect(account).toContainText('grace.hopper@example.test');

      await launched.window.getByRole('button', { name: 'Sign out of Codex at home' }).click();
      await launched.window.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
      await expect(account).toHaveCount(0);
      await expect.poll(() => scene.accountEntries()).toEqual([]);
      expect(existsSync(join(scene.place.data, 'accounts', first.replace(/\/1$/, '')))).toBe(false);
      expect(scene.signInProcesses()).toEqual([]);
      await expectUntouched();
    } finally {
      await issuer.close();
    }
  });

  test('S-15: an issuer without device login is said to be the reason', async ({ openScene }) => {
    const issuer = await startOpenAiIssuer({ deviceLogin: false });
    try {
      const scene = await openScene({ providers: [codexAt(issuer.url)] });
      const { modal } = scene;
      await modal.open('Codex at home');
      await expect(modal.failure).toContainText('Device codes are turned off for this account.');
      await expect(modal.failure).toContainText('device code login is not enabled');
      await expect(modal.dialog).toContainText('Turn them on in the security settings of ChatGPT');
      await expectNothingKept(scene);
    } finally {
      await issuer.close();
    }
  });

  test('S-15: a code that was denied fails the sign-in, and a reconnect that fails keeps the account', async ({
    openScene,
  }) => {
    const issuer = await startOpenAiIssuer({ person: { email: 'grace@example.test' } });
    try {
      const scene = await openScene({ providers: [codexAt(issuer.url)] });
      const { modal } = scene;
      await modal.open('Codex at home');
      (await issuer.devices.next()).approve();
      const first = await expectSavedOnce(scene, 'grace@example.test', 'Codex at home');

      await modal.open('Codex at home', 'Reconnect');
      (await issuer.devices.next()).deny();
      await expect(modal.failure).toContainText('Codex could not finish the sign-in.');
      await expect.poll(() => scene.accountEntries()).toEqual([first]);
      expect(await loginStatus(scene, scene.accountDirectory(first))).toMatchObject(loggedIn);
      await modal.press('Close');
      await expectListed(scene, 'grace@example.test', 'Codex at home');
    } finally {
      await issuer.close();
    }
  });
});
