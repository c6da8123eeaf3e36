import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { buildCommand } from '../scripts/build-command.mjs';
import { type MotoServer, motoMissing, startMoto } from '../src-main/cloud/moto.fixture.ts';
import { runOnPipes } from './support/cli-process.ts';
import { newIdentity } from './support/connect-ui.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { expectFocus, pressWithEnter, tabTo } from './support/keyboard.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { missingForSecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

const role = 'arn:aws:iam::123456789012:role/deploy';

/** A terminal that types for its person: what the shell in it was given, and then something that goes on. */
const typingTerminal = `#!/bin/sh
shift
printf 'env > "$HOME/under-session"\\nexec sleep 600\\n' | "$@"
`;

const rail = (window: Page) =>
  window.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: /^Sessions/ });
const table = (window: Page, name: 'Active' | 'Finished') =>
  window.getByRole('table', { name: `${name} sessions` });
const row = (window: Page, name: 'Active' | 'Finished', text: string | RegExp) =>
  table(window, name)
    .getByRole('row')
    .filter({ has: window.getByRole('rowheader').filter({ hasText: text }) });
const sheet = (window: Page) => window.getByRole('dialog', { name: 'New session' });
const action = (within: Locator, number: number) =>
  within.getByRole('textbox', { name: `Action ${number}`, exact: true });
const note = (window: Page) => window.getByRole('region', { name: 'Just done' });
const openSheet = async (window: Page) => {
  await window.getByRole('button', { name: 'New session' }).click();
  await expect(sheet(window).getByLabel('Credentials from')).toBeVisible();
};
const settings = async (window: Page) => {
  await window.getByRole('button', { name: 'Settings', exact: true }).click();
  await window.getByRole('tab', { name: 'Cloud sessions' }).click();
};

/** The machine's own login, for the blank identity: AWS is moto's server. */
const machineLogin = (origin: string) => ({
  LANYARD_AWS_ORIGIN: origin,
  AWS_ACCESS_KEY_ID: 'AKIAMACHINEOWNKEY001',
  AWS_SECRET_ACCESS_KEY: 'of-the-machine',
  AWS_EC2_METADATA_DISABLED: 'true',
});

