import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A real keychain of a test's own: a bus, a gnome-keyring on it that is unlocked, and a directory for its file. */
export interface SecretService {
  /** For the programs that are to use it. */
  env: Record<string, string>;
  /** Kills the keyring. The bus stays, which Chromium does not survive the end of, and starts no other keyring. */
  endKeyring(): void;
  /** Ends keyring and bus. Safe to call again. */
  end(): Promise<void>;
}

/** The programs that are missing for one; empty when all are there. */
export function missingForSecretService(): string[] {
  return ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'].filter(
    (name) => !(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))),
  );
}

/** A session bus that starts no services by itself. */
function busConfig(directory: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=${directory}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}

/** @param root a directory of the test; its file is made below it */
export async function startSecretService(root: string): Promise<SecretService> {
  const home = join(root, 'keychain');
  for (const name of ['', 'data', 'config', 'cache', 'run']) mkdirSync(join(home, name), { mode: 0o700 });
  const own = {
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_RUNTIME_DIR: join(home, 'run'),
  };
  const base = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: home, ...own };
  const config = join(home, 'bus.conf');
  // A socket's path has at most 107 bytes, so not below a test's deep directory.
  const sockets = mkdtempSync(join(tmpdir(), 'lanyard-bus-'));
  writeFileSync(config, busConfig(sockets));
  const bus = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address=1'], {
    env: base,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await firstLine(bus);
  const env = { ...base, DBUS_SESSION_BUS_ADDRESS: address };
  execFileSync('gnome-keyring-daemon', ['--unlock', '--components=secrets'], {
    env,
    input: 'pw',
    stdio: 'pipe',
  });
  // It takes its name on the bus a moment after it went to the background.
  await owned('org.freedesktop.secrets', env);
  const endKeyring = () => {
    const keyring = ownerOf('org.freedesktop.secrets', env);
    if (keyring !== null) process.kill(keyring, 'SIGKILL');
  };
  return {
    env: { XDG_RUNTIME_DIR: own.XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS: address },
    endKeyring,
    end: async () => {
      if (bus.exitCode !== null || bus.signalCode !== null) return;
      endKeyring();
      const ended = new Promise((resolve) => bus.once('exit', resolve));
      bus.kill('SIGKILL');
      await ended;
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}

function ownerOf(name: string, env: Record<string, string>): number | null {
  const bus = ['--session', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'];
  const ask = ['org.freedesktop.DBus.GetConnectionUnixProcessID', `string:${name}`];
  try {
    const reply = execFileSync('dbus-send', [...bus, ...ask], { env, encoding: 'utf8', stdio: 'pipe' });
    return Number(/uint32 (\d+)/.exec(reply)?.[1]);
  } catch {
    // Nobody has the name.
    return null;
  }
}

/** Resolves when somebody has the name; without Playwright, for tests outside of it. */
async function owned(name: string, env: Record<string, string>): Promise<void> {
  for (const deadline = Date.now() + 10_000; ownerOf(name, env) === null; await pause(50)) {
    if (Date.now() > deadline) throw new Error(`nobody took ${name} within ten seconds`);
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`dbus-daemon ended with ${code}`)));
    child.once('error', reject);
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
  });
}
