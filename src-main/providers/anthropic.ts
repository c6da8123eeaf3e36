import { anthropicKey } from './anthropic-key.ts';
import { keyOnlyProvider } from './key-only.ts';

export const anthropic = keyOnlyProvider({
  id: 'anthropic',
  name: 'Anthropic API',
  vendor: 'Anthropic',
  mark: 'An',
  aliases: ['anthropic-api'],
  apiKey: anthropicKey,
});
