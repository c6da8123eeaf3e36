import { describe, expect, it } from 'vitest';
import { FileFormat, formatContent } from './file-format.ts';
import { manyIdentities } from './many-identities.fixture.ts';
import { IdentityStore, type StoreFile } from './store.ts';

const root = '/data/accounts';
const read = (text: string) => new FileFormat(root).unpack(JSON.parse(text));
const write = (content: Record<string, unknown>) => formatContent(new FileFormat(root).pack(content));

/** A store over text in the file's form. */
function load(text: string) {
  let now = text;
  const file: StoreFile = {
    read: () => read(now),
    write: (value) => {
      now = write(value as Record<string, unknown>);
    },
  };
  const store = new IdentityStore(file, 'identities.json');
  return { store, text: () => now };
}

const key = {
  id: 'k',
  name: 'codex-api-key',
  provider: 'codex',
  kind: 'api-key',
  displayName: 'CI',
  secretRef: { kind: 'keychain', service: 'Lanyard', account: 'codex/1' },
  context: {},
  status: 'unknown',
  createdAt: 1,
  updatedAt: 2,
};

describe('the form of the file', () => {
  it('brings back every row', () => {
    const content = manyIdentities(20, root);
    const elsewhere = {
      ...content.accounts[0],
      id: 'e',
      secretRef: { kind: 'oauth-config-dir', dir: '/home/x/.codex' },
    };
    const all = {
      ...content,
      accounts: [...content.accounts, key, elsewhere],
      bindings: [...content.bindings, { bundleId: 'b', providerId: 'another', accountId: 'k' }],
      looseSecrets: [{ service: 's', account: 'a' }],
      setAside: [{ section: 'accounts', row: { id: 5 }, reason: 'odd' }],
    };
    expect(read(write(all))).toEqual(all);
  });

  it('has a row per line, and no place of a directory that follows from its account', () => {
    const text = write(manyIdentities(20, root));
    expect(text.split('\n').length).toBeGreaterThan(20 + 20 * 16);
    expect(text).not.toContain(root);
    expect(text).not.toContain('codex-oauth');
  });

  it('a directory that only looks like one of ours keeps its path', () => {
    const account = { ...key, secretRef: { kind: 'oauth-config-dir', dir: `${root}/other/1` } };
    expect(write({ accounts: [account] })).toContain(`${root}/other/1`);
  });

  it('reads the plain rows of an earlier version', () => {
    const content = manyIdentities(3, root);
    const { store } = load(JSON.stringify(content));
    expect(store.problems).toEqual([]);
    expect(store.state.accounts).toEqual(content.accounts);
    expect(store.state.bindings).toHaveLength(content.bindings.length);
  });

  it('is what an older build refuses to write over', () => {
    const { store, text } = load(JSON.stringify(manyIdentities(1, root)));
    store.change(() => {});
    expect(JSON.parse(text())).toMatchObject({ schemaVersion: 2, accounts: { columns: expect.any(Array) } });
  });

  it('I-13: a broken row is named, kept with its binding, and comes back when it is mended', () => {
    const { store, text } = load(JSON.stringify(manyIdentities(4, root)));
    store.change(() => {});
    const broken = text().replace('1763700000001,1763700060000]', '"yesterday"]');
    expect(broken).not.toBe(text());
    const second = load(broken);
    expect(second.store.state.accounts).toHaveLength(63);
    expect(second.store.problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^A row of accounts \(ada\.lovelace@client-2\S+\) was set aside: createdAt/),
      expect.stringMatching(/^A row of bindings was set aside: its account is not there/),
    ]);
    second.store.change(() => {});
    const third = load(second.text());
    expect(third.store.problems).toHaveLength(2);
    third.store.change(() => {});
    const mended = load(third.text().replace('"createdAt":"yesterday"', '"createdAt":1,"updatedAt":1'));
    expect(mended.store.problems).toEqual([]);
    expect(mended.store.state.accounts).toHaveLength(64);
    expect(mended.store.state.bindings).toHaveLength(64);
  });

  it('I-13: at 1,000 bundles of 16 accounts under 5 MB, and one broken row hides no other', () => {
    const content: { accounts: unknown[] } & Record<string, unknown> = manyIdentities(1000, root);
    content.accounts[7_777] = { ...(content.accounts[7_777] as object), provider: '../../etc' };
    const { store, text } = load(JSON.stringify(content));
    store.change(() => {});
    expect(Buffer.byteLength(text())).toBeLessThan(5_000_000);
    const again = load(text()).store;
    expect(again.state.bundles).toHaveLength(1000);
    expect(again.state.accounts).toHaveLength(15_999);
    expect(again.state.bindings).toHaveLength(15_999);
    expect(again.problems.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('ada.lovelace@client-487.example.test'),
      expect.stringContaining('its account is not there'),
    ]);
  });
});
