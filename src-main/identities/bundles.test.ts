import { describe, expect, it } from 'vitest';
import { identitiesIn, MemoryStoreFile, temporaryDirectory } from './identities.fixture.ts';
import { blankBundleId } from './model.ts';

function app(...names: string[]) {
  const data = temporaryDirectory();
  const file = new MemoryStoreFile();
  const made = identitiesIn(data, file);
  const ids = names.map((name) => made.identities.createBundle(name).id);
  const order = () =>
    made.identities
      .list()
      .bundles.filter(({ blank }) => !blank)
      .map(({ name }) => name);
  return { ...made, data, file, ids, order, restart: () => identitiesIn(data, file).identities };
}

async function signIn({ identities }: ReturnType<typeof app>, bundleId: string, providerId = 'codex') {
  const saved = await identities
    .open(providerId, true, bundleId, 'auth-1')
    .save({ accountId: 'u1', email: `${providerId}@acme.test` });
  return saved.accountId ?? '';
}

describe('what a bundle says of itself', () => {
  it('I-1: takes a description and any colour, and keeps both over a restart', () => {
    const house = app('Work');
    const [work = ''] = house.ids;
    house.clock.advance(5);
    house.identities.describeBundle(work, '  Day job at Acme ');
    house.identities.recolourBundle(work, '#ABCDEF');
    expect(house.restart().bundle(work)).toMatchObject({
      description: 'Day job at Acme',
      colour: '#abcdef',
      updatedAt: house.clock.now(),
    });
    house.identities.describeBundle(work, '');
    expect(house.identities.bundle(work).description).toBe('');
    expect(house.changed).toEqual([work, work, work, work]);
  });

  it.each(['a\nb', 'x'.repeat(201), 'a\u202eb'])('I-1: refuses the description %j', (text) => {
    const house = app('Work');
    const before = house.file.text;
    expect(() => house.identities.describeBundle(house.ids[0] ?? '', text)).toThrow('invalid_description');
    expect(house.file.text).toBe(before);
  });

  it.each(['red', '#12345', '#12345g', 'url(x)', ''])('I-1: refuses the colour %j', (colour) => {
    const house = app('Work');
    const before = house.file.text;
    expect(() => house.identities.recolourBundle(house.ids[0] ?? '', colour)).toThrow('invalid_colour');
    expect(house.file.text).toBe(before);
  });

  it('I-1: the blank identity takes none of it', () => {
    const { identities, file } = app();
    expect(() => identities.describeBundle(blankBundleId, 'x')).toThrow('blank_is_fixed');
    expect(() => identities.recolourBundle(blankBundleId, '#000000')).toThrow('blank_is_fixed');
    expect(() => identities.moveBundle(blankBundleId, null)).toThrow('blank_is_fixed');
    expect(() => identities.duplicateBundle(blankBundleId)).toThrow('blank_is_fixed');
    expect(() => identities.planDelete(blankBundleId)).toThrow('blank_is_fixed');
    expect(file.text).toBeUndefined();
  });
});

describe('the order', () => {
  it.each([
    ['A', 'C', ['B', 'A', 'C']],
    ['C', 'A', ['C', 'A', 'B']],
    ['A', null, ['B', 'C', 'A']],
    ['A', blankBundleId, ['B', 'C', 'A']],
    ['B', 'B', ['A', 'B', 'C']],
  ] as const)('I-1: %s before %s is %j, also after a restart', (name, before, expected) => {
    const house = app('A', 'B', 'C');
    const idOf = (wanted: string) => house.identities.list().bundles.find((each) => each.name === wanted)?.id;
    house.identities.moveBundle(idOf(name) ?? '', before === null ? null : (idOf(before) ?? before));
    expect(house.order()).toEqual(expected);
    expect(
      house
        .restart()
        .list()
        .bundles.map((bundle) => bundle.name),
    ).toEqual([...expected, 'No credentials']);
  });

  it('I-1: no place before what is not there', () => {
    const house = app('A', 'B');
    expect(() => house.identities.moveBundle(house.ids[0] ?? '', 'gone')).toThrow('unknown_bundle');
    expect(house.order()).toEqual(['A', 'B']);
  });
});

describe('the default', () => {
  it('is the first bundle until one is chosen, and the blank identity while there is none', () => {
    const house = app();
    expect(house.identities.defaultBundleId).toBe(blankBundleId);
    const first = house.identities.createBundle('A').id;
    const second = house.identities.createBundle('B').id;
    expect(house.identities.defaultBundleId).toBe(first);
    house.identities.setDefaultBundle(second);
    expect(house.restart().defaultBundleId).toBe(second);
    house.identities.setDefaultBundle(blankBundleId);
    expect(house.restart().defaultBundleId).toBe(blankBundleId);
    expect(() => house.identities.setDefaultBundle('gone')).toThrow('unknown_bundle');
  });

  it('falls back when the chosen one is deleted', async () => {
    const house = app('A', 'B');
    const [first = '', second = ''] = house.ids;
    house.identities.setDefaultBundle(second);
    await house.identities.deleteBundle(second);
    expect(house.restart().defaultBundleId).toBe(first);
  });

  it('I-13: a choice that cannot be read is none', () => {
    const house = app('A');
    house.file.text = house.file.text?.replace('"defaultBundleId":null', '"defaultBundleId":{"a":1}');
    expect(house.file.text).toContain('{"a":1}');
    expect(house.restart().defaultBundleId).toBe(house.ids[0]);
  });
});

describe('duplicating', () => {
  it('I-1, I-4: the copy stands after the original, has a name and a colour of its own, and shares the accounts', async () => {
    const house = app('Work', 'Home');
    const [work = ''] = house.ids;
    house.identities.describeBundle(work, 'Day job');
    const accountId = await signIn(house, work);
    const writes = house.file.writes;
    house.clock.advance(7);
    const copy = house.identities.duplicateBundle(work);
    expect(house.file.writes).toBe(writes + 1);
    expect(house.order()).toEqual(['Work', 'Work 2', 'Home']);
    expect(copy).toMatchObject({ description: 'Day job', createdAt: house.clock.now() });
    expect(house.identities.list().bundles.filter(({ colour }) => colour === copy.colour)).toHaveLength(1);
    expect(house.identities.boundAccount(copy.id, 'codex')?.id).toBe(accountId);
    expect(house.store.state.accounts).toHaveLength(1);
    expect(
      house
        .restart()
        .bundlesOf(accountId)
        .map(({ name }) => name),
    ).toEqual(['Work', 'Work 2']);
    expect(house.changed.at(-1)).toBe(copy.id);
  });

  it('I-4: what is connected to the copy later is the copy’s alone', async () => {
    const house = app('Work');
    const [work = ''] = house.ids;
    await signIn(house, work);
    const { id } = house.identities.duplicateBundle(work);
    await signIn(house, id, 'claude');
    expect(house.identities.bundle(work).accounts).toHaveLength(1);
    expect(house.identities.bundle(id).accounts).toHaveLength(2);
  });

  it('I-7: signing in again through the copy updates the one shared account', async () => {
    const house = app('Work');
    const [work = ''] = house.ids;
    const accountId = await signIn(house, work);
    const { id } = house.identities.duplicateBundle(work);
    await house.identities
      .open('codex', true, id, 'auth-2')
      .save({ accountId: 'u1', email: 'new@acme.test' });
    expect(house.identities.boundAccount(work, 'codex')).toMatchObject({
      id: accountId,
      displayName: 'new@acme.test',
    });
    expect(house.store.state.accounts).toHaveLength(1);
  });
});
