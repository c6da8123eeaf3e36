import { describe, expect, it } from 'vitest';
import { builtInProviders } from './built-in.ts';
import { sampleDefinition } from './definition.fixture.ts';
import { demoProvider } from './demo.ts';
import { slowPattern } from './slow-pattern.ts';

const sample = sampleDefinition();
const withSuccess = (success: string) =>
  sampleDefinition({
    flows: sample.flows.map((flow) => ({ ...flow, patterns: { ...flow.patterns, success } })),
  });

describe('slowPattern', () => {
  it.each([
    '(a+)+$',
    '^Signed in as (\\w+\\s?)*$',
    '(x+x+)+y',
    '(?:[a-z0-9]+-?)+!$',
    'done: (\\d+)*\\d+\\.\\d+!',
    '(ab|a|b)*c',
    '\\s*\\s*\\s*\\s*x',
  ])('names %s, and where it stands', (success) => {
    expect(slowPattern(withSuccess(success))?.path).toEqual(['flows', 0, 'patterns', 'success']);
  });

  it.each(['Signed in as (\\S+)', '^\\s*done\\s*$', '[A-Z0-9]{4}-[A-Z0-9]{4}', '(?:a|b|c)+d', '.*x'])(
    'lets %s be',
    (success) => expect(slowPattern(withSuccess(success))).toBeNull(),
  );

  it.each(builtInProviders(demoProvider({ file: '/demo', args: [] }, 'http://127.0.0.1:1')))(
    'nothing of the built-in $id is slow',
    (definition) => expect(slowPattern(definition)).toBeNull(),
  );

  it('names what a person types, too', () => {
    const { apiKey } = sample;
    expect(apiKey).not.toBeNull();
    if (!apiKey) return;
    const slow = sampleDefinition({ apiKey: { ...apiKey, accepts: 'sk-([a-z]+)+' } });
    expect(slowPattern(slow)).toEqual({
      path: ['apiKey', 'accepts'],
      reason: expect.stringContaining('far too long'),
    });
  });
});
