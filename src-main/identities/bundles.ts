import { LanyardError } from '../failures.ts';
import { type Account, type Bundle, blankBundleId } from './model.ts';
import { blankName, cleanName, freeName, nextColour, sameName } from './names.ts';
import type { IdentityState } from './store.ts';

/**
 * Edits of bundles and bindings on a draft of the state: no clock, no disk, no events. What is wrong is thrown as a
 * `LanyardError`, and the draft is then given up.
 */

/** What a new bundle needs from outside. */
export interface NewBundle {
  id: string;
  name: string;
  /** `#rrggbb`; anything else, and none, is the next of the palette. */
  colour?: string | undefined;
  /** Milliseconds since the Unix epoch, UTC. */
  now: number;
}

/** Throws LanyardError `unknown_bundle`, or `blank_is_fixed` for the blank identity. */
export function bundleOf(state: Readonly<IdentityState>, bundleId: string): Bundle {
  if (bundleId === blankBundleId) {
    throw new LanyardError({
      code: 'blank_is_fixed',
      title: `"${blankName}" cannot be changed.`,
      hint: 'It stands for this machine as it is. Create an identity of your own instead.',
    });
  }
  const bundle = state.bundles.find((candidate) => candidate.id === bundleId);
  if (bundle) return bundle;
  throw unknownBundle();
}

export function unknownBundle(): LanyardError {
  return new LanyardError({
    code: 'unknown_bundle',
    title: 'This identity is no longer there.',
    hint: 'Choose another one from the list.',
  });
}

/** Adds a bundle at the end; the name is taken as it is. */
export function addBundle(draft: IdentityState, { id, name, colour, now }: NewBundle): Bundle {
  const usable = colour !== undefined && /^#[0-9a-f]{6}$/i.test(colour);
  const bundle: Bundle = {
    id,
    name,
    description: '',
    colour: usable ? colour : nextColour(draft.bundles.map((other) => other.colour)),
    createdAt: now,
    updatedAt: now,
  };
  draft.bundles.push(bundle);
  return bundle;
}

/** The first usable one of `wishes` that no bundle has. */
export function freeBundleName(draft: IdentityState, wishes: (string | undefined)[]): string {
  return freeName(
    wishes,
    draft.bundles.map((bundle) => bundle.name),
  );
}

/** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_name`, `name_taken`. */
export function renameBundle(draft: IdentityState, bundleId: string, name: string, now: number): void {
  bundleOf(draft, bundleId);
  assertFree(draft, cleanName(name), bundleId);
  draft.bundles = draft.bundles.map((bundle) =>
    bundle.id === bundleId ? { ...bundle, name: cleanName(name), updatedAt: now } : bundle,
  );
}

/** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `bundle_in_use`. */
export function deleteBundle(draft: IdentityState, bundleId: string): void {
  bundleOf(draft, bundleId);
  if (draft.bindings.some((binding) => binding.bundleId === bundleId)) {
    throw new LanyardError({
      code: 'bundle_in_use',
      title: 'This identity still has accounts.',
      hint: 'Sign its accounts out first, then delete it.',
    });
  }
  draft.bundles = draft.bundles.filter((bundle) => bundle.id !== bundleId);
}

/** Throws LanyardError `name_taken` when another bundle, or the blank identity, has the name. */
export function assertFree(draft: IdentityState, name: string, exceptId: string | null): void {
  const others = draft.bundles.filter((bundle) => bundle.id !== exceptId).map((bundle) => bundle.name);
  if ([blankName, ...others].some((other) => sameName(other, name))) {
    throw new LanyardError({
      code: 'name_taken',
      title: 'Another identity has this name.',
      hint: 'Choose a different name.',
    });
  }
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

/** Writes an account's row: in place of the one with its id, which keeps its creation time, else at the end. */
export function putAccount(
  draft: IdentityState,
  account: Omit<Account, 'createdAt' | 'updatedAt'>,
  now: number,
): void {
  const index = draft.accounts.findIndex((other) => other.id === account.id);
  const existing = draft.accounts[index];
  if (existing) draft.accounts[index] = { ...account, createdAt: existing.createdAt, updatedAt: now };
  else draft.accounts.push({ ...account, createdAt: now, updatedAt: now });
}
