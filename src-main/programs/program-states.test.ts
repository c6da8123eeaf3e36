import { expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { ProgramStates, type ProgramStatesOptions } from './program-states.ts';

const named = (id: string, more: Partial<ProviderDefinition> = {}) =>
  sampleDefinition({
    id,
    verified: '2.0.0',
    program: { names: [id], args: [], installCommand: null, version: { args: ['--version'] } },
    ...more,
  });

/** States over answers that the test gives when it wants; `changes` counts what was told. */
function scene(more: Partial<ProgramStatesOptions> = {}) {
  const asked: { id: string; fresh: boolean; answer: (version: string | null) => void }[] = [];
  const told = { changes: 0 };
  const states = new ProgramStates({
    locate: async ({ id }) => `/bin/${id}`,
    chosen: () => null,
    owns: () => false,
    platform: 'linux',
    versionOf: ({ id }, _file, fresh) => new Promise((answer) => asked.push({ id, fresh, answer })),
    onChanged: () => {
      told.changes += 1;
    },
    ...more,
  });
  return { states, asked, told };
}

it('X-6: paths are told before versions, and two programs at most are asked at once', async () => {
  const { states, asked, told } = scene();
  const providers = ['a', 'b', 'c'].map((id) => named(id));
  const [a = named('a')] = providers;
  expect(states.of(a)).toEqual({ state: 'searching' });
  const looked = states.look(providers);
  await expect.poll(() => asked.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(told.changes).toBe(1);
  expect(states.of(a)).toMatchObject({
    state: 'found',
    path: '/bin/a',
    origin: 'found',
    versionAsked: 'now',
  });
  expect(states.known(a).version).toBeNull();
  asked[0]?.answer('1.9.0');
  await expect.poll(() => asked.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(states.of(a)).toMatchObject({ version: '1.9.0', versionAsked: 'done', compared: 'older' });
  asked[1]?.answer(null);
  asked[2]?.answer('2.0.0');
  await looked;
  expect(told.changes).toBe(4);
  expect(states.of(named('b'))).toMatchObject({ state: 'found', versionAsked: 'done' });
  expect(states.known(named('b')).version).toBeNull();
  expect(states.of(named('c'))).toMatchObject({ compared: 'same' });
});

it('X-6: says who named the program, and whether Lanyard can install it', async () => {
  const npm = { names: ['x'], args: [], installCommand: 'npm install -g x', npmPackage: 'x' };
  const { states } = scene({
    locate: async ({ id }) => (id.startsWith('missing') ? null : `/bin/${id}`),
    chosen: (id) => (id === 'mine' ? '/bin/mine' : null),
    owns: (file) => file === '/bin/own',
    versionOf: async () => null,
  });
  const providers = [
    named('mine'),
    named('own', { program: npm }),
    named('missing-npm', { program: npm }),
    named('missing', { program: { names: ['y'], args: [], installCommand: null } }),
    named('key', { program: { names: [], args: [], installCommand: null } }),
  ];
  await states.look(providers);
  expect(providers.map((provider) => states.of(provider))).toMatchObject([
    { state: 'found', origin: 'chosen', updatable: false },
    { state: 'found', origin: 'installed', updatable: true },
    { state: 'missing', installable: true, installCommand: 'npm install -g x' },
    { state: 'missing', installable: false },
    { state: 'not-needed' },
  ]);
});

it('X-6: a program of which nobody knows how it would answer is not asked', async () => {
  const { states, asked } = scene();
  const silent = named('a', { program: { names: ['a'], args: [], installCommand: null } });
  await states.look([silent]);
  await states.lookAt(silent);
  expect(states.of(silent)).toMatchObject({ state: 'found', versionAsked: 'never' });
  expect(asked).toEqual([]);
});

it('X-6: a program that was set and cannot be started is told as such', async () => {
  const failure = { code: 'program_gone', title: 'Gone', hint: 'Set another one.' };
  const { states } = scene({
    locate: async () => {
      throw new LanyardError(failure);
    },
    chosen: () => '/opt/acme',
  });
  await states.look([named('a')]);
  expect(states.of(named('a'))).toEqual({ state: 'unusable', path: '/opt/acme', failure });
});

it('a second look keeps what is known until it knows better, and what the first learns late is not told', async () => {
  const { states, asked } = scene();
  const a = named('a');
  void states.look([a]);
  await expect.poll(() => asked).toHaveLength(1);
  asked[0]?.answer('1.0.0');
  await expect.poll(() => states.known(a).version).toBe('1.0.0');
  void states.look([a]);
  await expect.poll(() => asked).toHaveLength(2);
  expect(states.known(a).version).toBe('1.0.0');
  const last = states.look([a], true);
  await expect.poll(() => asked).toHaveLength(3);
  expect(asked[2]?.fresh).toBe(true);
  asked[1]?.answer('5.0.0');
  asked[2]?.answer('3.0.0');
  await last;
  expect(states.known(a).version).toBe('3.0.0');
});
