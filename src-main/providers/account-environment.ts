import type { ProviderDefinition } from './definition.ts';
import { parametersIn } from './parameters.ts';

/**
 * The variables by which a provider's programs find an account's own directory: those of the definition, with `{dir}`
 * filled in, and the config directory's. Parameters must have been filled in before (`accountProvider`); what still
 * names one is left out.
 */
export function accountVariables(provider: ProviderDefinition, directory: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(provider.environment.set)) {
    if (parametersIn(value).ids.length === 0) variables[name] = value.replaceAll('{dir}', () => directory);
  }
  if (provider.configDir) variables[provider.configDir.variable] = directory;
  return variables;
}

/** The variables that lead a provider's program to the account's own directory during a sign-in alone. */
export function flowDirectories(provider: ProviderDefinition, directory: string): Record<string, string> {
  const variables = provider.flows.flatMap((flow) => Object.entries(flow.environment ?? {}));
  return Object.fromEntries(
    variables
      .filter(([, value]) => value.includes('{dir}') && parametersIn(value).ids.length === 0)
      .map(([name, value]) => [name, value.replaceAll('{dir}', () => directory)]),
  );
}

/**
 * The same for the blank identity, which leaves what the person has as it is (I-4): setting a variable to its default
 * selects another login with some CLIs.
 */
export function machineVariables(
  provider: ProviderDefinition,
  parent: NodeJS.ProcessEnv,
): Record<string, string> {
  const variables: Record<string, string> = {};
  const keep = (name: string) => {
    const value = parent[name];
    if (value !== undefined) variables[name] = value;
  };
  for (const [name, value] of Object.entries(provider.environment.set)) {
    if (value.includes('{dir}') || parametersIn(value).ids.length > 0) keep(name);
    else variables[name] = value;
  }
  if (provider.configDir) keep(provider.configDir.variable);
  return variables;
}
