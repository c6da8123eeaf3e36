import type { Lifetime } from '../../identities/expiry.ts';
import type { CredentialDefinition } from '../../providers/definition.ts';
import { readJsonFiles } from './credential-file.ts';
import { isEmptyValue, readField } from './field-path.ts';

/** What the credential files say. `absent`: certainly none; `unclear`: one could not be read. */
export type Credential = 'absent' | 'unclear' | Lifetime;

const renewalMarginMs = 5 * 60_000;

/**
 * Whether a program that is asked now may begin to renew its login, which it would not finish: the refresh token is used
 * up then, and the new one is lost. Programs renew some minutes early (claude 2.1: five).
 */
export function mayBeRenewed({ expiresAt }: Lifetime, now: number): boolean {
  return expiresAt !== undefined && now + renewalMarginMs >= expiresAt;
}

/** @param directory null where nobody knows it */
export async function readCredentials(
  definitions: CredentialDefinition[],
  directory: string | null,
): Promise<Credential> {
  if (directory === null) return 'unclear';
  const found: Lifetime[] = [];
  let unclear = false;
  for (const definition of definitions) {
    for (const { state, json } of await readJsonFiles(directory, definition.path)) {
      if (state === 'unreadable') unclear = true;
      if (state !== 'read') continue;
      if (definition.field !== undefined && isEmptyValue(readField(json, definition.field))) continue;
      found.push(lifetimeOf(json, definition));
    }
  }
  const [longest] = found.sort((a, b) => lasts(b) - lasts(a));
  if (longest) return longest;
  return unclear ? 'unclear' : 'absent';
}

/** One that renews itself outlasts every other. */
function lasts({ expiresAt = Number.POSITIVE_INFINITY, renews }: Lifetime): number {
  return renews ? Number.POSITIVE_INFINITY : expiresAt;
}

function lifetimeOf(json: unknown, { expires, refreshable }: CredentialDefinition): Lifetime {
  const renews = refreshable !== undefined && !isEmptyValue(readField(json, refreshable));
  const expiresAt = expires && timeOf(readField(json, expires.field), expires.unit);
  return { renews, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function timeOf(value: unknown, unit: 'ms' | 's' | 'iso'): number | undefined {
  if (unit === 'iso') {
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isFinite(time) ? time : undefined;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return undefined;
  return Math.round(unit === 's' ? value * 1000 : value);
}
