import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { Keychain, type KeyringModule } from './keychain.ts';
import { Secret } from './secret.ts';

const child = join(import.meta.dirname, 'keychain.child.ts');

/** A home of its own: the keyring's file, its socket and its bus are none of the person's. */
class TestHome {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'lanyard-keychain-'));
    for (const name of ['data', 'config', 'cache', 'run']) mkdirSync(join(this.path, name), { mode: 0o700 });
    writeFileSync(join(this.path, 'password'), 'pw', { mode: 0o600 });
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true, maxRetries: 5 }));
  }

  /** Without a display: a keyring that wants to ask for its password finds nobody. */
  environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: this.path,
      XDG_DATA_HOME: join(this.path, 'data'),
      XDG_CONFIG_HOME: join(this.path, 'config'),
      XDG_CACHE_HOME: join(this.path, 'cache'),
      XDG_RUNTIME_DIR: join(this.path, 'run'),
    };
  }

  /** Runs steps against a real Secret Service that lives as long as they do. */
  inSession(keyring: 'unlocked' | 'locked', ...steps: string[]): unknown[] {
    const start =
      keyring === 'unlocked'
        ? 'gnome-keyring-daemon --unlock --components=secrets < "$HOME/password"'
        : 'gnome-keyring-daemon --start --components=secrets';
    const script = `${start} >/dev/null 2>&1; exec "$0" "$@"`;
    return this.#run('dbus-run-session', ['--', 'sh', '-c', script, process.execPath, child, ...steps]);
  }

  withoutBus(...steps: string[]): unknown[] {
    return this.#run(process.execPath, [child, ...steps]);
  }

  #run(file: string, args: string[]): unknown[] {
    const run = spawnSync(file, args, { env: this.environment(), encoding: 'utf8', timeout: 15_000 });
    if (run.status !== 0) throw new Error(`${file} exited with ${run.status}: ${run.stderr}`);
    return run.stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }
}

function needsSecretService(context: TestContext): void {
  const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
    (name) => !(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))),
  );
  if (missing.length > 0) {
    context.skip(`${missing.join(' and ')} not found: apt-get install dbus gnome-keyring libsecret-1-0`);
  }
}

describe('Keychain on a real Secret Service', () => {
  it('T-2: stores, reads back in a later session, and deletes', (context) => {
    needsSecretService(context);
    const home = new TestHome();
    expect(home.inSession('unlocked', 'get', 'set', 'get')).toMatchObject([
      { step: 'get', status: 'not-found' },
      { step: 'set', status: 'ok' },
      { step: 'get', status: 'ok', value: 'sk-käse-1234' },
    ]);
    // Another daemon on another bus: it is on disk and not in the kernel's keyring.
    expect(home.inSession('unlocked', 'get', 'delete', 'delete', 'get')).toMatchObject([
      { step: 'get', status: 'ok', value: 'sk-käse-1234' },
      { step: 'delete', status: 'ok' },
      { step: 'delete', status: 'not-found' },
      { step: 'get', status: 'not-found' },
    ]);
  });

  it('T-3: a locked keychain is locked, not empty, and deletes nothing', (context) => {
    needsSecretService(context);
    const home = new TestHome();
    home.inSession('unlocked', 'set');
    expect(home.inSession('locked', 'get', 'delete', 'set')).toMatchObject([
      { step: 'get', status: 'locked' },
      { step: 'delete', status: 'locked' },
      { step: 'set', status: 'locked' },
    ]);
    expect(home.inSession('unlocked', 'get')).toMatchObject([{ status: 'ok', value: 'sk-käse-1234' }]);
  });

  it('T-3: gone in the middle, it is never "not found"; what was in it is there again later', (context) => {
    needsSecretService(context);
    const home = new TestHome();
    const [, read, , gone, deleted] = home.inSession('unlocked', 'set', 'get', 'end-daemon', 'get', 'delete');
    expect(read).toMatchObject({ status: 'ok', value: 'sk-käse-1234' });
    // The bus may start another daemon, which nobody has unlocked.
    const answers = expect.stringMatching(/^(locked|unavailable|timed-out)$/);
    expect([gone, deleted]).toMatchObject([{ status: answers }, { status: answers }]);
    const [, , withoutBus] = home.inSession('unlocked', 'get', 'end-bus', 'get');
    expect(withoutBus).toMatchObject({ status: 'unavailable' });
    expect(home.inSession('unlocked', 'get')).toMatchObject([{ status: 'ok', value: 'sk-käse-1234' }]);
  });

  it('T-2: a value over the limit is kept in parts, replaced, read in a later session, and deleted whole', (context) => {
    needsSecretService(context);
    const home = new TestHome();
    expect(home.inSession('unlocked', 'set-long', 'get-long', 'get', 'get-part')).toMatchObject([
      { status: 'ok' },
      { status: 'ok', same: true },
      { status: 'ok', value: expect.stringMatching(/^lanyard-parts:1:a:7:[0-9a-f]{64}$/) },
      { status: 'ok' },
    ]);
    // Written again it stands in the other set of parts, and the first one is gone.
    expect(home.inSession('unlocked', 'get-long', 'set-long', 'get-long', 'get-part')).toMatchObject([
      { status: 'ok', same: true },
      { status: 'ok' },
      { status: 'ok', same: true },
      { status: 'not-found' },
    ]);
    expect(home.inSession('locked', 'get-long')).toMatchObject([{ status: 'locked' }]);
    expect(
      home.inSession('unlocked', 'set-long', 'delete-part', 'get-long', 'delete-long', 'get', 'get-part'),
    ).toMatchObject([
      { status: 'ok' },
      { status: 'ok' },
      { status: 'corrupt' },
      { status: 'ok' },
      { status: 'not-found' },
      { status: 'not-found' },
    ]);
  });

  it.runIf(process.platform === 'linux')('T-3: without a session bus it is unavailable', () => {
    const answers = new TestHome().withoutBus('get', 'set', 'delete');
    expect(answers).toMatchObject([
      { status: 'unavailable' },
      { status: 'unavailable' },
      { status: 'unavailable' },
    ]);
    expect(JSON.stringify(answers)).not.toContain('sk-käse');
  });
});

