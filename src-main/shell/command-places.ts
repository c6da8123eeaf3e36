import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import type { Launcher } from '../command/launcher.ts';
import { hiddenSwitch } from '../house/modes.ts';
import { ownProgram } from './own-program.ts';

const program = process.platform === 'win32' ? 'lanyard.exe' : 'lanyard';

/** The `lanyard` command that ships with this app; null where it was not built. */
export function commandProgram(app: App): string | null {
  const path = app.isPackaged
    ? join(process.resourcesPath, 'bin', program)
    : join(app.getAppPath(), 'dist', 'command', program);
  return existsSync(path) ? path : null;
}

/** How the command starts this app without a window, and where the script of `lanyard serve` is. */
export function launcherOf(app: App): Launcher {
  const { file, args } = ownProgram(app, hiddenSwitch);
  const unpacked = app.isPackaged ? join(process.resourcesPath, 'app.asar.unpacked') : app.getAppPath();
  return {
    // A window that is opened later is drawn as in any other start.
    app: { file, args: args.filter((each) => each !== '--disable-gpu' && each !== '--log-level=3') },
    serve: { file: join(unpacked, 'dist', 'serve', 'serve.js'), args: [] },
  };
}
