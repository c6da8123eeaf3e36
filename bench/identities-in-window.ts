import type { LanyardBridge } from '../src-preload/contract.ts';

/** Set on the page by {@link noteWhenListed}. */
export interface ListTimes {
  /** Milliseconds from the page's start to the frame after the one with the list's first screen in it. */
  opened: Promise<number>;
  /** The same for the whole list. */
  listed: Promise<number>;
}

/**
 * Runs in the app's window before its scripts: notes when the list of identities has all its rows and was painted.
 * @param rows how many there will be, the blank one included
 */
export function noteWhenListed(rows: number): void {
  const page = globalThis as unknown as ListTimes;
  const untilThereAre = (count: number) =>
    new Promise<number>((resolve) => {
      const look = () => {
        if (document.querySelectorAll('nav[aria-labelledby="rail-bundles-title"] li').length < count) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { childList: true, subtree: true });
    });
  page.opened = untilThereAre(Math.min(rows, 40));
  page.listed = untilThereAre(rows);
}

/**
 * Runs in the app's window: types a text into the filter letter by letter, and empties it again.
 * @returns for each letter, milliseconds to the frame after the one that shows what is left
 */
export async function timeFilterInWindow(text: string): Promise<number[]> {
  const box = document.querySelector<HTMLInputElement>('input[placeholder="Filter"]');
  if (!box) throw new Error('there is no filter');
  const type = async (value: string) => {
    const start = performance.now();
    box.value = value;
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise<void>((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
    });
    return performance.now() - start;
  };
  const times: number[] = [];
  for (let length = 1; length <= text.length; length += 1) times.push(await type(text.slice(0, length)));
  const left = document.querySelectorAll('nav[aria-labelledby="rail-bundles-title"] li').length;
  if (left !== 1) throw new Error(`the filter left ${left} rows`);
  times.push(await type(''));
  return times;
}

/** Runs in the app's window: milliseconds from choosing an identity to the frame after the one with its accounts. */
export async function timeShowInWindow(name: string): Promise<number> {
  const row = [...document.querySelectorAll<HTMLButtonElement>('[data-component="rail-bundle"] button')].find(
    (button) => button.querySelector('[data-component="rail-item-name"]')?.textContent === name,
  );
  if (!row) throw new Error(`there is no ${name}`);
  const start = performance.now();
  const shown = () =>
    document.querySelector('#page-title')?.textContent === name &&
    document.querySelectorAll('ul[aria-label="Accounts"] > li').length === 16;
  row.click();
  while (!shown()) {
    if (performance.now() - start > 15_000) throw new Error(`${name} was not shown`);
    await new Promise<void>((resolve) => {
      requestAnimationFrame(() => resolve());
    });
  }
  await new Promise<void>((resolve) => {
    requestAnimationFrame(() => resolve());
  });
  return performance.now() - start;
}

/** Runs in the app's window: milliseconds from choosing Settings to the frame after the one with the identities in it. */
export async function timeSettingsInWindow(): Promise<number> {
  const button = [...document.querySelectorAll('button')].find((each) => each.textContent === 'Settings');
  if (!button) throw new Error('there is no way to the settings');
  const start = performance.now();
  button.click();
  while (!document.querySelector('[data-component="bundle-row"]')) {
    if (performance.now() - start > 15_000) throw new Error('the settings were not shown');
    await new Promise<void>((resolve) => {
      requestAnimationFrame(() => resolve());
    });
  }
  await new Promise<void>((resolve) => {
    requestAnimationFrame(() => resolve());
  });
  return performance.now() - start;
}

/**
 * Runs in the app's window: describes the last identity anew, writes that to disk, and waits for the event that says so
 * and the list that follows it.
 * @returns milliseconds from the call to the frame after the new list was there
 */
export async function timeChangeInWindow(round: number): Promise<number> {
  const { lanyard } = globalThis as unknown as { lanyard: LanyardBridge };
  const rows = document.querySelectorAll<HTMLElement>('[data-component="rail-item-name"]');
  const row = rows[rows.length - 2];
  if (!row) throw new Error('there is no identity');
  const listed = await lanyard.bundles.list();
  const bundle = listed.ok ? listed.value.bundles.at(-2) : undefined;
  if (!bundle) throw new Error('there is no identity');
  const name = `Renamed in round ${round}`;
  const start = performance.now();
  const shown = new Promise<void>((resolve) => {
    const observer = new MutationObserver(() => {
      if (row.textContent !== name) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
    });
    observer.observe(row, { childList: true, characterData: true, subtree: true });
  });
  const reply = await lanyard.bundles.rename({ bundleId: bundle.id, name });
  if (!reply.ok || !reply.value.success) throw new Error('it could not be renamed');
  await shown;
  return performance.now() - start;
}
