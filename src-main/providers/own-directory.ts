import { join } from 'node:path';
import type { ProviderDefinition } from './definition.ts';

/**
 * The directory that a program uses when ours is not handed to it: what its variable says, or its usual one.
 * @returns null when nobody knows
 */
export function ownDirectory(
  { configDir }: ProviderDefinition,
  parent: NodeJS.ProcessEnv,
  homeDirectory: string,
): string | null {
  if (!configDir) return null;
  const usual = configDir.usual === undefined ? null : join(homeDirectory, configDir.usual);
  return parent[configDir.variable] || usual;
}
