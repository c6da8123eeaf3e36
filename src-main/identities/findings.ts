import { isDeepStrictEqual } from 'node:util';
import type { SignedInIdentity } from '../broker/method.ts';
import type { AccountFinding } from './account-finding.ts';
import { personOf } from './expected-person.ts';
import type { Account, AccountContext } from './model.ts';
import { judgePerson } from './same-person.ts';

/** What an account's row becomes by what was found; the same row when nothing in it changes. */
export function afterFinding(account: Account, finding: AccountFinding): Account {
  const { expiresAt: _, unexpected: before, ...rest } = account;
  const found = finding.identity && contextOf(finding.identity);
  const likeness = found ? judgePerson(account, found) : 'cannot-tell';
  // Nobody signed in is nobody else; not knowing takes nothing back.
  const still = likeness === 'cannot-tell' && finding.status !== 'needs-sign-in' ? before : undefined;
  const unexpected = likeness === 'different' ? found : still;
  const context = likeness === 'same' ? { ...account.context, ...found } : account.context;
  const next: Account = {
    ...rest,
    displayName: renamed(account, context),
    context,
    status: statusAfter(account, finding),
    ...expiryAfter(account, finding),
    ...(unexpected ? { unexpected } : {}),
  };
  return isDeepStrictEqual(next, account) ? account : next;
}

/** The person who was found is whose account it is from now on. */
export function afterAccepting(account: Account, person: AccountContext): Account {
  const { unexpected: _, expected, ...rest } = account;
  return {
    ...rest,
    displayName:
      person.email ?? person.login ?? person.organisation ?? person.accountId ?? account.displayName,
    context: person,
    // What was expected by hand is what was found, now that its person said so.
    ...(expected ? { expected: personOf(person) ?? expected } : {}),
  };
}

/** Nobody signed in to it, or signed it in another way, between the two. */
export function isSameSignIn(a: Account, b: Account): boolean {
  return a.updatedAt === b.updatedAt && isDeepStrictEqual(a.secretRef, b.secretRef);
}

/** A look that found out nothing does not turn a login that was known to be over into one that may not be. */
function statusAfter(account: Account, { status }: AccountFinding): Account['status'] {
  return status === 'unknown' && account.status === 'needs-sign-in' ? 'needs-sign-in' : status;
}

function expiryAfter(account: Account, { status, expiresAt }: AccountFinding): Pick<Account, 'expiresAt'> {
  const known = status === 'unknown' ? (expiresAt ?? account.expiresAt) : expiresAt;
  return known === undefined ? {} : { expiresAt: known };
}

function renamed({ displayName, context }: Account, now: AccountContext): string {
  return displayName === context.email && now.email !== undefined ? now.email : displayName;
}

/** Who it is, as an account keeps it. */
export function contextOf(identity: SignedInIdentity): AccountContext {
  const { email, login, issuer, accountId, organisationId, organisation, plan } = identity;
  return {
    ...(isLabel(email) ? { email } : {}),
    ...(isLabel(login) ? { login } : {}),
    ...(isLabel(issuer) ? { issuer } : {}),
    ...(isLabel(accountId) ? { accountId } : {}),
    ...(isLabel(organisationId) ? { organisationId } : {}),
    ...(isLabel(organisation) ? { organisation } : {}),
    ...(isLabel(plan) ? { plan } : {}),
  };
}

/** A CLI's file may hold anything; what would not load again is not kept. */
function isLabel(text: string | undefined): text is string {
  return text !== undefined && text.length > 0 && text.length <= 1024;
}
