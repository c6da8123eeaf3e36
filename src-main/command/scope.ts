import { LanyardError } from '../failures.ts';
import type { Identities, ListedBundle } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import type { Caller } from './caller.ts';
import type { DirectoryScopes } from './directory-scopes.ts';
import { bundleNamed, makeOne } from './named-bundle.ts';

/** Which identity a command is for, and what chose it. */
export interface Scope {
  bundle: ListedBundle;
  /** `option`: the person said it with `--as`. */
  from: 'option' | 'variable' | 'shell' | 'directory' | 'default';
  /** In words, where it was not said: the file, or the variable. */
  because: string;
}

export interface ScopeParts {
  identities: Identities;
  directories: DirectoryScopes;
}

/**
 * The identity that `--as` names; else that of the variable LANYARD_AS; else the one that the caller itself runs as; else
 * that of a trusted `.lanyard` file; else the default one. The blank identity is chosen by name only: the machine's own logins are nobody's fallback.
 *
 * @throws LanyardError `unknown_identity`, `no_identity_yet`, `no_identity_chosen`, those of `DirectoryScopes.of`
 */
export async function chooseScope(
  { identities, directories }: ScopeParts,
  as: string | undefined,
  caller: Pick<Caller, 'cwd' | 'environment'>,
): Promise<Scope> {
  if (as !== undefined) return { bundle: bundleNamed(identities, as), from: 'option', because: '' };
  const variable = caller.environment.LANYARD_AS;
  if (variable)
    return {
      bundle: bundleNamed(identities, variable, 'LANYARD_AS'),
      from: 'variable',
      because: 'from LANYARD_AS',
    };
  // Not what a hook has set: that follows the directory, which may be another one by now.
  const { LANYARD_BUNDLE: own, LANYARD_HOOK: hook } = caller.environment;
  if (own && !hook)
    return {
      bundle: bundleNamed(identities, own, 'LANYARD_BUNDLE'),
      from: 'shell',
      because: 'the identity that this runs as',
    };
  const file = await directories.of(caller.cwd);
  if (file)
    return {
      bundle: bundleNamed(identities, file.identity, file.path),
      from: 'directory',
      because: `from ${file.path}`,
    };
  const bundle = identities.bundle(identities.defaultBundleId);
  if (bundle.id !== blankBundleId) return { bundle, from: 'default', because: 'the default identity' };
  if (identities.list().bundles.every(({ id }) => id === blankBundleId)) {
    throw new LanyardError({
      code: 'no_identity_yet',
      title: 'There is no identity yet.',
      hint: makeOne,
    });
  }
  throw new LanyardError({
    code: 'no_identity_chosen',
    title: 'It is not said which identity this is for.',
    hint: 'Name it: --as <identity>. lanyard list shows those that there are.',
  });
}

/** every run says which scope was used when it was chosen for the person. */
export function saysScope({ bundle, from, because }: Scope): string | null {
  return from === 'option' ? null : `lanyard: as ${bundle.name} (${because})`;
}
