import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { TrayAction, TrayItem } from '../desktop/tray-menu.ts';

/**
 * The tray icon with its menu. Systems without a tray simply show none.
 * @param icon absolute path of a PNG
 */
export class AppTray {
  readonly #tray: Tray;
  readonly #act: (action: TrayAction) => void;
  #shown: string | null = null;

  constructor(icon: string, act: (action: TrayAction) => void) {
    this.#act = act;
    this.#tray = new Tray(nativeImage.createFromPath(icon));
    this.#tray.setToolTip('Lanyard');
    this.#tray.on('click', () => act({ do: 'open' }));
  }

  /** A menu is made anew each time, which would close an open one: only when something is different. */
  show(items: TrayItem[]): void {
    const text = JSON.stringify(items);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#tray.setContextMenu(Menu.buildFromTemplate(items.map((item) => this.#entry(item))));
  }

  #entry(item: TrayItem): MenuItemConstructorOptions {
    if ('type' in item) return { type: 'separator' };
    if ('enabled' in item) return { label: item.label, enabled: false };
    if ('submenu' in item)
      return { label: item.label, submenu: item.submenu.map((each) => this.#entry(each)) };
    return { label: item.label, click: () => this.#act(item.action) };
  }
}