test.describe
  .serial('cloud sessions at AWS', () => {
    let place: TestPlace;
    let moto: MotoServer;
    let launched: LaunchedApp;
    let window: Page;
    /** Where the session's credentials are had, and with what: as they were copied. */
    let endpoint: { url: string; token: string };

    test.beforeAll(async () => {
      test.skip(motoMissing !== null, motoMissing ?? '');
      place = await createTestPlace();
      const programs = join(place.root, 'programs');
      await mkdir(programs);
      await writeFile(join(programs, 'x-terminal-emulator'), typingTerminal, { mode: 0o755 });
      moto = await startMoto();
      launched = await launchApp({
        place,
        pathPrefix: [programs],
        env: machineLogin(moto.recordedOrigin),
      });
      window = launched.window;
      await window.getByRole('main').waitFor();
    });
    test.afterAll(async () => {
      await launched?.close();
      await moto?.stop();
      await place?.remove();
    });

    const ask = () => fetch(endpoint.url, { headers: { authorization: endpoint.token } });
    const detail = (name: string) =>
      window
        .getByRole('dialog')
        .locator('dt')
        .filter({ hasText: new RegExp(`^${name}$`) })
        .locator('xpath=following-sibling::dd[1]');

    test('C-7: without any session the page leads to a new one; what is typed is checked where it stands', async () => {
      await rail(window).click();
      await expect(window.getByText('A session gives a command')).toBeVisible();
      await expectAccessible(window, 'sessions-empty');
      await openSheet(window);
      await expect(sheet(window).getByLabel('Identity')).toBeFocused();
      await expect(sheet(window)).toContainText("These are the machine's own credentials");
      await expectAccessible(window, 'new-session');

      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(sheet(window).getByRole('textbox', { name: 'Role' })).toBeFocused();
      await expect(sheet(window).getByRole('alert')).toContainText('Write the ARN of the role.');
      await sheet(window).getByRole('textbox', { name: 'Role' }).fill(role);

      await action(sheet(window), 1).fill('s3:*');
      await expect(sheet(window)).toContainText(/Covers 1\d\d actions: s3:/);
      await action(sheet(window), 1).press('Enter');
      await expect(action(sheet(window), 2)).toBeFocused();
      await window.keyboard.type('nosuchservice:Get*');
      await expect(sheet(window)).toContainText('Lanyard knows no service "nosuchservice" of AWS.');
      await action(sheet(window), 2).press('Enter');
      await window.keyboard.type('*:Get*');
      await expect(sheet(window)).toContainText('"*:Get*" is for every service.');
      await expectAccessible(window, 'new-session-problems');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(action(sheet(window), 3)).toBeFocused();
      expect(moto.takeForms()).toEqual([]);

      await sheet(window).getByRole('button', { name: 'Remove action 3' }).click();
      await expect(action(sheet(window), 2)).toBeFocused();
      await sheet(window).getByRole('textbox', { name: 'Denied action 1' }).fill('s3:DeleteBucket');
      await expect(sheet(window)).toContainText('AWS itself holds the session to its actions.');
    });

    test('what was typed is there again after the sheet was closed', async () => {
      await window.keyboard.press('Escape');
      await expect(sheet(window)).toBeHidden();
      await expect(window.getByRole('button', { name: 'New session' })).toBeFocused();
      await openSheet(window);
      await expect(action(sheet(window), 1)).toHaveValue('s3:*');
      await expect(sheet(window).getByRole('textbox', { name: 'Role' })).toHaveValue(role);
      await sheet(window).getByRole('button', { name: 'Remove action 2' }).click();
    });

    test('C-10, C-12: a session is opened; its row shows, and its details are what was sent', async () => {
      await sheet(window)
        .getByRole('button', { name: /^The policy that is sent, \d+ of 2048 characters$/ })
        .click();
      const shown = await sheet(window).getByRole('region', { name: 'Policy that is sent' }).textContent();
      await sheet(window).getByRole('radio', { name: '15 min' }).check();
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(note(window)).toContainText('The session is open.');
      const opened = row(window, 'Active', 'deploy');
      await expect(opened.getByRole('rowheader')).toBeFocused();
      await expect(opened).toContainText('No credentials');
      await expect(opened).toContainText('but not s3:DeleteBucket');
      await expect(opened).toContainText('Enforced');
      await expect(opened).toContainText(/14:\d\d/);
      await expect(rail(window)).toHaveText(/^Sessions1 active$/);
      await expectAccessible(window, 'sessions-active');
      const asked = moto.takeForms().find((form) => form.get('Action') === 'AssumeRole');
      expect(asked?.get('Policy')).toBe(shown);
      expect(JSON.parse(shown ?? '')).toMatchObject({
        Statement: [
          { Effect: 'Allow', Action: ['s3:*'] },
          { Effect: 'Deny', Action: ['s3:DeleteBucket'] },
        ],
      });

      await opened.getByRole('button', { name: /^More for deploy/ }).click();
      await expectAccessible(window, 'sessions-menu');
      await window.getByRole('menuitem', { name: 'Details' }).click();
      await expect(window.getByRole('region', { name: 'Policy that was sent' })).toHaveText(shown ?? '');
      await expect(detail('Lifetime granted')).toHaveText('15 min');
      await expect(detail('Principal')).toHaveText(role);
      await expectAccessible(window, 'sessions-details');
      await window.keyboard.press('Escape');
      await expect(opened.getByRole('button', { name: /^More for deploy/ })).toBeFocused();
    });

    test('C-16: its variables are copied, and lead to its credentials; the keys only behind a warning', async () => {
      const opened = row(window, 'Active', 'deploy');
      await opened.getByRole('button', { name: /^More for deploy/ }).click();
      await window.getByRole('menuitem', { name: 'Copy variables…' }).click();
      const dialog = window.getByRole('dialog', { name: 'Copy variables of deploy' });
      await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
      await expect(dialog).toContainText('The clipboard is emptied after 60 seconds.');
      const text = await launched.app.evaluate(({ clipboard }) => clipboard.readText());
      const value = (name: string) => new RegExp(`${name}=['"]?([^'"\\s]+)`).exec(text)?.[1] ?? '';
      endpoint = {
        url: value('AWS_CONTAINER_CREDENTIALS_FULL_URI'),
        token: value('AWS_CONTAINER_AUTHORIZATION_TOKEN'),
      };
      const answer = await ask();
      expect(answer.status).toBe(200);
      expect(text).not.toContain((await answer.json()).SecretAccessKey);

      await dialog.getByRole('radio', { name: /The credentials themselves/ }).check();
      await expect(dialog).toContainText('Whoever has these keys is this session.');
      await expectAccessible(window, 'sessions-copy-keys');
      await dialog.getByRole('button', { name: 'Copy the keys' }).click();
      await expect(dialog).toContainText('AWS_SECRET_ACCESS_KEY');
      expect(await launched.app.evaluate(({ clipboard }) => clipboard.readText())).toContain('ASIA');
      await window.keyboard.press('Escape');
    });

    test('C-17: a terminal runs under it and has its credentials alone', async () => {
      const opened = row(window, 'Active', 'deploy');
      await opened.getByRole('button', { name: /^Open a terminal under deploy/ }).click();
      const file = join(launched.homeDirectory, 'under-session');
      await expect.poll(() => existsSync(file)).toBe(true);
      await expect(opened).toContainText('1 runs now');
      const environment = await readFile(file, 'utf8');
      expect(environment).toContain('AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:');
      expect(environment).not.toContain('AKIAMACHINEOWNKEY001');
    });

    test('C-20: it is extended, up to the cap of its identity', async () => {
      const opened = row(window, 'Active', 'deploy');
      await opened.getByRole('button', { name: /^Extend deploy/ }).click();
      const dialog = window.getByRole('dialog', { name: 'Extend the session' });
      await expect(dialog.getByRole('radio')).toHaveCount(4);
      await dialog.getByRole('radio', { name: /^1 hour more/ }).check();
      await expectAccessible(window, 'sessions-extend');
      await dialog.getByRole('button', { name: 'Extend', exact: true }).click();
      await expect(note(window)).toContainText(/The session lasts until .*\d\d:\d\d now\./);
      await expect(opened).toContainText(/1:1\d:\d\d/);
      await opened.getByRole('button', { name: /^Extend deploy/ }).click();
      await dialog.getByRole('radio', { name: /^As long as it may/ }).check();
      await dialog.getByRole('button', { name: 'Extend', exact: true }).click();
      await expect(opened).toContainText(/11:\d\d:\d\d/);
      await opened.getByRole('button', { name: /^Extend deploy/ }).click();
      await expect(dialog).toContainText('Sessions of this identity last 12 h at most');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    });

    test('C-6: the same again is the same session, and this is said', async () => {
      await openSheet(window);
      await sheet(window).getByRole('textbox', { name: 'Role' }).fill(role);
      await action(sheet(window), 1).fill('s3:*');
      await sheet(window).getByRole('textbox', { name: 'Denied action 1' }).fill('s3:DeleteBucket');
      await expect(sheet(window)).toContainText('AWS itself holds the session to its actions.');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(note(window)).toContainText('An open session for the same was used again.');
      await expect(row(window, 'Active', 'deploy')).toHaveCount(1);
      await expect(row(window, 'Active', 'deploy')).toContainText('Used again');
      expect(moto.takeForms().filter((form) => form.get('Action') === 'AssumeRole')).toEqual([]);
    });

    test('C-18: it is revoked after a question, and what exactly happened is said', async () => {
      const underIt = () =>
        processesMarkedWith(place.root).filter(({ arguments: given }) => given.join(' ') === 'sleep 600');
      expect(underIt()).toHaveLength(1);
      const opened = row(window, 'Active', 'deploy');
      await opened.getByRole('button', { name: /^Revoke deploy/ }).click();
      const question = window.getByRole('alertdialog', { name: 'Revoke deploy?' });
      await expect(question.getByRole('button', { name: 'Keep it' })).toBeFocused();
      await expect(question).toContainText('what runs under it (1) is ended');
      await expectAccessible(window, 'sessions-revoke');
      await question.getByRole('button', { name: 'Revoke' }).click();
      const report = window.getByRole('alertdialog', { name: 'The session was revoked' });
      await expect(report).toContainText('Ended here. AWS cannot take back what was handed out: it dies at');
      await expect(report.getByRole('button', { name: 'Done' })).toBeFocused();
      await expectAccessible(window, 'sessions-revoked');
      await window.keyboard.press('Enter');
      const ended = row(window, 'Finished', 'deploy');
      await expect(ended.getByRole('rowheader')).toBeFocused();
      await expect(ended).toContainText('Revoked');
      await expect(table(window, 'Finished')).toContainText('Ended here. AWS cannot take back');
      await expect(rail(window)).toHaveText('Sessions');
      expect(underIt()).toEqual([]);
      await expect(ask()).rejects.toThrow();
    });

    test('C-18: where the person wants it, the role denies the session', async () => {
      const iam = new IAMClient({
        region: 'us-east-1',
        endpoint: moto.origin,
        credentials: { accessKeyId: 'AKIAMACHINEOWNKEY001', secretAccessKey: 'of-the-machine' },
      });
      await iam.send(new CreateRoleCommand({ RoleName: 'denying', AssumeRolePolicyDocument: '{}' }));
      await openSheet(window);
      await sheet(window).getByRole('textbox', { name: 'Role' }).fill(role.replace('deploy', 'denying'));
      await action(sheet(window), 1).fill('s3:GetObject');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await row(window, 'Active', 'denying')
        .getByRole('button', { name: /^Revoke denying/ })
        .click();
      const question = window.getByRole('alertdialog', { name: 'Revoke denying?' });
      await question.getByRole('checkbox', { name: 'Also deny it at the role' }).check();
      await expectAccessible(window, 'sessions-revoke-deny');
      await question.getByRole('button', { name: 'Revoke' }).click();
      const report = window.getByRole('alertdialog', { name: 'The session was revoked' });
      await expect(report).toContainText(
        'Ended here, and denied at AWS: the role denying denies it everything',
      );
      await report.getByRole('button', { name: 'Done' }).click();
      const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: 'denying' }));
      expect(PolicyNames).toEqual([expect.stringMatching(/^lanyard-revoked-\d+-[0-9a-f]{8}$/)]);
      iam.destroy();
      moto.takeForms();
      const ended = row(window, 'Finished', 'denying');
      await ended.getByRole('button', { name: /^Remove/ }).click();
      await window.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
      await expect(ended).toBeHidden();
    });

    test('C-11: what the cloud does not enforce is accepted once, and this can be taken back', async () => {
      const openOwn = async () => {
        await openSheet(window);
        await sheet(window).getByRole('radio', { name: "The key's own user" }).check();
        await action(sheet(window), 1).fill('s3:GetObject');
        await expect(sheet(window)).toContainText('AWS does not hold the session to its actions.');
      };
      await openOwn();
      const accept = sheet(window).getByRole('checkbox', { name: /^Open it anyway/ });
      await expect(accept).not.toBeChecked();
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(accept).toBeFocused();
      await expectAccessible(window, 'new-session-not-enforced');
      await accept.check();
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(row(window, 'Active', "The key's own user")).toContainText('Not enforced by the cloud');

      await openOwn();
      await expect(accept).toBeHidden();
      await window.keyboard.press('Escape');
      await settings(window);
      await window.getByRole('button', { name: 'Ask again for No credentials' }).click();
      await expect(window.getByRole('button', { name: 'Ask again for No credentials' })).toBeHidden();
      await rail(window).click();
      await window.getByRole('button', { name: /^Revoke The key's own user/ }).click();
      await window.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
      await window.getByRole('button', { name: 'Done' }).click();
    });

    test('C-19: a limit that is no number is said at its field; one that is kept is shown with its use', async () => {
      await openSheet(window);
      await sheet(window).getByRole('radio', { name: 'A role' }).check();
      await sheet(window).getByRole('textbox', { name: 'Role' }).fill(role);
      await sheet(window)
        .getByRole('button', { name: /^Limits/ })
        .click();
      await sheet(window).getByRole('textbox', { name: 'Commands' }).fill('some');
      await sheet(window).getByRole('radio', { name: 'Other' }).check();
      await sheet(window).getByRole('textbox', { name: 'Length of time' }).fill('a while');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(sheet(window).getByRole('textbox', { name: 'Commands' })).toBeFocused();
      await sheet(window).getByRole('textbox', { name: 'Commands' }).fill('5');
      await sheet(window).getByRole('textbox', { name: 'Estimated cost' }).fill('2.50');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(sheet(window).getByRole('textbox', { name: 'Length of time' })).toBeFocused();
      await expect(sheet(window).getByRole('alert')).toContainText('This is not a length of time.');
      await expectAccessible(window, 'new-session-limits');
      await sheet(window).getByRole('textbox', { name: 'Length of time' }).fill('1h30m');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      const opened = row(window, 'Active', 'deploy');
      await expect(opened).toContainText('0 of 5 commands');
      await opened.getByRole('button', { name: /^More for deploy/ }).click();
      await window.getByRole('menuitem', { name: 'Details' }).click();
      await expect(detail('Estimated cost')).toHaveText('$2.50, an estimate that nothing enforces');
      await window.keyboard.press('Escape');
    });

    test('a refusal of the cloud is said in the sheet, and nothing that was typed is lost', async () => {
      await openSheet(window);
      await sheet(window).getByRole('textbox', { name: 'Role' }).fill('not an ARN');
      await action(sheet(window), 1).fill('logs:GetLogEvents');
      await expect(sheet(window)).toContainText('AWS itself holds the session to its actions.');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(sheet(window).getByRole('alert')).toContainText('role');
      await expectAccessible(window, 'new-session-refused');
      await expect(action(sheet(window), 1)).toHaveValue('logs:GetLogEvents');
      await window.keyboard.press('Escape');
    });

    test('C-8, C-20: profiles of the person’s own, and a cap that the sheet keeps to', async () => {
      await settings(window);
      await window.getByRole('button', { name: 'New profile' }).click();
      const dialog = window.getByRole('dialog', { name: 'New profile' });
      await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
      await window.keyboard.type('Nightly report');
      await action(dialog, 1).fill('athena:*:x');
      await expect(dialog).toContainText('"athena:*:x" is not an action.');
      await expectAccessible(window, 'settings-profile');
      await action(dialog, 1).fill('athena:Get*');
      await expect(dialog).toContainText(/Covers \d+ actions: athena:Get/);
      await dialog.getByRole('button', { name: 'Save' }).click();
      const yours = window.getByRole('list', { name: 'Yours' });
      await expect(yours).toContainText('Nightly report');
      await yours.getByRole('button', { name: 'Edit Nightly report' }).click();
      const edit = window.getByRole('dialog', { name: 'Edit Nightly report' });
      await edit.getByRole('textbox', { name: 'Description' }).fill('What runs at three');
      await edit.getByRole('button', { name: 'Save' }).click();
      await expect(yours).toContainText('What runs at three');

      const cap = window.getByRole('textbox', { name: 'Cap of No credentials' });
      await cap.fill('a while');
      await cap.press('Enter');
      await expect(window.getByRole('alert')).toContainText('This is not a length of time.');
      await cap.fill('1h');
      await cap.press('Enter');
      await expect(window.getByRole('alert')).toBeHidden();
      await expectAccessible(window, 'settings-cloud-sessions');

      await rail(window).click();
      await openSheet(window);
      await expect(sheet(window)).toContainText('No credentials allows 1 h at most.');
      await expect(sheet(window).getByRole('radio', { name: '4 h' })).toBeDisabled();
      await sheet(window).getByLabel('Profile').selectOption({ label: 'Nightly report (yours)' });
      await expect(sheet(window).getByRole('list', { name: 'Actions of the profile' })).toContainText(
        'athena:Get*',
      );
      await window.keyboard.press('Escape');

      await settings(window);
      await window.getByRole('button', { name: 'Delete Nightly report' }).click();
      await window.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
      await expect(yours).toBeHidden();
    });

    test('C-20: a cap that cannot be read is an error, not "no cap"', async () => {
      const file = join(launched.dataDirectory, 'cloud-sessions.json');
      const kept = await readFile(file, 'utf8');
      await writeFile(file, kept.replace('"1h"', '"soonish"'));
      await rail(window).click();
      await openSheet(window);
      await expect(sheet(window)).toContainText('The cap "soonish" cannot be read.');
      await sheet(window).getByRole('textbox', { name: 'Role' }).fill(role);
      await action(sheet(window), 1).fill('s3:GetObject');
      await expect(sheet(window)).toContainText('AWS itself holds the session to its actions.');
      await sheet(window).getByRole('button', { name: 'Open session' }).click();
      await expect(sheet(window).getByRole('alert').last()).toContainText(
        'The cap "soonish" cannot be read.',
      );
      await expectAccessible(window, 'new-session-cap-unreadable');
      await window.keyboard.press('Escape');
      await writeFile(file, kept);
    });

    test('by keyboard alone: opened, looked at, revoked, removed', async () => {
      await window.getByRole('heading', { level: 1 }).focus();
      await pressWithEnter(window.getByRole('button', { name: 'New session' }));
      await expectFocus(sheet(window).getByLabel('Identity'));
      await tabTo(sheet(window).getByRole('textbox', { name: 'Role' }));
      await window.keyboard.press('ControlOrMeta+A');
      await window.keyboard.type(`${role}-2`);
      await tabTo(action(sheet(window), 1));
      await window.keyboard.press('ControlOrMeta+A');
      await window.keyboard.type('s3:GetObject');
      await tabTo(sheet(window).getByRole('radio', { name: '1 h' }));
      await window.keyboard.press('ArrowLeft');
      await expectFocus(sheet(window).getByRole('radio', { name: '15 min' }));
      await expect(sheet(window).getByRole('radio', { name: '15 min' })).toBeChecked();
      await tabTo(sheet(window).getByRole('button', { name: 'Open session' }));
      await window.keyboard.press('Enter');
      const opened = row(window, 'Active', 'deploy-2');
      await expectFocus(opened.getByRole('rowheader'));

      await tabTo(opened.getByRole('button', { name: /^More for/ }));
      await window.keyboard.press('Enter');
      await expect(window.getByRole('menuitem').first()).toBeFocused();
      await window.keyboard.press('End');
      await window.keyboard.press('Enter');
      const details = window.getByRole('dialog', { name: 'Session of deploy-2' });
      await expect(details).toBeVisible();
      await tabTo(details.getByRole('region', { name: 'Details' }));
      await window.keyboard.press('Escape');
      await expectFocus(opened.getByRole('button', { name: /^More for/ }));

      await tabTo(opened.getByRole('button', { name: /^Revoke/ }), 'Shift+Tab');
      await window.keyboard.press('Enter');
      await expectFocus(window.getByRole('button', { name: 'Keep it' }));
      await window.keyboard.press('Escape');
      await expectFocus(row(window, 'Active', 'deploy-2').getByRole('rowheader'));
      await pressWithEnter(opened.getByRole('button', { name: /^Revoke/ }));
      await pressWithEnter(window.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }));
      await expectFocus(window.getByRole('button', { name: 'Done' }));
      await window.keyboard.press('Enter');
      const ended = row(window, 'Finished', 'deploy-2');
      await expectFocus(ended.getByRole('rowheader'));
      await pressWithEnter(ended.getByRole('button', { name: /^Remove/ }));
      await expectFocus(window.getByRole('button', { name: 'Keep' }));
      await window.keyboard.press('Tab');
      await window.keyboard.press('Enter');
      await expect(ended).toBeHidden();
      await expect(window.getByRole('heading', { level: 1 })).toBeFocused();
    });

    test('finished ones are removed together, after a question', async () => {
      await window.getByRole('button', { name: 'Remove finished…' }).click();
      const question = window.getByRole('alertdialog', { name: 'Remove all finished sessions?' });
      await question.getByRole('button', { name: 'Remove' }).click();
      await expect(note(window)).toContainText('2 finished sessions were removed.');
      await expect(table(window, 'Finished')).toBeHidden();
      await expect(row(window, 'Active', 'deploy')).toBeVisible();
    });
  });

