import { describe, expect, it } from 'vitest';
import type { PasteDefinition } from '../providers/definition.ts';
import { decidePaste, type KnownLinks } from './pasted-text.ts';

const callback: PasteDefinition = { kind: 'callback' };
const codeState: PasteDefinition = {
  kind: 'code',
  accepts: '^[\\w-]+#[\\w-]+$',
  example: 'a code, a # and more, such as abc#xyz',
  enterSeparately: false,
  join: 'code#state',
};
const plainCode: PasteDefinition = {
  ...codeState,
  accepts: '^4/[\\w-]+$',
  example: 'a code that starts with 4/',
  join: 'code',
};

/** As Google's: nearly anything may be one. */
const anyCode: PasteDefinition = { ...plainCode, accepts: '[^\\s#]{4,}' };

const authorize = (redirect: string, state = 'st-1') =>
  `https://auth.example.test/authorize?client_id=c&redirect_uri=${encodeURIComponent(redirect)}&state=${state}`;
const loopback: KnownLinks = { printed: authorize('http://localhost:1455/auth/callback'), captured: null };
const manual: KnownLinks = {
  printed: authorize('https://console.example.test/code/callback'),
  captured: null,
};
const onlyCaptured: KnownLinks = { printed: null, captured: authorize('http://localhost:40797/callback') };
const both: KnownLinks = { ...manual, captured: authorize('http://localhost:40797/callback') };

const codeOf = (text: string, paste: PasteDefinition, links: KnownLinks) => {
  const decision = decidePaste(text, paste, links);
  return decision.kind === 'refuse'
    ? decision.failure.code
    : decision.kind === 'replay'
      ? decision.url.href
      : decision.text;
};

describe('V-1: where pasted text goes', () => {
  it('a callback URL is replayed to the address of the redirect_uri in the link', () => {
    expect(codeOf('http://localhost:1455/auth/callback?code=ac&state=st-1', callback, loopback)).toBe(
      'http://localhost:1455/auth/callback?code=ac&state=st-1',
    );
    expect(codeOf('  http://127.0.0.1:1455/auth/callback?code=ac&state=st-1\n', callback, loopback)).toBe(
      'http://localhost:1455/auth/callback?code=ac&state=st-1',
    );
    expect(codeOf('localhost:1455/auth/callback?code=ac&state=st-1', callback, loopback)).toBe(
      'http://localhost:1455/auth/callback?code=ac&state=st-1',
    );
  });

  it('OpenRouter names the address of the program callback_url', () => {
    const link =
      'https://openrouter.ai/auth?callback_url=http%3A%2F%2Flocalhost%3A3000%2Fopenrouter%2Fcallback&code_challenge=c&state=st-1';
    const links = { printed: link, captured: null };
    expect(codeOf('http://localhost:3000/openrouter/callback?code=ac&state=st-1', callback, links)).toBe(
      'http://localhost:3000/openrouter/callback?code=ac&state=st-1',
    );
    expect(codeOf('http://localhost:3001/openrouter/callback?code=ac', callback, links)).toBe(
      'wrong_callback_address',
    );
    expect(codeOf(link, callback, links)).toBe('sign_in_page_pasted');
  });

  it('nothing is replayed to another host, port or path', () => {
    for (const text of [
      'http://evil.test:1455/auth/callback?code=ac&state=st-1',
      'http://localhost:1456/auth/callback?code=ac&state=st-1',
      'http://localhost:1455/other?code=ac&state=st-1',
      'http://localhost:1455/auth/callback/../../admin?code=ac&state=st-1',
      'http://127.0.0.1.evil.test:1455/auth/callback?code=ac&state=st-1',
      'http://user@localhost:80/auth/callback?code=ac&state=st-1',
    ]) {
      expect(codeOf(text, callback, loopback), text).toBe('wrong_callback_address');
    }
  });

  it('a code is written as it is, or cut out of a URL', () => {
    expect(codeOf('abc#st-1', codeState, manual)).toBe('abc#st-1');
    expect(codeOf('https://console.example.test/code/callback?code=abc&state=st-1', codeState, manual)).toBe(
      'abc#st-1',
    );
    expect(codeOf('4/0Ab-x', plainCode, manual)).toBe('4/0Ab-x');
    expect(codeOf('console.example.test/code/callback?code=4%2F0Ab-x&state=st-1', anyCode, manual)).toBe(
      '4/0Ab-x',
    );
    expect(codeOf('https://console.example.test/code/callback?code=4%2F0Ab-x', plainCode, manual)).toBe(
      '4/0Ab-x',
    );
  });

  it('the loopback callback of a captured link is replayed even where the CLI also reads codes', () => {
    expect(codeOf('http://localhost:40797/callback?code=abc&state=st-1', codeState, both)).toBe(
      'http://localhost:40797/callback?code=abc&state=st-1',
    );
  });
});

