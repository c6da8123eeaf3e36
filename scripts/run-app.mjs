import { hasDisplay, startDisplay } from './display.mjs';
import { projectRoot, say } from './project.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** Chromium's sandbox refuses to run as root: only these developer entry points leave it out, and only then. */
export const rootSwitches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Prepares what every start needs: system packages, a runtime, and a display. */
export async function prepareApp() {
  const needsDisplay = !hasDisplay();
  const ready = await ensureSystemPackages(needsDisplay ? ['electron', 'display'] : ['electron']);
  if (!ready) process.exit(1);
  const { ensureElectron } = await import('./electron-runtime.mjs');
  const runtime = await ensureElectron();
  if (runtime.fallback) say(`Electron ${runtime.version}: development runtime, not for real accounts.`);
  if (!needsDisplay) return { runtime, env: process.env, stopDisplay: async () => {} };
  say('There is no display here: running under Xvfb, without a window that you can see.');
  const { display, stop } = await startDisplay();
  return { runtime, env: { ...process.env, DISPLAY: display }, stopDisplay: stop };
}

/** Arguments that start this checkout's app. */
export const appArguments = [projectRoot, ...rootSwitches];
