import { expect, it } from 'vitest';
import { jwtClaims } from './jwt-claims.ts';

const token = (payload: string) => `e30.${Buffer.from(payload).toString('base64url')}.signature`;

it('RFC 7519: the claims of a token, whatever its signature is', () => {
  expect(jwtClaims(token('{"sub":"ada","name":"Ädä ÿ?","exp":12}'))).toEqual({
    sub: 'ada',
    name: 'Ädä ÿ?',
    exp: 12,
  });
});

it.each(['', 'no token', 'one.two.three', token('not json'), token('null'), token('"text"'), token('12')])(
  'nothing of a text that is none: %j',
  (text) => {
    expect(jwtClaims(text)).toBeUndefined();
  },
);
