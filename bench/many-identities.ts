import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchApp } from '../e2e/support/launch-app.ts';
import { createTestPlace } from '../e2e/support/test-place.ts';
import { manyIdentities } from '../src-main/identities/many-identities.fixture.ts';
import { type Figure, middleAndSpread, milliseconds } from './figure.ts';
import {
  type ListTimes,
  noteWhenListed,
  timeChangeInWindow,
  timeFilterInWindow,
  timeSettingsInWindow,
  timeShowInWindow,
} from './identities-in-window.ts';
import { median, percentile } from './statistics.ts';

const rounds = 10;
const bundles = 1_000;
const aims = { openMs: 100, filterMs: 50, showMs: 100, settingsMs: 150, changeMs: 400, megabytes: 5 };

interface Times {
  open: number[];
  listed: number[];
  filter: number[];
  show: number[];
  settings: number[];
  change: number[];
  /** Bytes of the store's file after the last change. */
  size: number;
}

/** What is measured in an app whose store has this many bundles of 16 accounts each; with few only the opening. */
async function measureWith(count: number, say: (text: string) => void): Promise<Times> {
  const place = await createTestPlace();
  const times: Times = { open: [], listed: [], filter: [], show: [], settings: [], change: [], size: 0 };
  const file = join(place.data, 'identities.json');
  try {
    await mkdir(place.data, { recursive: true, mode: 0o700 });
    await writeFile(file, JSON.stringify(manyIdentities(count, join(place.data, 'accounts'))), {
      mode: 0o600,
    });
    const launched = await launchApp({ place });
    try {
      const { window } = launched;
      await window.addInitScript(noteWhenListed, count + 1);
      for (let round = 0; round <= rounds; round += 1) {
        say(`identities: ${count} x 16, round ${round} of ${rounds}`);
        await window.reload();
        const open = await window.evaluate(() => (globalThis as unknown as ListTimes).opened);
        const listed = await window.evaluate(() => (globalThis as unknown as ListTimes).listed);
        // The first round only warms up.
        if (round > 0) {
          times.open.push(open);
          times.listed.push(listed);
        }
        if (count < bundles) continue;
        const show = await window.evaluate(timeShowInWindow, `Client ${round + 2}`);
        const change = await window.evaluate(timeChangeInWindow, round);
        const filter = await window.evaluate(timeFilterInWindow, `client-${bundles - 1 - round}.`);
        const settings = await window.evaluate(timeSettingsInWindow);
        if (round === 0) continue;
        times.settings.push(settings);
        times.show.push(show);
        times.change.push(change);
        times.filter.push(...filter);
      }
    } finally {
      await launched.close();
    }
    times.size = (await stat(file)).size;
  } finally {
    await place.remove();
  }
  return times;
}

/** The list of identities with a thousand of them, 16 accounts in each, in the app's window. */
export async function measureIdentities(say: (text: string) => void): Promise<Figure[]> {
  const many = await measureWith(bundles, say);
  const few = await measureWith(1, say);
  const added = median(many.open) - median(few.open);
  const size = many.size / 1_000_000;
  const name = 'identities at 1,000 x 16';
  const upTo = (label: string, values: number[], aim: number): Figure => ({
    name: `${name}, ${label}`,
    value: milliseconds(median(values)),
    aim: `< ${aim} ms`,
    met: median(values) < aim,
    detail: `${middleAndSpread(values, milliseconds)}, the slowest ${milliseconds(percentile(values, 1))}`,
  });
  return [
    {
      name: `${name}, list open`,
      value: `+${milliseconds(added)}`,
      aim: `< +${aims.openMs} ms`,
      met: added < aims.openMs,
      detail: `${middleAndSpread(many.open, milliseconds)} against ${middleAndSpread(few.open, milliseconds)} with one; the last row after ${milliseconds(median(many.listed))}`,
    },
    upTo('one letter typed in the filter', many.filter, aims.filterMs),
    upTo('another identity shown', many.show, aims.showMs),
    upTo('settings open', many.settings, aims.settingsMs),
    upTo('one change', many.change, aims.changeMs),
    {
      name: `${name}, store`,
      value: `${size.toFixed(2)} MB`,
      aim: `< ${aims.megabytes} MB`,
      met: size < aims.megabytes,
      detail: `${bundles * 16} accounts and bindings`,
    },
  ];
}
