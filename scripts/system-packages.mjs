import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, say } from './project.mjs';

/** What each part needs on Debian and Ubuntu: the package and how to see that it is there. */
const packages = [
  { name: 'xvfb', program: 'Xvfb', for: 'display' },
  { name: 'libgtk-3-0', library: 'libgtk-3.so.0', for: 'electron' },
  { name: 'libnss3', library: 'libnss3.so', for: 'electron' },
  { name: 'libasound2', library: 'libasound.so.2', for: 'electron' },
  { name: 'libgbm1', library: 'libgbm.so.1', for: 'electron' },
  { name: 'libxss1', library: 'libXss.so.1', for: 'electron' },
  { name: 'libatk-bridge2.0-0', library: 'libatk-bridge-2.0.so.0', for: 'electron' },
  { name: 'dbus', program: 'dbus-daemon', for: 'keychain' },
  { name: 'dbus-x11', program: 'dbus-launch', for: 'keychain' },
  { name: 'gnome-keyring', program: 'gnome-keyring-daemon', for: 'keychain' },
  { name: 'libsecret-1-0', library: 'libsecret-1.so.0', for: 'keychain' },
  { name: 'golang-go', program: 'go', for: 'command' },
  { name: 'zsh', program: 'zsh', for: 'shells' },
  { name: 'fish', program: 'fish', for: 'shells' },
];

function onPath(program) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function installedLibraries() {
  for (const ldconfig of ['/sbin/ldconfig', '/usr/sbin/ldconfig', 'ldconfig']) {
    try {
      return execFileSync(ldconfig, ['-p'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      // The next place; without any, every library counts as missing and apt says what is there already.
    }
  }
  return '';
}

/**
 * Names of missing system packages among those that the given parts need. Linux only: elsewhere Electron brings all it needs.
 * @param {('electron'|'display'|'keychain'|'command'|'shells')[]} parts
 */
export function missingSystemPackages(parts) {
  if (process.platform !== 'linux') return [];
  const libraries = installedLibraries();
  return packages
    .filter((entry) => parts.includes(entry.for))
    .filter((entry) => (entry.program ? !onPath(entry.program) : !libraries.includes(entry.library)))
    .map((entry) => entry.name);
}

function isDebianLike() {
  if (!existsSync('/etc/os-release')) return false;
  return /^(ID|ID_LIKE)=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * Installs what is missing where that is ours to do (root on Debian or Ubuntu, or LANYARD_INSTALL_SYSTEM_DEPS=1), otherwise
 * names the exact command.
 * @returns {Promise<boolean>} whether everything is there now
 */
export async function ensureSystemPackages(parts) {
  const missing = missingSystemPackages(parts);
  if (missing.length === 0) return true;
  const mayInstall =
    isDebianLike() && (process.getuid?.() === 0 || process.env.LANYARD_INSTALL_SYSTEM_DEPS === '1');
  if (!mayInstall) {
    say(`Missing system packages. Install them with:\n  sudo apt-get install -y ${missing.join(' ')}`);
    return false;
  }
  say(`Installing system packages: ${missing.join(' ')}`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = (...args) => {
    const [file, ...rest] = [...asRoot, 'apt-get', ...args];
    return run(file, rest, {
      stdio: ['ignore', 'ignore', 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  await apt('update', '-q');
  await apt('install', '-y', '-q', '--no-install-recommends', ...missing);
  const left = missingSystemPackages(parts);
  if (left.length > 0) say(`Could not install: ${left.join(' ')}`);
  return left.length === 0;
}
