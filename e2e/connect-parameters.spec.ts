import { expect } from '@playwright/test';
import { type CliScene, sceneTest as test } from './support/cli-scene.ts';
import { connectDialog, listBundles, runningSessions } from './support/connect-ui.ts';
import { expectFocus, pressWithEnter, tabRound } from './support/keyboard.ts';
import { startOpenAiIssuer } from './support/openai-issuer.ts';

/** The real Codex CLI at an issuer that only the person knows (docs/providers.md). */
const codexElsewhere = {
  id: 'codex-elsewhere',
  extends: 'codex',
  name: 'Codex elsewhere',
  allowedHosts: ['{param:issuer}'],
  environment: { set: { ACME_REGION: '{param:region}' } },
  flows: {
    device: {
      parameters: [
        {
          id: 'issuer',
          label: 'Issuer',
          hint: 'Ask whoever runs it.',
          example: 'https://login.acme.example',
          accepts: 'https?://[^/]+',
          required: true,
          kind: 'url',
        },
        { id: 'region', label: 'Region', example: 'eu', accepts: '[a-z]{2}', required: false, kind: 'text' },
      ],
      args: ['login', '--device-auth', '--experimental_issuer={param:issuer}'],
    },
  },
  flowOrder: ['device', 'browser'],
};

test('by keyboard alone: what only the person knows is asked, mended, tried again and remembered', async ({
  openScene,
}) => {
  const issuer = await startOpenAiIssuer({ person: { email: 'grace@example.test' } });
  try {
    const scene: CliScene = await openScene({ providers: [codexElsewhere] });
    const { launched, modal } = scene;
    const { window } = launched;
    const dialog = connectDialog(window, 'Codex elsewhere');
    const field = (name: string) => dialog.getByRole('textbox', { name, exact: true });
    const button = (name: string) => window.getByRole('button', { name, exact: true });
    const press = (key: string) => window.keyboard.press(key);
    const type = async (text: string) => {
      await press('ControlOrMeta+A');
      await window.keyboard.type(text);
    };

    // Esc, and nothing was started.
    await pressWithEnter(button('Connect Codex elsewhere'));
    await expectFocus(field('Issuer'));
    expect((await tabRound(window, dialog)).left).toBe(false);
    await press('Escape');
    await expect(dialog).toBeHidden();
    await expectFocus(button('Connect Codex elsewhere'));

    // Each field says what is wrong with it, the first of them has the focus, and what was typed stays.
    await press('Enter');
    await expectFocus(field('Issuer'));
    await type('http://issuer.example');
    await press('Tab');
    await expectFocus(field('Region (optional)'));
    await type('-x');
    await press('Enter');
    await expect(dialog.getByRole('alert')).toHaveText([
      /must be an address with https/,
      /must not begin with "-"/,
    ]);
    await expectFocus(field('Issuer'));
    await expect(field('Issuer')).toHaveValue('http://issuer.example');
    expect(await runningSessions(window)).toEqual([]);
    expect(scene.accountEntries()).toEqual([]);

    // Mended, its error is gone; nobody is there, and another try has what was typed.
    await type('http://127.0.0.1:9');
    await expect(dialog.getByRole('alert')).toHaveText([/must not begin with "-"/]);
    await press('Tab');
    await type('eu');
    await press('Enter');
    await expect(modal.failure).toBeVisible();
    await expectFocus(modal.tryAgain);
    await press('Enter');
    await expectFocus(field('Issuer'));
    await expect(field('Issuer')).toHaveValue('http://127.0.0.1:9');
    await expect(field('Region (optional)')).toHaveValue('eu');

    await type(issuer.url);
    await press('Enter');
    const device = await issuer.devices.next();
    await expect(modal.code).toHaveText(device.userCode);
    await expect(dialog).toContainText(`Enter this code at ${new URL(issuer.url).host}`);
    device.approve();
    await expect(modal.success).toContainText('Signed in as grace@example.test');
    await press('Enter');
    const [bundle] = await listBundles(window);
    expect(bundle?.accounts).toMatchObject([
      { flowId: 'device', parameters: { issuer: issuer.url, region: 'eu' } },
    ]);

    // A reconnect remembers, also after a restart; an empty optional one is no variable.
    await scene.restart();
    const again = connectDialog(scene.launched.window, 'Codex elsewhere');
    await pressWithEnter(
      scene.launched.window.getByRole('button', { name: 'Reconnect Codex elsewhere', exact: true }),
    );
    await expect(again.getByRole('textbox', { name: 'Issuer' })).toHaveValue(issuer.url);
    await expect(again.getByRole('textbox', { name: 'Region (optional)' })).toHaveValue('eu');
    await expectFocus(again.getByRole('textbox', { name: 'Issuer' }));
    await scene.launched.window.keyboard.press('Enter');
    const second = await issuer.devices.next();
    const [signIn] = scene
      .signInProcesses()
      .filter(({ arguments: words }) => words.includes('--device-auth'));
    expect(signIn?.environment).toContain('ACME_REGION=eu');
    second.approve();
    await expect(scene.modal.success).toContainText('Signed in as grace@example.test');
  } finally {
    await issuer.close();
  }
});