/** As the existing tool writes them: no field of ours. */
const record = (status: string, more: object = {}) => ({
  id: randomUUID(),
  created_at: '2026-01-02T10:00:00Z',
  expires_at: '2026-01-02T11:00:00Z',
  ttl_seconds: 3600,
  budget: null,
  policy: { actions: ['s3:GetObject'], resources: ['*'] },
  status,
  role_arn: `arn:aws:iam::123456789012:role/${status}`,
  command: ['claude', '-p', 'hello'],
  access_key_id: null,
  ...more,
});

test.describe('cloud sessions that are there at the start', () => {
  let place: TestPlace;
  let launched: LaunchedApp;

  test.beforeAll(async () => {
    place = await createTestPlace();
    const sessions = join(place.data, 'sessions');
    await mkdir(sessions, { recursive: true, mode: 0o700 });
    const later = new Date(Date.now() + 3 * 3_600_000).toISOString();
    const records = [
      ...['completed', 'expired', 'revoked', 'budget_exceeded', 'failed'].map((status) => record(status)),
      record('active', { created_at: new Date().toISOString(), expires_at: later }),
      record('completed', { provider: 'gcp', role_arn: 'robot@my-project.iam.gserviceaccount.com' }),
      record('failed', { provider: 'azure', role_arn: '/subscriptions/0f5a1c2e', policy: { actions: [] } }),
    ];
    for (const each of records) {
      await writeFile(join(sessions, `${each.id}.json`), JSON.stringify(each), { mode: 0o600 });
    }
    await writeFile(join(sessions, `${randomUUID()}.json`), '{ not json', { mode: 0o600 });
    launched = await launchApp({ place });
    await launched.window.getByRole('main').waitFor();
    await rail(launched.window).click();
  });
  test.afterAll(async () => {
    await launched?.close();
    await place?.remove();
  });

  test('C-2, C-5, C-11: every status has its words, a file that cannot be read is named, the filter finds', async () => {
    const { window } = launched;
    const finished = (text: string) => row(window, 'Finished', text);
    for (const [principal, words] of [
      ['completed', 'Completed'],
      ['expired', 'Expired'],
      ['revoked', 'Revoked'],
      ['budget_exceeded', 'Limit reached'],
      ['failed', 'Failed'],
    ] as const) {
      await expect(finished(principal)).toContainText(words);
    }
    const foreign = row(window, 'Active', 'active');
    await expect(foreign).toContainText("Active, another program's");
    await expect(foreign).toContainText('Enforcement not known');
    await expect(foreign.getByRole('button', { name: /^Revoke/ })).toBeHidden();
    const problems = window.getByRole('region', { name: 'Problems' });
    await problems.getByRole('button').click();
    await expect(problems).toContainText('.json');
    await expectAccessible(window, 'sessions-statuses');
    await window.getByRole('main').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expectAccessible(window, 'sessions-statuses-finished');

    const filter = window.getByRole('textbox', { name: 'Filter sessions' });
    await filter.fill('google robot');
    await expect(finished('robot@my-project')).toBeVisible();
    await expect(finished('expired')).toBeHidden();
    await filter.fill('nothing is called that');
    await expect(window.getByText('No session has this')).toBeVisible();
    await filter.press('Escape');
    await expect(finished('expired')).toBeVisible();
    await expect(window.getByRole('main')).not.toContainText(/scoped/i);
  });

  test('an identity without a cloud account leads to connecting one', async () => {
    const { window } = launched;
    await newIdentity(window, 'Client A');
    await rail(window).click();
    await window.getByRole('button', { name: 'New session' }).click();
    await expect(sheet(window)).toContainText('Client A has no account of AWS, Google Cloud or Azure yet.');
    const open = sheet(window).getByRole('button', { name: 'Open session' });
    await expect(open).toBeDisabled();
    await expect(open).toHaveAccessibleDescription(/has no account of AWS/);
    await open.press('Enter');
    await expect(sheet(window).getByRole('button', { name: 'Connect one' })).toBeFocused();
    await expectAccessible(window, 'new-session-no-account');
    await sheet(window).getByRole('button', { name: 'Connect one' }).click();
    await expect(window.getByRole('heading', { level: 1, name: 'Client A' })).toBeVisible();
  });

  test('IAM Identity Center: accounts and roles are picked from lists, a failure is tried again', async () => {
    const { window, app } = launched;
    const failure = {
      code: 'aws_unreachable',
      title: 'AWS IAM Identity Center could not be reached.',
      hint: 'Check the connection and try again.',
    };
    /** What main says is put in its place: the rest of the window does not know. */
    const answer = (answers: Record<string, object>) =>
      app.evaluate(({ ipcMain }, given) => {
        for (const [channel, value] of Object.entries(given)) {
          ipcMain.removeHandler(channel);
          ipcMain.handle(channel, () => ({ ok: true, value }));
        }
      }, answers);
    await answer({
      'sessions.sources': {
        sources: [
          {
            id: 'center',
            cloud: 'aws',
            kind: 'identity-center',
            label: 'ada@acme.example',
            principals: ['role'],
            region: 'eu-west-1',
          },
          {
            id: 'azure',
            cloud: 'azure',
            kind: 'azure-account',
            label: 'ada@acme.example',
            principals: ['azure-token'],
          },
        ],
      },
      'sessions.awsAccounts': {
        success: true,
        accounts: [
          { id: '123456789012', name: 'Production' },
          { id: '210987654321', name: 'Staging' },
        ],
      },
      'sessions.awsRoles': { success: false, reason: failure.title, failure },
    });
    await rail(window).click();
    await window.getByRole('button', { name: 'New session' }).click();
    const account = sheet(window).getByLabel('AWS account');
    await account.selectOption('Staging (210987654321)');
    await expect(sheet(window).getByRole('alert')).toContainText('could not be reached');
    await expectAccessible(window, 'new-session-identity-center');
    await answer({ 'sessions.awsRoles': { success: true, roles: ['Admin', 'ReadOnly'] } });
    await sheet(window).getByRole('button', { name: 'Try again' }).click();
    await sheet(window).getByLabel('Signed in there as').selectOption('ReadOnly');
    await account.selectOption('Production (123456789012)');
    await expect(sheet(window).getByLabel('Signed in there as')).toHaveValue('');

    // C-11 at Azure, where nothing narrows a token.
    await sheet(window).getByLabel('Credentials from').selectOption({ index: 1 });
    await expect(sheet(window)).toContainText("Azure's tokens cannot be narrowed");
    await sheet(window).getByRole('textbox', { name: 'Subscription' }).fill('0f5a1c2e');
    await sheet(window).getByRole('button', { name: 'Open session' }).click();
    await expect(sheet(window).getByRole('checkbox', { name: /^Open it anyway/ })).toBeFocused();
    await expect(sheet(window)).not.toContainText(/scoped/i);
    await expectAccessible(window, 'new-session-azure');
    await window.keyboard.press('Escape');
  });

  test('C-17: the warning before the end is read out, and leads to the extension', async () => {
    const { window, app } = launched;
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.send('sessions.warning', {
        sessionId: 'gone-by-then',
        shortId: 'gone',
        principal: 'arn:aws:iam::123456789012:role/deploy',
        endsAt: Date.now() + 60_000,
      }),
    );
    await expect(window.getByRole('status')).toHaveText('The cloud session of deploy ends within a minute.');
    await note(window).getByRole('button', { name: 'Extend' }).click();
    const dialog = window.getByRole('dialog', { name: 'Extend the session' });
    await expect(dialog).toContainText('The session has ended. Start a new one.');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
  });
});

