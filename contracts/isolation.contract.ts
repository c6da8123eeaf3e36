import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestPlace, projectRoot } from '../e2e/support/test-place.ts';
import { systemClock } from '../src-main/clock.ts';
import { IsolationTest } from '../src-main/methods/cli/isolation-test.ts';
import { killTree } from '../src-main/process/kill-tree.ts';
import { PipedCommandRunner } from '../src-main/process/run-command.ts';
import { spawnPiped } from '../src-main/process/spawn-piped.ts';
import { aws } from '../src-main/providers/aws.ts';
import { builtInProviders } from '../src-main/providers/built-in.ts';
import type { ProviderDefinition } from '../src-main/providers/definition.ts';
import { demoProvider } from '../src-main/providers/demo.ts';
import { gemini } from '../src-main/providers/gemini.ts';
import { contractCases } from './cases.ts';
import { OwnLogin } from './support/own-login.ts';
import { findPrograms } from './support/programs.ts';

const demo = demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1');
const testable = builtInProviders(demo).filter((each) => each.id !== demo.id && each.selfTest);
const programs = await findPrograms();

/** What the sign-out step says where it is no command, or one that asks the network first. */
const skippedLogouts: Readonly<Record<string, RegExp>> = {
  azure: /did not sign out without the network/,
  gemini: /no command for that/,
  opencode: /no command for that/,
  pi: /no command for that/,
  qwen: /no command for that/,
};

function programOf({ program }: ProviderDefinition) {
  const [name = ''] = program.names;
  const found = programs[name];
  return { name, directories: found?.directories ?? [], reason: found ? found.reason : 'not looked for' };
}

/** A home with the machine's own login, and the self-test as the button in a provider's details runs it. */
async function prepare(provider: ProviderDefinition, own?: Record<string, string>) {
  const { name, directories } = programOf(provider);
  const place = await createTestPlace();
  onTestFinished(() => place.remove());
  const contract = contractCases.find((each) => each.provider === provider.id);
  const login = await OwnLogin.plant(place.home, own ?? contract?.ownLogin ?? {});
  const searchPath = [...directories, join(projectRoot, 'node_modules', '.bin'), '/usr/bin', '/bin'];
  const test = new IsolationTest({
    programs: {
      locate: async () => join(directories[0] ?? '', name),
      searchPath: async () => searchPath.join(delimiter),
    },
    commands: new PipedCommandRunner(spawnPiped, killTree, systemClock),
    parentEnvironment: { HOME: place.home },
    homeDirectory: place.home,
    platform: process.platform,
    clock: { now: () => 5_000 },
    scratchDirectory: join(place.root, 'run'),
  });
  return { test, place, login, litter: contract?.litter };
}

describe('I-14: two directories are kept apart, and the machine’s own login is untouched', () => {
  for (const provider of testable) {
    const { name, reason } = programOf(provider);
    it.skipIf(reason)(`${provider.id}${reason ? ` (skipped: ${name}: ${reason})` : ''}`, async () => {
      const { test, place, login, litter } = await prepare(provider);
      const report = await test.run(provider);
      const logout = skippedLogouts[provider.id];
      expect(report.steps).toEqual([
        { id: 'apart', title: expect.anything(), result: 'passed' },
        { id: 'both', title: expect.anything(), result: 'passed' },
        {
          id: 'logout',
          title: expect.anything(),
          ...(logout ? { result: 'skipped', detail: expect.stringMatching(logout) } : { result: 'passed' }),
        },
        { id: 'machine', title: expect.anything(), result: 'passed' },
      ]);
      expect(report.verdict).toBe('kept-apart');
      const { touched, added } = await login.changes();
      expect(touched).toEqual([]);
      expect(added.filter((path) => !litter?.test(path))).toEqual([]);
      expect(readdirSync(join(place.root, 'run'))).toEqual([]);
    });
  }

  /** As if the real program did not take the directory that it is given. */
  const directed = [aws, gemini].filter((provider) => !programOf(provider).reason);
  it.each(directed)('$id is found out when it uses the machine’s own place', async (given) => {
    const files = [...(given.configDir?.seed ?? []), ...(given.selfTest?.files ?? [])];
    const own = files.map(({ path, json, text }) => {
      const content = text ?? JSON.stringify(json);
      return [path, content.replaceAll('{name}', 'first')];
    });
    const provider: ProviderDefinition = {
      ...given,
      configDir: { variable: 'LANYARD_NOBODY_READS_THIS', usual: '.', seed: given.configDir?.seed ?? [] },
      environment: { ...given.environment, set: withoutDirectory(given.environment.set) },
    };
    const { test } = await prepare(provider, Object.fromEntries(own));
    const report = await test.run(provider);
    expect(report.verdict).toBe('not-kept-apart');
    expect(report.steps[0]).toMatchObject({
      result: 'failed',
      detail: 'It named first and first where first and nobody had to be.',
    });
  });
});

function withoutDirectory(set: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(set).filter(([, value]) => !value.includes('{dir}')));
}
