import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureClis } from '../../scripts/install-clis.mjs';
import { systemClock } from '../clock.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { killTree, processStartTime } from '../process/kill-tree.ts';
import { PipedCommandRunner } from '../process/run-command.ts';
import { spawnPiped } from '../process/spawn-piped.ts';
import { azure } from '../providers/azure.ts';
import { builtInProviders } from '../providers/built-in.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { demoProvider } from '../providers/demo.ts';
import { openJsonFile } from './json-file.ts';
import { compareVersions, ProgramVersions } from './program-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-version-'));
  mkdirSync(join(root, 'home'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (name: string) => join(root, name);
const acme = sampleDefinition({
  program: { names: ['acme'], args: [], installCommand: null, version: { args: ['--version'] } },
});

/** A program that notes each start in `asked`. */
function script(body: string, name = 'acme'): string {
  writeFileSync(at(name), `#!/bin/sh\necho "$*" >> ${at('asked')}\n${body}\n`);
  chmodSync(at(name), 0o755);
  return at(name);
}
const asked = () => readFileSync(at('asked'), 'utf8').trim().split('\n');

function versions(
  more: { clock?: ManualClock; parent?: NodeJS.ProcessEnv; path?: string } = {},
): ProgramVersions {
  const kill = (pid: number) => killTree(pid);
  return new ProgramVersions({
    commands: new PipedCommandRunner(spawnPiped, kill, more.clock ?? systemClock),
    searchPath: async () => more.path ?? '/usr/bin:/bin',
    parentEnvironment: { HOME: at('home'), ...more.parent },
    platform: 'linux',
    scratchDirectory: at('scratch'),
    cache: openJsonFile(at('versions.json')),
  });
}

describe('X-6: the version of a program', () => {
  it.each([
    ['codex-cli 0.169.0', '0.169.0'],
    ['2.1.197 (Claude Code)', '2.1.197'],
    ['GitHub Copilot CLI 1.0.102.', '1.0.102'],
    ['gh version 2.23.0 (2023-02-27 Debian 2.23.0+dfsg1-1)', '2.23.0'],
    ['aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0 source/x86_64', '2.9.19'],
    ['Google Cloud SDK 528.0.0', '528.0.0'],
    ['kubelogin version v1.35.2', '1.35.2'],
    ['OpenClaw 2026.9.6 (abc1234)', '2026.9.6'],
  ])('is read from %j', async (printed, expected) => {
    const file = script(`cat <<'TEXT'\n${printed}\nTEXT`);
    expect(await versions().of(acme, file)).toBe(expected);
  });

  it('is read where the definition says', async () => {
    const file = script(`cat <<'TEXT'\n{ "azure-cli": "2.91.0", "azure-cli-core": "2.90.1" }\nTEXT`);
    expect(await versions().of(azure, file)).toBe('2.91.0');
    expect(asked()).toEqual(['version --output json']);
  });

  it('is asked for in a throw-away directory, also where only a sign-in is told of one', async () => {
    const [flow] = acme.flows;
    if (!flow) throw new Error('the sample has a flow');
    const flows = [{ ...flow, environment: { ACME_CONFIG: '{dir}' } }];
    const file = script(`echo "$ACME_CONFIG" > ${at('place')}; echo 1.0.0`);
    expect(await versions({ parent: { ACME_CONFIG: at('own') } }).of({ ...acme, flows }, file)).toBe('1.0.0');
    expect(readFileSync(at('place'), 'utf8')).toContain(at('scratch'));
  });

  it('is asked for once per file, also after a restart, and again when the file changed', async () => {
    const file = script('echo 1.0.0');
    const first = versions();
    expect(await first.of(acme, file)).toBe('1.0.0');
    expect(await first.of(acme, file)).toBe('1.0.0');
    expect(await versions().of(acme, file)).toBe('1.0.0');
    expect(asked()).toEqual(['--version']);
    script('echo 1.1.0');
    // npm gives every file of every package the same date.
    utimesSync(file, 0, 0);
    expect(await versions().of(acme, file)).toBe('1.1.0');
    expect(asked()).toHaveLength(2);
  });

  it('is asked for again on request: a version manager’s shim stays the same file', async () => {
    const file = script(`cat ${at('current')}`);
    writeFileSync(at('current'), '1.0.0');
    const same = versions();
    expect(await same.of(acme, file)).toBe('1.0.0');
    writeFileSync(at('current'), '2.0.0');
    expect(await same.of(acme, file)).toBe('1.0.0');
    expect(await same.of(acme, file, true)).toBe('2.0.0');
  });

  it('is unknown, and stays so, when the program fails, says nothing or is not one that is asked', async () => {
    expect(await versions().of(acme, script('echo 1.0.0 >&2; exit 1'))).toBeNull();
    expect(await versions().of(acme, script('echo hello'))).toBeNull();
    expect(await versions().of(acme, at('missing'))).toBeNull();
    const { version: _, ...program } = acme.program;
    rmSync(at('asked'));
    expect(await versions().of({ ...acme, id: 'silent', program }, script('echo 1.0.0'))).toBeNull();
    expect(readdirSync(root)).not.toContain('asked');
  });

  it('a program that does not end is ended with what it started', async () => {
    const clock = new ManualClock();
    const file = script(
      `sleep 600 & echo $! > ${at('pid')}; mkfifo ${at('gate')}; echo > ${at('gate')}; wait`,
    );
    const answer = versions({ clock }).ask(acme, file);
    // Opens when the script has got there.
    await expect.poll(() => readdirSync(root)).toContain('gate');
    readFileSync(at('gate'));
    clock.advance(20_000);
    expect(await answer).toEqual({ version: null, said: ['It did not end.'] });
    const left = Number(readFileSync(at('pid'), 'utf8'));
    await expect.poll(() => processStartTime(left)).toBeNull();
  });

  it('is read from its npm package without a start, when the file belongs to that package', async () => {
    const packaged: ProviderDefinition = { ...acme, program: { ...acme.program, npmPackage: '@acme/cli' } };
    mkdirSync(at('lib/node_modules/@acme/cli/bin'), { recursive: true });
    const manifest = (name: string) =>
      writeFileSync(
        at('lib/node_modules/@acme/cli/package.json'),
        JSON.stringify({ name, version: '3.2.1' }),
      );
    manifest('@acme/cli');
    script('echo 9.9.9', 'lib/node_modules/@acme/cli/bin/acme.js');
    mkdirSync(at('bin'));
    symlinkSync('../lib/node_modules/@acme/cli/bin/acme.js', at('bin/acme'));
    expect(await versions().of(packaged, at('bin/acme'))).toBe('3.2.1');
    expect(readdirSync(root)).not.toContain('asked');
    manifest('somebody-else');
    expect(await versions().of(packaged, at('bin/acme'), true)).toBe('9.9.9');
  });
});

describe('X-6: a program that is asked for its version', () => {
  it('gets an allow-listed environment, a throw-away directory and no terminal; HOME stays', async () => {
    const file = script(
      `env > ${at('env')}; pwd > ${at('cwd')}; [ -t 0 ] || [ -t 1 ] || echo 1.0.0; touch "$ACME_HOME/made"`,
    );
    const parent = { ACME_HOME: at('home/.acme'), ACME_TOKEN: 'secret', NODE_OPTIONS: '--x', OTHER: 'y' };
    expect(await versions({ parent }).of(acme, file)).toBe('1.0.0');
    const env = Object.fromEntries(
      readFileSync(at('env'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(env).toMatchObject({ HOME: at('home'), ACME_COLOR: 'never' });
    for (const name of ['ACME_TOKEN', 'NODE_OPTIONS', 'OTHER']) expect(env).not.toHaveProperty(name);
    expect(env.ACME_HOME).toContain(at('scratch/version-'));
    // Nothing is left of it.
    expect(readdirSync(at('scratch'))).toEqual([]);
  });

  it('X-6: the real codex, claude and gemini say their version and leave the machine’s own places alone', async () => {
    const { binDirectory } = await ensureClis();
    const real = builtInProviders(
      demoProvider({ file: '/opt/lanyard', args: [] }, 'http://127.0.0.1:1'),
    ).filter(({ id }) => ['codex', 'claude', 'gemini'].includes(id));
    const path = `${join(process.cwd(), 'node_modules', '.bin')}:${process.env.PATH}`;
    const found = await Promise.all(
      real.map(async (provider) => {
        const file = join(binDirectory, provider.program.names[0] ?? '');
        const asking = versions({ path });
        const packaged = await asking.of(provider, file);
        return [provider.id, provider.verified, packaged, (await asking.ask(provider, file)).version];
      }),
    );
    for (const [, verified, packaged, said] of found) {
      expect(packaged).toBe(verified);
      expect(said).toBe(verified);
    }
    expect(readdirSync(at('home'))).toEqual([]);
  });
});

describe('X-6: an installed version beside the one that was tried', () => {
  it.each([
    ['0.169.0', '0.169.0', 'same'],
    ['0.168.12', '0.169.0', 'older'],
    ['0.170.0', '0.169.0', 'newer'],
    ['2.9', '2.9.19', 'older'],
    ['1.0.0-rc.1', '1.0.0', 'same'],
    ['1.0.0', 'unverified', null],
    ['1.0.0', 'built in', null],
  ])('%s and %s: %s', (installed, verified, expected) => {
    expect(compareVersions(installed, verified)).toBe(expected);
  });
});
