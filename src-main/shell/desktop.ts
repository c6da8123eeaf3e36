import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type App, nativeTheme } from 'electron';
import type { Clock } from '../clock.ts';
import { DesktopChoices } from '../desktop/desktop-settings.ts';
import { linkCommandLine } from '../desktop/link-command.ts';
import { LinkRequests } from '../desktop/link-requests.ts';
import type { CloudSessionEnd } from '../desktop/tray-menu.ts';
import type { House } from '../house/house.ts';
import { openJsonFile } from '../programs/json-file.ts';
import { pushEvent } from './ipc.ts';
import type { LinkArrivals } from './link-arrivals.ts';
import { openLoginStart } from './login-start.ts';
import { Presence } from './presence.ts';
import { notifyOnDesktop } from './system-notifications.ts';
import type { Windows } from './windows.ts';

export interface DesktopParts {
  app: App;
  windows: Windows;
  house: House;
  choices: DesktopChoices;
  /** The directory of files that ship with us, absolute. */
  resources: string;
  arrivals: LinkArrivals;
  /** Cloud sessions that are open, with their ends. */
  cloudSessions: () => readonly CloudSessionEnd[];
  /** Ends everything that runs; quitting waits for it. */
  stop: () => Promise<void>;
  clock: Clock;
  log: { error(event: string, fields?: Record<string, string | number | boolean>): void };
}

/** Of a terminal tab until a window shows it. */
const firstSize = { columns: 80, rows: 24 };

export interface ChoicesParts {
  app: App;
  windows: Windows;
  /** The data directory, absolute. */
  data: string;
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
}

/** How Lanyard behaves on the desktop; the theme holds from here on, so call it before a window is made. */
export function openDesktopChoices(parts: ChoicesParts): DesktopChoices {
  const choices = new DesktopChoices({
    file: openJsonFile(join(parts.data, 'desktop.json')),
    loginStart: openLoginStart(parts.app, parts.environment, parts.homeDirectory),
    onChanged: (settings) => {
      nativeTheme.themeSource = settings.theme;
      pushEvent(parts.windows.all(), 'desktop.changed', settings);
    },
  });
  nativeTheme.themeSource = choices.kept.theme;
  return choices;
}

/** What is around the windows, put together: the tray, notifications, links, and the choices for them. */
export function composeDesktop(parts: DesktopParts) {
  const { app, windows, house, choices, clock, log } = parts;
  const { providers } = house;
  const presence = new Presence({
    ...house,
    openTerminal: house.terminals.openTerminal,
    runsInTabs: () => house.terminals.tabs.runningCount > 0,
    app,
    windows,
    icon: join(parts.resources, 'tray.png'),
    sessions: parts.cloudSessions,
    providerName: (id) => providers.find(id)?.name ?? id,
    choices,
    notify: notifyOnDesktop,
    stop: parts.stop,
    clock,
    log,
  });
  const links = new LinkRequests({
    provider: (idOrAlias) => providers.find(idOrAlias),
    bundles: () => house.identities.list().bundles,
    run: async (bundleId, command) => {
      const line = linkCommandLine(command, process.env, process.platform);
      const { tabId } = await house.terminals.tabs.open({ bundleId, command: line, ...firstSize });
      presence.show({ name: 'terminal', tabId });
    },
    newId: randomUUID,
    audit: house.audit,
    onChanged: () => pushEvent(windows.all(), 'links.changed', {}),
  });
  return {
    choices,
    presence,
    links,
    /** Takes links in from now on. The window is shown first: it asks what waits when its page has loaded. */
    acceptLinks: () =>
      parts.arrivals.deliverTo((link) => {
        windows.show();
        links.receive(link);
      }),
  };
}
