import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureClis, moreClisThere } from '../../../scripts/install-clis.mjs';
import { systemClock } from '../../clock.ts';
import { killTree } from '../../process/kill-tree.ts';
import { PipedCommandRunner } from '../../process/run-command.ts';
import { spawnPiped } from '../../process/spawn-piped.ts';
import { antigravity } from '../../providers/antigravity.ts';
import { claude } from '../../providers/claude.ts';
import { codex } from '../../providers/codex.ts';
import { copilot } from '../../providers/copilot.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { demoProvider } from '../../providers/demo.ts';
import { gcloud } from '../../providers/gcloud.ts';
import { gemini } from '../../providers/gemini.ts';
import { github } from '../../providers/github.ts';
import { kimi } from '../../providers/kimi.ts';
import { openai } from '../../providers/openai.ts';
import { opencode } from '../../providers/opencode.ts';
import { qwen } from '../../providers/qwen.ts';
import { IsolationTest } from './isolation-test.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
let root: string;
const at = (name: string) => join(root, name);

beforeEach(() => {
  // Not below the system's temp directory: codex warns about a home there.
  mkdirSync(join(project, 'test-results', 'homes'), { recursive: true });
  root = mkdtempSync(join(project, 'test-results', 'homes', 'isolation-'));
  mkdirSync(at('home'));
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

interface Given {
  file?: string | null;
  parent?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
}

function tester({ file = null, parent = {}, platform = process.platform }: Given = {}) {
  const kill = (pid: number) => killTree(pid);
  return new IsolationTest({
    programs: {
      locate: async () => file,
      searchPath: async () => `${join(project, 'node_modules', '.bin')}:${process.env.PATH}`,
    },
    commands: new PipedCommandRunner(spawnPiped, kill, systemClock),
    parentEnvironment: { HOME: at('home'), ...parent },
    homeDirectory: at('home'),
    platform,
    clock: { now: () => 5_000 },
    scratchDirectory: at('run'),
  });
}

const results = (report: Awaited<ReturnType<IsolationTest['run']>>) =>
  report.steps.map(({ id, result }) => `${id} ${result}`);
const allPassed = ['apart passed', 'both passed', 'logout passed', 'machine passed'];

/** Everything below a directory, as names with contents. */
function tree(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, `${statSync(path).mtimeMs} ${readFileSync(path, 'utf8')}`]),
  );
}

