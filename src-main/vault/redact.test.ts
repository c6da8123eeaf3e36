import { describe, expect, it } from 'vitest';
import { Redactor } from './redact.ts';
import { Secret } from './secret.ts';

const redact = (text: string, ...secrets: string[]) => {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(new Secret(secret));
  return redactor.redact(text);
};

describe('registered secrets', () => {
  it('S-13: are replaced wherever they are, also as they look in a URL, a form and JSON', () => {
    const secret = 'p+w /"ö"';
    const forms = [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(secret).replaceAll('%20', '+'),
      JSON.stringify(secret).slice(1, -1),
    ];
    for (const form of forms) expect(redact(`a ${form} b ${form}`, secret)).toBe('a [redacted] b [redacted]');
  });

  it('S-13: a secret within another leaves nothing of the other', () => {
    expect(redact('code abcd#efghijkl.', 'abcd', 'abcd#efghijkl')).toBe('code [redacted].');
  });

  it('takes no words out of the text for a secret of three letters, and copes with half a character', () => {
    expect(redact('the end', 'the')).toBe('the end');
    expect(redact('x \ud800abc y', '\ud800abc')).toBe('x [redacted] y');
  });
});

describe('secrets of a known shape', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.${'c2ln'.repeat(8)}`;

  it.each([
    jwt,
    `eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.`,
    'sk-proj-abcdefghij1234567890',
    'sk-ant-oat01-abcdefghij_1234567890-AA',
    'gho_c58415c82610b873c82e866a70d62746d8c7',
    'ghp_abcdefghijklmnopqrst',
    'ghu_abcdefghijklmnopqrst',
    'github_pat_11ABCDEFG0abcdefghijkl',
    'ya29.a0AfH6SMBx-abc_def.ghi',
    'AIzaSyA1234567890abcdefghijklmnopqrstuv',
    '1//0gabcdefghijklmnop-qr',
    '4/0AbUR2VMabcdefghijklmnop',
    'GOCSPX-abcdefghijklmnop',
    'AKIAIOSFODNN7EXAMPLE',
    'glpat-abcdefghijklmnopqrst',
  ])('S-13: %s', (secret) => {
    expect(redact(`Saved ${secret}, done`)).toBe('Saved [redacted], done');
    expect(redact(`{"x":"${secret}"}`)).toBe('{"x":"[redacted]"}');
    expect(redact(`X=${secret}`)).toBe('X=[redacted]');
  });

  it.each([
    ['Authorization: Bearer abc123', 'Authorization: Bearer [redacted]'],
    ['authorization: bearer aB/c+d==', 'authorization: bearer [redacted]'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'Basic [redacted]'],
    [
      'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'aws_secret_access_key = [redacted]',
    ],
    ['"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"', '"SecretAccessKey": "[redacted]"'],
    ['"access_token":"abc","expires_in":3600', '"access_token":"[redacted]","expires_in":3600'],
    ['refresh_token: xyz', 'refresh_token: [redacted]'],
    ['x-api-key: abc123', 'x-api-key: [redacted]'],
    ['"access-token":"abc"', '"access-token":"[redacted]"'],
    ['Authorization: token abc123', 'Authorization: token [redacted]'],
    ['Cookie: sid=abc; other=def', 'Cookie: [redacted]'],
    ['oauth_verifier=abc', 'oauth_verifier=[redacted]'],
    ['https://a.test/logout?id_token_hint=abc', 'https://a.test/logout?id_token_hint=[redacted]'],
    ['hf_AbCdEfGhIjKlMnOpQr', '[redacted]'],
    ['AQ.Ab8RN6Kx_Lm-NoPqRsTu', '[redacted]'],
    ['export ANTHROPIC_API_KEY=abc', 'export ANTHROPIC_API_KEY=[redacted]'],
    ['export CLAUDE_CODE_OAUTH_TOKEN=abc', 'export CLAUDE_CODE_OAUTH_TOKEN=[redacted]'],
  ])('S-13: %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });
});

describe('addresses', () => {
  it.each([
    'code',
    'state',
    'access_token',
    'refresh_token',
    'id_token',
    'code_verifier',
    'client_secret',
    'password',
    'assertion',
    'token',
  ])('O-11: the value of %s', (name) => {
    expect(redact(`GET http://127.0.0.1:1455/cb?a=1&${name}=ab%2Fc-d_e&b=2 HTTP`)).toBe(
      `GET http://127.0.0.1:1455/cb?a=1&${name}=[redacted]&b=2 HTTP`,
    );
    expect(redact(`https://a.test/?${name}=%61bc`)).toBe(`https://a.test/?${name}=[redacted]`);
    expect(redact(`https://a.test/?next=https%3A%2F%2Fb.test%3F${name}%3Dabc%26x%3D1`)).toBe(
      `https://a.test/?next=https%3A%2F%2Fb.test%3F${name}%3D[redacted]%26x%3D1`,
    );
  });

  it('O-11: user name, password and fragment', () => {
    expect(redact('https://user:pass@word@a.test/x#id_token=abc and')).toBe(
      'https://[redacted]@a.test/x#[redacted] and',
    );
    expect(redact('"https://a.test/#abc" <ssh://git@a.test/x>')).toBe(
      '"https://a.test/#[redacted]" <ssh://[redacted]@a.test/x>',
    );
  });

  it('O-11: leaves what a person needs to see', () => {
    const link =
      'https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_EMo&code_challenge=IO3V&code_challenge_method=S256&scope=openid';
    expect(redact(link)).toBe(link);
  });
});

it.each([
  'Enter code ABCD-69540 at https://github.com/login/device',
  'https://github.com/login/device?user_code=ABCD-1234',
  'Opening browser to sign in… exit code=1, state: waiting',
  'Logged in as dev@example.test, issue #12',
  'The bearer of this token: see the basic example',
  'Bearer authentication is on',
  'error in src/providers/4/five.ts at 1//2',
  'commit 9d1c250ae61b44d988ed5944d1962f5e11111111',
  'Password: ',
  'Use this token by setting: export CLAUDE_CODE_OAUTH_TOKEN=<token>',
  'a task-list and a desk-top in risk-free sk-8',
  '{"loggedIn":false,"authMethod":"none"}',
])('S-13: ordinary text stays: %s', (text) => {
  expect(redact(text)).toBe(text);
});

it('S-13: time grows with the length of a line, whatever is in it', () => {
  const hostile = [
    'eyJ',
    'a://',
    'a_',
    'sk-',
    '-eyJ-',
    '?code=',
    '%3F',
    'bearer ',
    'token ',
    '4/',
    'password',
    '@',
    ' #',
    '"',
    '://@',
  ];
  for (const piece of hostile) {
    const started = performance.now();
    redact(piece.repeat(Math.ceil(400_000 / piece.length)), 'a secret');
    // A quadratic pattern takes minutes here.
    expect(performance.now() - started, piece).toBeLessThan(2_000);
  }
});
