import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Install } from '../../src-preload/contract/programs.ts';
import { systemClock } from '../clock.ts';
import { killTree, processStartTime } from '../process/kill-tree.ts';
import { ProgramFinder } from '../process/program-finder.ts';
import { PipedCommandRunner } from '../process/run-command.ts';
import { spawnPiped } from '../process/spawn-piped.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { Redactor } from '../vault/redact.ts';
import { Installs } from './installs.ts';
import { openJsonFile } from './json-file.ts';
import { type NpmRegistry, startNpmRegistry } from './npm-registry.fixture.ts';
import { OwnCopies } from './own-copies.ts';
import { ProgramVersions } from './program-version.ts';

let root: string;
let registry: NpmRegistry;
const at = (name: string) => join(root, name);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-install-'));
  mkdirSync(at('home'));
  registry = await startNpmRegistry(root);
});
afterEach(async () => {
  await registry.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
});

const acme: ProviderDefinition = sampleDefinition({
  program: {
    names: ['acme'],
    args: [],
    installCommand: 'npm install -g @acme/cli',
    npmPackage: '@acme/cli',
    version: { args: ['--version'] },
  },
});
const program = (version: string) => `#!/bin/sh\necho acme ${version}\n`;
const publish = (
  version: string,
  more: { bin?: Record<string, string>; scripts?: Record<string, string> } = {},
) => registry.publish({ name: '@acme/cli', version, bin: { acme: program(version) }, ...more });

/** Everything as the app has it, with the real npm; `parent` is added to the person's environment. */
function scene(
  parent: NodeJS.ProcessEnv = { npm_config_registry: registry.url },
  path = process.env.PATH ?? '',
) {
  const redactor = new Redactor();
  const copies = new OwnCopies(at('programs'), process.platform);
  const environment = { PATH: path, HOME: at('home'), npm_config_fetch_retries: '0', ...parent };
  const finder = new ProgramFinder({
    environment,
    homeDirectory: at('home'),
    platform: process.platform,
    readLoginPath: async () => null,
    lastFolders: () => copies.folders(),
  });
  const kill = (pid: number, options: { rootEnded?: boolean } = {}) => killTree(pid, options);
  const versions = new ProgramVersions({
    commands: new PipedCommandRunner(spawnPiped, kill, systemClock),
    searchPath: () => finder.searchPath(),
    parentEnvironment: environment,
    platform: process.platform,
    scratchDirectory: at('scratch'),
    cache: openJsonFile(at('versions.json')),
  });
  const told: (Install | null)[] = [];
  const watchers: (() => void)[] = [];
  const started: number[] = [];
  const faults: unknown[] = [];
  const installs = new Installs({
    copies,
    finder,
    ask: (provider, file) => versions.ask(provider, file),
    lookAgain: async () => {},
    spawn: (request) => {
      const child = spawnPiped(request);
      started.push(child.pid);
      return child;
    },
    killTree: kill,
    processStartTime,
    parentEnvironment: environment,
    platform: process.platform,
    clock: systemClock,
    redactor,
    onChanged: (_id, install) => {
      told.push(install);
      for (const look of watchers) look();
    },
    log: { info: () => {}, error: (_event, fields) => faults.push(fields) },
  });
  const until = (fits: (install: Install) => boolean) =>
    new Promise<Install>((resolve) => {
      const look = () => {
        const found = told.find((install) => install !== null && fits(install));
        if (found) resolve(found);
      };
      watchers.push(look);
      look();
    });
  return {
    installs,
    copies,
    finder,
    told,
    started,
    faults,
    until,
    ended: () => until(({ status }) => status !== 'running'),
  };
}

/** Names of generations that lie in the programs folder. */
const generations = () => (existsSync(at('programs/acme')) ? readdirSync(at('programs/acme')) : []);

