import { Menu, nativeImage, Tray } from 'electron';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';

export interface TrayActions {
  show: () => void;
  showSession: (sessionId: string) => void;
  quit: () => void;
  providerName: (providerId: string) => string;
}

/**
 * The tray icon: where a running sign-in can be found while no window is open. Systems without a tray simply show none.
 * @param icon absolute path of a PNG
 */
export class AppTray {
  readonly #tray: Tray;
  readonly #actions: TrayActions;
  #listed: string | null = null;

  constructor(icon: string, actions: TrayActions) {
    this.#actions = actions;
    this.#tray = new Tray(nativeImage.createFromPath(icon));
    this.#tray.setToolTip('Lanyard');
    this.#tray.on('click', actions.show);
    this.update([]);
  }

  /** @param running the sessions that have not ended */
  update(running: SessionSnapshot[]): void {
    // Sessions change often, their list seldom; a menu is made anew each time.
    const listed = running.map((session) => session.sessionId).join(' ');
    if (listed === this.#listed) return;
    this.#listed = listed;
    const { show, showSession, quit, providerName } = this.#actions;
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        ...running.map((session) => ({
          label: `Connecting ${providerName(session.providerId)}…`,
          click: () => showSession(session.sessionId),
        })),
        ...(running.length > 0 ? [{ type: 'separator' as const }] : []),
        { label: 'Open Lanyard', click: show },
        { label: 'Quit', click: quit },
      ]),
    );
  }
}
