import { posix, win32 } from 'node:path';
import { LanyardError } from './failures.ts';

/**
 * The directory that the person chose with `LANYARD_HOME`, in its plain form; `null` where they chose none. A relative
 * one would be another one in each directory that the command, the app or `lanyard serve` is started in. The command has
 * the same rule (`command/reach.go`).
 *
 * @throws LanyardError `relative_home`
 */
export function chosenHome(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  const { LANYARD_HOME: chosen } = environment;
  const path = platform === 'win32' ? win32 : posix;
  if (!chosen) return null;
  if (path.isAbsolute(chosen)) return path.resolve(chosen);
  throw new LanyardError({
    code: 'relative_home',
    title: `The variable LANYARD_HOME is "${chosen}", which is not an absolute path.`,
    hint: 'Set it to one that begins at the root directory, or unset it.',
  });
}

/**
 * Where everything of ours is kept: `LANYARD_HOME`, else the system's place for application data.
 * @throws LanyardError `relative_home`
 */
export function dataDirectoryOf(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  homeDirectory: string,
): string {
  const chosen = chosenHome(environment, platform);
  if (chosen !== null) return chosen;
  const { APPDATA, XDG_CONFIG_HOME = '' } = environment;
  if (platform === 'win32')
    return win32.join(APPDATA || win32.join(homeDirectory, 'AppData', 'Roaming'), 'Lanyard');
  if (platform === 'darwin') return posix.join(homeDirectory, 'Library', 'Application Support', 'Lanyard');
  const config = posix.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : posix.join(homeDirectory, '.config');
  return posix.join(config, 'Lanyard');
}
