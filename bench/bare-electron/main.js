import { join } from 'node:path';
// biome-ignore lint/style/noRestrictedImports: this is an app of its own
import { app, BrowserWindow } from 'electron';

/** The least that opens a window with the safety and the size of the app's. */
app.whenReady().then(() => {
  const window = new BrowserWindow({
    width: 1040,
    height: 720,
    show: false,
    webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false },
  });
  window.once('ready-to-show', () => window.show());
  window.loadFile(join(import.meta.dirname, 'index.html'));
});
app.on('window-all-closed', () => app.quit());
