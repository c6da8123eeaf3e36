import type { ProviderDefinition } from '../../src-main/providers/definition.ts';

/** A provider of a person's own that is an API key and nothing else, and that cannot be asked about it. */
export const keysProvider: ProviderDefinition = {
  id: 'keys',
  name: 'Keys',
  vendor: 'Keys',
  mark: 'Ke',
  aliases: [],
  program: { names: [], args: [], installCommand: null },
  configDir: null,
  environment: { set: {}, unset: [] },
  allowedHosts: [],
  flows: [],
  proof: { kind: 'none' },
  identity: null,
  logout: null,
  apiKey: {
    variable: 'KEYS_API_KEY',
    accepts: 'sk-[A-Za-z0-9-]{8,}',
    example: 'sk-...',
    // The discard port: nobody listens there.
    check: { url: 'http://127.0.0.1:9/', headers: { authorization: 'Bearer {key}' } },
  },
  verified: 'unverified',
};