describe('V-2: what does not fit is refused, with what to do', () => {
  it.each([
    ['', codeState, manual, 'nothing_pasted'],
    ['   \n ', codeState, manual, 'nothing_pasted'],
    ['abc', codeState, manual, 'malformed_code'],
    ['abc#st-1\nrm -rf', codeState, manual, 'malformed_paste'],
    ['abc\u0003#st-1', codeState, manual, 'malformed_paste'],
    ['abc#other', codeState, manual, 'callback_state_mismatch'],
    [
      'https://console.example.test/code/callback?code=abc&state=other',
      codeState,
      manual,
      'callback_state_mismatch',
    ],
    [
      'https://console.example.test/code/callback?state=st-1',
      codeState,
      manual,
      'missing_authorization_code',
    ],
    ['https://evil.test/code/callback?code=abc&state=st-1', codeState, manual, 'wrong_callback_address'],
    ['https://console.example.test/code/callback?code=abc', codeState, manual, 'callback_state_mismatch'],
    [
      'http://localhost:1455/auth/callback?code=ac&state=other',
      callback,
      { ...loopback, captured: 'https://auth.example.test/login' },
      'callback_state_mismatch',
    ],
    ['http://evil.test:99999/cb?code=abcd', anyCode, manual, 'malformed_code'],
    ['javascript://console.example.test/%0aabcd', anyCode, manual, 'malformed_code'],
    ['code=abcd&state=st-1', anyCode, manual, 'malformed_code'],
    ['?code=abcd', anyCode, manual, 'malformed_code'],
    ['evil.test/code/callback?code=abcd&state=st-1', anyCode, manual, 'wrong_callback_address'],
    [
      'http://localhost:1455/auth/callback?code=ac&state=st-1&state=other',
      callback,
      loopback,
      'malformed_paste',
    ],
    [
      'https://console.example.test/code/callback?code=ab&code=cd&state=st-1',
      codeState,
      manual,
      'malformed_paste',
    ],
    ['abc#other', codeState, onlyCaptured, 'callback_state_mismatch'],
    [
      'https://console.example.test/code/callback?code=abc&state=other',
      codeState,
      onlyCaptured,
      'callback_state_mismatch',
    ],
    [manual.printed ?? '', codeState, manual, 'sign_in_page_pasted'],
    [loopback.printed ?? '', callback, loopback, 'sign_in_page_pasted'],
    [
      'http://localhost:1455/auth/callback?code=ac&state=other',
      callback,
      loopback,
      'callback_state_mismatch',
    ],
    ['http://localhost:1455/auth/callback?state=st-1', callback, loopback, 'missing_authorization_code'],
    [
      'http://localhost:1455/auth/callback?error=access_denied&state=st-1',
      callback,
      loopback,
      'provider_callback_error',
    ],
    ['hello', callback, loopback, 'wrong_callback_address'],
    ['hello', callback, { printed: null, captured: null }, 'not_ready'],
    ['hello', { kind: 'none' } as const, loopback, 'paste_not_taken'],
  ])('%j', (text, paste, links, expected) => {
    expect(codeOf(text, paste, links)).toBe(expected);
  });

  it('shows the provider’s own words for error=', () => {
    const decision = decidePaste(
      'http://localhost:1455/auth/callback?error=access_denied&error_description=Ask+your+admin&state=st-1',
      callback,
      loopback,
    );
    expect(decision).toMatchObject({
      kind: 'refuse',
      failure: { title: 'The provider said: Ask your admin' },
    });
  });
});
