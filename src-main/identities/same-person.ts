import { foreignLetters, lookOf } from './lookalikes.ts';
import type { AccountContext } from './model.ts';

/** What tells people apart, each only when known. */
export type Person = Pick<AccountContext, 'issuer' | 'accountId' | 'organisationId' | 'email'>;

export type Likeness = 'same' | 'different' | 'cannot-tell';

/**
 * Whether the person found is the one expected (I-16). Issuer, account id and organisation id are who somebody is (I-2):
 * one that both sides know and that differs is somebody else, though the email is the same; the same account id is the
 * same person, though the email was renamed. Only where no account id is expected does the email stand in for it. What
 * is expected and not found cannot be told, and what is found on top says nothing.
 */
export function comparePeople(expected: Person, found: Person): Likeness {
  const pairs = [
    [issuerOf(expected), issuerOf(found)],
    [expected.accountId, found.accountId],
    [expected.organisationId, found.organisationId],
    ...(expected.accountId === undefined ? [[emailOf(expected), emailOf(found)] as const] : []),
  ] as const;
  const wanted = pairs.filter(([mine]) => mine !== undefined);
  if (wanted.some(([mine, theirs]) => theirs !== undefined && theirs !== mine)) return 'different';
  const names = expected.accountId ?? emailOf(expected);
  // An organisation or an issuer alone is a crowd.
  if (names === undefined || wanted.some(([, theirs]) => theirs === undefined)) return 'cannot-tell';
  return 'same';
}

/** Who may be signed in to an account: whom its person named, or else who signed in first. */
export interface Expectation {
  expected?: Person;
  context: Person;
}

/** Whether somebody may be signed in to an account. */
export function judgePerson({ expected, context }: Expectation, found: Person): Likeness {
  const named = expected ? comparePeople(expected, found) : 'cannot-tell';
  return named === 'cannot-tell' ? comparePeople(context, found) : named;
}

/**
 * A person in words, for showing two of them side by side: the organisation is named where it is known, since one email
 * may belong to several.
 */
export function personLabel(person: AccountContext & { label?: string }): string {
  if (person.label !== undefined) return person.label;
  const name = person.email ?? person.login ?? person.accountId;
  const organisation = person.organisation ?? person.organisationId;
  if (name === undefined) return organisation ?? 'somebody';
  return organisation === undefined ? name : `${name} (${organisation})`;
}

/**
 * Two different people in words that can be told apart: where their labels are the same, or only look so, what differs is
 * named as well.
 */
export function tellApart(
  found: AccountContext & { label?: string },
  expected: AccountContext & { label?: string },
): { found: string; expected: string } {
  const labels = { found: personLabel(found), expected: personLabel(expected) };
  if (lookOf(labels.found) !== lookOf(labels.expected)) return labels;
  const notes = labels.found === labels.expected ? differences : [...differences, lettersOf];
  const note = notes.find((each) => each(found) !== each(expected));
  const noted = (person: AccountContext & { label?: string }) => {
    const words = note?.(person);
    return words === undefined ? personLabel(person) : `${personLabel(person)}, ${words}`;
  };
  return { found: noted(found), expected: noted(expected) };
}

const differences = [
  ({ accountId }: Person) => accountId && `account ${accountId}`,
  ({ organisationId }: Person) => organisationId && `organisation ${organisationId}`,
  (person: Person) => issuerOf(person),
];

function lettersOf(person: AccountContext & { label?: string }): string | undefined {
  const letters = foreignLetters(personLabel(person)).map(
    (letter) => `${letter} (U+${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')})`,
  );
  if (letters.length === 0) return undefined;
  return `with the foreign ${letters.length === 1 ? 'letter' : 'letters'} ${letters.join(', ')}`;
}

function issuerOf({ issuer }: Person): string | undefined {
  return issuer?.replace(/\/+$/, '');
}

function emailOf({ email }: Person): string | undefined {
  return email?.trim().toLowerCase();
}
