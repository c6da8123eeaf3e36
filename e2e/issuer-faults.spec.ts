import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, type Locator, test } from '@playwright/test';
import { type Fault, FaultIssuer, hang, json, text } from '../src-main/oauth/fault-issuer.fixture.ts';
import type { LanyardBridge } from '../src-preload/contract.ts';
import { connectDialog, listBundles, runningSessions } from './support/connect-ui.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createLocalCa } from './support/local-ca.ts';
import { missingForSecretService, type SecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

let issuer: FaultIssuer;
let secure: FaultIssuer;
let occupied: Server;
let service: SecretService;
let launched: LaunchedApp;
let place: TestPlace;

const port = () => (occupied.address() as AddressInfo).port;

/** The redirect that a browser would come back with, made of the link. */
function redirectOf(link: string, answer: Record<string, string>): URL {
  const asked = new URL(link).searchParams;
  issuer.nonce = asked.get('nonce');
  const redirect = new URL(asked.get('redirect_uri') ?? '');
  redirect.search = new URLSearchParams({ state: asked.get('state') ?? '', ...answer }).toString();
  return redirect;
}

/** The person approves, and the browser comes back. */
async function comeBack(answer: Record<string, string> = { code: 'the-code' }): Promise<void> {
  const page = await fetch(redirectOf(await launched.opener.nextOpened(), answer));
  await page.text();
}

type Asked = typeof globalThis & { lanyard: LanyardBridge };

/** The token of the account that was there before, as "Copy access token" hands it out. */
async function savedToken(): Promise<string> {
  const { window, app } = launched;
  const [bundle] = await listBundles(window);
  const accountId = bundle?.accounts.find(({ providerId }) => providerId === 'faulty')?.id ?? '';
  const copied = await window.evaluate(
    (id) => (globalThis as Asked).lanyard.tokens.copy({ accountId: id }),
    accountId,
  );
  expect(copied).toMatchObject({ ok: true, value: { success: true } });
  return app.evaluate(({ clipboard }) => clipboard.readText());
}

interface Case {
  name: string;
  provider?: string;
  flow?: 'device';
  /** What the issuer does from now on. */
  arrange?: () => void;
  /** What the person does once the link or the code is there. */
  act?: () => Promise<void>;
  title: string | (() => string);
  hint: string;
  detail?: string;
  /** The button that leads on. */
  wayOut?: string;
}

const pending = json(400, { error: 'authorization_pending' });
const code =
  (interval: number): Fault =>
  (request, response) =>
    json(200, {
      device_code: 'device-secret',
      user_code: 'ABCD-EFGH',
      verification_uri: `${issuer.issuer}/verify`,
      expires_in: 600,
      interval,
    })(request, response);

const cases: Case[] = [
  {
    name: 'O-8: access_denied',
    act: () => comeBack({ error: 'access_denied', error_description: 'Not today.' }),
    title: 'Faulty says that access was denied',
    hint: 'Try again and allow it',
    detail: 'Not today.',
  },
  {
    name: 'O-8: a redirect without a code',
    act: () => comeBack({}),
    title: 'Faulty came back without a code',
    hint: 'check the client’s settings',
  },
  {
    name: 'D-3: expired_token',
    flow: 'device',
    arrange: () => {
      issuer.faults.device = [code(1)];
      issuer.faults.token = [json(400, { error: 'expired_token' })];
    },
    title: 'The code has expired',
    hint: 'Get a new code',
  },
  {
    name: 'D-3: access_denied after it was pending',
    flow: 'device',
    arrange: () => {
      issuer.faults.device = [code(1)];
      issuer.faults.token = [pending, json(400, { error: 'access_denied' })];
    },
    title: 'Faulty says that access was denied',
    hint: 'Try again and allow it',
  },
  {
    name: 'O-9: 503 with Retry-After',
    arrange: () => {
      issuer.faults.discovery = [json(503, { error: 'temporarily_unavailable' }, { 'retry-after': '5' })];
    },
    title: 'Faulty is overloaded or has a problem',
    hint: 'Wait a little',
  },
  {
    name: 'O-9: HTML in the place of tokens',
    arrange: () => {
      issuer.faults.token = [text(200, '<html><h1>Sign in to the guest network</h1></html>', 'text/html')];
    },
    act: () => comeBack(),
    title: 'Faulty sent an answer that cannot be trusted or read',
    hint: 'this computer’s clock',
  },
  {
    name: 'O-8: an ID token for another client',
    arrange: () => {
      issuer.token = { claims: { aud: 'somebody-else' }, answer: { access_token: 'new-secret' } };
    },
    act: () => comeBack(),
    title: 'Faulty sent an answer that cannot be trusted or read',
    hint: 'the client id',
  },
  {
    name: 'O-9: invalid_grant',
    arrange: () => {
      issuer.faults.token = [json(400, { error: 'invalid_grant', error_description: 'Code was used.' })];
    },
    act: () => comeBack(),
    title: 'Faulty no longer accepts this sign-in',
    hint: 'Sign in again.',
    detail: 'Code was used.',
  },
  {
    name: 'T-6: a certificate of an unknown authority',
    provider: 'Faulty TLS',
    title: 'Faulty TLS could not be reached',
    hint: 'Settings > Network',
  },
  {
    name: 'T-6: offline, where no name is found',
    provider: 'Nowhere',
    title: 'Nowhere could not be reached',
    hint: 'its name was not found',
  },
  {
    name: 'O-2, I-17: the fixed port is taken by another program',
    provider: 'Faulty port',
    title: () => `Port ${port()}, which Faulty port waits on, is taken`,
    hint: 'use a way without the port',
    detail: 'Tried for',
    wayOut: 'Use a code instead',
  },
];

test.describe
  .serial('faults of an issuer, in the modal', () => {
    test.beforeAll(async () => {
      const missing = missingForSecretService();
      test.skip(missing.length > 0, `not on this machine: ${missing.join(', ')}`);
      place = await createTestPlace();
      const ca = await createLocalCa(join(place.root, 'ca'));
      issuer = await FaultIssuer.open();
      secure = await FaultIssuer.open(await ca.leafFor('127.0.0.1'));
      occupied = createServer();
      await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve));
      const file = (id: string, name: string, url: string, more: object = {}) =>
        writeFile(
          join(place.data, 'providers', `${id}.json`),
          JSON.stringify({
            id,
            name,
            issuer: { url, clientId: issuer.clientId, scopes: ['openid', 'email'], ...more },
          }),
          { mode: 0o600 },
        );
      await mkdir(join(place.data, 'providers'), { recursive: true, mode: 0o700 });
      await file('faulty', 'Faulty', issuer.issuer);
      await file('faulty-tls', 'Faulty TLS', secure.issuer);
      await file('nowhere', 'Nowhere', 'https://issuer.invalid');
      await file('faulty-port', 'Faulty port', issuer.issuer, { callback: { port: port() } });
      service = await startSecretService(place.root);
      launched = await launchApp({ place, env: service.env });
    });

    test.afterAll(async () => {
      await launched?.close();
      await service?.end();
      await issuer?.close();
      await secure?.close();
      await new Promise((resolve) => (occupied ? occupied.close(resolve) : resolve(undefined)));
      await place?.remove();
    });

    const open = async (provider = 'Faulty'): Promise<Locator> => {
      const { window } = launched;
      const again = window.getByRole('button', { name: `Reconnect ${provider}`, exact: true });
      const first = window.getByRole('button', { name: `Connect ${provider}`, exact: true });
      await again.or(first).first().click();
      return connectDialog(window, provider);
    };
    const reset = () => {
      issuer.token = {};
      for (const stage of ['discovery', 'jwks', 'device', 'token'] as const) delete issuer.faults[stage];
    };

    test('somebody is signed in', async () => {
      const modal = await open();
      await comeBack();
      await expect(modal).toContainText('Signed in as ada@example.test');
      await modal.getByRole('button', { name: 'Done' }).click();
      expect(await savedToken()).toBe('access-secret');
    });

    for (const { name, provider, flow, arrange, act, title, hint, detail, wayOut = 'Try again' } of cases) {
      test(`${name}: says what and what to do, and leaves everything as it was`, async () => {
        const { window } = launched;
        const before = await listBundles(window);
        if (flow === 'device') {
          const modal = await open(provider);
          await launched.opener.nextOpened();
          arrange?.();
          await modal.getByRole('button', { name: 'Use a code instead' }).click();
        } else {
          arrange?.();
          await open(provider);
        }
        const modal = connectDialog(window, provider ?? 'Faulty');
        await act?.();
        const cause = modal.locator('[data-component="failed-cause"]');
        await expect(cause).toContainText(typeof title === 'string' ? title : title(), { timeout: 15_000 });
        if (detail) await expect(cause).toContainText(new RegExp(detail, 'i'));
        await expect(modal).toContainText(hint);
        await expect(modal).not.toContainText(/-secret|eyJ|<html/);
        await expect(modal.getByRole('button', { name: wayOut })).toBeEnabled();
        await expect(modal.getByRole('button', { name: /^Help: / })).toBeVisible();
        await modal.getByRole('button', { name: 'Close' }).click();
        reset();
        expect(await runningSessions(window)).toEqual([]);
        expect(await listBundles(window)).toEqual(before);
        expect(await savedToken()).toBe('access-secret');
      });
    }

    test('O-7: a wrong state ends nothing, and a right one does', async () => {
      const modal = await open();
      const link = await launched.opener.nextOpened();
      const wrong = await fetch(redirectOf(link, { code: 'the-code', state: 'of-an-old-tab' }));
      expect(wrong.status).toBeGreaterThanOrEqual(400);
      await expect(modal.getByRole('button', { name: 'Copy link' })).toBeVisible();
      await fetch(redirectOf(link, { code: 'the-code' }));
      await expect(modal).toContainText('Signed in as ada@example.test');
      await modal.getByRole('button', { name: 'Done' }).click();
    });

    test('O-6: without a browser the link stays, to be copied, and the sign-in works', async () => {
      const { app } = launched;
      await app.evaluate(({ shell }) => {
        const { openExternal } = shell;
        shell.openExternal = (...given) => {
          shell.openExternal = openExternal;
          // Taken, so that the test sees the link all the same.
          return openExternal(...given).then(() => Promise.reject(new Error('no browser')));
        };
      });
      const modal = await open();
      const link = await launched.opener.nextOpened();
      await expect(modal).toContainText('Your browser could not be opened');
      // The issuer is on this computer, where no phone can reach it.
      await expect(modal.getByRole('button', { name: 'QR code' })).toHaveCount(0);
      await modal.getByRole('button', { name: 'Copy link' }).click();
      await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toBe(link);
      await fetch(redirectOf(link, { code: 'the-code' }));
      await expect(modal).toContainText('Signed in as ada@example.test');
      await modal.getByRole('button', { name: 'Done' }).click();
    });

    test('O-14: cancelled while the tokens are asked for, nothing is saved and the port is free', async () => {
      const { window } = launched;
      const before = await listBundles(window);
      issuer.faults.token = [hang];
      const modal = await open();
      const redirect = redirectOf(await launched.opener.nextOpened(), { code: 'the-code' });
      const page = fetch(redirect).then(
        (answer) => answer.status,
        () => 'gone',
      );
      while (issuer.seen.at(-1) !== 'token') await issuer.arrival();
      await modal.getByRole('button', { name: 'Cancel' }).click();
      await expect(modal).toBeHidden();
      expect(['gone', 400]).toContain(await page);
      await expect(fetch(`${redirect.origin}/`)).rejects.toThrow();
      reset();
      expect(await listBundles(window)).toEqual(before);
      expect(await savedToken()).toBe('access-secret');
    });

    test('D-3: pending and slow_down go on, more slowly, to the end', async () => {
      issuer.token = { answer: { access_token: 'newer-secret' } };
      const modal = await open();
      await launched.opener.nextOpened();
      issuer.faults.device = [code(1)];
      issuer.faults.token = [pending, json(400, { error: 'slow_down' }), null];
      await modal.getByRole('button', { name: 'Use a code instead' }).click();
      await expect(modal).toContainText('Waiting for approval');
      // 1 s, 1 s, and 6 s after it was asked to slow down.
      await expect(modal).toContainText('Signed in as ada@example.test', { timeout: 20_000 });
      await modal.getByRole('button', { name: 'Done' }).click();
      expect(await savedToken()).toBe('newer-secret');
    });
  });
