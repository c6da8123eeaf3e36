import { join } from 'node:path';
import type { Page } from 'playwright';
import { writeProviders } from '../e2e/support/fault-providers.ts';
import { launchApp } from '../e2e/support/launch-app.ts';
import { createTestPlace } from '../e2e/support/test-place.ts';
import type { ProviderDefinition } from '../src-main/providers/definition.ts';
import { type Figure, milliseconds } from './figure.ts';
import { percentile } from './statistics.ts';

const aims = { p50: 30, p99: 100 };
const warmups = 10;
const sessions = 100;
const transports = ['pipe', 'pty'] as const;

type Transport = (typeof transports)[number];

function provider(transport: Transport): ProviderDefinition {
  return {
    id: `bench-${transport}`,
    name: `Bench ${transport}`,
    vendor: 'Lanyard',
    mark: 'Be',
    aliases: [],
    program: { names: [process.execPath], args: [join(import.meta.dirname, 'link-cli.mjs')], installCommand: null },
    configDir: { variable: 'BENCH_HOME', seed: [] },
    environment: { set: {}, unset: [] },
    allowedHosts: ['auth.bench.test'],
    flows: [
      {
        id: 'browser',
        label: 'Sign in with the browser',
        kind: 'browser',
        args: [],
        transport,
        paste: { kind: 'none' },
        patterns: { success: 'Logged in as \\S+@\\S+', failures: [] },
        answers: [],
        opens: 'printed',
        renews: false,
        endsBy: 'exit',
      },
    ],
    proof: { kind: 'status-command', args: ['status'], text: 'Logged in as' },
    identity: null,
    logout: null,
    apiKey: null,
    verified: 'unverified',
  };
}

/** Milliseconds after the CLI wrote its link. */
interface Sample {
  /** The window had the snapshot with the link. */
  pushed: number;
  /** The link was in the page. */
  inPage: number;
  /** The frame after the one that painted the link began, so that one was handed over for the screen. */
  onScreen: number;
  /** When Chromium says that the frame with the link was presented. */
  presented: number;
}

/**
 * Signs in once through the window's own button and measures in the page, so that no message of the test driver runs
 * while it counts. Ends the sign-in afterwards.
 */
async function timeLink(window: Page, name: string): Promise<Sample> {
  return window.evaluate(async (providerName) => {
    const untilThere = <T>(find: () => T | null | undefined | false): Promise<T> =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = find();
          if (!found) return;
          observer.disconnect();
          clearTimeout(timer);
          resolve(found);
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
        const timer = setTimeout(() => {
          observer.disconnect();
          reject(new Error(`nothing happened in ${document.body.innerText.slice(0, 2000)}`));
        }, 15_000);
        look();
      });
    const now = () => performance.timeOrigin + performance.now();
    // The CLI's clock and the page's were read from the system's when each process began: what parted since is undone.
    const offsetNow = () => {
      const tick = Date.now();
      while (Date.now() === tick);
      return Date.now() - now();
    };
    const offset = Math.min(...Array.from({ length: 3 }, offsetNow).map((each) => each));
    const button = (label: string) =>
      [...document.querySelectorAll('button')].find(
        (each) => each.getAttribute('aria-label') === label || each.textContent?.trim() === label,
      );

    let pushed = 0;
    const bridge = (globalThis as unknown as {
      lanyard: { auth: { onChanged(listener: (snapshot: { status: string }) => void): () => void } };
    }).lanyard;
    const stop = bridge.auth.onChanged(({ status }) => {
      if (status === 'url-available' && pushed === 0) pushed = now();
    });
    const connect = await untilThere(() => button(`Connect ${providerName}`));
    connect.click();

    let inPage = 0;
    const { element, writtenAt } = await untilThere(() => {
      const dialog = document.querySelector('[role="dialog"]');
      const time = /[?&]t=(\d+\.\d+)/.exec(dialog?.textContent ?? '')?.[1];
      if (!dialog || time === undefined) return null;
      inPage = now();
      const texts = document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement;
        if (parent && texts.currentNode.nodeValue?.includes(time)) return { element: parent, writtenAt: Number(time) };
      }
      return null;
    });
    // Set before the element is painted for the first time, so its first frame is the one that is reported.
    element.setAttribute('elementtiming', 'link');
    const reported = new Promise<number>((resolve) => {
      const observer = new PerformanceObserver((list) => {
        const entry = list.getEntries().find((each) => (each as unknown as { element: Element }).element === element);
        if (!entry) return;
        observer.disconnect();
        resolve(performance.timeOrigin + (entry as unknown as { renderTime: number }).renderTime);
      });
      observer.observe({ type: 'element', buffered: true });
      setTimeout(() => resolve(Number.NaN), 1_000);
    });
    const onScreen = await new Promise<number>((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(now())));
    });
    if (!element.checkVisibility()) throw new Error('the link is in the page but cannot be seen');
    const presented = await reported;
    stop();

    (await untilThere(() => button('Cancel'))).click();
    await untilThere(() => !document.querySelector('[role="dialog"]'));
    await untilThere(() => button(`Connect ${providerName}`));
    const since = (at: number) => at + offset - writtenAt;
    return {
      pushed: since(pushed),
      inPage: since(inPage),
      onScreen: since(onScreen),
      presented: since(presented),
      offset,
    };
  }, name);
}

/** Time from the CLI's writing its link to the link on screen, through both transports. */
export async function measureLink(say: (text: string) => void): Promise<Figure[]> {
  const place = await createTestPlace();
  const samples: Record<Transport, Sample[]> = { pipe: [], pty: [] };
  try {
    await writeProviders(place.data, transports.map(provider));
    const launched = await launchApp({ place });
    try {
      for (let session = 1 - warmups; session <= sessions; session++) {
        if (session % 10 === 0) say(`link: session ${session} of ${sessions}`);
        for (const transport of transports) {
          const sample = await timeLink(launched.window, provider(transport).name);
          if (session > 0) samples[transport].push(sample);
        }
      }
    } finally {
      await launched.close();
    }
  } finally {
    await place.remove();
  }
  console.error(JSON.stringify(samples));
  return transports.flatMap((transport) => {
    const times = (key: keyof Sample) => samples[transport].map((sample) => sample[key]);
    const both = (key: keyof Sample) =>
      `${milliseconds(percentile(times(key), 0.5))} / ${milliseconds(percentile(times(key), 0.99))}`;
    const onScreen = times('onScreen');
    return (['p50', 'p99'] as const).map((name) => {
      const value = percentile(onScreen, name === 'p50' ? 0.5 : 0.99);
      return {
        name: `link on screen, ${transport}, ${name}`,
        value: milliseconds(value),
        aim: `< ${aims[name]} ms`,
        met: value < aims[name],
        detail:
          name === 'p50'
            ? `p50 / p99 on the way: in the window's state ${both('pushed')}, in its page ${both('inPage')}, presented ${both('presented')}`
            : `${onScreen.length} sign-ins`,
      };
    });
  });
}
