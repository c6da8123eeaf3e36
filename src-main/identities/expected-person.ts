import { LanyardError } from '../failures.ts';
import type { AccountContext, ExpectedPerson } from './model.ts';
import { personLabel, tellApart } from './same-person.ts';

/** Whoever an account belongs to now, as somebody to expect; `null` when nothing tells who it is. */
export function personOf(context: AccountContext): ExpectedPerson | null {
  const { issuer, accountId, organisationId, email } = context;
  if (accountId === undefined && email === undefined) return null;
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(organisationId === undefined ? {} : { organisationId }),
    ...(email === undefined ? {} : { email }),
    label: personLabel(context),
  };
}

/** The error of a sign-in as somebody else. Nothing is saved then. */
export function unexpectedPerson(
  expected: AccountContext | ExpectedPerson,
  found: AccountContext,
): LanyardError {
  const people = tellApart(found, expected);
  return new LanyardError({
    code: 'unexpected_person',
    title: `This is ${people.found}, not ${people.expected}.`,
    hint: 'Nothing was saved, and the old sign-in stays. Try again as the expected person, or sign in once more to save this one as a new account.',
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

/** The error for an account that nobody else was found in. */
export function nobodyToAccept(): LanyardError {
  return new LanyardError({
    code: 'nobody_to_accept',
    title: 'Nobody else is signed in to this account.',
    hint: 'Nothing has to be done.',
  });
}

/** The error for saying yes to somebody who was signed in a moment ago. */
export function personChanged(now: string): LanyardError {
  return new LanyardError({
    code: 'person_changed',
    title: `It is ${now} who is signed in now.`,
    hint: 'Nothing was changed. Look at who it is, and accept this person if that is right.',
  });
}
