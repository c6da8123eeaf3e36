import { app, BrowserWindow, session } from 'electron';

// A browser and no more: one window on the web, without Node, preload or permissions.
const webPreferences = { sandbox: true, contextIsolation: true, nodeIntegration: false };
/** No test is that long: nothing is left when the test process was killed. */
const longestLifeMs = 300_000;

setTimeout(() => app.exit(1), longestLifeMs);
app.on('window-all-closed', () => {});
app.whenReady().then(() => {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.on('will-download', (event) => event.preventDefault());
  return new BrowserWindow({ width: 1000, height: 700, webPreferences }).loadURL('about:blank');
});
