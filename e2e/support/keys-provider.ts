import { leastDefinition } from '../../src-main/providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../src-main/providers/definition.ts';

/** A provider of a person's own that is an API key and nothing else, and that cannot be asked about it. */
export const keysProvider: ProviderDefinition = {
  ...leastDefinition('keys', 'Keys'),
  apiKey: {
    variable: 'KEYS_API_KEY',
    accepts: 'sk-[A-Za-z0-9-]{8,}',
    example: 'sk-...',
    // The discard port: nobody listens there.
    check: { url: 'http://127.0.0.1:9/', headers: { authorization: 'Bearer {key}' } },
  },
};
