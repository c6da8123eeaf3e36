import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { CredentialEndpoint } from '../src-main/cloud/credential-endpoint.ts';
import { endpointProtocol } from '../src-main/cloud/endpoint-protocols.ts';
import { openIssuer, type TestIssuer } from '../src-main/oauth/issuer.fixture.ts';
import { canaries } from './support/canaries.ts';
import { type Chromium, openChromium } from './support/chromium/chromium.ts';
import { type HostileSite, openHostileSite } from './support/chromium/hostile-site.ts';
import { breakPolicy, tryFromPage } from './support/chromium/page-attempts.ts';
import { connectDialog, listBundles, runningSessions, startSession } from './support/connect-ui.ts';
import { expectPageAccessible } from './support/expect-accessible.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { listeningPortsOf } from './support/listening-ports.ts';
import { listenOnLoopback } from './support/local-host.ts';
import { processesMarkedWith } from './support/process-list.ts';
import { missingForSecretService, type SecretService, startSecretService } from './support/secret-service.ts';
import { createTestPlace, type TestPlace } from './support/test-place.ts';

const provider = 'Work SSO';
const rebound = 'rebind.test';
const password = 'canary-typed-into-the-issuers-page-1';

/** A person signs in at a real provider's own pages, in a real Chromium, and so does a page that means harm to them. */
test.describe
  .serial('in a real browser', () => {
    let issuer: TestIssuer;
    let hostile: HostileSite;
    let service: SecretService;
    let chromium: Chromium;
    let launched: LaunchedApp;
    let place: TestPlace;
    let window: Page;
    let page: Page;

    test.beforeAll(async () => {
      const missing = missingForSecretService();
      test.skip(missing.length > 0, `not on this machine: ${missing.join(', ')}`);
      place = await createTestPlace();
      issuer = await openIssuer({
        signInPages: true,
        onExchange: (fields, direction) => canaries.note(fields, direction),
      });
      hostile = await openHostileSite();
      service = await startSecretService(place.root);
      chromium = await openChromium({ [rebound]: hostile.name });
      page = chromium.page;
      launched = await launchApp({ place, env: service.env });
      window = launched.window;
    });

    test.afterAll(async () => {
      await launched?.close();
      await chromium?.close();
      await service?.end();
      await hostile?.close();
      await issuer?.close();
      await place?.remove();
    });

    const inScheme = (scheme: 'light' | 'dark') =>
      expect(page.locator('body')).toHaveCSS('background-color', backgrounds[scheme]);
    const dialog = () => connectDialog(window, provider);
    const done = () => dialog().getByRole('button', { name: 'Done' }).click();
    const signIn = async (login: string) => {
      await page.getByPlaceholder('Enter any login').fill(login);
      await page.getByPlaceholder('and password').fill(canaries.plant('password', password));
      await page.getByRole('button', { name: 'Sign-in' }).click();
    };
    const agree = () => page.getByRole('button', { name: 'Continue' }).click();
    const refuse = () => page.getByRole('link', { name: 'Cancel' }).click();
    /** Loads the link that the app opened, as somebody whom the issuer does not know yet. */
    const followLink = async () => {
      const link = await launched.opener.nextOpened();
      await chromium.forget();
      await page.goto(link);
      return new URL(new URL(link).searchParams.get('redirect_uri') ?? '');
    };
    /** The page of ours on which the browser ends. */
    const comeBack = async (redirect: URL) => {
      await page.waitForURL((url) => url.origin === redirect.origin);
      canaries.note(Object.fromEntries(new URL(page.url()).searchParams), 'request');
    };

    test('O-3, O-12: a person signs in on the provider’s pages, and comes back to a page of ours that says who', async () => {
      await window.getByRole('button', { name: 'Settings', exact: true }).click();
      await window.getByRole('tab', { name: 'Providers' }).click();
      await window.getByRole('button', { name: 'Add an issuer' }).click();
      const form = window.getByRole('dialog', { name: 'Add an OpenID Connect issuer' });
      await form.getByLabel('Name').fill(provider);
      await form.getByLabel('Issuer address').fill(issuer.issuer);
      await form.getByLabel('Client id').fill(issuer.clientId);
      await form.getByRole('button', { name: 'More settings' }).click();
      await form.getByLabel('Further parameters').fill('prompt=consent');
      await form.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(form).toBeHidden();
      await window.getByRole('button', { name: 'Identities', exact: true }).click();
      await window.getByRole('button', { name: `Connect ${provider}`, exact: true }).click();

      const redirect = await followLink();
      await signIn('grace@example.test');
      await expect(page.getByRole('heading', { name: 'Authorize' })).toBeVisible();
      const before = chromium.asked.length;
      await agree();
      await comeBack(redirect);
      await expect(page).toHaveTitle('Signed in as grace@example.test');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Signed in as grace@example.test');
      await expect(page.getByRole('main')).toContainText(
        `Lanyard has your sign-in to ${provider}. You can close this tab.`,
      );
      // Of ours, the browser asked for this one page: no script, style, picture or icon.
      const ours = chromium.asked.slice(before).filter((url) => new URL(url).origin !== issuer.issuer);
      expect(ours).toEqual([page.url()]);
      expect(await page.locator('script, link, img, iframe, form, [style], [src]').count()).toBe(0);
      const { searchParams } = new URL(page.url());
      for (const name of ['code', 'state']) {
        expect(await page.content()).not.toContain(searchParams.get(name) ?? 'there is none');
      }
      await expect(dialog()).toContainText('Signed in as grace@example.test');
      await done();
      const [bundle] = await listBundles(window);
      expect(bundle?.accounts).toMatchObject([{ email: 'grace@example.test' }]);
    });

    test('O-12: that page is readable, and its policy lets nothing in', async () => {
      expect(chromium.complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
      // The policy allows the one style by its hash, or the page would be bare.
      await expect(page.getByRole('main')).toHaveCSS('max-width', '420px');
      await expectPageAccessible(page, 'callback-success', inScheme);
      const elsewhere = `http://127.0.0.1:${hostile.port}/from-the-callback-page`;
      expect(await page.evaluate(breakPolicy, elsewhere)).toEqual([
        'base-uri',
        'connect-src',
        'form-action',
        'frame-src',
        'img-src',
        'script-src-elem',
        'style-src-attr',
        'style-src-elem',
      ]);
      expect(hostile.seen).toEqual([]);
    });

    test('O-8: who says no, on either page, is told so here and there', async () => {
      await window.getByRole('button', { name: `Reconnect ${provider}` }).click();
      for (const [index, where] of ['Sign-in', 'Authorize'].entries()) {
        const redirect = await followLink();
        if (where === 'Authorize') await signIn('grace@example.test');
        await expect(page.getByRole('heading', { name: where })).toBeVisible();
        await refuse();
        await comeBack(redirect);
        await expect(page).toHaveTitle(`${provider} says that access was denied`);
        await expect(page.getByRole('main')).toContainText('Try again and allow it');
        await expect(page.getByRole('main')).toContainText('You can close this tab and go back to Lanyard.');
        await expect(dialog()).toContainText(`${provider} says that access was denied`);
        await expect(dialog()).toContainText('Try again and allow it');
        await dialog().getByRole('button', { name: 'Details' }).click();
        await expect(dialog()).toContainText('provider_callback_error');
        await expect(dialog()).toContainText('End-User aborted interaction');
        if (index === 0) await dialog().getByRole('button', { name: 'Try again' }).click();
      }
      await expectPageAccessible(page, 'callback-denied', inScheme);
      await window.keyboard.press('Escape');
      await expect(dialog()).toBeHidden();
      const [bundle] = await listBundles(window);
      expect(bundle?.accounts).toMatchObject([{ email: 'grace@example.test' }]);
    });

    test('D-2: a code is typed into the provider’s page and approved there', async () => {
      await window.getByRole('button', { name: `Reconnect ${provider}` }).click();
      await launched.opener.nextOpened();
      await dialog().getByRole('button', { name: 'Use a code instead' }).click();
      const shownCode = dialog().locator('[data-component="device-code-text"]');
      const code = (await shownCode.textContent()) ?? '';
      await chromium.forget();
      // The app's own button brings the code along; on another device it is typed.
      await dialog()
        .getByRole('button', { name: /^Open 127\.0\.0\.1/ })
        .click();
      await page.goto(await launched.opener.nextOpened());
      await expect(page.locator('code')).toHaveText(code);
      const [session] = await runningSessions(window);
      await page.goto(session?.status === 'code-emitted' ? session.verificationUrl : '');
      await page.getByPlaceholder('Enter code').fill(code);
      await agree();
      await expect(page.locator('code')).toHaveText(code);
      await agree();
      await signIn('grace@example.test');
      await agree();
      await expect(page.getByRole('heading', { name: 'Sign-in Success' })).toBeVisible();
      await expect(dialog()).toContainText('Signed in as grace@example.test', { timeout: 15_000 });
      await done();
    });

    test('O-7, R-8: a page that means harm learns nothing from any port of the app, and the sign-in goes on', async () => {
      await startSession(window, { providerId: 'demo', intoBundleId: 'blank' });
      const demo = new URL(await launched.opener.nextOpened());
      await window.getByRole('button', { name: `Reconnect ${provider}` }).click();
      const link = new URL(await launched.opener.nextOpened());
      const redirectOf = ({ searchParams }: URL) => new URL(searchParams.get('redirect_uri') ?? '');
      const known = [redirectOf(link), redirectOf(demo), demo].map(({ port }) => Number(port));
      // Nothing else of the app's listens than is known here, nor does anything that it started.
      const ports = process.platform === 'linux' ? await portsOf(launched) : known;
      expect([...ports].sort()).toEqual([...known].sort());

      const headers = { 'x-lanyard-stop': 'guess', authorization: 'Bearer guess' };
      const paths = ['/callback?code=guess&state=guess', '/cancel', '/token', '/device'];
      for (const host of ['localhost', '127.0.0.1']) {
        const origin = await openHostilePage(host, hostile.port);
        // A port at which nobody listens is what each of them is like.
        for (const port of [...ports, await closedPort()]) {
          for (const path of paths) {
            const learned = await page.evaluate(tryFromPage, {
              url: `http://127.0.0.1:${port}${path}`,
              headers,
            });
            expect.soft(learned, `${port}${path} from ${origin}`).toEqual(nothingAtAll(learned));
          }
        }
      }
      for (const port of ports) {
        await openHostilePage(rebound, port);
        hostile.rebind(port);
        for (const path of paths) {
          const learned = await page.evaluate(tryFromPage, {
            url: `http://${rebound}:${port}${path}`,
            headers,
          });
          // The page is of that origin now: it may read what there is, and there is nothing.
          expect
            .soft(
              Object.values(learned).filter((text) => !['nothing', 'basic 421 ', 'read '].includes(text)),
              `${port}${path} from ${rebound}`,
            )
            .toEqual([]);
        }
      }
      // A window of its own, which the page goes on to hold, is shut to it as well.
      await openHostilePage('localhost', hostile.port);
      const popup = chromium.app.waitForEvent('window');
      await page.evaluate(
        (url) => {
          Object.assign(globalThis, { held: globalThis.open(url) });
        },
        `${redirectOf(link).href}?code=guess&state=guess`,
      );
      const opened = await popup;
      await expect(opened).toHaveTitle('This link is from another sign-in');
      expect(await page.evaluate(readHeldWindow)).toBe('closed to this page');
      await opened.close();
      await page.goto(`${redirectOf(link).href}?code=guess&state=guess`);
      await expectPageAccessible(page, 'callback-of-another-sign-in', inScheme);

      const waiting = await runningSessions(window);
      expect(waiting.map(({ status }) => status)).toEqual(['url-available', 'url-available']);
      await chromium.forget();
      await page.goto(link.href);
      await signIn('grace@example.test');
      await agree();
      await comeBack(redirectOf(link));
      await expect(page).toHaveTitle('Signed in as grace@example.test');
      await expect(dialog()).toContainText('Signed in as grace@example.test');
      await done();
    });

    test('C-16: a page that means harm gets no credentials of a cloud session, not with its token either', async () => {
      const resource = 'https://management.azure.com';
      for (const cloud of ['aws', 'gcp', 'azure'] as const) {
        const given: string[] = [];
        const endpoint = await CredentialEndpoint.open(
          endpointProtocol({ provider: cloud, roleArn: 'who@example.test', audience: resource }),
          async () => {
            given.push(cloud);
            return { credentials: 'canary-credentials-1' };
          },
        );
        try {
          const token = canaries.plant('credential', endpoint.token.reveal());
          const address = new URL(endpoint.url);
          if (cloud !== 'aws') address.search = new URLSearchParams({ session: token, resource }).toString();
          const target = {
            headers: { authorization: token, 'x-identity-header': token },
            fields: { subject_token: token },
          };
          const asked =
            cloud === 'gcp'
              ? { method: 'POST', body: new URLSearchParams(target.fields) }
              : { headers: target.headers };
          expect(await (await fetch(address, asked)).json()).toEqual({ credentials: 'canary-credentials-1' });

          for (const host of ['localhost', '127.0.0.1']) {
            await openHostilePage(host, hostile.port);
            const learned = await page.evaluate(tryFromPage, { url: address.href, ...target });
            expect.soft(learned, `${cloud} from ${host}`).toEqual(nothingAtAll(learned));
          }
          const port = Number(address.port);
          await openHostilePage(rebound, port);
          hostile.rebind(port);
          address.hostname = rebound;
          const learned = await page.evaluate(tryFromPage, { url: address.href, ...target });
          expect.soft(learned.fetch, cloud).toMatch(/^basic 421 .*wrong_host/);
          expect.soft(JSON.stringify(learned), cloud).not.toContain('canary-credentials');
          // To the one who asked first, from no page.
          expect.soft(given).toEqual([cloud]);
        } finally {
          await endpoint.close();
        }
      }
    });

    /** A page of the hostile site; that everything works there which is tried from it shows that it can be tried. */
    async function openHostilePage(host: string, port: number): Promise<string> {
      hostile.rebind(null);
      const origin = `http://${host}:${port}`;
      await page.goto(origin);
      const learned = await page.evaluate(tryFromPage, { url: `${origin}/`, headers: { 'x-any': 'thing' } });
      const works = /^(?:basic 200 <p>a page|opened|loaded|read a page)$/;
      expect(Object.entries(learned).filter(([, text]) => !works.test(text))).toEqual([]);
      return origin;
    }
  });

/** What a page learns from a port at which nobody listens. */
function nothingAtAll(learned: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(learned).map((name) => [name, 'nothing']));
}

async function closedPort(): Promise<number> {
  const host = await listenOnLoopback(() => {});
  await host.close();
  return Number(new URL(host.url).port);
}

function readHeldWindow(): string {
  const { held } = globalThis as typeof globalThis & { held: Window | null };
  try {
    return held === null || held.closed ? 'closed to this page' : `read ${held.document.title}`;
  } catch {
    return 'closed to this page';
  }
}

const backgrounds = { light: 'rgb(246, 246, 244)', dark: 'rgb(22, 22, 21)' };

/** Every port of this machine at which the app listens, or what it started; Playwright's own are left out. */
async function portsOf({ place, app }: LaunchedApp): Promise<number[]> {
  const debugging = await app.evaluate(({ app: own }) => ({
    inspector: process.getBuiltinModule('node:inspector').url() ?? '',
    userData: own.getPath('userData'),
  }));
  const devTools = readFileSync(join(debugging.userData, 'DevToolsActivePort'), 'utf8').split('\n')[0];
  const playwrights = [Number(new URL(debugging.inspector).port), Number(devTools)];
  const pids = processesMarkedWith(place.root).map(({ pid }) => pid);
  return listeningPortsOf(pids).filter((port) => !playwrights.includes(port));
}
