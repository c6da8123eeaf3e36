import { BrowserWindow, nativeTheme } from 'electron';
import { appOrigin } from './app-protocol.ts';
import { keepWindowState, startBounds, type WindowStateFile } from './window-state.ts';

/** The window's colour before the page is painted, as in tokens.css. */
const background = { light: '#f6f6f4', dark: '#161615' };

/** The main window: made when it is first shown, made again after it was closed. */
export class Windows {
  readonly #preload: string;
  readonly #stateFile: WindowStateFile;
  readonly #packaged: boolean;
  #window: BrowserWindow | null = null;

  /** @param preload absolute path of the built preload script */
  constructor(preload: string, stateFile: WindowStateFile, packaged: boolean) {
    this.#packaged = packaged;
    this.#preload = preload;
    this.#stateFile = stateFile;
  }

  all(): BrowserWindow[] {
    return BrowserWindow.getAllWindows();
  }

  /** Shows the main window, in front. */
  show(): BrowserWindow {
    if (this.#window && !this.#window.isDestroyed()) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
      return this.#window;
    }
    const { bounds, maximized } = startBounds(this.#stateFile);
    const window = new BrowserWindow({
      ...bounds,
      minWidth: 720,
      minHeight: 560,
      show: false,
      title: 'Lanyard',
      backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
      webPreferences: {
        preload: this.#preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        webSecurity: true,
        spellcheck: false,
        devTools: !this.#packaged,
      },
    });
    window.removeMenu();
    if (maximized) window.maximize();
    window.once('ready-to-show', () => window.show());
    keepWindowState(window, this.#stateFile);
    window.on('closed', () => {
      this.#window = null;
    });
    void window.loadURL(`${appOrigin}/index.html`);
    this.#window = window;
    return window;
  }
}
