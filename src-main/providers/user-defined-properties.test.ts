import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdsFor } from '../property.fixture.ts';
import { builtInProviders } from './built-in.ts';
import type { ProviderDefinition } from './definition.ts';
import { checkDefinition } from './definition-schema.ts';
import { demoProvider } from './demo.ts';
import { loadUserProviders } from './user-defined.ts';

const builtIns = builtInProviders(demoProvider({ file: '/opt/lanyard', args: [] }, 'http://127.0.0.1:4000'));

/** A file that one of us could have written: a whole definition, or one that extends another. */
const goodFiles: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...builtIns).map((definition) => ({ ...definition, id: 'own', aliases: [] })),
  fc.constantFrom(...builtIns).map(({ id, flows }) => ({
    id: 'own',
    extends: id,
    program: { names: ['/opt/own'] },
    flows: Object.fromEntries(flows.map((flow) => [flow.id, { label: 'Own' }])),
  })),
);

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    [],
    {},
    0,
    -1,
    1e300,
    '(',
    '(a+)+$',
    '[',
    '../x',
    '/etc',
    'A\0',
    '*',
    'x'.repeat(5_000),
  ),
  fc.constantFrom(
    'LD_PRELOAD',
    'NODE_OPTIONS',
    'http://evil.test',
    'https://u@a.test',
    '__proto__',
    'constructor',
  ),
);
const keys = fc.constantFrom(
  'id',
  'extends',
  'flows',
  'flowOrder',
  '__proto__',
  'constructor',
  'toString',
  'unknown',
  'proof',
  'patterns',
  '',
);

interface Change {
  /** Which value in the tree, counted in the order of the text. */
  place: number;
  act: 'replace' | 'delete' | 'add';
  key: string;
  value: unknown;
}

const changes: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(400),
  act: fc.constantFrom('replace', 'delete', 'add'),
  key: keys,
  value: junk,
});

/** The tree with one of its values replaced or taken out, or something added to it. */
function changed(tree: unknown, { place, act, key, value }: Change): unknown {
  let left = place % countOf(tree);
  const visit = (node: unknown): unknown => {
    const isHere = left === 0;
    left -= 1;
    if (isHere && act === 'replace') return value;
    if (Array.isArray(node)) {
      const items = node.flatMap((item) => {
        const drops = left === 0 && act === 'delete';
        const kept = visit(item);
        return drops ? [] : [kept];
      });
      return isHere && act === 'add' ? [...items, value] : items;
    }
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).flatMap(([name, item]) => {
      const drops = left === 0 && act === 'delete';
      const kept = visit(item);
      return drops ? [] : [[name, kept] as const];
    });
    return Object.fromEntries(isHere && act === 'add' ? [...entries, [key, value]] : entries);
  };
  return visit(tree);
}

function countOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1;
  return Object.values(node).reduce<number>((sum, item) => sum + countOf(item), 1);
}

/** Breaks the text itself. */
const breakages: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.constant((text: string) => text),
  fc
    .tuple(
      fc.nat(9_999),
      fc.nat(30),
      fc.constantFrom('', '"', '{', '}', ',', '//', '\n', '\0', '\ud800', '[['.repeat(3_000)),
    )
    .map(([place, length, inserted]) => (text: string) => {
      const at = Math.floor((place / 10_000) * text.length);
      return text.slice(0, at) + inserted + text.slice(at + length);
    }),
  fc.nat(9_999).map((place) => (text: string) => {
    const lines = text.split('\n');
    const line = lines[Math.floor((place / 10_000) * lines.length)] ?? '';
    return text.replace(line, `${line}\n${line}`);
  }),
);

const files = fc
  .tuple(goodFiles, fc.array(changes, { maxLength: 3 }), breakages)
  .map(([file, all, breakText]) => breakText(JSON.stringify(all.reduce(changed, file), null, 2)));

const anyFiles = fc.oneof(
  { weight: 8, arbitrary: files },
  { weight: 1, arbitrary: fc.json() },
  {
    weight: 1,
    arbitrary: fc
      .nat(60_000)
      .map((depth) => `{"id": "own",\n"flows": ${'['.repeat(depth)}${']'.repeat(depth)}}`),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);

/** What no definition may do, whoever wrote it. */
function expectHarmless(definition: ProviderDefinition): void {
  expect(definition.id).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
  for (const name of Object.keys(definition.environment.set)) {
    expect(name).not.toMatch(/^(?:NODE_OPTIONS|ELECTRON_RUN_AS_NODE|LD_PRELOAD|LD_LIBRARY_PATH|DYLD_)/);
  }
  for (const { path } of definition.configDir?.seed ?? []) {
    expect(path.split(/[/\\]/)).not.toContain('..');
    expect(path).not.toMatch(/^(?:[/\\]|[A-Za-z]:)/);
  }
  for (const { patterns, answers, verificationUrl } of definition.flows) {
    const sources = [patterns.link, patterns.code, patterns.prompt, patterns.success, patterns.rejected];
    for (const source of [...sources, ...answers.map(({ question }) => question)]) {
      if (source !== undefined) expect(new RegExp(source).test('')).toBe(false);
    }
    if (verificationUrl)
      expect(verificationUrl).toMatch(
        /^(?:https:\/\/[^/?#@]+(?:[/?#]|$)|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/])/,
      );
  }
  expect(checkDefinition(definition)).toEqual({ ok: true, definition });
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'providers-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it('I-13: a file loads, or is set aside with the line to look at', async () => {
  const seen = { loaded: 0, setAside: 0 };
  await holdsFor('provider files', { seed: 20_260_512, runs: 1_500 }, anyFiles, async (text) => {
    const source = join(directory, 'own.json');
    await writeFile(source, text, { mode: 0o600 });
    const { definitions, problems } = await loadUserProviders(directory, builtIns);
    if (problems.length === 0) {
      expect(definitions).toHaveLength(1);
      for (const definition of definitions) expectHarmless(definition);
      seen.loaded += 1;
      return;
    }
    expect(definitions).toEqual([]);
    seen.setAside += 1;
    const lines = text.split('\n').length;
    for (const problem of problems) {
      expect(problem).toEqual({ source, line: expect.any(Number), reason: expect.stringMatching(/\S/) });
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lines);
    }
  });
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
}, 300_000);

it('checking a definition never throws, whatever it is', async () => {
  await holdsFor('definitions', { seed: 20_260_513, runs: 2_000 }, fc.oneof(fc.anything(), junk), (value) => {
    const checked = checkDefinition(value);
    if (!checked.ok) expect(checked.issues.length).toBeGreaterThan(0);
  });
});
