import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic.ts';
import { aws } from './aws.ts';
import { awsKey } from './aws-key.ts';
import { builtInProviders } from './built-in.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { checkDefinition } from './definition-schema.ts';
import { demoProvider } from './demo.ts';
import { gcloud } from './gcloud.ts';
import { gemini } from './gemini.ts';
import { github } from './github.ts';
import { kimi } from './kimi.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { askedParameters, checkParameters } from './parameters.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';
import { ProviderRegistry } from './registry.ts';
import { usesDirectory } from './uses-directory.ts';

const demo = demoProvider({ file: '/opt/lanyard', args: [] }, 'http://127.0.0.1:4000');
const builtIn = builtInProviders(demo);
const ours = builtIn.filter(({ id }) => id !== 'demo');
const keyOnly = builtIn.filter(({ flows }) => flows.length === 0);

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

  it('what it asks for before a sign-in is used, and its examples are accepted', () => {
    for (const flow of definition.flows) {
      const { parameters = [] } = flow;
      expect(askedParameters(definition, flow)).toEqual(parameters);
      const examples = Object.fromEntries(parameters.map(({ id, example }) => [id, example]));
      expect(checkParameters(parameters, examples)).toEqual({ ok: true, values: examples });
    }
  });

  it('L-5: a key of its own shape is accepted, the example text is not', () => {
    const { apiKey } = definition;
    if (!apiKey) return;
    expect(apiKey.example).not.toMatch(new RegExp(`^(?:${apiKey.accepts})$`));
    // The variable would override a sign-in, so it is kept from one.
    if (definition.flows.length > 0) expect(definition.environment.unset).toContain(apiKey.variable);
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
  [gcloud, 'paste', '4/0AbUR2VMeHxlWA-x', 'a b'],
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
  [kimi, `sk-${'aB3'.repeat(16)}`],
  [qwen, `sk-${'aB3'.repeat(11)}`],
  [pi, `sk-ant-api03-${'aB3_-'.repeat(18)}`],
  [openai, `sk-proj-${'aB3_-'.repeat(18)}`],
  [anthropic, `sk-ant-api03-${'aB3_-'.repeat(18)}`],
  [openrouter, `sk-or-v1-${'ab3'.repeat(21)}`],
  [awsKey, `AKIA${'AB34'.repeat(4)}:${'aB3/+'.repeat(8)}`],
  [github, `ghp_${'aB3'.repeat(12)}`],
  [github, `github_pat_${'aB3'.repeat(7)}a_${'aB3'.repeat(19)}`],
])('K-1: takes a key of its shape', ({ apiKey }, key) => {
  expect(key).toMatch(new RegExp(`^(?:${apiKey?.accepts})$`));
});

it.each([
  ['claude-code', 'claude'],
  ['codex-cli', 'codex'],
  ['chatgpt', 'codex'],
  ['gemini-cli', 'gemini'],
  ['copilot-cli', 'copilot'],
  ['open-claw', 'openclaw'],
  ['kimi-code', 'kimi'],
  ['kimi-cli', 'kimi'],
  ['qwen-code', 'qwen'],
  ['pi-coding-agent', 'pi'],
  ['agy', 'antigravity'],
  ['opencode-ai', 'opencode'],
  ['augment', 'auggie'],
  ['gh', 'github'],
  ['google-cloud', 'gcloud'],
  ['aws-sso', 'aws'],
  ['az', 'azure'],
  ['kubelogin', 'kubernetes'],
  ['OpenAI', 'openai'],
])('%s is found as %s', (alias, id) => {
  const registry = new ProviderRegistry(builtIn, join(tmpdir(), 'no-such-directory'));
  expect(registry.find(alias)?.id).toBe(id);
});

describe('providers that are a key and nothing else', () => {
  it('are openai, anthropic, openrouter and an AWS access key', () => {
    expect(keyOnly.map(({ id }) => id)).toEqual(['openai', 'anthropic', 'openrouter', 'aws-key']);
  });

  it.each(keyOnly)('L-5 I-10: $id has no pattern, no program and no directory', (definition) => {
    expect(definition.apiKey).not.toBeNull();
    expect(definition.program.names).toEqual([]);
    expect(definition.allowedHosts).toEqual([]);
    expect(usesDirectory(definition)).toBe(false);
  });
});

it.each(ours)('I-14: $id says where its login is kept on each system', ({ id, isolation, flows }) => {
  if (!isolation) throw new Error(`${id} says nothing`);
  for (const place of Object.values(isolation)) {
    // A file is the account's own only where a directory of its own is handed to the program.
    if (place.kept === 'file' && place.sharedWith === 'nobody') {
      expect(flows.length).toBeGreaterThan(0);
      expect(place.where).toContain("the account's directory");
    }
  }
});

it('I-14: what cannot be kept apart says that it is shared with the machine', () => {
  const shared = ours.filter(({ isolation }) => isolation?.linux.sharedWith === 'machine');
  expect(shared.map(({ id }) => id)).toEqual(['copilot', 'antigravity']);
});

it.each(ours.filter((definition) => !usesDirectory(definition) && definition.flows.length > 0))(
  'I-14: $id gets no directory, so it does not claim one',
  ({ isolation }) => {
    expect(isolation?.linux.sharedWith).toBe('machine');
  },
);

it.each(ours.filter(({ program }) => program.npmPackage !== undefined))(
  'X-6: what Lanyard installs for $id is what its install command names',
  ({ program }) => {
    expect(program.installCommand).toBe(`npm install -g ${program.npmPackage}`);
  },
);

it('X-6: every program is asked for its version, but for one of which nobody knows how it would answer', () => {
  const silent = ours.filter(({ flows, program }) => flows.length > 0 && !program.version);
  expect(silent.map(({ id }) => id)).toEqual(['antigravity']);
});

it('S-5: no proof is an exit code that says nothing', () => {
  // Their status commands exit with 0 whoever is signed in.
  for (const id of ['qwen', 'opencode', 'kimi']) {
    expect(builtIn.find((definition) => definition.id === id)?.proof.kind).toBe('credential-file');
  }
  expect(gcloud.proof).toMatchObject({ json: { equals: 'ACTIVE' } });
});

it('X-5: HOME is moved for the two that know no other way', () => {
  const moved = ours.filter(
    ({ configDir, environment }) => configDir?.variable === 'HOME' || 'HOME' in environment.set,
  );
  expect(moved.map(({ id }) => id)).toEqual(['auggie', 'aws']);
  expect(aws.environment.set.USERPROFILE).toBe('{dir}');
});

it('I-17: fixed ports are those that the programs insist on', () => {
  const ports = ours.flatMap(({ id, flows }) =>
    flows.flatMap(({ fixedPort }) => (fixedPort === undefined ? [] : [`${id} ${fixedPort}`])),
  );
  expect(ports).toEqual([
    'codex 1455',
    'opencode 1455',
    'qwen 3000',
    'pi 53692',
    'pi 1455',
    'gcloud 8085',
    'kubernetes 8000',
  ]);
});