/** Faults that a keyring does not produce on request; texts as the library's 2.1.2 has them. */
function failing(answer: () => Promise<never>): () => Promise<KeyringModule> {
  return async () => ({
    AsyncEntry: class {
      getPassword = answer;
      setPassword = answer;
      deletePassword = answer;
    },
  });
}

describe('Keychain faults', () => {
  const entry = { service: 'Lanyard', account: 'a' };

  it.each([
    ["Couldn't access platform storage: User interaction is not allowed.", 'locked'],
    ['Platform failure: User canceled the operation.', 'denied'],
    ['Platform failure: The user name or passphrase you entered is not correct.', 'denied'],
    ['Platform failure: DBus error: Did not receive a reply. Possible causes include: ...', 'timed-out'],
    ["Couldn't access platform storage: Secret Service: no result found", 'unavailable'],
    ['something new', 'unavailable'],
  ])('T-3: %j is %s', async (text, status) => {
    const keychain = new Keychain(
      new ManualClock(),
      1000,
      failing(() => Promise.reject(new Error(text))),
    );
    expect(await keychain.get(entry)).toEqual({ status, backend: 'keychain', detail: text });
    expect(await keychain.delete(entry)).toEqual({ status, backend: 'keychain', detail: text });
  });

  it('T-3: a module that cannot be loaded makes it unavailable', async () => {
    const keychain = new Keychain(new ManualClock(), 1000, () =>
      Promise.reject(new Error('cannot open shared object')),
    );
    expect(await keychain.get(entry)).toMatchObject({ status: 'unavailable' });
  });

  it('a fault never quotes the secret', async () => {
    const keychain = new Keychain(
      new ManualClock(),
      1000,
      failing(() => Promise.reject(new Error('bad value sk-1234'))),
    );
    expect(await keychain.set(entry, new Secret('sk-1234'))).toEqual({
      status: 'unavailable',
      backend: 'keychain',
      detail: 'bad value [secret]',
    });
  });

  it('T-3: a call that hangs ends at its deadline, and those behind it are not started late', async () => {
    const clock = new ManualClock();
    let calls = 0;
    let release = () => {};
    const hang = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const use = async () => {
      calls += 1;
      entered();
      await hang;
      return null as never;
    };
    const keychain = new Keychain(clock, 1000, failing(use));
    const first = keychain.get(entry);
    const second = keychain.set(entry, new Secret('x'));
    await inside;
    clock.advance(1000);
    expect(await first).toMatchObject({ status: 'timed-out' });
    expect(await second).toMatchObject({ status: 'timed-out' });
    release();
    expect(await keychain.get(entry)).toEqual({ status: 'not-found' });
    expect(calls).toBe(2);
  });
});