describe('I-14: with the real program, in two throw-away directories', () => {
  const own = (directory: string, path: string, text: string) => {
    mkdirSync(dirname(at(join('home', directory, path))), { recursive: true });
    writeFileSync(at(join('home', directory, path)), text);
  };

  it('codex keeps them apart, and the machine’s own login is untouched byte for byte', async () => {
    const { binDirectory } = await ensureClis();
    own('.codex', 'auth.json', JSON.stringify({ OPENAI_API_KEY: 'sk-of-this-machine-12345' }));
    const before = tree(at('home'));
    const report = await tester({ file: join(binDirectory, 'codex') }).run(codex);
    expect(report).toMatchObject({ providerId: 'codex', verdict: 'kept-apart', at: 5_000 });
    expect(results(report)).toEqual(allPassed);
    expect(tree(at('home'))).toEqual(before);
    expect(readdirSync(at('run'))).toEqual([]);
  });

  it.skipIf(process.platform === 'darwin')('claude keeps them apart on this system', async () => {
    const { binDirectory } = await ensureClis();
    own('.claude', '.credentials.json', '{"claudeAiOauth":{"accessToken":"of-this-machine"}}');
    const before = tree(at('home'));
    const report = await tester({ file: join(binDirectory, 'claude') }).run(claude);
    expect(results(report)).toEqual(allPassed);
    expect(report.verdict).toBe('kept-apart');
    expect(tree(at('home'))).toEqual(before);
  });

  it('gemini keeps them apart: what it says of a login names the one in its directory', async () => {
    const { binDirectory } = await ensureClis();
    own('.gemini', 'oauth_creds.json', '{"refresh_token":"of-this-machine"}');
    const before = tree(at('home'));
    const report = await tester({ file: join(binDirectory, 'gemini') }).run(gemini);
    // It has no logout of its own: the account's directory goes.
    expect(results(report)).toEqual(['apart passed', 'both passed', 'logout skipped', 'machine passed']);
    expect(report.verdict).toBe('kept-apart');
    expect(tree(at('home'))).toEqual(before);
    expect(readdirSync(at('run'))).toEqual([]);
  });

  const gh = ['/usr/bin/gh', '/usr/local/bin/gh'].find((path) => existsSync(path));
  it.skipIf(!gh)(`gh keeps them apart${gh ? '' : ' (skipped: gh is not installed here)'}`, async () => {
    const report = await tester({ file: gh ?? null }).run(github);
    expect(results(report)).toEqual(allPassed);
  });

  const sdk = ['/usr/bin/gcloud', '/usr/local/bin/gcloud', '/snap/bin/gcloud'].find((path) =>
    existsSync(path),
  );
  it.skipIf(!sdk)(`gcloud keeps them apart${sdk ? '' : ' (skipped: it is not installed here)'}`, async () => {
    own('.config/gcloud', 'credentials.db', 'of this machine');
    const before = tree(at('home'));
    const report = await tester({ file: sdk ?? null }).run(gcloud);
    expect(results(report)).toEqual(allPassed);
    expect(tree(at('home'))).toEqual(before);
  });

  const more = moreClisThere();
  const noMore = more ? '' : ' (skipped: its CLI comes with npm run test:providers)';
  it.skipIf(!more).each([opencode, qwen])(`$id keeps them apart${noMore}`, async (provider) => {
    const path = provider.selfTest?.files[0]?.path ?? '';
    own(provider.configDir?.usual ?? '', path, '{"of":"this machine"}');
    const before = tree(at('home'));
    const report = await tester({ file: join(more ?? '', provider.id) }).run(provider);
    // Neither has a logout of its own: the account's directory goes.
    expect(results(report)).toEqual(['apart passed', 'both passed', 'logout skipped', 'machine passed']);
    expect(report.verdict).toBe('kept-apart');
    expect(tree(at('home'))).toMatchObject(before);
  });

  it('the demo’s own CLI keeps them apart', async () => {
    const script = join(project, 'src-main', 'demo', 'run-demo-cli.ts');
    const program = { file: process.execPath, args: [script] };
    const demo = demoProvider(program, 'http://127.0.0.1:9');
    const report = await tester({ file: process.execPath }).run(demo);
    expect(results(report)).toEqual(allPassed);
  });
});

/** A program that keeps one file `login` where its variable says, unless the script is told otherwise. */
function fake(body: string): ProviderDefinition {
  writeFileSync(at('acme'), `#!/bin/sh\nhome=$ACME_HOME\n${body}`);
  chmodSync(at('acme'), 0o755);
  return sampleDefinition({
    program: { names: ['acme'], args: [], installCommand: null },
    configDir: { variable: 'ACME_HOME', usual: '.acme', seed: [] },
    logout: { args: ['logout'] },
    selfTest: { files: [{ path: 'login', text: 'I am {name}' }], args: ['status'], says: 'I am {name}' },
  });
}
const works = `case $1 in status) cat "$home/login" ;; logout) rm "$home/login" ;; esac\n`;

describe('I-14: a program that does not keep them apart is found out', () => {
  it('one that does keep them apart, for comparison', async () => {
    expect(results(await tester({ file: at('acme') }).run(fake(works)))).toEqual(allPassed);
  });

  it('it looks in the machine’s own place, whatever directory it is given', async () => {
    const provider = fake(`home=$HOME/.acme\n${works}`);
    mkdirSync(at('home/.acme'));
    writeFileSync(at('home/.acme/login'), 'I am first');
    const report = await tester({ file: at('acme') }).run(provider);
    expect(report.verdict).toBe('not-kept-apart');
    expect(results(report)).toEqual(['apart failed', 'both failed', 'logout failed', 'machine failed']);
    expect(report.steps[0]?.detail).toBe('It named first and first where first and nobody had to be.');
  });

  it('its logout signs out everybody', async () => {
    const provider = fake(`case $1 in status) cat "$home/login" ;; logout) rm "$home"/../*/login ;; esac\n`);
    const report = await tester({ file: at('acme') }).run(provider);
    expect(results(report)).toEqual(['apart passed', 'both passed', 'logout failed', 'machine passed']);
  });

  it('it writes to the machine’s own login', async () => {
    const provider = fake(`echo x >> "$HOME/.acme/login"\n${works}`);
    mkdirSync(at('home/.acme'));
    const report = await tester({ file: at('acme') }).run(provider);
    expect(results(report)).toEqual(['apart passed', 'both passed', 'logout passed', 'machine failed']);
  });

  it('it says that somebody is signed in whoever it is', async () => {
    const report = await tester({ file: at('acme') }).run(fake('echo signed in\n'));
    expect(report.verdict).toBe('not-kept-apart');
    expect(report.steps[0]?.detail).toContain('unknown');
  });
});

