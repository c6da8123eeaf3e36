import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright';
import { ensureElectron } from '../../scripts/electron-runtime.mjs';
import { type BrowserOpener, createBrowserOpener } from './browser-opener/browser-opener.ts';
import { LeakWatch } from './leak-watch.ts';
import type { LocalNet } from './local-net.ts';
import { processesMarkedWith } from './process-list.ts';
import { createTestPlace, projectRoot, type TestPlace, writeShellProfile } from './test-place.ts';

export interface LaunchOptions {
  /** Home and data directories to start in, for a second start on the same data; a fresh place when absent. */
  place?: TestPlace;
  /** Added to the composed environment, last. */
  env?: Record<string, string>;
  /** Directories on the PATH after the opener's, such as that of the real CLIs. */
  pathPrefix?: string[];
  colorScheme?: 'light' | 'dark' | 'no-preference';
  /** Network of the app's children and of the opener; without one nothing but loopback is reachable for the opener. */
  net?: LocalNet;
  /** Whether opened links are followed at once; can be switched later on `opener.follow`. */
  follow?: boolean;
  /** Directory of the app; the project by default. */
  appDirectory?: string;
}

export interface LaunchedApp {
  app: ElectronApplication;
  /** The first window. */
  window: Page;
  opener: BrowserOpener;
  place: TestPlace;
  dataDirectory: string;
  homeDirectory: string;
  /** Everything the app wrote on stdout and stderr so far. */
  output(): string;
  /**
   * Quits the app (SIGKILL to it and all that it started after 5 s) and removes the place unless it was given. Safe to
   * call again. Throws when a secret was left where none may be (`leak-watch.ts`).
   */
  close(): Promise<void>;
  /** SIGKILL to the main process, as a crash; resolves when it is gone. The place stays until `close`. */
  crash(): Promise<void>;
}

/** What of the caller's environment the app gets: the display, the session bus and the person's name and language. */
const inherited = [
  'DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
];

/** What `-r` loads before an app that Playwright starts. */
export const holdReady = join(projectRoot, 'e2e', 'support', 'hold-ready.cjs');

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Starts the built app in the Electron that `npm start` uses, with a home, data directory and browser of its own. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const place = options.place ?? (await createTestPlace());
  const openerDirectory = join(place.root, `opener-${process.hrtime.bigint()}`);
  await mkdir(openerDirectory);
  const opener = await createBrowserOpener(openerDirectory, {
    follow: options.follow ?? false,
    ...(options.net ? { net: options.net } : {}),
  });
  // The tools' own Node comes before the system's: the CLIs are scripts that want a `node`.
  const ownPath = [
    opener.pathDirectory,
    ...(options.pathPrefix ?? []),
    join(projectRoot, 'node_modules', '.bin'),
  ];
  await writeShellProfile(place.home, ownPath);

  const runtime = await ensureElectron();
  const app = await electron.launch({
    executablePath: runtime.executable,
    args: [
      '-r',
      holdReady,
      options.appDirectory ?? projectRoot,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    cwd: place.home,
    env: {
      ...inheritedEnvironment(),
      HOME: place.home,
      SHELL: existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh',
      PATH: [...ownPath, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      LANYARD_HOME: place.data,
      ...options.net?.environment,
      ...options.env,
    },
    ...(options.colorScheme ? { colorScheme: options.colorScheme } : {}),
  });
  const child = app.process();
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

  const watch = new LeakWatch(place);
  let window: Page | null = null;
  let closed = false;
  const close = async () => {
    if (window && !closed) await watch.readTexts(window);
    const impatience = setTimeout(() => {
      child.kill('SIGKILL');
      // A CLI that outlives the app holds the pipe to Playwright open (Electron leaves its descriptors to children).
      if (process.platform !== 'linux') return;
      for (const { pid } of processesMarkedWith(place.root)) endProcess(pid);
    }, 5_000);
    await app.close().catch(() => undefined);
    await gone;
    clearTimeout(impatience);
    opener.close();
    try {
      if (!closed) watch.end(output.join(''));
    } finally {
      closed = true;
      if (!options.place) await place.remove();
    }
  };
  try {
    window = await app.firstWindow();
    await watch.watchEvents(app.context(), window);
    return {
      app,
      window,
      opener,
      place,
      dataDirectory: place.data,
      homeDirectory: place.home,
      output: () => output.join(''),
      close,
      crash: async () => {
        child.kill('SIGKILL');
        await gone;
      },
    };
  } catch (error) {
    await close();
    throw new Error(`the app opened no window; it wrote:\n${output.join('')}`, { cause: error });
  }
}
