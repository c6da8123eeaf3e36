import { isAbsolute, posix, resolve, win32 } from 'node:path';

/**
 * Where everything of ours is kept, as `shell/paths.ts` has it for the app: `LANYARD_HOME`, else the system's place for
 * application data.
 */
export function dataDirectoryOf(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  homeDirectory: string,
): string {
  const { LANYARD_HOME, APPDATA, XDG_CONFIG_HOME } = environment;
  if (LANYARD_HOME) return isAbsolute(LANYARD_HOME) ? LANYARD_HOME : resolve(LANYARD_HOME);
  if (platform === 'win32')
    return win32.join(APPDATA || win32.join(homeDirectory, 'AppData', 'Roaming'), 'Lanyard');
  if (platform === 'darwin') return posix.join(homeDirectory, 'Library', 'Application Support', 'Lanyard');
  return posix.join(XDG_CONFIG_HOME || posix.join(homeDirectory, '.config'), 'Lanyard');
}
