import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { temporaryDirectory } from '../../identities/identities.fixture.ts';
import { killTree } from '../../process/kill-tree.ts';
import { PipedCommandRunner } from '../../process/run-command.ts';
import { spawnPiped } from '../../process/spawn-piped.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { MachineLogins } from './machine-logins.ts';

/** Says who is signed in, and leaves a trace in its directory as a program that keeps a cache does. */
const statusProgram = `
import { existsSync, readFileSync, mkdirSync } from 'node:fs';
const home = process.env.ACME_HOME ?? process.env.HOME + '/.acme';
mkdirSync(home + '/cache', { recursive: true });
const login = home + '/login.json';
if (process.env.ACME_KEY) console.log(JSON.stringify({ in: true, email: 'key@acme.test' }));
else if (existsSync(login)) console.log(JSON.stringify({ in: true, ...JSON.parse(readFileSync(login, 'utf8')) }));
else process.exit(1);
`;

function machine() {
  const root = temporaryDirectory();
  const home = join(root, 'home');
  const accountsRoot = join(root, 'data', 'accounts');
  mkdirSync(home);
  mkdirSync(accountsRoot, { recursive: true });
  const script = join(root, 'acme.mjs');
  writeFileSync(script, statusProgram);
  const withStatus: ProviderDefinition = sampleDefinition({
    id: 'acme',
    program: { names: ['acme'], args: [script], installCommand: null },
    configDir: { variable: 'ACME_HOME', usual: '.acme', seed: [] },
    environment: { set: {}, unset: ['ACME_KEY'] },
    proof: { kind: 'status-command', args: ['status'], json: { field: 'in', equals: true } },
    identity: { from: { kind: 'status-json' }, email: 'email' },
  });
  const withFile: ProviderDefinition = sampleDefinition({
    id: 'filed',
    configDir: { variable: 'FILED_HOME', usual: '.', seed: [] },
    proof: { kind: 'credential-file', path: '.filed/login.json', field: 'token' },
    identity: { from: { kind: 'file', path: '.filed/login.json' }, email: 'email' },
  });
  const logins = (env: NodeJS.ProcessEnv = {}, program: string | null = process.execPath) =>
    new MachineLogins({
      programs: { locate: async () => program, searchPath: async () => '/usr/bin:/bin' },
      commands: new PipedCommandRunner(spawnPiped, (pid) => killTree(pid), systemClock),
      parentEnvironment: { HOME: home, ...env },
      homeDirectory: home,
      platform: process.platform,
      clock: systemClock,
      accountsRoot,
    });
  /** A login at a place, as the program would have left it. */
  const signedIn = (directory: string, email: string) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'login.json'), JSON.stringify({ email }));
  };
  return { root, home, accountsRoot, withStatus, withFile, logins, signedIn };
}

