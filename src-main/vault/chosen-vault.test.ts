import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { ChosenVault } from './chosen-vault.ts';
import { MemoryVault } from './memory-vault.fixture.ts';
import { sealedFileAt } from './sealed-file.fixture.ts';
import { Secret } from './secret.ts';
import type { VaultEntry } from './vault.ts';
import type { VaultSettings } from './vault-settings.ts';

const passphrase = new Secret('correct horse battery staple');
const named = (account: string): VaultEntry => ({ service: 'Lanyard', account });

/** Settings in memory, with a write that fails on request. */
class SettingsFile {
  content: unknown;
  fault: Error | null = null;
  /** The writes until the power is cut. */
  writesLeft = Number.POSITIVE_INFINITY;

  read(): unknown {
    if (this.content instanceof Error) throw this.content;
    return this.content;
  }

  write(settings: VaultSettings): void {
    if (this.fault) throw this.fault;
    this.writesLeft -= 1;
    if (this.writesLeft < 0) throw new Error('no power');
    this.content = structuredClone(settings);
  }
}

/** The app's vault; `restart` is the app after a restart on what was kept. */
function house(accounts = ['one', 'two'], clock: Clock = systemClock) {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-chosen-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'vault.age');
  const keychain = new MemoryVault('keychain');
  const settings = new SettingsFile();
  const inUse = { used: accounts.map(named), loose: [] as VaultEntry[] };
  const changes: number[] = [];
  const restart = () => {
    const sealedFile = sealedFileAt(path);
    const vault = new ChosenVault({
      keychain,
      sealedFile,
      settings,
      entries: () => inUse,
      clock,
      onChanged: () => changes.push(1),
      isOurs: ({ account }) => account === 'ours',
    });
    return { vault, sealedFile };
  };
  return { ...restart(), directory, path, keychain, settings, inUse, changes, restart };
}

async function filled(accounts = ['one', 'two'], clock: Clock = systemClock) {
  const built = house(accounts, clock);
  for (const account of accounts) await built.vault.set(named(account), new Secret(`sk-${account}`));
  return built;
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LanyardError)) throw new Error(`not a LanyardError: ${String(error)}`);
  return error.failure.code;
}

async function textOf(vault: ChosenVault, account: string): Promise<string> {
  const read = await vault.get(named(account));
  return read.status === 'ok' ? read.secret.reveal() : read.status;
}

const toFile = { backend: 'sealed-file', passphrase } as const;
const toKeychain = { backend: 'keychain', passphrase: null } as const;

