import { expect, it } from 'vitest';
import { parseJson, readField } from './field-path.ts';

const jwt = (payload: unknown) => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.sig`;

it('reads nested fields, through a JWT, and keys with dots as segments', () => {
  const data = {
    tokens: {
      id_token: jwt({ email: 'ada@example.test', 'https://api.example.test/auth': { plan: 'plus' } }),
    },
  };
  expect(readField(data, 'tokens.id_token:jwt.email')).toBe('ada@example.test');
  expect(readField(data, ['tokens', 'id_token:jwt', 'https://api.example.test/auth', 'plan'])).toBe('plus');
});

it('leads nowhere without throwing', () => {
  for (const data of [
    null,
    3,
    'text',
    { tokens: null },
    { tokens: { id_token: 'no-jwt' } },
    { tokens: { id_token: 'a.%%%.c' } },
  ]) {
    expect(readField(data, 'tokens.id_token:jwt.email')).toBeUndefined();
  }
  expect(readField({}, '__proto__.polluted')).toBeUndefined();
  expect(parseJson('{')).toBeUndefined();
});

it('S-5: reads JSON with comments, as copilot 1.0.102 writes it', () => {
  const text =
    '// This file is managed automatically.\n{"url": "https://a.test/*b*/", /* c */ "users": [{"login": "ada"}]}\n';
  expect(parseJson(text)).toEqual({ url: 'https://a.test/*b*/', users: [{ login: 'ada' }] });
  expect(parseJson('// nothing')).toBeUndefined();
  expect(parseJson('Signed in as ada')).toBeUndefined();
});
