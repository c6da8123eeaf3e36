import { describe, expect, it } from 'vitest';
import { MemoryStoreFile } from './identities.fixture.ts';
import { IdentityStore } from './store.ts';

const bundle = (id: string, name = id) => ({
  id,
  name,
  description: '',
  colour: '#0b6e6e',
  createdAt: 1,
  updatedAt: 1,
});
const account = (id: string, provider = 'codex') => ({
  id,
  name: `${provider}-oauth`,
  provider,
  kind: 'oauth',
  displayName: 'a@b.test',
  secretRef: { kind: 'oauth-config-dir', dir: `/data/accounts/${id}/1` },
  context: { email: 'a@b.test' },
  status: 'valid',
  createdAt: 1,
  updatedAt: 1,
});
const binding = (bundleId: string, accountId: string, providerId = 'codex') => ({
  bundleId,
  providerId,
  accountId,
});
const content = (rows: Record<string, unknown>) => ({
  schemaVersion: 1,
  bundles: [],
  accounts: [],
  bindings: [],
  ...rows,
});

function load(value: unknown) {
  const file = new MemoryStoreFile(value);
  return { file, store: new IdentityStore(file, 'identities.json') };
}

describe('IdentityStore', () => {
  it('starts empty without a file and writes the whole state with its version', () => {
    const { file, store } = load(undefined);
    store.change((draft) => draft.bundles.push(bundle('work')));
    expect(file.read()).toEqual({
      schemaVersion: 2,
      bundles: [bundle('work')],
      accounts: [],
      bindings: [],
      looseSecrets: [],
      defaultBundleId: null,
      setAside: [],
    });
    expect(new IdentityStore(file, 'x').state.bundles).toEqual([bundle('work')]);
  });

  it('keeps how an account was signed in, and reads accounts without it', () => {
    const asked = { ...account('a'), flowId: 'device', parameters: { startUrl: 'https://acme.test/start' } };
    const { store } = load(content({ accounts: [asked, account('b')] }));
    expect(store.problems).toEqual([]);
    expect(store.state.accounts).toEqual([asked, account('b')]);
    expect(load(content({ accounts: [{ ...asked, parameters: { a: 1 } }] })).store.problems).toHaveLength(1);
  });

  it('I-13: bad rows are set aside with their reason, the others load, nothing is lost', () => {
    const broken = { ...account('b'), createdAt: 'sk-not-to-be-shown' };
    const { file, store } = load(
      content({
        bundles: [bundle('work'), { id: 'half' }, bundle('blank'), bundle('work', 'Again'), 7],
        accounts: [account('a'), broken, { ...account('c'), id: '../../etc' }],
        bindings: [
          binding('work', 'a'),
          binding('work', 'b', 'claude'),
          binding('gone', 'a'),
          binding('work', 'a'),
        ],
      }),
    );
    expect(store.state).toMatchObject({
      bundles: [bundle('work')],
      accounts: [account('a')],
      bindings: [binding('work', 'a')],
    });
    expect(store.problems).toHaveLength(9);
    expect(store.problems.map((problem) => problem.reason).join('\n')).toContain(
      'createdAt should be number',
    );
    expect(JSON.stringify(store.problems)).not.toContain('sk-not-to-be-shown');
    expect(store.unreadableAccountIds).toEqual(new Set(['b', '../../etc']));

    store.change((draft) => draft.bundles.push(bundle('new')));
    const written = file.read() as { setAside: { row: unknown; reason: string }[] };
    expect(written.setAside.map((entry) => entry.row)).toContainEqual(broken);
    expect(written.setAside).toHaveLength(9);
    expect(written.setAside.every((entry) => entry.reason.length > 0)).toBe(true);
    // Reported again after a restart, and still there.
    const again = new IdentityStore(file, 'identities.json');
    expect(again.problems).toHaveLength(9);
    expect(again.state.bundles.map((row) => row.id)).toEqual(['work', 'new']);
  });

  it('I-13: a row that was mended loads again', () => {
    const { store } = load(
      content({
        bundles: [bundle('work')],
        setAside: [
          { section: 'bindings', row: binding('work', 'a'), reason: 'its account is not there' },
          { section: 'accounts', row: account('a'), reason: 'old' },
        ],
      }),
    );
    expect(store.problems).toEqual([]);
    expect(store.state.bindings).toEqual([binding('work', 'a')]);
  });

  it('I-13: a section that is no list is kept whole', () => {
    const { file, store } = load(content({ bundles: { work: bundle('work') }, accounts: [account('a')] }));
    expect(store.state.accounts).toEqual([account('a')]);
    store.change(() => {});
    expect(file.read()).toMatchObject({ setAside: [{ section: 'bundles', row: { work: bundle('work') } }] });
  });

  it('I-1: the file cannot bind two accounts of a provider in one bundle', () => {
    const { store } = load(
      content({
        bundles: [bundle('work')],
        accounts: [account('a'), account('b')],
        bindings: [binding('work', 'a'), binding('work', 'b')],
      }),
    );
    expect(store.state.bindings).toEqual([binding('work', 'a')]);
  });

  it('I-3: there is no plaintext secret', () => {
    const { store } = load(
      content({ accounts: [{ ...account('a'), secretRef: { kind: 'plain', value: 'sk-1234' } }] }),
    );
    expect(store.state.accounts).toEqual([]);
    expect(JSON.stringify(store.problems)).not.toContain('sk-1234');
  });

  it('migrates a file without a version', () => {
    const { description: _, ...old } = bundle('work');
    const { context: __, status: ___, ...oldAccount } = account('a');
    const { file, store } = load({
      bundles: [old],
      accounts: [oldAccount],
      bindings: [binding('work', 'a')],
    });
    expect(store.problems).toEqual([]);
    expect(store.state.bundles).toEqual([bundle('work')]);
    expect(store.state.accounts).toEqual([{ ...account('a'), context: {}, status: 'unknown' }]);
    store.change(() => {});
    expect(file.read()).toMatchObject({ schemaVersion: 2 });
  });

  it.each([
    ['a newer version', { schemaVersion: 3, bundles: [bundle('work')] }, 'newer Lanyard'],
    ['a version that is no number', { schemaVersion: 'one', bundles: [] }, 'schemaVersion'],
    ['something that is no object', [1], 'object'],
  ])('refuses to write over %s', (_, value, words) => {
    const { file, store } = load(value);
    const before = file.text;
    expect(() => store.change(() => {})).toThrow('could_not_save');
    expect(file.text).toBe(before);
    expect(store.complete).toBe(false);
    expect(store.problems[0]?.reason).toContain(words);
  });

  it('an edit that throws changes nothing, also when it had begun', () => {
    const { file, store } = load(content({ bundles: [bundle('work')] }));
    const before = file.text;
    expect(() =>
      store.change((draft) => {
        draft.bundles.pop();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.state.bundles).toEqual([bundle('work')]);
    expect(file.text).toBe(before);
  });

  it('knows each bundle by its accounts and each account by its bundles, in their order, after every change', () => {
    const { store } = load(
      content({
        bundles: [bundle('home'), bundle('work')],
        accounts: [account('a'), account('b', 'claude')],
        bindings: [binding('work', 'b', 'claude'), binding('work', 'a'), binding('home', 'a')],
      }),
    );
    expect(store.index.accountsOf('work').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(store.index.bundlesOf('a').map(({ id }) => id)).toEqual(['home', 'work']);
    expect(store.index.boundAccount('work', 'claude')?.id).toBe('b');
    store.change((draft) => {
      draft.bindings = draft.bindings.filter(({ bundleId }) => bundleId !== 'work');
    });
    expect(store.index.accountsOf('work')).toEqual([]);
    expect(store.index.bundlesOf('a').map(({ id }) => id)).toEqual(['home']);
  });

  it('S-5: when the write fails the state in memory is the old one too', () => {
    const { file, store } = load(undefined);
    file.fault = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    expect(() => store.change((draft) => draft.bundles.push(bundle('work')))).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ code: 'could_not_save', detail: 'ENOSPC' }),
      }),
    );
    expect(store.state.bundles).toEqual([]);
  });
});
