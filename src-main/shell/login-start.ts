import type { App } from 'electron';
import { Autostart } from '../desktop/autostart.ts';
import type { LoginStart } from '../desktop/desktop-settings.ts';
import { LanyardError } from '../failures.ts';
import { hiddenSwitch } from '../house/modes.ts';

/** Whether this start is to have no window: the system made it when the person logged in. */
export function startsHidden(app: App, args: readonly string[]): boolean {
  return (
    args.includes(hiddenSwitch) ||
    (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin)
  );
}

/** How this system starts us when the person logs in. Where we keep an entry ourselves, it is brought up to date. */
export function openLoginStart(app: App, environment: NodeJS.ProcessEnv, homeDirectory: string): LoginStart {
  if (process.platform === 'darwin' || process.platform === 'win32') return new LoginItem(app);
  const autostart = new Autostart({
    environment,
    homeDirectory,
    command: [
      // An AppImage is mounted in another place at every start; this is the file itself.
      environment.APPIMAGE ?? process.execPath,
      ...(app.isPackaged ? [] : [app.getAppPath()]),
      // Chromium's sandbox refuses to run as root; whoever started us without it did so for that reason.
      ...(app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []),
      hiddenSwitch,
    ],
  });
  try {
    autostart.refresh();
  } catch (error) {
    // The old entry stands; the person sees why when they change it.
    if (!(error instanceof LanyardError)) throw error;
  }
  return autostart;
}

/** The system's own list of login items, on macOS and Windows. */
class LoginItem implements LoginStart {
  readonly #app: App;
  readonly #args = process.platform === 'win32' ? { args: [hiddenSwitch] } : {};

  constructor(app: App) {
    this.#app = app;
  }

  isOn(): boolean {
    return this.#app.getLoginItemSettings(this.#args).openAtLogin;
  }

  set(on: boolean): void {
    this.#app.setLoginItemSettings({ openAtLogin: on, ...this.#args });
    if (this.isOn() === on) return;
    throw new LanyardError({
      code: 'autostart_not_written',
      title: 'The system did not take this choice',
      hint: 'Change it in the system’s own settings for login items.',
    });
  }
}
