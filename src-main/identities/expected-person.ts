import type { SignedInIdentity } from '../broker/method.ts';
import { LanyardError } from '../failures.ts';
import type { AccountContext, ExpectedPerson } from './model.ts';

/**
 * I-16: whether somebody is the person that is expected. Account and organisation ids decide; the email does only where
 * no account id is known on both sides, since it is a label and one person may have it in several organisations.
 *
 * @returns `unknown` when nothing that is known of both tells people apart
 */
export function compareWithExpected(
  expected: ExpectedPerson,
  found: SignedInIdentity,
): 'same' | 'different' | 'unknown' {
  const organisation = compare(expected.organisationId, found.organisationId);
  if (organisation === 'different') return 'different';
  const account = compare(expected.accountId, found.accountId);
  if (account !== 'unknown') return account;
  return compare(expected.email?.toLowerCase(), found.email?.toLowerCase());
}

/** Whoever an account belongs to now, as somebody to expect; `null` when nothing tells who it is. */
export function personOf({
  accountId,
  organisationId,
  email,
  login,
  organisation,
}: AccountContext): ExpectedPerson | null {
  if (accountId === undefined && email === undefined) return null;
  const label = [email ?? login ?? accountId, organisation].filter((part) => part !== undefined).join(', ');
  return {
    ...(accountId === undefined ? {} : { accountId }),
    ...(organisationId === undefined ? {} : { organisationId }),
    ...(email === undefined ? {} : { email }),
    label,
  };
}

/** A person as text: what was kept to be read, else what tells them apart. */
export function nameOfPerson(person: ExpectedPerson | SignedInIdentity): string {
  const label = 'label' in person ? person.label : undefined;
  const login = 'login' in person ? person.login : undefined;
  return label ?? person.email ?? login ?? person.accountId ?? person.organisationId ?? 'somebody else';
}

/** The error of a sign-in as somebody else. Nothing is saved then. */
export function unexpectedPerson(expected: ExpectedPerson, found: SignedInIdentity): LanyardError {
  return new LanyardError({
    code: 'unexpected_person',
    title: `This is ${nameOfPerson(found)}, not ${nameOfPerson(expected)}.`,
    hint: 'Nothing was saved. Sign in again as the expected person, or connect this one as a new identity.',
  });
}

/** The error for an account of which nobody knows whose it is. */
export function nobodyToExpect(): LanyardError {
  return new LanyardError({
    code: 'nobody_to_expect',
    title: 'It is not known who this account belongs to.',
    hint: 'Its provider does not tell. Sign in again with a provider that does.',
  });
}

function compare(a: string | undefined, b: string | undefined): 'same' | 'different' | 'unknown' {
  if (a === undefined || b === undefined) return 'unknown';
  return a === b ? 'same' : 'different';
}
