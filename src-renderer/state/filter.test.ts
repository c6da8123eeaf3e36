import { describe, expect, it } from 'vitest';
import { filterBundles, worthFiltering } from './filter.ts';
import { summary } from './test-data.ts';

const bundles = [
  summary('work', { name: 'Work', description: 'Day job', people: ['ada@acme.test', 'CI key'] }),
  summary('client', { name: 'Client Ä', people: ['grace@client.test'] }),
];
const found = (filter: string) => filterBundles(bundles, filter).map(({ id }) => id);

describe('the filter of identities', () => {
  it.each([
    ['', ['work', 'client']],
    ['  ', ['work', 'client']],
    ['WORK', ['work']],
    ['job', ['work']],
    ['ci key', ['work']],
    ['@', ['work', 'client']],
    ['grace ä', ['client']],
    ['a\u0308', ['client']],
    ['ada grace', []],
  ])('%j finds %j', (filter, ids) => expect(found(filter)).toEqual(ids));

  it('is there from the ninth row on', () => {
    expect([8, 9].map(worthFiltering)).toEqual([false, true]);
  });
});
