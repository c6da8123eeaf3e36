import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../random.fixture.ts';
import { classifyLink } from './link-policy.ts';

const openai = ['auth.openai.com', 'chatgpt.com'];

describe('links of a provider with a host list', () => {
  it.each([
    'https://auth.openai.com/oauth/authorize?client_id=a&state=b',
    'https://chatgpt.com/auth/device',
    'https://eu.auth.openai.com/login',
    'https://auth.openai.com:8443/login',
  ])('L-1: %s is the provider', (url) => {
    expect(classifyLink(url, openai)).toEqual({ kind: 'listed', url });
  });

  it('L-1: gives the address in the form that was checked', () => {
    expect(classifyLink('HTTPS://AUTH.OPENAI.COM/login', openai)).toEqual({
      kind: 'listed',
      url: 'https://auth.openai.com/login',
    });
  });

  it.each([
    'https://evil.test/?x=auth.openai.com',
    'https://auth.openai.com.evil.test/login',
    'https://auth.openai.com@evil.test/login',
    'https://user:password@auth.openai.com/login',
    'https://@auth.openai.com/login',
    'https://evilauth.openai.com.test/login',
    'https://xauth.openai.com/login',
    'https://openai.com/login',
    'http://auth.openai.com/login',
    'http://127.0.0.1:1455/auth/callback',
    'https://auth.openai.com\\@evil.test/login',
    'https://evil.test\\auth.openai.com/login',
    'https:/auth.openai.com/login',
    'https:auth.openai.com/login',
    'https:///auth.openai.com/login',
    'https://auth.openai.com./login',
    'https://.auth.openai.com/login',
    'https://auth.openai.com%2eevil.test/login',
    'https://auth.openai.com%00.evil.test/login',
    'https://auth.open\u200bai.com/login',
    'https://\uff41uth.openai.com/login',
    'https://auth.\u043epenai.com/login',
    'https://xn--auth-openai.com/login',
    'https://auth.openai.com/login\u0000',
    'https://auth.openai.com/login\r\nhttps://evil.test',
    'https://auth.openai.com/\u202elogin',
    'https://[::1/login',
    'https://auth.openai.com:99999/login',
    'javascript:alert("https://auth.openai.com/login")',
  ])('L-1: %j is not', (url) => {
    expect(classifyLink(url, openai).kind).toBe('untrusted');
  });

  it('L-1: an untrusted link can be shown: no control characters, no invisible ones, no change of direction', () => {
    const verdict = classifyLink('https://evil.test/login\u202e\u0007\u200b\ngo', openai);
    expect(verdict).toEqual({ kind: 'untrusted', url: 'https://evil.test/login����go' });
  });

  it.each([
    'https://chatgpt.com/help/articles/123',
    'https://docs.example.test/authors/guide',
    'http://localhost:1455',
  ])('L-1: %s is no sign-in link', (url) => {
    expect(classifyLink(url, openai)).toEqual({ kind: 'not-a-sign-in-link' });
  });

  it('L-1: words of the program make any listed link the sign-in link, and any foreign one a warning', () => {
    expect(classifyLink('https://chatgpt.com/x', openai, true)).toEqual({
      kind: 'listed',
      url: 'https://chatgpt.com/x',
    });
    expect(classifyLink('https://evil.test/x', openai, true).kind).toBe('untrusted');
  });

  it.each([
    ['http://127.0.0.1:4000/login', '127.0.0.1'],
    ['http://127.9.8.7/login', '127.9.8.7'],
    ['http://localhost:4000/login', 'localhost'],
    ['http://[::1]:4000/login', '::1'],
    ['http://[::1]:4000/login', '[::1]'],
  ])('L-1: http is fine for %s where %s is listed', (url, host) => {
    expect(classifyLink(url, [host])).toEqual({ kind: 'listed', url });
  });

  it('L-1: http is for this machine only, even where the host is listed', () => {
    expect(classifyLink('http://idp.test/login', ['idp.test']).kind).toBe('untrusted');
    expect(classifyLink('http://127.0.0.1.evil.test/login', ['evil.test']).kind).toBe('untrusted');
    expect(classifyLink('http://localhost.evil.test/login', []).kind).toBe('untrusted');
  });

  it('L-1: whatever is put around a listed host, only it and its subdomains pass (seed 20260401)', () => {
    const random = new SeededRandom(20260401);
    const pieces = [
      'auth.openai.com',
      'evil.test',
      '@',
      '\\',
      '/',
      '.',
      ':',
      '#',
      '?',
      '%2f',
      '%40',
      ' ',
      '\t',
      '\u2024',
      'login',
      '//',
      '[',
      '443',
    ];
    let trusted = 0;
    for (let run = 0; run < 20_000; run++) {
      const url = `https://${Array.from({ length: 1 + random.below(5) }, () => random.pick(pieces)).join('')}/login`;
      const verdict = classifyLink(url, openai);
      if (verdict.kind !== 'listed') continue;
      trusted++;
      // The oldest reading of an authority: up to the first delimiter, and nothing but a host and a port in it.
      const authority = /^https:\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
      expect(authority, `${JSON.stringify(url)}, run ${run}`).toMatch(
        /^(?:[a-z0-9.-]+\.)?auth\.openai\.com(?::\d*)?$/i,
      );
      expect(new URL(verdict.url).hostname).toMatch(/(?:^|\.)auth\.openai\.com$/);
    }
    expect(trusted).toBeGreaterThan(100);
  });
});

describe('links of a custom provider', () => {
  it.each([
    'https://sso.example.test/oauth2/start',
    'https://login.example.test/x',
    'https://example.test/authorize',
    'https://example.test/device',
    'https://auth.example.test/',
    'http://127.0.0.1:8080/login',
  ])('L-2: %s is offered', (url) => {
    expect(classifyLink(url, [])).toEqual({ kind: 'offered', url });
  });

  it.each(['https://example.test/docs', 'https://example.test/authors', 'https://example.test/?next=/login'])(
    'L-2: %s is not offered',
    (url) => {
      expect(classifyLink(url, []).kind).toBe('not-a-sign-in-link');
    },
  );

  it.each(['http://example.test/login', 'https://a@example.test/login', 'https://example.test\\login'])(
    'L-2: %j is a warning',
    (url) => {
      expect(classifyLink(url, []).kind).toBe('untrusted');
    },
  );
});

it.each([
  ['https://ghe.acme.test/login/device', 'listed'],
  ['https://ghe.acme.test:8443/login', 'listed'],
  ['https://evil.ghe.acme.test/login', 'untrusted'],
  ['https://acme.test/login', 'untrusted'],
  ['https://=ghe.acme.test/login', 'untrusted'],
  ['http://ghe.acme.test/login', 'untrusted'],
])('L-1: of a host that stands for itself alone, %s is %s', (url, kind) => {
  expect(classifyLink(url, ['=ghe.acme.test'])).toMatchObject({ kind });
});
