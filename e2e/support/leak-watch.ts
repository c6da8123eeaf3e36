import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { canaries } from './canaries.ts';
import { describeLeaks, type Leak, leaksIn, leaksInFiles } from './leak-scan.ts';
import { processesMarkedWith } from './process-list.ts';
import type { TestPlace } from './test-place.ts';

/** Logins and homes of CLIs are in their own directories, which is where they belong; programs are not ours. */
const ownDirectories = ['accounts', 'key-homes', 'programs'];
/** Where the opener that CLIs are given writes the link down, with the state of its request, until the attempt ends. */
const linkDirectory = 'run';
/** How long an app that is about to be closed is waited for, ms: a test may have given it a vault that hangs. */
const textsLimitMs = 3_000;
const sampleEveryMs = 700;
const mostEvents = 5_000;

/**
 * Looks over an app's shoulder while it runs: what it pushes to its window, the arguments and environments of what it
 * starts, and at the end its data directory, what it printed, transcripts and the diagnostics report.
 */
export class LeakWatch {
  readonly #place: TestPlace;
  readonly #from = canaries.count;
  readonly #events: string[] = [];
  readonly #texts: string[] = [];
  readonly #seen = new Map<string, { pid: number; arguments: string; environment: string }>();
  readonly #timer: NodeJS.Timeout | null;

  constructor(place: TestPlace) {
    this.#place = place;
    this.#timer = process.platform === 'linux' ? setInterval(() => this.sample(), sampleEveryMs) : null;
    this.#timer?.unref();
  }

  /** Something that is told to whoever watches the app. */
  told(text: string): void {
    if (this.#events.length < mostEvents) this.#events.push(text);
  }

  /** Something that people may pass on. */
  shown(text: string): void {
    this.#texts.push(text);
  }

  /** Also those of a window that is loaded again. */
  async watchEvents(context: BrowserContext, window: Page): Promise<void> {
    await context.exposeBinding('lanyardTestEvent', (_source, text: string) => this.told(text));
    await context.addInitScript(listenToAll);
    // One that is being loaded again has the script already.
    await window.evaluate(listenToAll).catch(() => {});
  }

  /** What the app can be asked for is asked for, while it still runs. */
  async readTexts(window: Page): Promise<void> {
    const asked = window
      .evaluate(async () => {
        const { lanyard } = globalThis as typeof globalThis & { lanyard: LanyardBridge };
        const report = await lanyard.diagnostics.report({ withEmails: true });
        const listed = await lanyard.auth.list();
        const sessions = listed.ok ? listed.value.sessions : [];
        const transcripts = await Promise.all(
          sessions.map(({ sessionId }) => lanyard.auth.transcript({ sessionId })),
        );
        return [JSON.stringify(report), ...transcripts.map((each) => JSON.stringify(each))];
      })
      // The window is gone, or was: then there is nobody to ask.
      .catch(() => []);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string[]>((resolve) => {
      timer = setTimeout(() => resolve([]), textsLimitMs);
    });
    this.#texts.push(...(await Promise.race([asked, late])));
    clearTimeout(timer);
  }

  /**
   * @param output what the app printed
   * @throws Error that names each leak by place and kind
   */
  end(output: string): void {
    if (this.#timer) clearInterval(this.#timer);
    const known = canaries.since(this.#from);
    const { data } = this.#place;
    const inFiles = [
      ...leaksInFiles(data, known, [...ownDirectories, linkDirectory]),
      ...leaksInFiles(join(data, linkDirectory), known, [], ['state']),
    ];
    const leaks: Leak[] = [
      ...inFiles.map(({ kind, where }) => ({ kind, where: `the data directory: ${where}` })),
      ...leaksIn(output, 'what the app printed', known),
      // The link that a person opens holds the state of its request.
      ...this.#events.flatMap((text) => leaksIn(text, 'an event to a window', known, ['state'])),
      ...this.#texts.flatMap((text) => leaksIn(text, 'a transcript or the diagnostics report', known)),
      ...[...this.#seen.values()].flatMap((process) => [
        ...leaksIn(process.arguments, `the arguments of process ${process.pid}`, known, ['state']),
        ...leaksIn(process.environment, `the environment of process ${process.pid}`, known),
      ]),
    ];
    if (leaks.length > 0) throw new Error(`secrets where none may be:\n${describeLeaks(leaks)}`);
  }

  /** Looks at what runs there now. */
  sample(): void {
    for (const { pid, arguments: given, environment } of processesMarkedWith(this.#place.root)) {
      // A program that a person starts as an identity gets that identity's keys.
      const isLaunched = environment.some((text) => text.startsWith('LANYARD_BUNDLE='));
      const sampled = { arguments: given.join('\n'), environment: isLaunched ? '' : environment.join('\n') };
      this.#seen.set(`${pid} ${sampled.arguments}`, { pid, ...sampled });
    }
  }
}

/** Runs in the window: every event of the bridge is told to the test. */
function listenToAll(): void {
  const { lanyard, lanyardTestEvent } = globalThis as typeof globalThis & {
    lanyard?: LanyardBridge;
    lanyardTestEvent?: (text: string) => void;
  };
  for (const group of Object.values(lanyard ?? {})) {
    for (const [name, listen] of Object.entries(group)) {
      if (/^on[A-Z]/.test(name)) {
        (listen as (listener: (payload: unknown) => void) => void)((payload) =>
          lanyardTestEvent?.(JSON.stringify(payload)),
        );
      }
    }
  }
}
