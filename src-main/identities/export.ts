import type { ListedBundle } from './identities.ts';
import type { Account } from './model.ts';

/** Version of the exported file's form; see docs/identities.md. */
export const exportVersion = 1;

/** What an exported file holds: who is in which identity. No secret, no place of one, no id of ours. */
export interface ExportedIdentities {
  format: 'lanyard-identities';
  version: typeof exportVersion;
  /** ISO 8601, UTC. */
  exportedAt: string;
  identities: {
    name: string;
    description: string;
    colour: string;
    default: boolean;
    accounts: ExportedAccount[];
  }[];
}

interface ExportedAccount {
  provider: string;
  kind: Account['kind'];
  label: string;
  email?: string;
  organisation?: string;
}

/** @param now milliseconds since the Unix epoch, UTC */
export function exportIdentities(
  bundles: readonly ListedBundle[],
  defaultBundleId: string,
  now: number,
): ExportedIdentities {
  return {
    format: 'lanyard-identities',
    version: exportVersion,
    exportedAt: new Date(now).toISOString(),
    identities: bundles
      .filter((bundle) => !bundle.blank)
      .map(({ id, name, description, colour, accounts }) => ({
        name,
        description,
        colour,
        default: id === defaultBundleId,
        accounts: accounts.map(exportAccount),
      })),
  };
}

function exportAccount({ provider, kind, displayName, context }: Account): ExportedAccount {
  return {
    provider,
    kind,
    label: displayName,
    ...(context.email === undefined ? {} : { email: context.email }),
    ...(context.organisation === undefined ? {} : { organisation: context.organisation }),
  };
}
