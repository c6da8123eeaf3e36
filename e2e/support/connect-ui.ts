import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { BundleView } from '../../src-preload/contract/bundles.ts';
import type { LanyardBridge, Reply } from '../../src-preload/contract.ts';
import { type ListedProcess, processesMarkedWith } from './process-list.ts';
import type { TestPlace } from './test-place.ts';

/** The Connect modal of a provider, found as an assistive tool finds it. */
export function connectDialog(window: Page, provider: string): Locator {
  return window.getByRole('dialog', { name: `Connect ${provider}`, exact: true });
}

/** Starts the provider's other way of signing in from within the open modal. */
export async function useAnotherWay(dialog: Locator, label: string): Promise<void> {
  await dialog.getByRole('button', { name: 'Use another way' }).click();
  await dialog.page().getByRole('menuitem', { name: label }).click();
}

/** Makes an identity as the person would, and shows it. */
export async function newIdentity(window: Page, name: string): Promise<void> {
  await window.getByRole('button', { name: 'New identity' }).first().click();
  const dialog = window.getByRole('dialog', { name: 'New identity' });
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('textbox').press('Enter');
  await expect(window.getByRole('heading', { level: 1, name })).toBeVisible();
}

type Global = typeof globalThis & { lanyard: LanyardBridge };

function value<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.failure.code}: ${reply.failure.title}`);
  return reply.value;
}

/**
 * The identities as main has them, in their order, with their accounts, without the blank one. What is known of an
 * account only since it was last looked at is left out: that may happen at any time.
 */
export async function listBundles(window: Page): Promise<BundleView[]> {
  const listed = value(await window.evaluate(() => (globalThis as Global).lanyard.bundles.list()));
  const own = listed.bundles.filter(({ blank }) => !blank);
  const read = own.map(({ id }) =>
    window.evaluate((bundleId) => (globalThis as Global).lanyard.bundles.get({ bundleId }), id),
  );
  return (await Promise.all(read)).map(value).map((bundle) => ({
    ...bundle,
    accounts: bundle.accounts.map(({ checkedAt: _, checkDetail: __, checking: ___, ...account }) => account),
  }));
}

export async function listSessions(window: Page): Promise<SessionSnapshot[]> {
  return value(await window.evaluate(() => (globalThis as Global).lanyard.auth.list())).sessions;
}

export async function runningSessions(window: Page): Promise<SessionSnapshot[]> {
  return (await listSessions(window)).filter(({ status }) => status !== 'success' && status !== 'failed');
}

/** `auth.start` without any click. */
export async function startSession(
  window: Page,
  request: Parameters<LanyardBridge['auth']['start']>[0],
): Promise<{ sessionId: string; authUrl: null }> {
  return value(await window.evaluate((asked) => (globalThis as Global).lanyard.auth.start(asked), request));
}

/** Notes the statuses that are pushed to this window from now on; each call of the result reads them, repeats left out. */
export async function recordStatuses(window: Page): Promise<() => Promise<string[]>> {
  const list = await window.evaluateHandle(() => {
    const seen: string[] = [];
    (globalThis as Global).lanyard.auth.onChanged(({ status }) => {
      if (seen.at(-1) !== status) seen.push(status);
    });
    return seen;
  });
  return () => list.evaluate((seen) => [...seen]);
}

/** `<account>/<generation>` of each account directory there is, and any other name found beside them. */
export function accountEntries(dataDirectory: string): string[] {
  const entriesOf = (directory: string): string[] => {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  };
  const root = join(dataDirectory, 'accounts');
  return entriesOf(root)
    .flatMap((account) => {
      const generations = entriesOf(join(root, account));
      return generations.length === 0 ? [account] : generations.map((name) => `${account}/${name}`);
    })
    .sort();
}

/** Live processes of the demo CLI that sign somebody in, of an app that was started in this place. */
export function demoLogins(place: TestPlace): ListedProcess[] {
  return processesMarkedWith(place.root).filter(({ arguments: given }) =>
    / --lanyard-demo-cli .*\blogin\b/.test(given.join(' ')),
  );
}
