import { keyOnlyProvider } from './key-only.ts';

export const openai = keyOnlyProvider({
  id: 'openai',
  name: 'OpenAI API',
  vendor: 'OpenAI',
  mark: 'Oa',
  aliases: ['openai-api'],
  apiKey: {
    variable: 'OPENAI_API_KEY',
    accepts: 'sk-[A-Za-z0-9_-]{20,}',
    example: 'sk- and a long run of letters and digits',
    check: { url: 'https://api.openai.com/v1/models', headers: { authorization: 'Bearer {key}' } },
  },
});
