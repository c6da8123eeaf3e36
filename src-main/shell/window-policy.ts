import type { App, WebContents } from 'electron';
import { appOrigin } from './app-protocol.ts';

/**
 * What no window of ours may do, whatever page it shows: leave the app's own pages, open windows, embed web views, or
 * be granted a permission. Links are opened by main, out of a session's state, never by a page.
 */
export function applyWindowPolicy(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event) => stayInside(event, event.url));
    contents.on('will-redirect', (event) => stayInside(event, event.url));
    contents.on('will-frame-navigate', (event) => stayInside(event, event.url));
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
  // The windows' session, and those that our own requests get.
  app.on('session-created', (created) => {
    denyPermissions(created);
    downloadNoDictionary(created);
  });
}

function stayInside(event: { preventDefault(): void }, url: string): void {
  if (!isAppUrl(url)) event.preventDefault();
}

/** Whether a URL is one of the app's own pages. */
export function isAppUrl(url: string): boolean {
  return URL.canParse(url) && `${new URL(url).protocol}//${new URL(url).host}` === appOrigin;
}

function denyPermissions(target: Electron.Session): void {
  target.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
  target.on('will-download', (event) => event.preventDefault());
}

/**
 * Electron 33 fetches a dictionary from Google for every session that has spell checking languages, also when all
 * windows say `spellcheck: false` and after `setSpellCheckerEnabled(false)` alone (electron/electron#22995).
 */
function downloadNoDictionary(target: Electron.Session): void {
  target.setSpellCheckerLanguages([]);
  target.setSpellCheckerEnabled(false);
}

/** Whether a message comes from the top frame of one of our own pages. */
export function isTrustedSender(sender: WebContents, frame: Electron.WebFrameMain | null): boolean {
  return frame !== null && frame === sender.mainFrame && isAppUrl(frame.url);
}
