import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from '@playwright/test';
import { systemClock } from '../src-main/clock.ts';
import { FileFormat } from '../src-main/identities/file-format.ts';
import { IdentityStore } from '../src-main/identities/store.ts';
import { Keychain } from '../src-main/vault/keychain.ts';
import { CliScene, sceneTest as test } from './support/cli-scene.ts';
import { newIdentity, useAnotherWay } from './support/connect-ui.ts';
import { createOpenAiIssuer, openAiHosts } from './support/openai-issuer.ts';
import { missingForSecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace } from './support/test-place.ts';

/** Two identities with an account each at the same provider, connected, used and removed through the windows. */

/** What codex itself says of a directory, and whose it is by the file there. */
async function whoIsSignedIn(scene: CliScene, directory: string) {
  const status = scene.run('codex', ['login', 'status'], { CODEX_HOME: directory });
  const exitCode = await status.exited;
  const { tokens } = JSON.parse(await readFile(join(directory, 'auth.json'), 'utf8'));
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString('utf8'));
  return { exitCode, text: status.text(), email: claims.email as string };
}

const signedInAs = (email: string) => ({
  exitCode: 0,
  text: expect.stringContaining('Logged in using ChatGPT'),
  email,
});

function accounts(scene: CliScene) {
  return scene.launched.window.getByRole('list', { name: 'Accounts' }).getByRole('listitem');
}

/** Shows an identity as a person does, from the list at the side. */
async function show(scene: CliScene, name: string): Promise<void> {
  const { window } = scene.launched;
  await window
    .getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
  await expect(window.getByRole('heading', { level: 1, name })).toBeVisible();
}

async function signOut(scene: CliScene, provider: string): Promise<void> {
  const { window } = scene.launched;
  await window.getByRole('button', { name: `Sign out of ${provider}` }).click();
  await window.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
  await expect(accounts(scene)).toHaveCount(0);
}

async function deleteIdentity(scene: CliScene, name: string): Promise<void> {
  const { window } = scene.launched;
  await window.getByRole('button', { name: 'Settings' }).click();
  await window.getByRole('button', { name: `More for ${name}`, exact: true }).click();
  await window.getByRole('menuitem', { name: 'Delete…' }).click();
  await window.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(window.getByRole('alertdialog')).toBeHidden();
}

test('I-4, I-11: two Codex accounts work at once, and deleting one leaves the other as it is', async ({
  openScene,
}) => {
  const issuer = createOpenAiIssuer();
  const scene = await openScene({ hosts: openAiHosts(issuer), follow: true });
  const { modal } = scene;
  const { window } = scene.launched;

  const directories: string[] = [];
  for (const [name, email] of [
    ['Ada', 'ada@example.test'],
    ['Grace', 'grace@example.test'],
  ] as const) {
    issuer.person = { ...issuer.person, email, userId: `user-${name}` };
    await newIdentity(window, name);
    await modal.open('Codex');
    await expect(modal.success).toContainText(`Signed in as ${email}`);
    await modal.press('Done');
    await expect(accounts(scene)).toContainText(email);
    const [added] = scene
      .accountEntries()
      .map((entry) => scene.accountDirectory(entry))
      .filter((each) => !directories.includes(each));
    directories.push(added ?? '');
  }
  const [ada = '', grace = ''] = directories;
  await show(scene, 'Ada');
  await expect(accounts(scene)).toContainText('ada@example.test');
  expect(await Promise.all(directories.map((directory) => whoIsSignedIn(scene, directory)))).toEqual([
    signedInAs('ada@example.test'),
    signedInAs('grace@example.test'),
  ]);

  const outside = join(scene.place.root, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'precious'), 'not ours to delete');
  await symlink(outside, join(ada, 'to-a-directory'));
  await symlink(join(outside, 'precious'), join(ada, 'to-a-file'));
  const before = await stat(join(grace, 'auth.json'));

  await signOut(scene, 'Codex');
  await expect.poll(() => existsSync(dirname(ada))).toBe(false);
  expect(await readdir(outside)).toEqual(['precious']);
  expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('not ours to delete');
  await deleteIdentity(scene, 'Ada');

  await show(scene, 'Grace');
  await expect(accounts(scene)).toContainText('grace@example.test');
  await expect(accounts(scene)).toContainText('Signed in');
  expect(await whoIsSignedIn(scene, grace)).toEqual(signedInAs('grace@example.test'));
  const { ino, mtimeMs } = await stat(join(grace, 'auth.json'));
  expect([ino, mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('K-2, I-11: of two identities with a key each, the deleted one leaves no entry in the keychain', async () => {
  const missing = missingForSecretService();
  test.skip(missing.length > 0, `${missing.join(' and ')} not found`);
  const place = await createTestPlace();
  const service = await startSecretService(place.root);
  // This process looks into the same keychain.
  process.env.DBUS_SESSION_BUS_ADDRESS = service.env.DBUS_SESSION_BUS_ADDRESS;
  const scene = await CliScene.open({ env: service.env });
  try {
    const { modal } = scene;
    const { window } = scene.launched;
    const keys = { Ada: 'sk-ada-0123456789abcdefghij', Grace: 'sk-grace-0123456789abcdefghij' };
    for (const [name, key] of Object.entries(keys)) {
      await newIdentity(window, name);
      await modal.open('Codex');
      // The step with the link brings a menu of its own.
      await modal.linkText();
      await useAnotherWay(modal.dialog, 'API key');
      await modal.dialog.getByLabel('API key').fill(key);
      await modal.dialog.getByLabel('Name').fill(`${name}'s key`);
      await modal.press('Check and save');
      // Nobody here answers for the provider.
      await modal.press('Save without checking');
      await modal.press('Done');
      await expect(accounts(scene)).toContainText(`${name}'s key`);
    }
    const keychain = new Keychain(systemClock);
    const { data } = scene.place;
    const format = new FileFormat(join(data, 'accounts'));
    const saved = format.unpack(JSON.parse(await readFile(join(data, 'identities.json'), 'utf8')));
    const store = new IdentityStore({ read: () => saved, write: () => {} }, 'identities.json');
    const entries = [...store.state.accounts].flatMap(({ secretRef }) =>
      secretRef.kind === 'keychain' ? [secretRef] : [],
    );
    const kept = () =>
      Promise.all(
        entries.map(async (entry) => {
          const read = await keychain.get(entry);
          return read.status === 'ok' ? read.secret.reveal() : read.status;
        }),
      );
    expect(await kept()).toEqual([keys.Ada, keys.Grace]);

    await show(scene, 'Ada');
    await signOut(scene, 'Codex');
    await deleteIdentity(scene, 'Ada');
    await expect.poll(kept).toEqual(['not-found', keys.Grace]);
    await show(scene, 'Grace');
    await expect(accounts(scene)).toContainText("Grace's key");
  } finally {
    // The app does not survive the end of its bus.
    await scene.close();
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    await service.end();
    await place.remove();
  }
});
