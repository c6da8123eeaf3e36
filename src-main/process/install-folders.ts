import { readdir } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

/**
 * Folders into which installers of command line tools put programs without a PATH entry that every process has. The
 * ones with a version in their path come newest version first. They need not exist.
 */
export async function installFolders(system: {
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
}): Promise<string[]> {
  return system.platform === 'win32' ? windowsFolders(system) : posixFolders(system);
}

async function posixFolders({
  environment,
  homeDirectory,
  platform,
}: {
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
}): Promise<string[]> {
  const home = (...parts: string[]): string => posix.join(homeDirectory, ...parts);
  const data = environment.XDG_DATA_HOME ?? home('.local', 'share');
  const nvm = posix.join(environment.NVM_DIR ?? home('.nvm'), 'versions', 'node');
  const fnm = environment.FNM_DIR ? [environment.FNM_DIR] : [posix.join(data, 'fnm'), home('.fnm')];
  if (platform === 'darwin') fnm.push(home('Library', 'Application Support', 'fnm'));
  const nvmVersions = await versionsIn(nvm);
  const fnmVersions = await Promise.all(
    fnm.map(async (folder) => {
      const versions = await versionsIn(posix.join(folder, 'node-versions'));
      return [
        posix.join(folder, 'aliases', 'default', 'bin'),
        ...versions.map((version) => posix.join(folder, 'node-versions', version, 'installation', 'bin')),
      ];
    }),
  );
  return [
    home('.local', 'bin'),
    home('bin'),
    home('.npm-global', 'bin'),
    posix.join(environment.BUN_INSTALL ?? home('.bun'), 'bin'),
    posix.join(environment.CARGO_HOME ?? home('.cargo'), 'bin'),
    posix.join(environment.DENO_INSTALL ?? home('.deno'), 'bin'),
    posix.join(environment.VOLTA_HOME ?? home('.volta'), 'bin'),
    environment.PNPM_HOME ?? (platform === 'darwin' ? home('Library', 'pnpm') : posix.join(data, 'pnpm')),
    ...nvmVersions.map((version) => posix.join(nvm, version, 'bin')),
    ...fnmVersions.flat(),
    posix.join(environment.ASDF_DATA_DIR ?? home('.asdf'), 'shims'),
    posix.join(environment.MISE_DATA_DIR ?? posix.join(data, 'mise'), 'shims'),
    home('go', 'bin'),
    home('.claude', 'local'),
    home('.nix-profile', 'bin'),
    '/opt/homebrew/bin',
    '/home/linuxbrew/.linuxbrew/bin',
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
    '/snap/bin',
  ];
}

async function windowsFolders({
  environment,
  homeDirectory,
}: {
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
}): Promise<string[]> {
  const home = (...parts: string[]): string => win32.join(homeDirectory, ...parts);
  const roaming = environment.APPDATA ?? home('AppData', 'Roaming');
  const local = environment.LOCALAPPDATA ?? home('AppData', 'Local');
  const programFiles = environment.ProgramFiles ?? 'C:\\Program Files';
  return [
    win32.join(roaming, 'npm'),
    home('.local', 'bin'),
    home('.bun', 'bin'),
    home('.cargo', 'bin'),
    home('.deno', 'bin'),
    environment.PNPM_HOME ?? win32.join(local, 'pnpm'),
    win32.join(local, 'Volta', 'bin'),
    win32.join(local, 'Microsoft', 'WinGet', 'Links'),
    win32.join(local, 'Microsoft', 'WindowsApps'),
    home('scoop', 'shims'),
    win32.join(programFiles, 'nodejs'),
    win32.join(programFiles, 'GitHub CLI'),
  ];
}

/** Names of version folders (`v22.1.0`), newest first. */
async function versionsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^v?\d/.test(name))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}
