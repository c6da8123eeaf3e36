import { sameEverywhere } from './credential-place.ts';
import type { ApiKeyDefinition, ProviderDefinition } from './definition.ts';

interface KeyOnlyProvider extends Pick<ProviderDefinition, 'id' | 'name' | 'vendor' | 'mark' | 'aliases'> {
  apiKey: ApiKeyDefinition;
}

/**
 * A provider that is an API key and nothing else: no program to start, no output to interpret (L-5), no directory (I-10).
 * Its check is a request of ours, so there is no program's version that it was verified with.
 */
export function keyOnlyProvider(provider: KeyOnlyProvider): ProviderDefinition {
  return {
    ...provider,
    program: { names: [], args: [], installCommand: null },
    configDir: null,
    environment: { set: {}, unset: [] },
    allowedHosts: [],
    flows: [],
    proof: { kind: 'none' },
    identity: null,
    logout: null,
    isolation: sameEverywhere({
      kept: 'app',
      where: "Lanyard's own vault",
      keyedBy: 'the account',
      sharedWith: 'nobody',
      known: 'tried',
    }),
    verified: 'unverified',
  };
}
