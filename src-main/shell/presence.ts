import type { App, NotificationConstructorOptions } from 'electron';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { pushEvent } from './ipc.ts';
import { AppTray } from './tray.ts';
import type { Windows } from './windows.ts';

export interface PresenceParts {
  app: App;
  windows: Windows;
  /** Absolute path of the tray's PNG. */
  icon: string;
  sessions: () => SessionSnapshot[];
  providerName: (providerId: string) => string;
  notify: (
    options: NotificationConstructorOptions,
  ) => { show(): void; on(event: 'click', act: () => void): unknown } | null;
  /** Ends everything that runs; quitting waits for it. */
  stop: () => Promise<void>;
}

/** How long quitting waits for sign-ins to end, ms. */
const quitLimitMs = 10_000;

const isRunning = (session: SessionSnapshot) => session.status !== 'success' && session.status !== 'failed';

/**
 * When the app stays and when it goes. Closing the last window quits it, unless a sign-in runs: that goes on, the tray
 * shows it, and its end is told by a notification.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #tray: AppTray;
  #stopped = false;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    const { app, windows } = parts;
    this.#tray = new AppTray(parts.icon, {
      show: () => windows.show(),
      showSession: (sessionId) => this.#showSession(sessionId),
      quit: () => app.quit(),
      providerName: parts.providerName,
    });
    app.on('second-instance', () => windows.show());
    app.on('activate', () => windows.show());
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin' && !parts.sessions().some(isRunning)) app.quit();
    });
    app.on('before-quit', (event) => {
      if (this.#stopped) return;
      event.preventDefault();
      // A child that will not end must not keep the app from ending.
      const limit = new Promise((resolve) => setTimeout(resolve, quitLimitMs));
      void Promise.race([parts.stop(), limit]).finally(() => {
        this.#stopped = true;
        app.quit();
      });
    });
  }

  sessionChanged(session: SessionSnapshot): void {
    this.#tray.update(this.#parts.sessions().filter(isRunning));
    if (isRunning(session) || this.#parts.windows.all().length > 0 || this.#stopped) return;
    const name = this.#parts.providerName(session.providerId);
    const notification = this.#parts.notify({
      title: session.status === 'success' ? `${name} is connected` : `${name} is not connected`,
      body:
        session.status === 'success'
          ? (session.email ?? '')
          : session.status === 'failed'
            ? session.error
            : '',
    });
    notification?.on('click', () => this.#showSession(session.sessionId));
    notification?.show();
  }

  /** Opens the window on a session's modal: at once, or when its page has loaded. */
  #showSession(sessionId: string): void {
    const window = this.#parts.windows.show();
    const push = () => pushEvent([window], 'auth.show', { sessionId });
    if (window.webContents.isLoading()) window.webContents.once('did-finish-load', push);
    else push();
  }
}
