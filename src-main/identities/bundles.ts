import { LanyardError } from '../failures.ts';
import { type Bundle, blankBundleId } from './model.ts';
import {
  blankName,
  cleanColour,
  cleanDescription,
  cleanName,
  copyName,
  freeName,
  nextColour,
  sameName,
} from './names.ts';
import type { IdentityState } from './store.ts';

/**
 * Edits of bundles on a draft of the state: no clock, no disk, no events. What is wrong is thrown as a
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
  return freeName(wishes, bundleNames(draft));
}

/** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_name`, `name_taken`. */
export function renameBundle(draft: IdentityState, bundleId: string, name: string, now: number): void {
  bundleOf(draft, bundleId);
  assertFree(draft, cleanName(name), bundleId);
  replaceBundle(draft, bundleId, { name: cleanName(name), updatedAt: now });
}

/** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_description`. */
export function describeBundle(draft: IdentityState, bundleId: string, text: string, now: number): void {
  bundleOf(draft, bundleId);
  replaceBundle(draft, bundleId, { description: cleanDescription(text), updatedAt: now });
}

/** Throws LanyardError `unknown_bundle`, `blank_is_fixed`, `invalid_colour`. */
export function recolourBundle(draft: IdentityState, bundleId: string, colour: string, now: number): void {
  bundleOf(draft, bundleId);
  replaceBundle(draft, bundleId, { colour: cleanColour(colour), updatedAt: now });
}

/**
 * Puts a bundle before another one.
 * @param beforeId `null` for the end; the blank identity, which is always last, is the end too
 * @throws LanyardError `unknown_bundle`, `blank_is_fixed`
 */
export function moveBundle(draft: IdentityState, bundleId: string, beforeId: string | null): void {
  const bundle = bundleOf(draft, bundleId);
  if (beforeId === bundleId) return;
  const others = draft.bundles.filter((other) => other.id !== bundleId);
  const atEnd = beforeId === null || beforeId === blankBundleId;
  const index = atEnd ? others.length : others.indexOf(bundleOf(draft, beforeId));
  draft.bundles = others.toSpliced(index, 0, bundle);
}

/** The bundle that new windows and launches start with: the chosen one while it is there, else the first. */
export function defaultBundle(state: Readonly<IdentityState>): string {
  const { defaultBundleId, bundles } = state;
  const chosen = defaultBundleId === blankBundleId || bundles.some(({ id }) => id === defaultBundleId);
  return (chosen ? defaultBundleId : bundles[0]?.id) ?? blankBundleId;
}

/** The blank identity can be the default, too. Throws LanyardError `unknown_bundle`. */
export function setDefaultBundle(draft: IdentityState, bundleId: string): void {
  if (bundleId !== blankBundleId) bundleOf(draft, bundleId);
  draft.defaultBundleId = bundleId;
}

/**
 * Adds a bundle after the original, with a name and a colour of its own and the same bindings: the accounts are shared.
 * @throws LanyardError `unknown_bundle`, `blank_is_fixed`
 */
export function duplicateBundle(draft: IdentityState, bundleId: string, newId: string, now: number): Bundle {
  const original = bundleOf(draft, bundleId);
  const copy: Bundle = {
    ...original,
    id: newId,
    name: copyName(original.name, bundleNames(draft)),
    colour: nextColour(draft.bundles.map((other) => other.colour)),
    createdAt: now,
    updatedAt: now,
  };
  draft.bundles = draft.bundles.toSpliced(draft.bundles.indexOf(original) + 1, 0, copy);
  const bindings = draft.bindings.filter((binding) => binding.bundleId === bundleId);
  draft.bindings.push(...bindings.map((binding) => ({ ...binding, bundleId: newId })));
  return copy;
}

/**
 * Removes a bundle with its bindings, and the accounts that no other bundle uses.
 * @throws LanyardError `unknown_bundle`, `blank_is_fixed`
 */
export function deleteBundle(draft: IdentityState, bundleId: string): void {
  bundleOf(draft, bundleId);
  const accounts = new Set(
    draft.bindings.filter((binding) => binding.bundleId === bundleId).map(({ accountId }) => accountId),
  );
  draft.bundles = draft.bundles.filter((bundle) => bundle.id !== bundleId);
  draft.bindings = draft.bindings.filter((binding) => binding.bundleId !== bundleId);
  const used = new Set(draft.bindings.map(({ accountId }) => accountId));
  draft.accounts = draft.accounts.filter(({ id }) => !accounts.has(id) || used.has(id));
  if (draft.defaultBundleId === bundleId) draft.defaultBundleId = null;
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

function replaceBundle(draft: IdentityState, bundleId: string, changes: Partial<Bundle>): void {
  draft.bundles = draft.bundles.map((bundle) =>
    bundle.id === bundleId ? { ...bundle, ...changes } : bundle,
  );
}

function bundleNames(draft: IdentityState): string[] {
  return draft.bundles.map((bundle) => bundle.name);
}
