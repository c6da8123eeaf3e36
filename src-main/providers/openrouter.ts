import { keyOnlyProvider } from './key-only.ts';

export const openrouter = keyOnlyProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  vendor: 'OpenRouter',
  mark: 'Or',
  aliases: ['openrouter-api'],
  apiKey: {
    variable: 'OPENROUTER_API_KEY',
    accepts: 'sk-or-[A-Za-z0-9_-]{20,}',
    example: 'sk-or-v1- and 64 letters and digits',
    // Its list of models answers without a key; this address tells about the key itself.
    check: { url: 'https://openrouter.ai/api/v1/key', headers: { authorization: 'Bearer {key}' } },
  },
});