describe('logins of this machine', () => {
  it('I-15: is found at the usual place by the program’s own status, and left as it is', async () => {
    const { home, withStatus, logins, signedIn } = machine();
    signedIn(join(home, '.acme'), 'ada@home.test');
    const before = readFileSync(join(home, '.acme', 'login.json'), 'utf8');
    expect(await logins().find(withStatus)).toEqual({
      providerId: 'acme',
      directory: null,
      identity: { email: 'ada@home.test' },
    });
    expect(readFileSync(join(home, '.acme', 'login.json'), 'utf8')).toBe(before);
  });

  it('I-15: is found where the person’s variable says, and named by that place', async () => {
    const { root, home, withStatus, logins, signedIn } = machine();
    signedIn(join(home, '.acme'), 'ada@home.test');
    const elsewhere = join(root, 'elsewhere');
    signedIn(elsewhere, 'grace@work.test');
    expect(await logins({ ACME_HOME: elsewhere }).find(withStatus)).toEqual({
      providerId: 'acme',
      directory: elsewhere,
      identity: { email: 'grace@work.test' },
    });
    expect(await logins({ ACME_HOME: join(home, '.acme') }).find(withStatus)).toMatchObject({
      directory: null,
    });
  });

  it('I-15: nothing is started, and so nothing made, where the program never was', async () => {
    const { home, withStatus, logins } = machine();
    expect(await logins().find(withStatus)).toBeNull();
    expect(readdirSync(home)).toEqual([]);
    mkdirSync(join(home, '.acme'));
    expect(await logins().find(withStatus)).toBeNull();
    expect(readdirSync(join(home, '.acme'))).toEqual([]);
  });

  it('I-15: a login that is over is found in its file, and its program is not asked: it would begin to renew it', async () => {
    const { home, withStatus, logins, signedIn } = machine();
    const own = join(home, '.acme');
    signedIn(own, 'ada@home.test');
    const provider: ProviderDefinition = {
      ...withStatus,
      health: {
        ask: 'proof',
        credentials: [{ path: 'login.json', field: 'email', expires: { field: 'expiresAt', unit: 'ms' } }],
        identity: { from: { kind: 'file', path: 'login.json' }, email: 'email' },
      },
    };
    writeFileSync(join(own, 'login.json'), '{"email":"ada@home.test","expiresAt":1}');
    expect(await logins().find(provider)).toEqual({
      providerId: 'acme',
      directory: null,
      identity: { email: 'ada@home.test' },
    });
    expect(readdirSync(own)).toEqual(['login.json']);
  });

  it('I-15: a key in the environment is no login of the machine', async () => {
    const { home, withStatus, logins } = machine();
    mkdirSync(join(home, '.acme', 'cache'), { recursive: true });
    expect(await logins({ ACME_KEY: 'sk' }).find(withStatus)).toBeNull();
  });

  it('I-15: a credential file is read without any program', async () => {
    const { home, withFile, logins } = machine();
    expect(await logins({}, null).find(withFile)).toBeNull();
    mkdirSync(join(home, '.filed'));
    writeFileSync(join(home, '.filed', 'login.json'), '{"email":"ada@home.test"}');
    expect(await logins({}, null).find(withFile)).toBeNull();
    writeFileSync(join(home, '.filed', 'login.json'), '{"token":"t","email":"ada@home.test"}');
    expect(await logins({}, null).find(withFile)).toEqual({
      providerId: 'filed',
      directory: null,
      identity: { email: 'ada@home.test' },
    });
  });

  it('I-15: a directory of ours is none of the machine’s, also through a link', async () => {
    const { root, accountsRoot, withStatus, logins, signedIn } = machine();
    const ours = join(accountsRoot, 'a', '1');
    signedIn(ours, 'ada@work.test');
    expect(await logins({ ACME_HOME: ours }).find(withStatus)).toBeNull();
    if (process.platform === 'win32') return;
    const link = join(root, 'link');
    symlinkSync(ours, link);
    expect(await logins({ ACME_HOME: link }).find(withStatus)).toBeNull();
  });

  it.each([
    ['its program is missing', null, {}],
    ['its directory is not absolute', process.execPath, { ACME_HOME: '.acme' }],
  ])('I-15: nobody is found when %s', async (_, program, env) => {
    const { home, withStatus, logins, signedIn } = machine();
    signedIn(join(home, '.acme'), 'ada@home.test');
    expect(await logins(env, program).find(withStatus)).toBeNull();
  });

  it('I-15: where the person’s home is the directory, a status command is not asked', async () => {
    const { home, withStatus, logins, signedIn } = machine();
    signedIn(join(home, '.acme'), 'ada@home.test');
    const inHome = { ...withStatus, configDir: { variable: 'HOME', usual: '.', seed: [] } };
    expect(await logins().find(inHome)).toBeNull();
  });

  it('lists all that are there', async () => {
    const { home, withStatus, withFile, logins, signedIn } = machine();
    signedIn(join(home, '.acme'), 'ada@home.test');
    expect((await logins().findAll([withFile, withStatus])).map(({ providerId }) => providerId)).toEqual([
      'acme',
    ]);
  });
});
