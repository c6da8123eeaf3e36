import { delimiter } from 'node:path';
import { hasDisplay, startDisplay } from './display.mjs';
import { projectRoot, say } from './project.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** Chromium's sandbox refuses to run as root: only these developer entry points leave it out, and only then. */
export const rootSwitches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/**
 * The environment without what `npm start` put in front of its PATH: folders of tools, up to the root directory, which
 * programs that the app finds and starts are not to be looked for in.
 */
function personsEnvironment() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const first = folders.findIndex((folder) => !/[\\/](?:node_modules[\\/]\.bin|node-gyp-bin)$/.test(folder));
  return process.env.npm_lifecycle_event
    ? { ...process.env, PATH: folders.slice(Math.max(first, 0)).join(delimiter) }
    : { ...process.env };
}

/** Prepares what every start needs: system packages, a runtime, and a display. */
export async function prepareApp() {
  const needsDisplay = !hasDisplay();
  const ready = await ensureSystemPackages(needsDisplay ? ['electron', 'display'] : ['electron']);
  if (!ready) process.exit(1);
  const { ensureElectron } = await import('./electron-runtime.mjs');
  const runtime = await ensureElectron();
  if (runtime.fallback) say(`Electron ${runtime.version}: development runtime, not for real accounts.`);
  if (!needsDisplay) return { runtime, env: personsEnvironment(), stopDisplay: async () => {} };
  say('There is no display here: running under Xvfb, without a window that you can see.');
  const { display, stop } = await startDisplay();
  return { runtime, env: { ...personsEnvironment(), DISPLAY: display }, stopDisplay: stop };
}

/**
 * Arguments that start this checkout's app. Chromium's own words (of buses and GPUs that are not there) stay out of the
 * terminal up to what ends it: `npm start -- --log-level=0` shows them all, since the last one counts. What our code and
 * its faults say is not Chromium's log.
 */
export const appArguments = [projectRoot, ...rootSwitches, '--log-level=3'];
