import { setTimeout as wait } from 'node:timers/promises';
import { type AppProcess, apps, startApp } from './app-process.ts';
import { type Figure, middleAndSpread, milliseconds, ratio } from './figure.ts';
import { median } from './statistics.ts';

const aim = 1.4;
const rounds = 15;
/** The window is left alone for this long, so that asking it does not slow it down, ms. */
const quietMs = 1_500;

/**
 * When the content of the page was on screen, in milliseconds since the Unix epoch: the first frame in which Chromium
 * presented something inside `<main>`, as it recorded it itself. Waits until that has happened.
 */
const firstContent = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const shown = list.getEntries().find(({ element }) => element?.closest('main'));
    if (shown) resolve(performance.timeOrigin + shown.startTime);
  }).observe({ type: 'largest-contentful-paint', buffered: true });
})`;

/** Milliseconds from making the process to the window's content on screen. */
async function timeStart(directory: string): Promise<number> {
  let app: AppProcess | null = null;
  try {
    app = await startApp(directory);
    await wait(quietMs);
    const shownAt = await app.evaluate(firstContent);
    if (typeof shownAt !== 'number') throw new Error('the window does not say when it was painted');
    return shownAt - app.spawnedAt;
  } finally {
    await app?.close();
  }
}

/** Start of the app against that of a bare window on the same runtime. */
export async function measureStart(say: (text: string) => void): Promise<Figure[]> {
  const times = { app: [] as number[], bare: [] as number[] };
  // The first round only brings the files into the system's cache.
  for (let round = 0; round <= rounds; round++) {
    say(`start: round ${round} of ${rounds}`);
    for (const name of round % 2 === 0 ? (['app', 'bare'] as const) : (['bare', 'app'] as const)) {
      const took = await timeStart(apps[name]);
      if (round > 0) times[name].push(took);
    }
  }
  // Round by round, because the machine may be busier in one than in another.
  const value = median(times.app.map((took, round) => took / (times.bare[round] ?? Number.NaN)));
  return [
    {
      name: 'window ready',
      value: ratio(value),
      aim: `<= ${ratio(aim)}`,
      met: value <= aim,
      detail: `${middleAndSpread(times.app, milliseconds)} against ${middleAndSpread(times.bare, milliseconds)}`,
    },
  ];
}
