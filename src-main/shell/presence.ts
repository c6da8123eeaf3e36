import { type App, clipboard } from 'electron';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Looking, Place } from '../../src-preload/contract/desktop.ts';
import type { EventName, EventPayload } from '../../src-preload/contract.ts';
import type { Broker } from '../broker/broker.ts';
import type { Clock } from '../clock.ts';
import type { DesktopChoices } from '../desktop/desktop-settings.ts';
import { type NoticePlace, Notifications } from '../desktop/notifications.ts';
import { type CloudSessionEnd, type TrayAction, trayMenu } from '../desktop/tray-menu.ts';
import { LanyardError } from '../failures.ts';
import { hiddenSwitch } from '../house/modes.ts';
import type { Identities, ListedBundle } from '../identities/identities.ts';
import { describeFault } from '../journal/describe-fault.ts';
import { pushEvent } from './ipc.ts';
import { AppTray } from './tray.ts';
import type { Windows } from './windows.ts';

export interface PresenceParts {
  app: App;
  windows: Windows;
  /** Absolute path of the tray's PNG. */
  icon: string;
  broker: Pick<Broker, 'list' | 'copyText'>;
  identities: Pick<Identities, 'list'>;
  /** Cloud sessions that are open; asked again after `sessions.changed`. */
  sessions: () => readonly CloudSessionEnd[];
  providerName: (providerId: string) => string;
  choices: DesktopChoices;
  openTerminal: (bundleId: string) => Promise<void>;
  /** Whether a tab has something running, which would end with the app. */
  runsInTabs: () => boolean;
  /** Shows a notification of the system's. */
  notify: (notice: { title: string; body: string }, onClick: () => void) => void;
  /** Ends everything that runs; quitting waits for it. */
  stop: () => Promise<void>;
  clock: Clock;
  log: { error(event: string, fields?: Record<string, string | number | boolean>): void };
}

/** How long quitting waits for sign-ins to end, ms. */
const quitLimitMs = 10_000;
/** Changes that come together are shown together, ms. */
const gatherMs = 100;
/** What the tray says of time left is at most this old, ms. */
const minuteMs = 60_000;

/** After these, the tray's menu or the accounts that need their person may be others. */
const shownInTray = new Set<EventName>(['bundles.changed', 'providers.changed', 'sessions.changed']);

const isRunning = (session: SessionSnapshot) => session.status !== 'success' && session.status !== 'failed';

