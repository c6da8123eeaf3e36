import { isDeepStrictEqual } from 'node:util';
import { LanyardError } from '../failures.ts';
import type { Account, ExpectedPerson, SecretRef } from './model.ts';
import type { IdentityState } from './store.ts';

/** Edits of accounts and bindings on a draft of the state, as those in `bundles.ts`. */

/** Throws LanyardError `unknown_account`. */
export function accountOf(account: Account | undefined): Account {
  if (account) return account;
  throw new LanyardError({
    code: 'unknown_account',
    title: 'This account is no longer there.',
    hint: 'Choose another one from the list.',
  });
}

export function boundAccount(
  state: Readonly<IdentityState>,
  bundleId: string,
  providerId: string,
): Account | undefined {
  const binding = state.bindings.find(
    (candidate) => candidate.bundleId === bundleId && candidate.providerId === providerId,
  );
  return binding && state.accounts.find((account) => account.id === binding.accountId);
}

/** Binds an account, and drops the one that stood there when no other bundle uses it (I-1, I-7). */
export function bindAccount(
  draft: IdentityState,
  bundleId: string,
  providerId: string,
  accountId: string,
): void {
  const replaced = boundAccount(draft, bundleId, providerId);
  draft.bindings = draft.bindings.filter(
    (binding) => binding.bundleId !== bundleId || binding.providerId !== providerId,
  );
  draft.bindings.push({ bundleId, providerId, accountId });
  if (replaced && !draft.bindings.some((binding) => binding.accountId === replaced.id)) {
    draft.accounts = draft.accounts.filter((account) => account.id !== replaced.id);
  }
}

/** Writes an account's row: in place of the one with its id, which keeps its creation time and who is expected, else at the end. */
export function putAccount(
  draft: IdentityState,
  account: Omit<Account, 'createdAt' | 'updatedAt' | 'expected'>,
  now: number,
): void {
  const index = draft.accounts.findIndex((other) => other.id === account.id);
  const existing = draft.accounts[index];
  if (!existing) {
    draft.accounts.push({ ...account, createdAt: now, updatedAt: now });
    return;
  }
  const { createdAt, expected } = existing;
  draft.accounts[index] = {
    ...account,
    ...(expected === undefined ? {} : { expected }),
    createdAt,
    updatedAt: now,
  };
}

/** Removes an account from every bundle. */
export function dropAccount(draft: IdentityState, accountId: string): void {
  draft.accounts = draft.accounts.filter((other) => other.id !== accountId);
  draft.bindings = draft.bindings.filter((binding) => binding.accountId !== accountId);
}

/** Throws LanyardError `unknown_account`. */
export function expectPerson(
  draft: IdentityState,
  accountId: string,
  person: ExpectedPerson | null,
  now: number,
): void {
  accountOf(draft.accounts.find((account) => account.id === accountId));
  draft.accounts = draft.accounts.map((account) => {
    if (account.id !== accountId) return account;
    const { expected: _, ...rest } = account;
    return { ...rest, ...(person ? { expected: person } : {}), updatedAt: now };
  });
}

/** The account of a provider that refers to this very login, if there is one. */
export function accountWith(
  state: Readonly<IdentityState>,
  providerId: string,
  secretRef: SecretRef,
): Account | undefined {
  return state.accounts.find(
    (account) => account.provider === providerId && isDeepStrictEqual(account.secretRef, secretRef),
  );
}
