import type { ProviderDefinition } from './definition.ts';

/** Whether a provider's program can be given a directory of the account's own: by its variable, or by `{dir}` in another one. */
export function usesDirectory({ configDir, environment }: ProviderDefinition): boolean {
  return configDir !== null || Object.values(environment.set).some((value) => value.includes('{dir}'));
}