describe('X-6: installing with the real npm from a registry on this machine', () => {
  it('puts the program into a folder of Lanyard’s own, tells what npm says, and then it is found', async () => {
    await publish('1.2.3');
    const { installs, finder, ended, told, copies } = scene();
    expect(await finder.find(['acme'])).toBeNull();
    installs.start(acme);
    expect(installs.list()).toMatchObject([{ providerId: 'acme', status: 'running' }]);
    const install = await ended();
    expect(install).toMatchObject({ status: 'succeeded', version: '1.2.3' });
    expect(install.failure).toBeUndefined();
    const file = await finder.find(['acme']);
    expect(file).toBe(install.path);
    expect(copies.owns(file ?? '')).toBe(true);
    expect(install.command).toMatch(/^npm install --global --prefix \S+ @acme\/cli$/);
    expect(install.lines.join('\n')).toContain(`GET 200 ${registry.url}@acme`);
    expect(install.lines.join('\n')).toContain('added 1 package');
    expect(install.endedAt).toBeGreaterThanOrEqual(install.startedAt);
    // The first word is that it runs, before npm says anything.
    expect(told[0]).toMatchObject({ status: 'running', lines: [] });
    // Nothing global, nothing in the person's home but npm's own cache.
    expect(readdirSync(at('home'))).toEqual(['.npm']);
  });

  it('runs the scripts that a package needs to be whole', async () => {
    await publish('1.0.0', {
      bin: { acme: '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/made"\n' },
      scripts: { postinstall: 'echo unpacking; echo 7.7.7 > bin/made' },
    });
    const { installs, ended } = scene();
    installs.start(acme);
    const install = await ended();
    expect(install).toMatchObject({ status: 'succeeded', version: '7.7.7' });
    expect(install.lines).toContain('unpacking');
  });

  it('takes registry and token from the person’s .npmrc, and shows the token nowhere', async () => {
    await publish('1.0.0', { scripts: { postinstall: 'echo token is $NPM_TOKEN' } });
    registry.requireToken('corporate-token-123');
    const host = registry.url.replace('http:', '');
    writeFileSync(at('home/.npmrc'), `registry=${registry.url}\n${host}:_authToken=\${NPM_TOKEN}\n`);
    const { installs, ended, told } = scene({ NPM_TOKEN: 'corporate-token-123' });
    installs.start(acme);
    const install = await ended();
    expect(install).toMatchObject({ status: 'succeeded' });
    expect(install.lines).toContain('token is [redacted]');
    expect(JSON.stringify(told)).not.toContain('corporate-token');
  });

  it('brings a copy up to date beside the old one, which goes at the next start', async () => {
    await publish('1.0.0');
    const { installs, ended, finder, copies, told } = scene();
    installs.start(acme);
    const first = await ended();
    await publish('2.0.0');
    told.length = 0;
    installs.start(acme);
    const second = await ended();
    expect(second).toMatchObject({ status: 'succeeded', version: '2.0.0' });
    expect(existsSync(first.path ?? '')).toBe(true);
    finder.refresh();
    expect(await finder.find(['acme'])).toBe(second.path);
    await copies.sweep(async () => {});
    expect(existsSync(first.path ?? '')).toBe(false);
    expect(existsSync(second.path ?? '')).toBe(true);
  });

  it('an update that fails leaves the copy that works', async () => {
    await publish('1.0.0');
    const { installs, ended, finder, told } = scene();
    installs.start(acme);
    const first = await ended();
    await publish('2.0.0', { bin: { acme: '#!/bin/sh\necho cannot >&2; exit 1\n' } });
    told.length = 0;
    installs.start(acme);
    expect(await ended()).toMatchObject({
      status: 'failed',
      failure: { code: 'installed_does_not_start', detail: 'cannot' },
    });
    finder.refresh();
    expect(await finder.find(['acme'])).toBe(first.path);
    expect(generations()).toHaveLength(1);
  });

  it('one at a time per provider', async () => {
    await publish('1.0.0');
    const { installs, ended, started } = scene();
    installs.start(acme);
    installs.start(acme);
    await ended();
    expect(started).toHaveLength(1);
    expect(installs.list()).toHaveLength(1);
    installs.dismiss('acme');
    expect(installs.list()).toEqual([]);
  });
});

