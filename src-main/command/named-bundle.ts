import { LanyardError } from '../failures.ts';
import type { Identities, ListedBundle } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import { sameName } from '../identities/names.ts';
import { didYouMean, listed } from './near-miss.ts';

/**
 * The identity that a person means by its name, in any case, or by its id.
 * @param by what gives the name, where that is not the person: a file, a variable
 * @throws LanyardError `unknown_identity`
 */
export function bundleNamed(identities: Identities, name: string, by?: string): ListedBundle {
  const bundle = findBundle(identities, name);
  if (bundle) return bundle;
  throw new LanyardError({
    code: 'unknown_identity',
    title:
      by === undefined
        ? `There is no identity "${name}".`
        : `${by} names "${name}", and there is no identity of that name.`,
    hint: otherIdentities(identities, name),
  });
}

/** What makes the first identity. */
export const makeOne = 'Make one by signing in: lanyard connect <provider> --as <name>';

/** What a person may have meant, for a name that no identity has. */
export function otherIdentities(identities: Pick<Identities, 'list'>, name: string): string {
  const { bundles } = identities.list();
  if (bundles.every(({ id }) => id === blankBundleId)) return `There is none yet. ${makeOne}`;
  const names = bundles.map((bundle) => bundle.name);
  return `${didYouMean(name, names)}There are: ${listed(names)}`;
}

/** The same; `null` where there is none. */
export function findBundle(identities: Identities, name: string): ListedBundle | null {
  const { bundles } = identities.list();
  return (
    bundles.find((bundle) => sameName(bundle.name, name)) ?? bundles.find(({ id }) => id === name) ?? null
  );
}
