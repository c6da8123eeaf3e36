import { spawn } from 'node:child_process';
import type { Menu } from 'electron';
import type { ElectronApplication } from 'playwright';
import type { LaunchedApp } from './launch-app.ts';
import { projectRoot } from './test-place.ts';

/** An entry of a menu as it is drawn: its text, and those of its submenu. */
export type DrawnEntry = string | { [label: string]: DrawnEntry[] };

/** Looks on as the app sets its tray's menu, from the next time on: Electron has no call that tells it. */
export async function watchTray(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ Tray }) => {
    const set = Tray.prototype.setContextMenu;
    Tray.prototype.setContextMenu = function (menu) {
      Reflect.set(globalThis, 'trayMenu', menu);
      set.call(this, menu);
    };
  });
}

/** The tray's menu as it was last set, separators as `-`; empty before it was. */
export function trayMenu(app: ElectronApplication): Promise<DrawnEntry[]> {
  return app.evaluate(() => {
    const draw = (menu: Menu | undefined): DrawnEntry[] =>
      (menu?.items ?? []).map((item) => {
        if (item.type === 'separator') return '-';
        return item.submenu ? { [item.label]: draw(item.submenu) } : item.label;
      });
    return draw(Reflect.get(globalThis, 'trayMenu') as Menu | undefined);
  });
}

/** Clicks an entry, given by its text and those of the menus above it. */
export async function clickTray(app: ElectronApplication, ...path: string[]): Promise<void> {
  await app.evaluate((_, labels) => {
    let menu = Reflect.get(globalThis, 'trayMenu') as Menu | undefined;
    for (const [index, label] of labels.entries()) {
      const item = menu?.items.find((each) => each.label === label);
      if (!item) throw new Error(`the tray has no ${label}`);
      if (index === labels.length - 1) item.click();
      menu = item.submenu;
    }
  }, path);
}

/** Takes the place of the system's notifications from now on; the result reads those that were shown since. */
export async function watchNotifications(
  app: ElectronApplication,
): Promise<{ shown(): Promise<string[]>; click(index: number): Promise<void> }> {
  await app.evaluate(({ Notification }) => {
    const shown: Electron.Notification[] = [];
    Reflect.set(globalThis, 'shownNotifications', shown);
    Notification.isSupported = () => true;
    Notification.prototype.show = function () {
      shown.push(this);
    };
  });
  return {
    shown: async () =>
      app.evaluate(() =>
        (Reflect.get(globalThis, 'shownNotifications') as Electron.Notification[]).map(({ title }) => title),
      ),
    click: async (index) => {
      await app.evaluate((_, at) => {
        (Reflect.get(globalThis, 'shownNotifications') as Electron.Notification[])[at]?.emit('click');
      }, index);
    },
  };
}

/** Starts the app once more with these arguments, as the system does for a link. Resolves with its exit code. */
export async function startAgain({ app }: LaunchedApp, ...args: string[]): Promise<number | null> {
  const executable = await app.evaluate(() => process.execPath);
  const env = await app.evaluate(() => ({ ...process.env }) as Record<string, string>);
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const second = spawn(executable, [projectRoot, ...switches, ...args], { env, stdio: 'ignore' });
  return new Promise((resolve) => second.once('exit', resolve));
}
