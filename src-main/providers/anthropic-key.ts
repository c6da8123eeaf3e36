import type { ApiKeyDefinition } from './definition.ts';

/** An Anthropic API key, as every program takes it that talks to Anthropic. */
export const anthropicKey: ApiKeyDefinition = {
  variable: 'ANTHROPIC_API_KEY',
  accepts: 'sk-ant-[A-Za-z0-9_-]{20,}',
  example: 'sk-ant- and a long run of letters and digits',
  check: {
    url: 'https://api.anthropic.com/v1/models',
    headers: { 'x-api-key': '{key}', 'anthropic-version': '2023-06-01' },
  },
};
