import { describe, expect, it } from 'vitest';
import { MemoryVault } from './memory-vault.fixture.ts';
import { Secret } from './secret.ts';
import { SplitEntries } from './split-entries.ts';

const entry = { service: 'Lanyard', account: 'codex/1' };
const limit = 120;

function limited() {
  const inner = new MemoryVault('keychain');
  inner.limit = limit;
  return { inner, vault: new SplitEntries(inner, limit) };
}

async function read(vault: SplitEntries): Promise<string> {
  const found = await vault.get(entry);
  return found.status === 'ok' ? found.secret.reveal() : found.status;
}

const values = {
  short: 'sk-1234',
  exact: 'x'.repeat(limit),
  over: 'x'.repeat(limit + 1),
  long: 'ü'.repeat(2000),
  longer: '🔑 '.repeat(3000),
};

describe('SplitEntries', () => {
  it.each(Object.entries(values))(
    'T-2: %s: comes back as it was, no entry over the limit',
    async (_, text) => {
      const { inner, vault } = limited();
      expect(await vault.set(entry, new Secret(text))).toEqual({ status: 'ok' });
      expect(await read(vault)).toBe(text);
      expect(await vault.delete(entry)).toEqual({ status: 'ok' });
      expect(await vault.delete(entry)).toEqual({ status: 'not-found' });
      expect(inner.values.size).toBe(0);
    },
  );

  it('T-2: a short value stands as it is, one that looks like ours does not fool it', async () => {
    const { inner, vault } = limited();
    await vault.set(entry, new Secret(values.short));
    expect([...inner.values]).toEqual([['codex/1', values.short]]);
    const sly = `lanyard-parts:1:a:1:${'0'.repeat(64)}`;
    await vault.set(entry, new Secret(sly));
    expect(await read(vault)).toBe(sly);
  });

  it('T-2: each value replaces each other one whole, with nothing left of the old', async () => {
    const texts = Object.values(values);
    for (const before of texts) {
      for (const after of texts) {
        const { inner, vault } = limited();
        await vault.set(entry, new Secret(before));
        await vault.set(entry, new Secret(after));
        expect(await read(vault)).toBe(after);
        await vault.delete(entry);
        expect([...inner.values.keys()]).toEqual([]);
      }
    }
  });

  it('T-2: stopped before any of its steps, it has the old value or the new one, and the next write works', async () => {
    const texts = [values.short, values.over, values.long];
    for (const before of [null, ...texts]) {
      for (const after of texts) {
        for (let steps = 0; ; steps += 1) {
          const { inner, vault } = limited();
          if (before !== null) await vault.set(entry, new Secret(before));
          inner.callsLeft = steps;
          const written = await vault.set(entry, new Secret(after));
          const finished = inner.callsLeft >= 0;
          inner.callsLeft = Number.POSITIVE_INFINITY;
          const now = await read(vault);
          expect([before ?? 'not-found', after]).toContain(now);
          if (written.status === 'ok') expect(now).toBe(after);
          await vault.set(entry, new Secret(values.over));
          expect(await read(vault)).toBe(values.over);
          await vault.delete(entry);
          expect([...inner.values.keys()]).toEqual([]);
          if (finished) break;
        }
      }
    }
  });

  it('T-2: stopped in a deletion, it has the value or none, never a part, and deleting again clears it', async () => {
    for (let steps = 0; ; steps += 1) {
      const { inner, vault } = limited();
      await vault.set(entry, new Secret(values.long));
      inner.callsLeft = steps;
      await vault.delete(entry);
      const finished = inner.callsLeft >= 0;
      inner.callsLeft = Number.POSITIVE_INFINITY;
      expect([values.long, 'not-found']).toContain(await read(vault));
      await vault.delete(entry);
      expect([...inner.values.keys()]).toEqual([]);
      if (finished) break;
    }
  });

  it.each([
    ['a part that is missing', (values: Map<string, string>) => values.delete('codex/1#a1')],
    ['a part of another value', (values: Map<string, string>) => values.set('codex/1#a1', 'AAAA')],
    [
      'an entry of another version',
      (values: Map<string, string>) => values.set('codex/1', 'lanyard-parts:2:a:1'),
    ],
  ])('T-3: %s is corrupt, not a wrong value and not "not found"', async (_, damage) => {
    const { inner, vault } = limited();
    await vault.set(entry, new Secret(values.long));
    damage(inner.values);
    expect(await vault.get(entry)).toMatchObject({ status: 'corrupt', backend: 'keychain' });
  });

  it('T-3: a fault of the keychain is passed on, and nothing is changed', async () => {
    const { inner, vault } = limited();
    await vault.set(entry, new Secret(values.long));
    const before = [...inner.values];
    inner.fault = 'locked';
    expect(await vault.get(entry)).toMatchObject({ status: 'locked' });
    expect(await vault.set(entry, new Secret('x'))).toMatchObject({ status: 'locked' });
    expect(await vault.delete(entry)).toMatchObject({ status: 'locked' });
    expect([...inner.values]).toEqual(before);
  });
});