/**
 * What there is of the app outside of its window, and when it stays and when it goes. Closing the last window quits it,
 * unless a sign-in or a tab's program runs, or the person chose that it stays in the tray.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #tray: AppTray;
  readonly #notifications: Notifications;
  #looking: Looking | null = null;
  #cancelUpdate: (() => void) | null = null;
  #cancelMinute: () => void = () => {};
  #stopped = false;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    const { app, windows, clock, providerName } = parts;
    this.#tray = new AppTray(parts.icon, (action) => this.#act(action));
    this.#notifications = new Notifications({
      notify: parts.notify,
      isOn: () => parts.choices.kept.notifications,
      looking: () => (windows.all().some((window) => window.isFocused()) ? this.#looking : null),
      goTo: (place) => this.#goTo(place),
      providerName,
      clock,
    });
    app.on('second-instance', (_event, args) => {
      if (!args.includes(hiddenSwitch)) windows.show();
    });
    app.on('activate', () => windows.show());
    app.on('window-all-closed', () => {
      const stays = process.platform === 'darwin' || parts.choices.kept.keepInTray;
      if (!stays && !parts.broker.list().some(isRunning) && !parts.runsInTabs()) app.quit();
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
    this.#update();
  }

  sessionChanged(session: SessionSnapshot): void {
    this.#updateSoon();
    if (!this.#stopped) this.#notifications.signInChanged(session);
  }

  /** What windows are told: some of it shows in the tray as well. */
  told(event: EventName): void {
    if (shownInTray.has(event)) this.#updateSoon();
  }

  /** Shows the window, at this place. */
  show(place: Place): void {
    this.#goTo(place);
  }

  /** What the window says that it shows. */
  looksAt(looking: Looking): void {
    this.#looking = looking;
  }

  #updateSoon(): void {
    this.#cancelUpdate ??= this.#parts.clock.after(gatherMs, () => this.#update());
  }

  #update(): void {
    this.#cancelUpdate?.();
    this.#cancelUpdate = null;
    if (this.#stopped) return;
    const { broker, identities, sessions, providerName, clock } = this.#parts;
    const { bundles } = identities.list();
    const open = sessions();
    this.#notifications.accountsChanged(watched(bundles));
    this.#notifications.sessionsChanged(open);
    const nameOf = new Map(bundles.map(({ id, name }) => [id, name]));
    this.#tray.show(
      trayMenu({
        identities: bundles
          .filter(({ blank }) => !blank)
          .map(({ id, name, accounts }) => ({ id, name, accounts: accounts.length })),
        signIns: broker
          .list()
          .filter(isRunning)
          .sort((a, b) => a.startedAt - b.startedAt)
          .map((session) => ({
            sessionId: session.sessionId,
            providerName: providerName(session.providerId),
            bundleName: session.bundleId === null ? null : (nameOf.get(session.bundleId) ?? null),
            ...(session.status === 'code-emitted' ? { code: session.deviceCode } : {}),
          })),
        sessions: open,
        now: clock.now(),
      }),
    );
    this.#cancelMinute();
    if (open.length > 0) this.#cancelMinute = clock.after(minuteMs, () => this.#update());
  }

  #act(action: TrayAction): void {
    switch (action.do) {
      case 'open':
        this.#parts.windows.show();
        return;
      case 'quit':
        this.#parts.app.quit();
        return;
      case 'show-sign-in':
        this.#goTo({ name: 'sign-in', sessionId: action.sessionId });
        return;
      case 'copy-code':
        this.#copyCode(action.sessionId);
        return;
      case 'open-identity':
        this.#goTo({ name: 'identity', bundleId: action.bundleId });
        return;
      case 'run-terminal':
        this.#runTerminal(action.bundleId);
        return;
      case 'show-session':
        this.#goTo({ name: 'cloud-session', sessionId: action.sessionId });
        return;
    }
  }

  #copyCode(sessionId: string): void {
    try {
      clipboard.writeText(this.#parts.broker.copyText(sessionId, 'code'));
    } catch (error) {
      // It ended while the menu was open: its modal says how.
      if (!(error instanceof LanyardError)) throw error;
      this.#goTo({ name: 'sign-in', sessionId });
    }
  }

  #runTerminal(bundleId: string): void {
    this.#parts.openTerminal(bundleId).catch((error: unknown) => {
      if (error instanceof LanyardError) {
        this.#push('desktop.show', { place: { name: 'identity', bundleId }, failure: error.failure });
      } else this.#parts.log.error('tray.fault', describeFault(error));
    });
  }

  #goTo(place: NoticePlace): void {
    if (place.name === 'sign-in') this.#push('auth.show', { sessionId: place.sessionId });
    else this.#push('desktop.show', { place: place satisfies Place });
  }

  /** Shows the window and tells it something: at once, or when its page has loaded. */
  #push<E extends EventName>(event: E, payload: EventPayload<E>): void {
    const window = this.#parts.windows.show();
    const push = () => pushEvent([window], event, payload);
    if (window.webContents.isLoading()) window.webContents.once('did-finish-load', push);
    else push();
  }
}

function watched(bundles: readonly ListedBundle[]) {
  const byId = new Map<
    string,
    { id: string; providerId: string; bundles: ListedBundle[]; needsSignIn: boolean }
  >();
  for (const bundle of bundles) {
    for (const { id, provider, status, unexpected } of bundle.accounts) {
      const known = byId.get(id);
      if (known) known.bundles.push(bundle);
      else {
        const needsSignIn = status === 'needs-sign-in' || unexpected !== undefined;
        byId.set(id, { id, providerId: provider, bundles: [bundle], needsSignIn });
      }
    }
  }
  return [...byId.values()];
}
