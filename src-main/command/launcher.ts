import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openJsonFile } from '../programs/json-file.ts';

/** How Lanyard is started when the command finds that it does not run; `command/reach.go` reads it. */
export interface Launcher {
  /** The app, without a window. */
  app: { file: string; args: string[] };
  /** The script of `lanyard serve`, for a command that was copied away from it. */
  serve: { file: string; args: string[] };
}

/** Notes it as `<data>/command/launcher.json`. Throws what the file system throws. */
export function noteLauncher(data: string, launcher: Launcher): void {
  const directory = join(data, 'command');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  openJsonFile(join(directory, 'launcher.json')).write(launcher);
}