describe('I-14: what can be shown is shown, and the rest is said', () => {
  it('without a logout, and where nobody knows the machine’s own place', async () => {
    const provider = {
      ...fake(works),
      configDir: { variable: 'ACME_HOME', seed: [] },
      logout: { args: null },
    };
    const report = await tester({ file: at('acme') }).run(provider);
    expect(results(report)).toEqual(['apart passed', 'both passed', 'logout skipped', 'machine skipped']);
    expect(report.verdict).toBe('kept-apart');
  });

  it('a logout that does not work without the network, and leaves the other alone', async () => {
    const provider = fake(`case $1 in status) cat "$home/login" ;; logout) exit 1 ;; esac\n`);
    const report = await tester({ file: at('acme') }).run(provider);
    expect(results(report)).toEqual(['apart passed', 'both passed', 'logout skipped', 'machine passed']);
    expect(report.steps[2]?.detail).toMatch(/did not sign out without the network/);
    expect(report.verdict).toBe('kept-apart');
  });

  it('a program that sees the made-up login in neither directory is not said to share it', async () => {
    const report = await tester({ file: at('acme') }).run(fake('exit 1\n'));
    expect(report).toMatchObject({ verdict: 'not-tested', steps: [] });
    expect(report.reason).toMatch(/did not see the made-up login/);
  });

  it('both directories are prepared as those of accounts are', async () => {
    const works = fake(`test -f "$home/settings" || exit 0\ncat "$home/login" || echo nobody\n`);
    const provider: ProviderDefinition = {
      ...works,
      configDir: { variable: 'ACME_HOME', usual: '.acme', seed: [{ path: 'settings', text: '{dir}' }] },
      logout: { args: null },
    };
    if (provider.selfTest) provider.selfTest.nobody = 'nobody';
    const report = await tester({ file: at('acme') }).run(provider);
    expect(report.steps[0]).toMatchObject({ id: 'apart', result: 'passed' });
  });

  it.each([
    [openai, 'linux', /no program to test/],
    [antigravity, 'linux', /shared with this machine/],
    [copilot, 'darwin', /shared with this machine/],
    [claude, 'darwin', /system keychain/],
    [kimi, 'linux', /two real sign-ins/],
  ] as const)('$id on %s could not be tested, and says why', async (provider, platform, reason) => {
    const report = await tester({ platform }).run(provider);
    expect(report).toMatchObject({ verdict: 'not-tested', steps: [], reason: expect.stringMatching(reason) });
  });

  it('a program that is missing', async () => {
    await expect(tester().run(codex)).rejects.toMatchObject({ failure: { code: 'program_not_found' } });
  });

  it('made-up logins are not sent anywhere, and the person’s own variables do not get in', async () => {
    const provider = fake(`env > ${at('env')}\n${works}`);
    const parent = {
      https_proxy: 'http://proxy.acme.example',
      NO_PROXY: '*',
      ACME_TOKEN: 'x',
      ACME_HOME: at('mine'),
    };
    await tester({ file: at('acme'), parent }).run(provider);
    const env = readFileSync(at('env'), 'utf8');
    expect(env).toMatch(/^HTTPS_PROXY=http:\/\/127\.0\.0\.1:9$/m);
    expect(env).toMatch(/^https_proxy=http:\/\/127\.0\.0\.1:9$/m);
    expect(env).not.toMatch(/^(?:NO_PROXY|ACME_TOKEN)=/m);
    expect(env).toMatch(new RegExp(`^ACME_HOME=${at('run')}/self-test-\\w+/[ab]$`, 'm'));
  });
});
