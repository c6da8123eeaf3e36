import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright';
import { ensureElectron } from '../../../scripts/electron-runtime.mjs';
import { holdReady } from '../launch-app.ts';

/** A person's browser: a real Chromium, that of the Electron which the app is tested with. */
export interface Chromium {
  app: ElectronApplication;
  /** Its one tab. */
  page: Page;
  /** Every URL that its pages asked for, in order. */
  asked: readonly string[];
  /** What a page wrote to the console: refusals of its content security policy are among it. */
  complaints: readonly string[];
  /** Signs out everywhere: all that sites keep in it is dropped. */
  forget(): Promise<void>;
  /** Ends it, by SIGKILL after 5 s, and removes what it kept. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Starts a Chromium with a profile of its own. It reaches this machine and nothing else: every other name is one that
 * does not exist.
 * @param names host names that lead somewhere all the same: to `host:port`, whatever port was asked for
 */
export async function openChromium(names: Readonly<Record<string, string>> = {}): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'lanyard-chromium-'));
  const rules = [
    ...Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`),
    'MAP * ~NOTFOUND',
    'EXCLUDE 127.0.0.1',
    'EXCLUDE localhost',
    'EXCLUDE [::1]',
  ];
  const { executable } = await ensureElectron();
  const app = await electron.launch({
    executablePath: executable,
    args: [
      '-r',
      holdReady,
      join(import.meta.dirname, 'browser'),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--no-proxy-server',
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=${rules.join(',')}`,
    ],
    cwd: profile,
    env: {
      ...Object.fromEntries(
        ['DISPLAY', 'XAUTHORITY', 'LANG', 'PATH'].flatMap((name) =>
          process.env[name] ? [[name, process.env[name]]] : [],
        ),
      ),
      HOME: profile,
    },
  });
  const child = app.process();
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  const asked: string[] = [];
  const complaints: string[] = [];
  const watch = (page: Page) => {
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
  };
  const close = async () => {
    const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await app.close().catch(() => undefined);
    await gone;
    clearTimeout(impatience);
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const page = await app.firstWindow();
    watch(page);
    app.on('window', watch);
    return {
      app,
      page,
      asked,
      complaints,
      forget: () => app.evaluate(({ session }) => session.defaultSession.clearStorageData()),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
