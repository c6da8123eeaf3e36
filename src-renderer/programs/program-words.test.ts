import { describe, expect, it } from 'vitest';
import type { ProgramView } from '../../src-preload/contract/programs.ts';
import type { FlowView } from '../../src-preload/contract/providers.ts';
import { provider } from '../state/test-data.ts';
import { flowWords, isShared, matches, triedWords, versionWords } from './program-words.ts';

type Found = Extract<ProgramView, { state: 'found' }>;
const found = (more: Partial<Found> = {}): Found => ({
  state: 'found',
  path: '/bin/x',
  origin: 'found',
  versionAsked: 'done',
  updatable: false,
  ...more,
});

it.each([
  [found({ version: '1.0.0', compared: 'same' }), '1.0.0'],
  [found({ version: '1.0.0' }), '1.0.0'],
  [found({ version: '1.0.0', compared: 'older' }), '1.0.0, older than the one Lanyard was tried with'],
  [found({ version: '1.0.0', compared: 'newer' }), '1.0.0, newer than tried'],
  [found(), 'version unknown'],
  [found({ versionAsked: 'now' }), 'asking for its version…'],
  [found({ versionAsked: 'never' }), null],
])('X-6: the version of %o', (program, expected) => {
  expect(versionWords(program)).toBe(expected);
});

it('I-14: says what Lanyard was tried with, also for one way', () => {
  expect(['unverified', 'built in', '1.2.3'].map(triedWords)).toEqual([
    'Not tried',
    'Built in',
    'Tried with 1.2.3',
  ]);
  const flow = (more: Partial<FlowView>): FlowView => ({
    id: 'a',
    label: 'A',
    kind: 'browser',
    transport: 'pipe',
    parameters: [],
    verified: '1.2.3',
    fits: true,
    needsProgram: true,
    ...more,
  });
  expect(flowWords(flow({}))).toBe('in the background, tried with 1.2.3');
  expect(flowWords(flow({ transport: 'pty', verified: 'unverified', needs: '>=2', fits: false }))).toBe(
    'in a terminal of its own, not tried, for versions >=2, not with the one that is installed',
  );
  expect(flowWords(flow({ verified: 'built in' }))).toBe('in the background');
  expect(flowWords(flow({ verified: 'built in', needsProgram: false }))).toBe('needs no program');
});

describe('the filter', () => {
  const codex = { ...provider('codex'), vendor: 'OpenAI', aliases: ['chatgpt'] };
  it.each(['', ' co', 'CODEX', 'openai', 'chatg'])('%j finds codex', (typed) => {
    expect(matches(codex, typed)).toBe(true);
  });
  it('and not what is called otherwise', () => {
    expect(matches(codex, 'claude')).toBe(false);
  });
});

it('I-14: a login is shared only where its place says so', () => {
  const place = { kept: 'file', where: 'x', keyedBy: 'y', sharedWith: 'nobody', known: 'tried' } as const;
  expect(isShared({ ...provider('a'), place: { ...place, sharedWith: 'machine' } })).toBe(true);
  expect(isShared({ ...provider('a'), place })).toBe(false);
  expect(isShared(provider('a'))).toBe(false);
  expect(isShared(undefined)).toBe(false);
});
