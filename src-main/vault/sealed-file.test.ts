import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { armor, Decrypter, Encrypter } from 'age-encryption';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { sealedFileAt } from './sealed-file.fixture.ts';
import { Secret } from './secret.ts';

const passphrase = new Secret('correct horse battery staple');
const canary = 'sk-canary-käse-0123456789';
const entry = { service: 'Lanyard', account: 'codex/1' };

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-sealed-'));
  onTestFinished(() => {
    chmodSync(directory, 0o700);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return join(directory, 'vault.age');
}

/** A sealed file with one entry, unlocked. */
async function made(path = place()) {
  const vault = sealedFileAt(path);
  expect(await vault.create(passphrase)).toEqual({ status: 'ok' });
  expect(await vault.set(entry, new Secret(canary))).toEqual({ status: 'ok' });
  return { path, vault };
}

async function textOf(vault: ReturnType<typeof sealedFileAt>, account = entry.account): Promise<string> {
  const read = await vault.get({ ...entry, account });
  return read.status === 'ok' ? read.secret.reveal() : read.status;
}

/** A second process that writes `count` entries, or is killed at its `dieAt`-th call of the file system. */
async function writer(path: string, key: Secret, name: string, count: number, dieAt?: number) {
  const script = join(import.meta.dirname, 'sealed-file.child.ts');
  const numbers = [count, ...(dieAt === undefined ? [] : [dieAt])].map(String);
  const child = spawn(process.execPath, [script, path, name, ...numbers]);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const written: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => written.push(line));
  child.stdin.end(`${key.reveal()}\n`);
  await Promise.race([once(lines, 'line'), ended]);
  if (written.length === 0) throw new Error(`the writer ended early: ${errors}`);
  return { child, ended, written, lines, errors: () => errors };
}

function keyOf(vault: ReturnType<typeof sealedFileAt>): Secret {
  if (!vault.key) throw new Error('it is locked');
  return vault.key;
}