describe('ChosenVault', () => {
  it('T-2: the keychain is used until the person chooses, and never anything else because it does not work', async () => {
    const { vault, keychain, directory } = house();
    expect(vault.backend).toBe('keychain');
    keychain.fault = 'unavailable';
    expect(await vault.set(named('one'), new Secret('x'))).toMatchObject({
      status: 'unavailable',
      backend: 'keychain',
    });
    expect(await vault.state()).toMatchObject({
      backend: 'keychain',
      status: 'unavailable',
      sealedFile: 'absent',
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('T-2: choosing the sealed file moves every key there, and it is chosen after a restart', async () => {
    const { vault, keychain, settings, changes, restart } = await filled();
    keychain.values.set('of somebody else', 'kept');
    await vault.choose(toFile);
    expect([...keychain.values]).toEqual([['of somebody else', 'kept']]);
    expect([await textOf(vault, 'one'), await textOf(vault, 'two')]).toEqual(['sk-one', 'sk-two']);
    expect(settings.content).toEqual({ backend: 'sealed-file', leftovers: [] });
    expect(changes).toHaveLength(1);

    const later = restart();
    expect(await textOf(later.vault, 'one')).toBe('locked');
    expect(await later.vault.state()).toMatchObject({ status: 'locked', sealedFile: 'locked', entries: 2 });
    expect(await codeOf(later.vault.unlock(new Secret('another passphrase')))).toBe('wrong_passphrase');
    await later.vault.unlock(passphrase);
    expect(await textOf(later.vault, 'one')).toBe('sk-one');
    later.vault.lock();
    expect(await textOf(later.vault, 'one')).toBe('locked');
  });

  it('T-2: and back again, which leaves no file', async () => {
    const { vault, keychain, directory } = await filled();
    await vault.choose(toFile);
    await vault.choose(toKeychain);
    expect([...keychain.values]).toEqual([
      ['one', 'sk-one'],
      ['two', 'sk-two'],
    ]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('T-2: a new file needs a passphrase of twelve characters, one that is there its own', async () => {
    const { vault, directory, restart } = await filled();
    expect(await codeOf(vault.choose({ backend: 'sealed-file', passphrase: null }))).toBe(
      'passphrase_needed',
    );
    const short = { backend: 'sealed-file', passphrase: new Secret('elevenchars') } as const;
    expect(await codeOf(vault.choose(short))).toBe('passphrase_too_short');
    expect(readdirSync(directory)).toEqual([]);
    await vault.choose(toFile);
    const later = restart();
    const wrong = { backend: 'sealed-file', passphrase: new Secret('another passphrase') } as const;
    expect(await codeOf(later.vault.choose(wrong))).toBe('wrong_passphrase');
    await later.vault.choose(toFile);
    expect(await textOf(later.vault, 'two')).toBe('sk-two');
  });

  it.each(['locked', 'denied', 'unavailable', 'timed-out', 'corrupt'] as const)(
    'T-3: the keychain is %s while keys are moved: nothing is changed, the new file is gone',
    async (status) => {
      const { vault, keychain, directory, settings } = await filled();
      keychain.fault = status;
      expect(await codeOf(vault.choose(toFile))).toBe('vault_not_moved');
      expect(vault.backend).toBe('keychain');
      expect(readdirSync(directory)).toEqual([]);
      expect(settings.content).toMatchObject({ backend: 'keychain' });
      keychain.fault = null;
      expect(await textOf(vault, 'one')).toBe('sk-one');
    },
  );

  it('T-3: the new place does not take a key: nothing is changed, whatever is left behind otherwise', async () => {
    const { vault, keychain, settings } = await filled();
    await vault.choose(toFile);
    keychain.fault = 'denied';
    expect(await codeOf(vault.choose({ ...toKeychain, leaveBehind: true }))).toBe('vault_not_taken');
    expect(settings.content).toMatchObject({ backend: 'sealed-file' });
    expect(await textOf(vault, 'two')).toBe('sk-two');
  });

  it('T-3: a locked sealed file is not left silently either', async () => {
    const { vault, restart } = await filled();
    await vault.choose(toFile);
    const later = restart().vault;
    expect(await codeOf(later.choose(toKeychain))).toBe('vault_not_moved');
    expect(later.backend).toBe('sealed-file');
    await later.unlock(passphrase);
    expect(await textOf(later, 'one')).toBe('sk-one');
  });

  it('T-2: keys that cannot be read are left behind only when that was said, and are back when one goes back', async () => {
    const { vault, keychain } = await filled();
    keychain.fault = 'locked';
    await vault.choose({ ...toFile, leaveBehind: true });
    expect(await textOf(vault, 'one')).toBe('not-found');
    keychain.fault = null;
    await vault.tidy();
    expect(keychain.values.get('one')).toBe('sk-one');
    await vault.choose(toKeychain);
    expect(await textOf(vault, 'one')).toBe('sk-one');
  });

  it('T-3: a noted entry that nobody misses does not hold a move up, and is deleted when the old place answers', async () => {
    const { vault, keychain, inUse, settings, restart } = await filled([]);
    inUse.loose.push(named('half saved'), named('another'));
    keychain.values.set('half saved', 'sk-half');
    keychain.fault = 'timed-out';
    await vault.choose(toFile);
    expect(vault.backend).toBe('sealed-file');
    // Asked once to be moved, and once per entry to be deleted.
    expect(keychain.calls).toBe(3);
    inUse.loose.length = 0;
    keychain.fault = null;
    const later = restart().vault;
    await later.tidy();
    expect(keychain.values.size).toBe(0);
    expect(settings.content).toEqual({ backend: 'sealed-file', leftovers: [] });
  });

  it('T-2: an entry that is on its way in moves along', async () => {
    const { vault, inUse } = await filled(['one']);
    inUse.loose.push(...inUse.used.splice(0));
    await vault.choose(toFile);
    expect(await textOf(vault, 'one')).toBe('sk-one');
  });

  it('T-2: the choice cannot be saved: the old one holds, and no copy stays', async () => {
    const { vault, settings, directory, keychain } = await filled();
    settings.fault = new Error('full');
    expect(await codeOf(vault.choose(toFile))).toBe('could_not_save');
    settings.fault = null;
    settings.writesLeft = 1;
    expect(await codeOf(vault.choose(toFile))).toBe('could_not_save');
    expect(vault.backend).toBe('keychain');
    expect(keychain.values.size).toBe(2);
    settings.writesLeft = Number.POSITIVE_INFINITY;
    await vault.tidy();
    expect(settings.content).toEqual({ backend: 'keychain', leftovers: [] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('T-2: the power is cut at each step of a move: every key is where the choice says, and no copy stays', async () => {
    for (let steps = 0; ; steps += 1) {
      const { vault, keychain, sealedFile, settings, restart } = await filled();
      // Going from the file to the keychain, so that the steps of the backend in memory can be counted.
      await vault.choose(toFile);
      keychain.callsLeft = steps;
      await vault.choose(toKeychain).catch(() => {});
      const finished = keychain.callsLeft >= 0;
      expect(sealedFile.key === null).toBe(finished);
      // Nothing after the cut has happened, so what is kept is all that a restart has.
      keychain.callsLeft = Number.POSITIVE_INFINITY;
      const later = restart().vault;
      if (later.backend === 'sealed-file') await later.unlock(passphrase);
      await later.tidy();
      expect([await textOf(later, 'one'), await textOf(later, 'two')]).toEqual(['sk-one', 'sk-two']);
      expect(keychain.values.size).toBe(later.backend === 'keychain' ? 2 : 0);
      expect(settings.content).toMatchObject({ leftovers: [] });
      if (finished) break;
    }
  });

  it('T-3: what could not be deleted after a move is deleted when that works again', async () => {
    const { vault, keychain, settings, restart } = await filled();
    // Reading works, deleting does not.
    const remove = keychain.delete.bind(keychain);
    keychain.delete = async () => ({ status: 'denied', backend: 'keychain', detail: 'no' });
    await vault.choose(toFile);
    expect([...keychain.values.keys()]).toEqual(['one', 'two']);
    keychain.delete = remove;
    const later = restart().vault;
    await later.tidy();
    expect(keychain.values.size).toBe(0);
    expect(settings.content).toEqual({ backend: 'sealed-file', leftovers: [] });
  });

  it('T-3: a leftover that has come into use again is not deleted', async () => {
    const { vault, keychain, settings } = await filled();
    const remove = keychain.delete.bind(keychain);
    keychain.delete = async () => ({ status: 'denied', backend: 'keychain', detail: 'no' });
    await vault.choose(toFile);
    keychain.delete = remove;
    await vault.choose(toKeychain);
    expect([...keychain.values]).toEqual([
      ['one', 'sk-one'],
      ['two', 'sk-two'],
    ]);
    expect(settings.content).toEqual({ backend: 'keychain', leftovers: [] });
  });

  it('T-2: calls that come during a move wait for it and go to the new place', async () => {
    const { vault, inUse, keychain } = await filled();
    inUse.used.push(named('three'));
    const before = vault.set(named('three'), new Secret('sk-three'));
    const moving = vault.choose(toFile);
    const during = vault.set(named('one'), new Secret('sk-new'));
    expect(await codeOf(vault.choose(toKeychain))).toBe('vault_busy');
    await Promise.all([before, moving, during]);
    expect([await textOf(vault, 'one'), await textOf(vault, 'three')]).toEqual(['sk-new', 'sk-three']);
    expect(keychain.values.size).toBe(0);
  });

  it('T-3: a call does not wait for a move without end', async () => {
    const { keychain, settings, inUse, sealedFile } = await filled();
    const clock = new ManualClock();
    const vault = new ChosenVault({
      keychain,
      sealedFile,
      settings,
      entries: () => inUse,
      clock,
      onChanged: () => {},
    });
    let release = () => {};
    keychain.get = () =>
      new Promise((resolve) => {
        release = () => resolve({ status: 'not-found' });
      });
    const first = vault.get(named('one'));
    const moving = vault.choose({ ...toFile, leaveBehind: true });
    const waiting = vault.get(named('one'));
    clock.advance(60_000);
    expect(await waiting).toMatchObject({ status: 'timed-out', backend: 'keychain' });
    keychain.get = MemoryVault.prototype.get.bind(keychain);
    release();
    await Promise.all([first, moving]);
  });

  it.each([
    ['no JSON', new Error('Unexpected token')],
    ['something else', { backend: 'clay tablets' }],
  ])('T-2: a choice that cannot be read (%s) is not guessed', async (_, content) => {
    const { settings, restart, keychain } = await filled();
    settings.content = content;
    const { vault } = restart();
    expect(vault.backend).toBeNull();
    expect(await vault.get(named('one'))).toMatchObject({ status: 'unavailable', backend: null });
    expect(await vault.state()).toMatchObject({ backend: null, status: 'unavailable' });
    const calls = keychain.calls;
    expect(await vault.set(named('one'), new Secret('x'))).toMatchObject({ backend: null });
    expect(keychain.calls).toBe(calls);
    await vault.choose(toKeychain);
    expect(await textOf(vault, 'one')).toBe('sk-one');
  });

  it('T-3: a damaged file is named, set aside on request, kept, and another takes its place', async () => {
    const { vault, path, directory, restart } = await filled();
    await vault.choose(toFile);
    const damaged = readFileSync(path, 'utf8').slice(0, -10);
    writeFileSync(path, damaged);
    const later = restart().vault;
    expect(await later.state()).toMatchObject({ status: 'corrupt', sealedFile: 'corrupt' });
    expect(await codeOf(later.unlock(passphrase))).toBe('sealed_file_corrupt');
    expect(await codeOf(later.choose(toFile))).toBe('sealed_file_corrupt');
    const name = await later.setAside();
    expect(name).toMatch(/^vault\.aside-[\dT.-]+Z\.age$/);
    expect(readFileSync(join(directory, name), 'utf8')).toBe(damaged);
    expect(await later.state()).toMatchObject({ status: 'unavailable', sealedFile: 'absent' });
    await later.choose(toFile);
    expect(await later.state()).toMatchObject({ status: 'ready', sealedFile: 'unlocked' });
    expect(await textOf(later, 'one')).toBe('not-found');
  });

  it('T-2: another passphrase is as long as the first had to be, and opens the keys that were there', async () => {
    const { vault, restart, changes } = await filled();
    await vault.choose(toFile);
    const told = changes.length;
    expect(await codeOf(vault.changePassphrase(passphrase, new Secret('elevenchars')))).toBe(
      'passphrase_too_short',
    );
    expect(await codeOf(vault.changePassphrase(new Secret('wrong wrong wrong'), passphrase))).toBe(
      'wrong_passphrase',
    );
    expect(changes).toHaveLength(told);
    const next = new Secret('four other words here');
    await vault.changePassphrase(passphrase, next);
    expect(await textOf(vault, 'one')).toBe('sk-one');
    const later = restart().vault;
    expect(await codeOf(later.unlock(passphrase))).toBe('wrong_passphrase');
    await later.unlock(next);
    expect(await textOf(later, 'two')).toBe('sk-two');
  });

  it('T-2: locks by itself after the time without a use, and when the person goes away', async () => {
    const clock = new ManualClock();
    const { vault, changes } = await filled(['one', 'two'], clock);
    await vault.choose(toFile);
    vault.setAutoLock({ afterMinutes: 5, whenAway: true });
    clock.advance(4 * 60_000);
    expect(await textOf(vault, 'one')).toBe('sk-one');
    clock.advance(4 * 60_000);
    expect(await textOf(vault, 'one')).toBe('sk-one');
    const told = changes.length;
    clock.advance(4 * 60_000);
    // What Lanyard does for itself keeps nothing open.
    expect(await textOf(vault, 'ours')).toBe('not-found');
    clock.advance(60_000);
    expect(changes).toHaveLength(told + 1);
    expect(await textOf(vault, 'one')).toBe('locked');
    await vault.unlock(passphrase);
    vault.away();
    expect(await textOf(vault, 'one')).toBe('locked');
  });

  it('keeps when it locks, also over a change of place; where that cannot be kept, the old choice holds', async () => {
    const { vault, settings, restart } = await filled();
    const rule = { afterMinutes: 60, whenAway: false };
    vault.setAutoLock(rule);
    await vault.choose(toFile);
    expect(restart().vault.autoLock).toEqual(rule);
    settings.fault = new Error('read-only');
    expect(() => vault.setAutoLock({ afterMinutes: null, whenAway: true })).toThrow(LanyardError);
    expect(vault.autoLock).toEqual(rule);
    settings.fault = null;
    settings.content = { backend: 'sealed-file', leftovers: [], autoLock: { afterMinutes: -1 } };
    const damaged = restart().vault;
    expect(damaged.backend).toBe('sealed-file');
    expect(damaged.autoLock).toEqual({ afterMinutes: null, whenAway: true });
  });
});
