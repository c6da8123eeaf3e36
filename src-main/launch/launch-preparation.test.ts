import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identitiesIn, temporaryDirectory } from '../identities/identities.fixture.ts';
import { blankBundleId } from '../identities/model.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import { KeyHomes } from './key-homes.ts';
import { LaunchPreparation } from './launch-preparation.ts';
import { programOf } from './machine-logins.ts';

const provider = (id: string, changes: Partial<ProviderDefinition> = {}) =>
  sampleDefinition({
    id,
    name: id.toUpperCase(),
    aliases: [],
    program: { names: [id], args: [], installCommand: null },
    configDir: { variable: `${id.toUpperCase()}_HOME`, seed: [] },
    environment: { set: {}, unset: [`${id.toUpperCase()}_TOKEN`] },
    apiKey: null,
    ...changes,
  });

const providers = new ProviderRegistry(
  [
    provider('alpha'),
    provider('beta'),
    provider('cloudy', { configDir: { variable: 'CLOUDSDK_CONFIG', seed: [] } }),
    provider('homely', { configDir: { variable: 'HOME', usual: '.', seed: [] } }),
    // Another one for the same program, as gcloud and gemini-vertex are.
    provider('alpha-two', {
      program: { names: ['alpha'], args: [], installCommand: null },
      configDir: { variable: 'OTHER_HOME', seed: [] },
    }),
    provider('node', { program: { names: [process.execPath], args: ['script'], installCommand: null } }),
  ],
  join('/nowhere', 'providers'),
);

async function prepared() {
  const data = temporaryDirectory();
  const { identities, vault } = identitiesIn(data);
  const refused: unknown[] = [];
  const preparation = new LaunchPreparation({
    identities,
    providers,
    programs: { searchPathFor: async () => '/usr/bin' },
    parentEnvironment: { HOME: '/home/ada' },
    network: { variablesFor: () => ({ set: {}, secrets: {} }) },
    beforeLaunch: async () => {},
    platform: 'linux',
    vault,
    keyHomes: new KeyHomes(join(data, 'key-homes')),
    audit: { record: (event) => void refused.push(event.detail) },
    sessionVariables: async () => ({ open: {}, secret: {} }),
  });
  /** An identity with accounts of these. */
  const identity = async (name: string, ...accounts: string[]) => {
    const { id } = identities.createBundle(name);
    for (const each of accounts) {
      const target = identities.open(each, true, id, `session-${name}-${each}`);
      await target.save({ email: 'ada@example.com' });
    }
    return id;
  };
  return { preparation, identity, refused };
}

const failure = (code: string, title: string, more: object = {}) =>
  expect.objectContaining({ failure: expect.objectContaining({ code, title, ...more }) });

describe('R-2: nothing runs with the machine’s own login unless that was said', () => {
  it('an identity without an account starts nothing', async () => {
    const { preparation, identity, refused } = await prepared();
    const work = await identity('Work');
    await expect(preparation.of(work)).rejects.toEqual(
      failure(
        'identity_without_account',
        "Work has no account yet: what runs as it would use the machine's own logins.",
      ),
    );
    expect(refused).toEqual([{ reason: 'identity_without_account' }]);
    expect((await preparation.of(work, { machineLogins: true })).env.LANYARD_BUNDLE).toBe('Work');
    // The credentials of a session are its own.
    expect((await preparation.of(work, { cloudSessionId: 'one' })).env.LANYARD_BUNDLE).toBe('Work');
  });

  it('a program that it has no account for is not started, by whatever path it is named', async () => {
    const { preparation, identity } = await prepared();
    const work = await identity('Work', 'beta');
    for (const program of ['alpha', '/opt/bin/alpha', 'alpha.exe']) {
      await expect(preparation.of(work, { program })).rejects.toEqual(
        failure(
          'program_without_account',
          "Work has no account of ALPHA: alpha would use the machine's own login.",
          { connect: { providerId: 'alpha' } },
        ),
      );
    }
    expect((await preparation.of(work, { program: 'alpha', machineLogins: true })).bundle.name).toBe('Work');
  });

  it.skipIf(process.platform === 'win32')('a link to a program is that program', async () => {
    const { preparation, identity } = await prepared();
    const work = await identity('Work', 'beta');
    const directory = temporaryDirectory();
    symlinkSync('alpha', join(directory, 'a'));
    for (const program of ['./a', join(directory, 'a')])
      await expect(preparation.of(work, { program, directory })).rejects.toEqual(
        failure(
          'program_without_account',
          "Work has no account of ALPHA: a would use the machine's own login.",
        ),
      );
  });

  it('a cloud session has credentials for the programs of clouds, and for no other', async () => {
    const { preparation, identity } = await prepared();
    const under = { cloudSessionId: 'one' };
    const work = await identity('Work');
    for (const program of ['cloudy', 'git', ''])
      expect((await preparation.of(work, { ...under, program })).bundle.name).toBe('Work');
    await expect(preparation.of(work, { ...under, program: 'alpha' })).rejects.toEqual(
      failure(
        'program_without_account',
        "Work has no account of ALPHA: alpha would use the machine's own login.",
        { connect: { providerId: 'alpha' } },
      ),
    );
    const both = { ...under, program: 'alpha', machineLogins: true };
    expect((await preparation.of(work, both)).bundle.name).toBe('Work');
    const other = await identity('Other', 'alpha');
    expect((await preparation.of(other, { ...under, program: 'alpha' })).bundle.name).toBe('Other');
  });

  it('what it has an account for is started, and so is everything that nobody signs in to', async () => {
    const { preparation, identity } = await prepared();
    const starts = async (id: string, ...programs: string[]) => {
      for (const program of programs) await preparation.of(id, { program });
    };
    await starts(await identity('One', 'beta'), 'beta', 'git', process.execPath, '');
    await starts(await identity('Two', 'alpha-two'), 'alpha');
    // With another home the program does not find the machine's login either.
    await starts(await identity('Three', 'homely'), 'alpha');
    await starts(blankBundleId, 'alpha', 'git');
  });
});

describe('programOf', () => {
  it.each([
    ['codex', 'codex'],
    ['  codex exec "fix it"', 'codex'],
    ['/opt/bin/codex; ls', '/opt/bin/codex'],
    ['A=1 B= codex|cat', 'codex'],
    ['exec codex', 'codex'],
    ['cd work && codex', 'cd'],
    ['"$X" codex', ''],
    ['"co"dex', ''],
    ['$(echo codex)', ''],
    ['co"dex"', ''],
    ['A=1', ''],
    ['', ''],
  ])('of %j is %j', (line, program) => {
    expect(programOf(line)).toBe(program);
  });
});
