import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { type ClaudeHosts, createClaudeHosts } from './support/claude-hosts.ts';
import { type CliScene, sceneTest as test } from './support/cli-scene.ts';

/** The real Claude Code CLI signs in through the app. */
let claude: ClaudeHosts;

test.beforeEach(() => {
  claude = createClaudeHosts({ person: { email: 'ada@example.test', organisation: 'Analytical Engines' } });
});

/** The person's own login, which nothing here may touch; Claude Code keeps one file beside its directory. */
async function plantOwnLogin(scene: CliScene): Promise<() => Promise<void>> {
  const { home } = scene.place;
  const directory = join(home, '.claude');
  const files = [join(directory, '.credentials.json'), join(home, '.claude.json')];
  await mkdir(directory);
  for (const file of files) await writeFile(file, `{"own": true}\n`, { mode: 0o600 });
  const look = async () => ({
    beside: [
      ...(await readdir(directory)),
      ...(await readdir(home)).filter((name) => name.startsWith('.claude')),
    ],
    files: await Promise.all(
      files.map(async (file) => ({
        mtimeMs: (await stat(file)).mtimeMs,
        text: await readFile(file, 'utf8'),
      })),
    ),
  });
  const before = await look();
  return async () => expect(await look()).toEqual(before);
}

/** The one account is saved, and Claude Code itself says who it is. */
async function expectSignedIn(scene: CliScene) {
  const { modal, launched } = scene;
  await expect(modal.success).toContainText('Signed in as ada@example.test');
  await expect(modal.success).toContainText('Analytical Engines, pro');
  const entries = scene.accountEntries();
  expect(entries).toEqual([expect.stringMatching(/^[\w-]+\/1$/)]);
  const status = scene.run('claude', ['auth', 'status'], {
    CLAUDE_CONFIG_DIR: scene.accountDirectory(entries[0] ?? ''),
  });
  expect(await status.exited).toBe(0);
  expect(JSON.parse(status.text())).toMatchObject({
    loggedIn: true,
    email: 'ada@example.test',
    orgName: 'Analytical Engines',
    subscriptionType: 'pro',
  });
  expect(scene.signInProcesses()).toEqual([]);
  await modal.press('Done');
  const account = launched.window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
  await expect(account).toContainText('ada@example.test, Analytical Engines, pro');
}

test('X-4, X-8: the link is shown and copied whole, and the browser gets the one that comes back by itself', async ({
  openScene,
}) => {
  const scene = await openScene({ hosts: claude.hosts });
  const expectUntouched = await plantOwnLogin(scene);
  const { modal, launched } = scene;
  await modal.open('Claude Code');
  const link = await modal.linkText();
  const shown = new URL(link);
  expect(shown.host).toBe('claude.com');
  expect(Object.fromEntries(shown.searchParams)).toMatchObject({
    client_id: expect.stringMatching(/^[\w-]{30,}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^[\w-]{30,}$/),
    redirect_uri: 'https://platform.claude.com/oauth/code/callback',
  });
  // On one line, however long, inside of the modal.
  const box = await modal.link.boundingBox();
  expect(box?.height).toBeLessThan(60);
  const around = await modal.dialog.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((around?.x ?? 0) + (around?.width ?? 0));
  await modal.press('Copy link');
  await expect.poll(() => launched.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(link);

  const opened = new URL(await launched.opener.nextOpened());
  expect(opened.searchParams.get('redirect_uri')).toMatch(/^http:\/\/localhost:\d+\/callback$/);
  for (const name of ['client_id', 'code_challenge', 'state']) {
    expect(opened.searchParams.get(name)).toBe(shown.searchParams.get(name));
  }
  launched.opener.follow = true;
  await modal.press('Open again');
  expect(await launched.opener.nextOpened()).toBe(opened.href);
  await expectSignedIn(scene);
  expect(launched.opener.opened).toHaveLength(2);
  await expectUntouched();
});

test('V-2, V-4, S-15: a malformed paste is refused and the sign-in goes on, a wrong code ends it, the right one signs in', async ({
  openScene,
}) => {
  const scene = await openScene({ hosts: claude.hosts });
  const expectUntouched = await plantOwnLogin(scene);
  const { modal } = scene;
  await modal.open('Claude Code');
  const link = await modal.linkText();
  const state = new URL(link).searchParams.get('state');
  await modal.unfoldPasteBox();
  const malformed: [text: string, reason: string][] = [
    ['no-hash-in-it', 'This does not look like the code'],
    ['cc_code#of-another-sign-in', 'This code belongs to another sign-in'],
    [link, 'This is the sign-in page, not where it sent you'],
  ];
  for (const [text, reason] of malformed) {
    await modal.paste(text);
    await expect(modal.pasteError).toContainText(reason);
    await expect(modal.pasteBox).toHaveValue(text);
    await expect(modal.link).toHaveText(link);
  }
  const exchanges = () => scene.net.seen.filter(({ path }) => path === '/v1/oauth/token');
  expect(exchanges()).toEqual([]);

  await modal.paste(`cc_wrong#${state}`);
  await expect(modal.failure).toContainText('Claude did not accept the code.');
  await expect(modal.dialog).toContainText('Start again and copy the whole code from the new page');
  expect(exchanges()).toMatchObject([{ status: 400 }]);
  await expect.poll(() => scene.accountEntries()).toEqual([]);
  await expect.poll(() => scene.signInProcesses()).toEqual([]);

  await modal.tryAgain.click();
  const second = await modal.linkText();
  expect(new URL(second).searchParams.get('state')).not.toBe(state);
  await modal.unfoldPasteBox();
  await expect(modal.pasteBox).toHaveValue('');
  await modal.paste(claude.authorize(second).pasted);
  await expectSignedIn(scene);
  await expectUntouched();
});

test('V-1: the address of the page that shows the code can be pasted in its place', async ({ openScene }) => {
  const scene = await openScene({ hosts: claude.hosts });
  const { modal } = scene;
  await modal.open('Claude Code');
  const page = claude.authorize(await modal.linkText()).redirect;
  expect(page).toContain('https://platform.claude.com/oauth/code/callback?code=');
  await modal.unfoldPasteBox();
  await modal.paste(page);
  await expectSignedIn(scene);
});
