import { expect, it } from 'vitest';
import { comparePeople, judgePerson, type Person, personLabel, tellApart } from './same-person.ts';

const ada: Person = { issuer: 'https://id.test', accountId: 'u1', organisationId: 'o1', email: 'ada@x.test' };

it.each<[string, Person, Person, string]>([
  ['everything alike', ada, ada, 'same'],
  ['another account id', ada, { ...ada, accountId: 'u2' }, 'different'],
  ['another organisation, one email', ada, { ...ada, organisationId: 'o2' }, 'different'],
  ['another issuer', ada, { ...ada, issuer: 'https://other.test' }, 'different'],
  ['an issuer with a slash behind it', ada, { ...ada, issuer: 'https://id.test/' }, 'same'],
  ['a renamed email', ada, { ...ada, email: 'ada@new.test' }, 'same'],
  ['no email any more', ada, { issuer: 'https://id.test', accountId: 'u1', organisationId: 'o1' }, 'same'],
  ['the account id not found', ada, { ...ada, accountId: undefined } as never, 'cannot-tell'],
  [
    'the organisation not found',
    { accountId: 'u1', organisationId: 'o1' },
    { accountId: 'u1' },
    'cannot-tell',
  ],
  [
    'an organisation that nobody expected',
    { accountId: 'u1' },
    { accountId: 'u1', organisationId: 'o1' },
    'same',
  ],
  ['no ids anywhere, one email', { email: 'Ada@x.test' }, { email: 'ada@x.test ' }, 'same'],
  ['no ids anywhere, two emails', { email: 'ada@x.test' }, { email: 'grace@x.test' }, 'different'],
  ['an email expected, ids found', { email: 'ada@x.test' }, ada, 'same'],
  [
    'an email and its organisation expected, another found',
    { email: 'ada@x.test', organisationId: 'o2' },
    ada,
    'different',
  ],
  [
    'an id expected, only another email found',
    { accountId: 'u1', email: 'ada@x.test' },
    { email: 'grace@x.test' },
    'cannot-tell',
  ],
  ['an organisation and nothing else', { organisationId: 'o1' }, { organisationId: 'o1' }, 'cannot-tell'],
  ['another organisation and nothing else', { organisationId: 'o1' }, { organisationId: 'o2' }, 'different'],
  ['nothing expected', {}, ada, 'cannot-tell'],
  ['nobody found', ada, {}, 'cannot-tell'],
])('I-16: %s', (_, expected, found, likeness) => {
  expect(comparePeople(expected, found)).toBe(likeness);
});

it('I-16: whom a person named counts before who was there first', () => {
  const grace = { accountId: 'u2', email: 'grace@x.test' };
  expect(judgePerson({ expected: { email: 'grace@x.test' }, context: ada }, grace)).toBe('same');
  expect(judgePerson({ expected: { email: 'grace@x.test' }, context: grace }, ada)).toBe('different');
  expect(judgePerson({ expected: {}, context: ada }, grace)).toBe('different');
  expect(judgePerson({ context: {} }, grace)).toBe('cannot-tell');
});

it('I-16: two people of one email can be told apart in words', () => {
  expect(personLabel({ email: 'ada@x.test', organisation: 'Engines' })).toBe('ada@x.test (Engines)');
  expect(personLabel({ email: 'ada@x.test', organisationId: 'o2' })).toBe('ada@x.test (o2)');
  expect(personLabel({ accountId: 'ada' })).toBe('ada');
  expect(personLabel({ label: 'Ada', email: 'ada@x.test', organisationId: 'o2' })).toBe('Ada');
  expect(personLabel({})).toBe('somebody');
});

it.each<[string, Parameters<typeof tellApart>[0], { found: string; expected: string }]>([
  ['other names', { email: 'grace@x.test' }, { found: 'grace@x.test', expected: 'ada@x.test' }],
  [
    'one email, two accounts',
    { ...ada, accountId: 'u2' },
    { found: 'ada@x.test (o1), account u2', expected: 'ada@x.test (o1), account u1' },
  ],
  [
    'a letter that only looks like one of the email',
    { email: '\u0430da@x.test' },
    { found: '\u0430da@x.test, with the foreign letter \u0430 (U+0430)', expected: 'ada@x.test' },
  ],
  [
    'a character that cannot be seen, made visible',
    { email: 'ad\ufffda@x.test' },
    { found: 'ad\ufffda@x.test', expected: 'ada@x.test' },
  ],
])('I-16: two people are told apart: %s', (_name, found, words) => {
  const expected = found.accountId === undefined ? { email: 'ada@x.test' } : ada;
  expect(tellApart(found, expected)).toEqual(words);
});
