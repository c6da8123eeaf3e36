const { app } = require('electron');

/**
 * Loaded with `-r` before the app: it is ready only when Playwright is attached, which then calls `__playwright_run`.
 * A page that commits its first navigation while Playwright attaches may never be reported (no `Page.frameNavigated`),
 * and the launch would wait for it for ever. Playwright's own loader does the same, but for the official binary only.
 */
const own = process.argv.indexOf(__filename);
process.argv.splice(own - 1, 2);

const ready = app.whenReady();
let attached = false;
const whenAttached = new Promise((resolve) => {
  globalThis.__playwright_run = () => {
    attached = true;
    resolve();
  };
});
const isReady = app.isReady.bind(app);
app.isReady = () => attached && isReady();
app.whenReady = () => whenAttached.then(() => ready);
