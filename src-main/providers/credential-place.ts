import type { CredentialPlace, IsolationDefinition } from './definition.ts';

/** For programs that keep their login in the same way on every system. */
export function sameEverywhere(place: CredentialPlace): IsolationDefinition {
  return { linux: place, macos: place, windows: place };
}

/**
 * A file below the account's own directory on every system.
 * @param where the file and what it is below, in words
 * @param knownOnLinux whether it was seen there; other systems are always documented only
 */
export function ownFileEverywhere(
  where: string,
  knownOnLinux: CredentialPlace['known'] = 'tried',
): IsolationDefinition {
  const place = {
    kept: 'file',
    where,
    keyedBy: "the account's directory",
    sharedWith: 'nobody',
  } as const satisfies Partial<CredentialPlace>;
  return {
    linux: { ...place, known: knownOnLinux },
    macos: { ...place, known: 'documented' },
    windows: { ...place, known: 'documented' },
  };
}
