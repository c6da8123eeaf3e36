import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import { Keychain } from './keychain.ts';
import { Secret } from './secret.ts';
import { SplitEntries } from './split-entries.ts';

/**
 * Uses the keychain of the session it is started in and prints the answers, one JSON object per line:
 * `node keychain.child.ts <step>...`. Values are as good as printed: this is a test's own keychain. `end-daemon` and
 * `end-bus` kill the process that has a name on the session's bus, after a call that made sure that it is there.
 */
const keychain = new Keychain(systemClock, 30_000);
/** As on Windows, with a limit that a short value meets. */
const split = new SplitEntries(keychain, 120);
const entry = { service: 'Lanyard test', account: 'codex/1' };
const long = 'käse-'.repeat(100);

for (const step of process.argv.slice(2)) {
  process.stdout.write(`${JSON.stringify({ step, ...(await take(step)) })}\n`);
}

async function take(step: string): Promise<Record<string, unknown>> {
  switch (step) {
    case 'set':
      return { ...(await keychain.set(entry, new Secret('sk-käse-1234'))) };
    case 'delete':
      return { ...(await keychain.delete(entry)) };
    case 'set-long':
      return { ...(await split.set(entry, new Secret(long))) };
    case 'get-long': {
      const read = await split.get(entry);
      return read.status === 'ok'
        ? { status: read.status, same: read.secret.reveal() === long }
        : { ...read };
    }
    case 'delete-long':
      return { ...(await split.delete(entry)) };
    case 'delete-part':
      return { ...(await keychain.delete({ ...entry, account: `${entry.account}#a1` })) };
    case 'get-part':
      return { status: (await keychain.get({ ...entry, account: `${entry.account}#a0` })).status };
    case 'end-daemon':
      return end('org.freedesktop.secrets');
    case 'end-bus':
      return end('org.freedesktop.DBus');
    default: {
      const read = await keychain.get(entry);
      return read.status === 'ok' ? { status: read.status, value: read.secret.reveal() } : { ...read };
    }
  }
}

async function end(name: string): Promise<Record<string, unknown>> {
  const bus = ['--session', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'];
  const ask = ['org.freedesktop.DBus.GetConnectionUnixProcessID', `string:${name}`];
  const reply = execFileSync('dbus-send', [...bus, ...ask], { encoding: 'utf8' });
  const pid = Number(/uint32 (\d+)/.exec(reply)?.[1]);
  if (!(pid > 1)) throw new Error(`no process has the name ${name}`);
  process.kill(pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(pid, 0);
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return { status: 'ended' };
    } catch {
      return { status: 'ended' };
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
