import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { App } from 'electron';

/** Where everything of ours is kept: `LANYARD_HOME`, else the system's place for application data. */
export function dataDirectory(app: App, environment: NodeJS.ProcessEnv): string {
  const chosen = environment.LANYARD_HOME;
  if (chosen) return isAbsolute(chosen) ? chosen : resolve(chosen);
  return join(app.getPath('appData'), 'Lanyard');
}

/** Whether this is the fallback Electron of developer machines: it is known by the loader that stands in for a default app. */
export function isDevelopmentRuntime(app: App): boolean {
  return !app.isPackaged && existsSync(join(dirname(process.execPath), 'resources', 'app', 'main.js'));
}
