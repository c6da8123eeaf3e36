import type { App } from 'electron';

/**
 * How to start this app in one of its modes without a window. It needs nothing that does not ship, also in the package,
 * where the RunAsNode fuse is off: the same executable with a switch, sharing no state with the running app.
 */
export function ownProgram(app: App, mode: string): { file: string; args: string[] } {
  const appPath = app.isPackaged ? [] : [app.getAppPath()];
  // Chromium's sandbox refuses to run as root; whoever started us without it did so for that reason.
  const sandbox = app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : [];
  const quiet = ['--disable-gpu', '--log-level=3'];
  return { file: process.execPath, args: [...appPath, ...sandbox, ...quiet, mode] };
}