test('I-11, C-18: an identity that is deleted takes its cloud sessions with it, which is said before', async () => {
  const missing = missingForSecretService();
  test.skip(missing.length > 0, `${missing.join(' and ')} not found: apt-get install dbus gnome-keyring`);
  test.skip(motoMissing !== null, motoMissing ?? '');
  const place = await createTestPlace();
  const service = await startSecretService(place.root);
  const moto = await startMoto();
  const launched = await launchApp({
    place,
    env: { ...service.env, LANYARD_AWS_ORIGIN: moto.recordedOrigin, AWS_EC2_METADATA_DISABLED: 'true' },
  });
  try {
    const { window } = launched;
    await newIdentity(window, 'Work');
    const connecting = runOnPipes({
      file: await buildCommand(),
      args: ['connect', 'aws-key', '--as', 'Work', '--key', '--no-check'],
      cwd: launched.homeDirectory,
      env: { HOME: launched.homeDirectory, LANYARD_HOME: launched.dataDirectory, PATH: '/usr/bin:/bin' },
      input: `AKIA${'A'.repeat(16)}:${'a1b2'.repeat(10)}\n`,
    });
    expect([await connecting.exited, connecting.text()]).toEqual([0, expect.any(String)]);

    await rail(window).click();
    await openSheet(window);
    await expect(sheet(window).getByLabel('Identity').getByRole('option', { selected: true })).toHaveText(
      'Work',
    );
    await sheet(window).getByRole('textbox', { name: 'Role' }).fill(role);
    await action(sheet(window), 1).fill('s3:GetObject');
    await sheet(window).getByRole('button', { name: 'Open session' }).click();
    await expect(row(window, 'Active', 'deploy')).toBeVisible();

    await window.getByRole('button', { name: 'Settings', exact: true }).click();
    await window.getByRole('tab', { name: 'Identities' }).click();
    await window.getByRole('button', { name: 'More for Work' }).click();
    await window.getByRole('menuitem', { name: 'Delete…' }).click();
    const question = window.getByRole('alertdialog', { name: 'Delete Work?' });
    await expect(question).toContainText('The cloud session deploy is revoked.');
    await expectAccessible(window, 'identity-delete-session');
    await question.getByRole('button', { name: 'Delete' }).click();
    await window
      .getByRole('alertdialog', { name: 'Work was deleted' })
      .getByRole('button', { name: 'Done' })
      .click();
    await rail(window).click();
    await expect(row(window, 'Finished', 'deploy')).toContainText('Revoked');
    await expect(table(window, 'Active')).toBeHidden();
  } finally {
    await launched.close();
    await moto.stop();
    await service.end();
    await place.remove();
  }
});
