import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { createClaudeHosts } from './support/claude-hosts.ts';
import { type CliScene, sceneTest as test } from './support/cli-scene.ts';
import { useAnotherWay } from './support/connect-ui.ts';
import { createGitHubHosts } from './support/github-hosts.ts';
import { createGoogleHosts } from './support/google-hosts.ts';
import { listenOnLoopback } from './support/local-host.ts';
import { startOpenAiIssuer } from './support/openai-issuer.ts';

/** The sign-in runs in a directory of its own; after Cancel neither its processes nor the directory are there. */
async function cancelAndExpectNothingLeft(scene: CliScene) {
  const { modal } = scene;
  expect(scene.signInProcesses()).not.toEqual([]);
  expect(scene.accountEntries()).toEqual([
    expect.stringMatching(/\/1$/),
    expect.stringMatching(/\/1\.pending$/),
  ]);
  await modal.press('Cancel');
  await expect(modal.dialog).toBeHidden();
  await expect.poll(() => scene.signInProcesses(), { timeout: 2_000 }).toEqual([]);
  await expect.poll(() => scene.accountEntries()).toEqual([]);
}

test.describe('S-9: nothing is left 2 s after Cancel', () => {
  test('of Gemini, which ignores polite signals', async ({ openScene }) => {
    const scene = await openScene({ hosts: createGoogleHosts().hosts });
    await scene.modal.open('Gemini CLI');
    expect(new URL(await scene.modal.linkText()).host).toBe('accounts.google.com');
    await cancelAndExpectNothingLeft(scene);
  });

  test('of Copilot', async ({ openScene }) => {
    const gitHub = createGitHubHosts();
    const scene = await openScene({ hosts: gitHub.hosts });
    await scene.modal.open('GitHub Copilot CLI');
    const device = await gitHub.devices.next();
    await expect(scene.modal.code).toHaveText(device.userCode);
    await expect(scene.modal.dialog).toContainText('Enter this code at github.com/login/device');
    await cancelAndExpectNothingLeft(scene);
  });

  test('of Codex', async ({ openScene }) => {
    const issuer = await startOpenAiIssuer();
    try {
      const args = ['login', '--device-auth', '--experimental_issuer', issuer.url];
      const provider = {
        id: 'codex-local',
        extends: 'codex',
        name: 'Codex at home',
        allowedHosts: ['127.0.0.1'],
      };
      const scene = await openScene({ providers: [{ ...provider, flows: { device: { args } } }] });
      await scene.modal.open('Codex at home');
      await useAnotherWay(scene.modal.dialog, 'Device code');
      await expect(scene.modal.code).toHaveText((await issuer.devices.next()).userCode);
      await cancelAndExpectNothingLeft(scene);
    } finally {
      await issuer.close();
    }
  });

  test('of Claude Code', async ({ openScene }) => {
    const scene = await openScene({ hosts: createClaudeHosts().hosts });
    await scene.modal.open('Claude Code');
    expect(new URL(await scene.modal.linkText()).host).toBe('claude.com');
    await cancelAndExpectNothingLeft(scene);
  });
});

test('X-1, X-2, S-5: Copilot signs in by device code in a PTY, its question about the keychain answered', async ({
  openScene,
}) => {
  const gitHub = createGitHubHosts({ login: 'ada' });
  const host = await listenOnLoopback(gitHub.web);
  try {
    const scene = await openScene({
      providers: [
        {
          id: 'copilot-local',
          extends: 'copilot',
          name: 'Copilot at home',
          allowedHosts: ['127.0.0.1'],
          flows: { device: { args: ['login', '--device-code', '--host', host.url] } },
          flowOrder: ['device'],
        },
      ],
    });
    const { modal, launched } = scene;
    await modal.open('Copilot at home');
    const device = await gitHub.devices.next();
    await expect(modal.code).toHaveText(device.userCode);
    expect(launched.opener.opened).toEqual([]);
    device.approve();
    await expect(modal.success).toContainText('Signed in as ada');
    const entries = scene.accountEntries();
    expect(entries).toEqual([expect.stringMatching(/^[\w-]+\/1$/)]);
    const config = await readFile(join(scene.accountDirectory(entries[0] ?? ''), 'config.json'), 'utf8');
    expect(config).toContain('"login": "ada"');
    expect(scene.signInProcesses()).toEqual([]);
  } finally {
    await host.close();
  }
});

test('S-4, S-5, S-13, V-4: Gemini takes a second code after a wrong one; its file is the proof, and its echo is not shown', async ({
  openScene,
}) => {
  const google = createGoogleHosts({ email: 'ada@example.test' });
  const scene = await openScene({ hosts: google.hosts });
  const { modal, launched } = scene;
  await modal.open('Gemini CLI');
  const link = await modal.linkText();
  expect(await launched.opener.nextOpened()).toBe(link);
  await modal.paste('4/wrong-code');
  await expect(modal.pasteError).toContainText('Failed to authenticate with authorization code');
  await expect(modal.pasteBox).toHaveValue('4/wrong-code');
  await expect(modal.dialog).toContainText('The CLI made a new link');
  const second = await modal.linkText();
  expect(second).not.toBe(link);

  const { code } = google.authorize(second);
  await modal.paste(code);
  await expect(modal.success).toContainText('Signed in as ada@example.test');
  const entries = scene.accountEntries();
  expect(entries).toEqual([expect.stringMatching(/^[\w-]+\/1$/)]);
  const file = join(scene.accountDirectory(entries[0] ?? ''), '.gemini', 'oauth_creds.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    refresh_token: expect.stringMatching(/^1\/\/local-/),
  });
  expect(scene.signInProcesses()).toEqual([]);
  await modal.press('What the CLI said');
  const transcript = modal.dialog.getByRole('region', { name: 'What the CLI said' });
  await expect(transcript).toContainText('Enter the authorization code: [redacted]');
  await expect(transcript).not.toContainText(code);
});
