import { describe, expect, it } from 'vitest';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import type { ProviderDefinition } from './definition.ts';
import { checkDefinition } from './definition-schema.ts';
import { gemini } from './gemini.ts';

const builtIn: ProviderDefinition[] = [claude, codex, gemini, copilot];

describe.each(builtIn.map((definition) => [definition.id, definition] as const))('%s', (_, definition) => {
  it('is what a definition in a file must be: patterns compile, flows are unique, hosts are lower case', () => {
    // A list of names is the one thing that a file cannot say.
    const identity = definition.identity && {
      ...definition.identity,
      ...Object.fromEntries(
        Object.entries(definition.identity).flatMap(([key, value]) =>
          Array.isArray(value) ? [[key, 'a.b']] : [],
        ),
      ),
    };
    expect(checkDefinition({ ...definition, identity })).toMatchObject({ ok: true });
  });

  it('is data: nothing is lost when it is written as JSON', () => {
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
  });

  it('every failure has words, and a code that means one thing', () => {
    const titles = new Map<string, string>();
    for (const { patterns } of definition.flows) {
      for (const { code, title, hint } of patterns.failures) {
        expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
        expect(title).toMatch(/^[A-Z].*\.$/);
        expect(hint).toMatch(/^[A-Z].*\.$/);
        expect(titles.get(code) ?? title).toBe(title);
        titles.set(code, title);
      }
    }
  });

  it('L-5: a key of its own shape is accepted, the example text is not', () => {
    const { apiKey } = definition;
    if (!apiKey) return;
    expect(apiKey.example).not.toMatch(new RegExp(`^(?:${apiKey.accepts})$`));
    // The variable would override a sign-in, so it is kept from one.
    expect(definition.environment.unset).toContain(apiKey.variable);
  });
});

it('no two providers share an id, an alias or a mark', () => {
  const names = builtIn.flatMap(({ id, aliases }) => [id, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(builtIn.map(({ mark }) => mark)).size).toBe(builtIn.length);
});

it.each([
  [claude, 'browser', 'abc-123_x#state-1', 'abc-123_x'],
  [gemini, 'browser', '4/0AbUR2VMeHxlWA-x', 'a b'],
])('V-2: a login takes the right paste and refuses another', (definition, flowId, right, wrong) => {
  const paste = definition.flows.find(({ id }) => id === flowId)?.paste;
  if (paste?.kind !== 'code') throw new Error('no code to paste');
  const accepts = new RegExp(`^(?:${paste.accepts})$`);
  expect(right).toMatch(accepts);
  expect(wrong).not.toMatch(accepts);
});

it.each([
  [claude, `sk-ant-api03-${'aB3_-'.repeat(18)}`],
  [codex, `sk-proj-${'aB3_-'.repeat(18)}`],
  [gemini, `AIza${'aB3_-'.repeat(7)}`],
])('K-1: takes a key of its shape', ({ apiKey }, key) => {
  expect(key).toMatch(new RegExp(`^(?:${apiKey?.accepts})$`));
});
