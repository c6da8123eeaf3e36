import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../random.fixture.ts';
import { isSuccessText } from './success-text.ts';

describe('success text', () => {
  it.each([
    'Logged in as dev@example.test',
    'You are now logged in.',
    'Successfully authenticated',
    '✓ Logged in to github.com as no-reply',
    'Login successful.',
    'No browser found. Logged in with the saved code.',
    'Opened nothing? Logged in anyway!',
    'Paste code here if prompted > Login successful.',
    'Signed in as if-only@example.test',
  ])('L-4: %j says it', (text) => {
    expect(isSuccessText(text)).toBe(true);
  });

  it.each([
    'Not logged in',
    'not authenticated',
    'You are not currently logged in.',
    "You aren't logged in",
    'You aren’t logged in',
    "n't logged in",
    'failed to get authenticated',
    'authentication failed',
    'failed to authenticate',
    'Error: you must be logged in',
    'Please make sure you are logged in',
    'Once you have logged in, press Enter',
    'If you are already logged in, log out first',
    'Nobody is logged in',
    'Never authenticated.',
    'authenticated: no',
    'Logged in? no',
    'authenticated=false',
    'Logged in: "none"',
    'Login succeeded, but the token was not saved.',
    'Logged in failed',
    'unauthenticated',
  ])('L-4: %j does not', (text) => {
    expect(isSuccessText(text)).toBe(false);
  });

  it('L-4: the same holds for a pattern of the provider', () => {
    expect(isSuccessText('Logged in using ChatGPT', 'Logged in using')).toBe(true);
    expect(isSuccessText('Not Logged in using ChatGPT', 'Logged in using')).toBe(false);
    expect(isSuccessText('logged in using ChatGPT', 'Logged in using')).toBe(false);
  });

  it.each([
    ['Auth profile: none', '^Auth profile: '],
    ['Auth profile: (none)', '^Auth profile: '],
    ['"homeTenantId": null,', '"homeTenantId":'],
    ['Logged in as dev: no', '^Logged in as \\S+'],
  ])('L-4: %j answers the words of its pattern with no', (text, pattern) => {
    expect(isSuccessText(text, pattern)).toBe(false);
  });

  it.each([
    'Auth profile: openai:no-reply@acme.test',
    'Auth profile: none.of.us@acme.test',
    'Auth profile: x',
  ])('L-4: %j is somebody', (text) => {
    expect(isSuccessText(text, '^Auth profile: ')).toBe(true);
  });

  it('L-4: one line that says so is enough, one that denies it takes nothing from another', () => {
    expect(isSuccessText('Not logged in to a.test\nLogged in to b.test')).toBe(true);
    expect(isSuccessText('Not logged in. Logged in now.')).toBe(true);
  });

  it('L-4: no filling between a negation and the words makes it a success (seed 20260402)', () => {
    const random = new SeededRandom(20260402);
    const negations = [
      'not',
      'Not',
      "isn't",
      "haven't been",
      'never',
      'failed to get',
      'no longer',
      'cannot be',
      'unable to stay',
      "n't",
    ];
    const fillings = ['yet', 'currently', 'properly', 'really', 'at all', '', '  ', '"', '(', 'fully'];
    const words = ['logged in', 'authenticated', 'signed in', 'Logged In'];
    const tails = ['', '.', ' to github.com', ' as dev@example.test', '!'];
    for (let run = 0; run < 5_000; run++) {
      const filling = Array.from({ length: random.below(3) }, () => random.pick(fillings)).join(' ');
      const text = `${random.pick(['', 'You are ', 'Status: ', '> '])}${random.pick(negations)} ${filling} ${random.pick(words)}${random.pick(tails)}`;
      expect(isSuccessText(text), `${JSON.stringify(text)}, run ${run}`).toBe(false);
    }
  });
});
