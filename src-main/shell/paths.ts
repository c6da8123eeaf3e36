import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { App } from 'electron';
import { chosenHome, dataDirectoryOf } from '../data-directory.ts';

/**
 * Where everything of ours is kept, by the rule of `dataDirectoryOf`; macOS and Windows are asked for their places.
 * @throws LanyardError `relative_home`
 */
export function dataDirectory(app: App, environment: NodeJS.ProcessEnv): string {
  const { platform } = process;
  if (platform !== 'win32' && platform !== 'darwin') return dataDirectoryOf(environment, platform, homedir());
  return chosenHome(environment, platform) ?? join(app.getPath('appData'), 'Lanyard');
}

/** Whether this is the fallback Electron of developer machines: it is known by the loader that stands in for a default app. */
export function isDevelopmentRuntime(app: App): boolean {
  return !app.isPackaged && existsSync(join(dirname(process.execPath), 'resources', 'app', 'main.js'));
}
