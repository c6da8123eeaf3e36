import { join } from 'node:path';
import { writeProviders } from '../e2e/support/fault-providers.ts';
import { launchApp } from '../e2e/support/launch-app.ts';
import { createTestPlace } from '../e2e/support/test-place.ts';
import { leastDefinition, leastFlow } from '../src-main/providers/definition.fixture.ts';
import type { ProviderDefinition } from '../src-main/providers/definition.ts';
import { type Figure, milliseconds } from './figure.ts';
import { type LinkTimes, timeLinkInWindow } from './link-in-window.ts';
import { percentile } from './statistics.ts';

const aims = { p50: 30, p99: 100 };
const warmups = 10;
const sessions = 100;
const transports = ['pipe', 'pty'] as const;

type Transport = (typeof transports)[number];

function provider(transport: Transport): ProviderDefinition {
  return {
    ...leastDefinition(`bench-${transport}`, `Bench ${transport}`),
    program: {
      names: [process.execPath],
      args: [join(import.meta.dirname, 'link-cli.mjs')],
      installCommand: null,
    },
    configDir: { variable: 'BENCH_HOME', seed: [] },
    allowedHosts: ['auth.bench.test'],
    flows: [
      leastFlow({
        label: 'Sign in with the browser',
        args: [],
        transport,
        patterns: { success: 'Logged in as \\S+@\\S+', failures: [] },
      }),
    ],
    proof: { kind: 'status-command', args: ['status'], text: 'Logged in as' },
  };
}

/** Time from the CLI's writing its link to the link on screen, through both transports. */
export async function measureLink(say: (text: string) => void): Promise<Figure[]> {
  const place = await createTestPlace();
  const samples: Record<Transport, LinkTimes[]> = { pipe: [], pty: [] };
  try {
    await writeProviders(place.data, transports.map(provider));
    const launched = await launchApp({ place });
    try {
      for (let session = 1 - warmups; session <= sessions; session++) {
        if (session % 10 === 0) say(`link: session ${session} of ${sessions}`);
        for (const transport of transports) {
          const times = await launched.window.evaluate(timeLinkInWindow, provider(transport).name);
          if (!(times.inPage > 0 && times.onScreen > times.inPage)) {
            throw new Error(`these times cannot be: ${JSON.stringify(times)}`);
          }
          if (session > 0) samples[transport].push(times);
        }
      }
    } finally {
      await launched.close();
    }
  } finally {
    await place.remove();
  }
  return transports.flatMap((transport) => {
    const times = (key: keyof LinkTimes) => samples[transport].map((sample) => sample[key]);
    const both = (key: keyof LinkTimes) =>
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
            ? `in the page after ${both('inPage')} (p50 / p99), two frames begun after ${both('twoFrames')}`
            : `${onScreen.length} sign-ins`,
      };
    });
  });
}