describe('X-6: an installation that is cancelled', () => {
  it('while npm downloads: npm has ended, and nothing is left', async () => {
    await publish('1.0.0');
    const held = registry.holdTarballs();
    const { installs, ended, started } = scene();
    installs.start(acme);
    await held.asked;
    expect(generations()).toHaveLength(1);
    expect(installs.cancel('acme')).toEqual({ success: true });
    expect(await ended()).toMatchObject({ status: 'cancelled', failure: { code: 'cancelled' } });
    expect(await processStartTime(started[0] ?? 0)).toBeNull();
    expect(generations()).toEqual([]);
    expect(installs.cancel('acme')).toMatchObject({ success: false, failure: { code: 'not_installing' } });
    held.release();
  });

  it('while a script of the package runs: that has ended, too', async () => {
    await publish('1.0.0', { scripts: { postinstall: `echo $$ > ${at('pid')}; echo waiting; sleep 600` } });
    const { installs, ended, until } = scene();
    installs.start(acme);
    await until(({ lines }) => lines.includes('waiting'));
    await installs.stop();
    expect(await ended()).toMatchObject({ status: 'cancelled' });
    expect(await processStartTime(Number(readFileSync(at('pid'), 'utf8')))).toBeNull();
    expect(generations()).toEqual([]);
    expect(() => installs.start(acme)).toThrow(/not_installable/);
  });

  it('before npm was found: npm never starts', async () => {
    const { installs, ended, started } = scene();
    installs.start(acme);
    installs.cancel('acme');
    expect(await ended()).toMatchObject({ status: 'cancelled' });
    expect(started).toEqual([]);
  });
});

describe('X-6: an installation that fails says why and keeps nothing', () => {
  const failure = async (given: ReturnType<typeof scene>) => {
    given.installs.start(acme);
    const install = await given.ended();
    expect(generations()).toEqual([]);
    expect(given.faults).toEqual([]);
    expect(install.status).toBe('failed');
    return install.failure;
  };

  it('the registry does not have it', async () => {
    expect(await failure(scene())).toMatchObject({
      code: 'not_in_registry',
      detail: expect.stringMatching(/^npm ended with exit code 1\. 404 Not Found/),
    });
  });

  it('the registry cannot be reached', async () => {
    const closed = await startNpmRegistry(root);
    await closed.close();
    expect(await failure(scene({ npm_config_registry: closed.url }))).toMatchObject({
      code: 'registry_unreachable',
    });
  });

  it('the registry wants a sign-in', async () => {
    await publish('1.0.0');
    registry.requireToken('x');
    expect(await failure(scene())).toMatchObject({ code: 'registry_refused' });
  });

  it('a script of the package fails', async () => {
    await publish('1.0.0', { scripts: { postinstall: 'echo no compiler here >&2; exit 3' } });
    const shown = await failure(scene());
    expect(shown).toMatchObject({ code: 'install_failed', title: 'Acme could not be installed' });
  });

  it('the package has no such program', async () => {
    await publish('1.0.0', { bin: { other: program('1.0.0') } });
    expect(await failure(scene())).toMatchObject({ code: 'program_not_in_package' });
  });

  it('npm’s cache cannot be written', async () => {
    await publish('1.0.0');
    writeFileSync(at('not-a-folder'), '');
    // Root may write anywhere, so a file stands where the cache should be: npm calls that ENOTDIR.
    const shown = await failure(
      scene({ npm_config_registry: registry.url, npm_config_cache: at('not-a-folder/cache') }),
    );
    expect(shown).toMatchObject({
      code: 'install_failed',
      detail: expect.stringContaining('npm ended with exit code'),
    });
  });

  it('there is no npm: Node.js first', async () => {
    mkdirSync(at('empty'));
    const given = scene({}, at('empty'));
    // The search knows other folders than the PATH.
    given.finder.find = async () => null;
    expect(await failure(given)).toMatchObject({
      code: 'npm_missing',
      hint: expect.stringContaining('Node.js first'),
    });
    expect(given.started).toEqual([]);
  });

  it('npm itself cannot be started', async () => {
    mkdirSync(at('bin'));
    writeFileSync(at('bin/npm'), '#!/no/such/interpreter\n');
    chmodSync(at('bin/npm'), 0o755);
    expect(await failure(scene({}, at('bin')))).toMatchObject({ code: 'could_not_start' });
  });

  it('what no package is known for cannot be installed', () => {
    const { npmPackage: _, ...rest } = acme.program;
    expect(() => scene().installs.start({ ...acme, program: rest })).toThrow(/not_installable/);
  });
});