describe('SealedFile', () => {
  it('T-2: stores, is locked, opens with its passphrase, reads back and deletes', async () => {
    const { path, vault } = await made();
    expect(await textOf(vault)).toBe(canary);
    expect(await vault.get({ ...entry, account: 'other' })).toEqual({ status: 'not-found' });

    const later = sealedFileAt(path);
    expect(await later.unlock(passphrase)).toEqual({ status: 'ok' });
    expect(await textOf(later)).toBe(canary);
    expect(await later.delete(entry)).toEqual({ status: 'ok' });
    expect(await later.delete(entry)).toEqual({ status: 'not-found' });
    expect(await later.get(entry)).toEqual({ status: 'not-found' });
    // The first one sees what another wrote.
    expect(await vault.get(entry)).toEqual({ status: 'not-found' });
  });

  it('T-2: any age tool opens its parts: the passphrase opens a key, the key opens the entries', async () => {
    const { path } = await made();
    const [, key = '', entries = ''] = /\n(-----BEGIN.*?END[^\n]*\n)(-----BEGIN.*END[^\n]*\n)$/s.exec(
      readFileSync(path, 'utf8'),
    ) as string[];
    const first = new Decrypter();
    first.addPassphrase(passphrase.reveal());
    const second = new Decrypter();
    second.addIdentity(await first.decrypt(armor.decode(key), 'text'));
    expect(JSON.parse(await second.decrypt(armor.decode(entries), 'text'))).toEqual({
      entries: [{ ...entry, secret: canary }],
    });
  });

  it('T-2: with another passphrase the old one opens nothing any more, not even with the key of an old copy', async () => {
    const { path, vault } = await made();
    const oldKey = keyOf(vault);
    const next = new Secret('another long passphrase');
    expect(await vault.changePassphrase(passphrase, next)).toEqual({ status: 'ok' });
    // Who changed it goes on without unlocking.
    expect(await textOf(vault)).toBe(canary);
    expect(await vault.set({ ...entry, account: 'later' }, new Secret('sk-later'))).toEqual({ status: 'ok' });

    const later = sealedFileAt(path);
    expect(await later.unlock(passphrase)).toEqual({ status: 'wrong-passphrase' });
    expect((await later.unlockWithKey(oldKey)).status).not.toBe('ok');
    expect(await later.unlock(next)).toEqual({ status: 'ok' });
    expect([await textOf(later), await textOf(later, 'later')]).toEqual([canary, 'sk-later']);
  });

  it('T-2: a wrong current passphrase changes nothing, also while the file is open', async () => {
    const { path, vault } = await made();
    const before = readFileSync(path);
    expect(await vault.changePassphrase(new Secret('not this one'), new Secret('another one'))).toEqual({
      status: 'wrong-passphrase',
    });
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(join(path, '..'))).toEqual(['vault.age']);
  });

  it('T-2: another passphrase takes along what another process wrote; that one must unlock again', async () => {
    const { path, vault } = await made();
    const other = sealedFileAt(path);
    await other.unlock(passphrase);
    await other.set({ ...entry, account: 'theirs' }, new Secret('sk-theirs'));
    expect(await vault.changePassphrase(passphrase, new Secret('another one'))).toEqual({ status: 'ok' });
    expect(await textOf(vault, 'theirs')).toBe('sk-theirs');
    expect(await other.set({ ...entry, account: 'lost?' }, new Secret('sk-lost'))).toMatchObject({
      status: 'locked',
    });
    expect(await other.unlock(new Secret('another one'))).toEqual({ status: 'ok' });
    expect(await textOf(other)).toBe(canary);
  });

  it('a locked file stays locked under its new passphrase, and one that is locked meanwhile, too', async () => {
    const { path, vault } = await made();
    const locked = sealedFileAt(path);
    expect(await locked.changePassphrase(passphrase, new Secret('second'))).toEqual({ status: 'ok' });
    expect(await textOf(locked)).toBe('locked');
    await vault.unlock(new Secret('second'));
    const changing = vault.changePassphrase(new Secret('second'), new Secret('third'));
    vault.lock();
    expect(await changing).toEqual({ status: 'ok' });
    expect(await textOf(vault)).toBe('locked');
  });

  it('T-2: nothing of it is on disk in the clear, and only the owner can read it', async () => {
    const { path, vault } = await made();
    await vault.set({ ...entry, account: 'other' }, new Secret('sk-canary-2'));
    const directory = join(path, '..');
    expect(readdirSync(directory)).toEqual(['vault.age']);
    const bytes = readFileSync(path);
    const forms = [canary, 'sk-canary', 'codex/1', 'AGE-SECRET-KEY', passphrase.reveal()];
    for (const text of forms) {
      expect(bytes.includes(text), text).toBe(false);
      expect(bytes.includes(Buffer.from(text).toString('base64').replace(/=+$/, '')), text).toBe(false);
    }
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('T-3: a wrong passphrase is a wrong passphrase, and changes nothing', async () => {
    const { path, vault } = await made();
    vault.lock();
    const before = readFileSync(path);
    expect(await vault.unlock(new Secret('correct horse battery stapler'))).toEqual({
      status: 'wrong-passphrase',
    });
    expect(await vault.get(entry)).toMatchObject({ status: 'locked' });
    expect(readFileSync(path)).toEqual(before);
    expect(await vault.unlock(passphrase)).toEqual({ status: 'ok' });
  });

  it('a passphrase opens it however a keyboard composed its letters', async () => {
    const path = place();
    await sealedFileAt(path).create(new Secret('Käsekuchen für alle'.normalize('NFC')));
    expect(await sealedFileAt(path).unlock(new Secret('Käsekuchen für alle'.normalize('NFD')))).toEqual({
      status: 'ok',
    });
  });

  it('T-3: locked, it answers "locked" to everything and deletes nothing', async () => {
    const { vault } = await made();
    vault.lock();
    expect(vault.key).toBeNull();
    const locked = { status: 'locked', backend: 'sealed-file' };
    expect(await vault.check()).toMatchObject(locked);
    expect(await vault.get(entry)).toMatchObject(locked);
    expect(await vault.set(entry, new Secret('new'))).toMatchObject(locked);
    expect(await vault.delete(entry)).toMatchObject(locked);
    expect(await vault.removeIfEmpty()).toMatchObject(locked);
    await vault.unlock(passphrase);
    expect(await textOf(vault)).toBe(canary);
  });

  it('T-3: locked while an unlock or a write is under way, it stays locked', async () => {
    const { vault } = await made();
    const writing = vault.set(entry, new Secret('new'));
    vault.lock();
    expect((await writing).status).toMatch(/^(ok|locked)$/);
    expect(vault.key).toBeNull();
    const unlocking = vault.unlock(passphrase);
    await new Promise((resolve) => setImmediate(resolve));
    vault.lock();
    await unlocking;
    expect(vault.key).toBeNull();
  });

  it('T-3: no file is "unavailable"; making one does not touch one that is there', async () => {
    const path = place();
    const vault = sealedFileAt(path);
    expect(await vault.check()).toMatchObject({ status: 'unavailable' });
    expect(await vault.unlock(passphrase)).toMatchObject({ status: 'unavailable' });
    expect(await vault.set(entry, new Secret('x'))).toMatchObject({ status: 'unavailable' });
    writeFileSync(path, 'something else');
    expect(await vault.create(passphrase)).toEqual({ status: 'exists' });
    expect(readFileSync(path, 'utf8')).toBe('something else');
  });

  it('T-3: removed under an open vault, it is "unavailable", and a write does not make a new one', async () => {
    const { path, vault } = await made();
    rmSync(path);
    expect(await vault.get(entry)).toMatchObject({ status: 'unavailable' });
    expect(await vault.set(entry, new Secret('x'))).toMatchObject({ status: 'unavailable' });
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('T-3: replaced by another sealed file under an open vault, it is "locked"', async () => {
    const { path, vault } = await made();
    rmSync(path);
    await sealedFileAt(path).create(new Secret('another passphrase'));
    expect(await vault.get(entry)).toMatchObject({ status: 'locked' });
    expect(await vault.set(entry, new Secret('x'))).toMatchObject({ status: 'locked' });
  });

  it('a file set aside is kept whole, and another can be made', async () => {
    const { path, vault } = await made();
    const before = readFileSync(path);
    expect(await vault.setAside('vault.aside.age')).toEqual({ status: 'ok' });
    expect(readFileSync(join(path, '..', 'vault.aside.age'))).toEqual(before);
    expect(vault.key).toBeNull();
    expect(await vault.create(new Secret('another passphrase'))).toEqual({ status: 'ok' });
    expect(await vault.get(entry)).toEqual({ status: 'not-found' });
  });

  it('is removed only when it is empty', async () => {
    const { path, vault } = await made();
    expect(await vault.removeIfEmpty()).toEqual({ status: 'kept' });
    await vault.delete(entry);
    expect(await vault.removeIfEmpty()).toEqual({ status: 'ok' });
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
});

describe('a damaged sealed file', () => {
  const damages: [string, (text: string) => string][] = [
    ['empty', () => ''],
    ['another kind of file', () => '{"bundles":[]}'],
    ['cut in the middle', (text) => text.slice(0, text.length / 2)],
    ['without its last byte', (text) => text.slice(0, -1)],
    ['longer', (text) => `${text}\n`],
    ['one letter of the passphrase part changed', (text) => text.replace(/\nYWdl/, '\nYWdm')],
    ['with Windows line ends', (text) => text.replaceAll('\n', '\r\n')],
    ['of a later version', (text) => text.replace('version 1', 'version 2')],
  ];

  it.each(damages)('T-3: %s: corrupt, never a wrong passphrase, and left as it is', async (_, damage) => {
    const { path, vault } = await made();
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const before = readFileSync(path);
    const corrupt = { status: 'corrupt', backend: 'sealed-file' };
    expect(await vault.get(entry)).toMatchObject(corrupt);
    expect(await vault.set(entry, new Secret('x'))).toMatchObject(corrupt);
    vault.lock();
    expect(await vault.check()).toMatchObject(corrupt);
    expect(await vault.unlock(passphrase)).toMatchObject(corrupt);
    expect(await vault.unlock(new Secret('another passphrase'))).toMatchObject(corrupt);
    expect(readFileSync(path)).toEqual(before);
  });

  it('T-3: truncated at every tenth byte it is corrupt', async () => {
    const { path } = await made();
    const { size } = statSync(path);
    const copy = place();
    for (let length = 0; length < size; length += 10) {
      cpSync(path, copy);
      truncateSync(copy, length);
      expect((await sealedFileAt(copy).unlock(passphrase)).status, `${length} bytes`).toBe('corrupt');
    }
  });

  it('T-3: an age file of somebody else is corrupt, not opened', async () => {
    const path = place();
    const encrypter = new Encrypter();
    encrypter.setPassphrase(passphrase.reveal());
    encrypter.setScryptWorkFactor(8);
    writeFileSync(path, armor.encode(await encrypter.encrypt('{"entries":[]}')));
    expect(await sealedFileAt(path).unlock(passphrase)).toMatchObject({ status: 'corrupt' });
  });
});

/** Runs `act` as somebody whom file modes bind: root, as in a container, becomes nobody for that long. */
async function bound(path: string, context: TestContext, act: () => Promise<void>): Promise<void> {
  if (!process.seteuid || !process.geteuid) {
    context.skip('this system has no file modes');
    return;
  }
  if (process.geteuid() !== 0) return act();
  const nobody = 65_534;
  const directory = join(path, '..');
  for (const each of [directory, ...readdirSync(directory).map((name) => join(directory, name))]) {
    chownSync(each, nobody, nobody);
  }
  process.seteuid(nobody);
  try {
    await act();
  } finally {
    process.seteuid(0);
  }
}

describe('a sealed file that the system refuses', () => {
  it('T-3: unreadable: denied', async (context) => {
    const { path, vault } = await made();
    const key = keyOf(vault);
    chmodSync(path, 0o000);
    vault.lock();
    await bound(path, context, async () => {
      const denied = { status: 'denied', backend: 'sealed-file', detail: 'EACCES' };
      expect(await vault.check()).toEqual(denied);
      expect(await vault.unlockWithKey(key)).toEqual(denied);
      expect(await vault.create(passphrase)).toEqual({ status: 'exists' });
    });
  });

  it('T-3: in a directory that cannot be written: it reads, writing is "unwritable"', async (context) => {
    const { path, vault } = await made();
    chmodSync(join(path, '..'), 0o500);
    await bound(path, context, async () => {
      expect(await textOf(vault)).toBe(canary);
      const unwritable = { status: 'unwritable', backend: 'sealed-file', detail: 'EACCES' };
      expect(await vault.set(entry, new Secret('x'))).toEqual(unwritable);
      expect(await vault.delete(entry)).toEqual(unwritable);
      expect(await textOf(vault)).toBe(canary);
    });
  });

  it('T-3: a directory in its place is neither opened nor replaced', async () => {
    const path = place();
    mkdirSync(path);
    const vault = sealedFileAt(path);
    expect(await vault.unlock(passphrase)).toMatchObject({ status: 'unavailable', detail: 'EISDIR' });
    expect(await vault.create(passphrase)).toEqual({ status: 'exists' });
  });
});

describe('several processes on one sealed file', () => {
  it('T-2: two that write at once lose no entry', { timeout: 60_000 }, async () => {
    const { path, vault } = await made();
    const key = keyOf(vault);
    const [one, two] = await Promise.all([writer(path, key, 'one', 25), writer(path, key, 'two', 25)]);
    for (let n = 0; n < 25; n += 1) {
      expect(await vault.set({ ...entry, account: `own/${n}` }, new Secret(`own ${n}`))).toEqual({
        status: 'ok',
      });
    }
    expect([await one.ended, await two.ended]).toEqual([
      [0, null],
      [0, null],
    ]);
    for (let n = 0; n < 25; n += 1) {
      for (const name of ['one', 'two']) {
        const read = await vault.get({ service: 'Lanyard test', account: `${name}/${n}` });
        expect(read.status === 'ok' && read.secret.reveal().startsWith(`canary-${name}-${n}-`)).toBe(true);
      }
      expect(await textOf(vault, `own/${n}`)).toBe(`own ${n}`);
    }
    expect(await textOf(vault)).toBe(canary);
    expect(readdirSync(join(path, '..'))).toEqual(['vault.age']);
  });

  it('T-2: SIGKILL at each call of the file system leaves the old or the new content', {
    timeout: 120_000,
  }, async () => {
    const { path, vault } = await made();
    const key = keyOf(vault);
    const outcomes: string[] = [];
    let met = 0;
    for (let dieAt = 1; dieAt < 100; dieAt += 1) {
      const { ended } = await writer(path, key, `step-${dieAt}`, 1, dieAt);
      const [exitCode] = await ended;
      const read = await vault.get({ service: 'Lanyard test', account: `step-${dieAt}/0` });
      outcomes.push(read.status === 'ok' ? read.secret.reveal() : read.status);
      expect(outcomes.at(-1), `call ${dieAt}`).toMatch(new RegExp(`^(not-found|canary-step-${dieAt}-0-)$`));
      if (exitCode === 0) break;
      expect(await textOf(vault)).toBe(canary);
      const left = readdirSync(join(path, '..'));
      if (left.some((name) => name.includes('.new-'))) met += 1;
      for (const name of left) {
        expect(readFileSync(join(path, '..', name)).includes('canary'), name).toBe(false);
      }
      // The next write is not held up by the dead one's lock, and clears away what it left.
      expect(await vault.set({ ...entry, account: 'after' }, new Secret(`${dieAt}`))).toEqual({
        status: 'ok',
      });
      expect(readdirSync(join(path, '..'))).toEqual(['vault.age']);
    }
    // Both sides of the commit, and a file that was written and not yet the one.
    expect(outcomes[0]).toBe('not-found');
    expect(outcomes.filter((outcome) => outcome.startsWith('canary')).length).toBeGreaterThan(1);
    expect(met).toBeGreaterThan(0);
  });

  it('T-2: SIGKILL while it writes and writes leaves what it said it had written', {
    timeout: 60_000,
  }, async () => {
    const { path, vault } = await made();
    const key = keyOf(vault);
    for (let round = 0; round < 8; round += 1) {
      const { child, ended, written, lines } = await writer(path, key, `round-${round}`, 1000);
      while (written.length < 2 + round) await once(lines, 'line');
      child.kill('SIGKILL');
      await ended;
      for (const n of written.slice(1).map(Number)) {
        const read = await vault.get({ service: 'Lanyard test', account: `round-${round}/${n}` });
        if (read.status !== 'ok') throw new Error(`round ${round}: ${n} is ${read.status}`);
        expect(read.secret.reveal()).toMatch(new RegExp(`^canary-round-${round}-${n}-x*$`));
      }
      expect(await textOf(vault)).toBe(canary);
    }
    expect(await vault.set({ ...entry, account: 'after' }, new Secret('after'))).toEqual({ status: 'ok' });
    expect(readdirSync(join(path, '..'))).toEqual(['vault.age']);
  });

  it('T-3: another process that holds the lock: the write times out, changes nothing, and reading goes on', async () => {
    const { path, vault } = await made();
    const clock = new ManualClock();
    const waiting = sealedFileAt(path, clock, 1000);
    await waiting.unlockWithKey(keyOf(vault));
    // Our own process is alive and holds it.
    const self = await processIdentity();
    writeFileSync(`${path}.lock`, JSON.stringify({ ...self, id: 'other' }));
    const writing = waiting.set(entry, new Secret('late'));
    clock.advance(1000);
    expect(await writing).toMatchObject({ status: 'timed-out' });
    rmSync(`${path}.lock`);
    clock.advance(1000);
    expect(await textOf(waiting)).toBe(canary);
  });
});

async function processIdentity() {
  const { processStartTime } = await import('../process/kill-tree.ts');
  return { pid: process.pid, startTime: await processStartTime(process.pid) };
}
