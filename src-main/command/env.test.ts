import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { asksNothing, CommandScene, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { changesTo, envCommand } from './env.ts';

/** What a shell could take for something else. */
const values = {
  PLAIN: '/data/accounts/1',
  QUOTES: `it's "so" \`x\` $HOME \\ end`,
  SPACES: '  a  b  ',
  TWO_LINES: 'one\ntwo',
  EMPTY: '',
  UNICODE: 'ä \u2019 日本',
};

async function printed(format: string): Promise<string> {
  const { identities } = identitiesIn(temporaryDirectory(), new MemoryStoreFile());
  identities.createBundle('Work');
  const parts = {
    identities,
    directories: new DirectoryScopes({ read: () => null, write: () => {} }),
    approvals: asksNothing,
    now: () => 0,
    platform: process.platform,
    installCommand: () => null,
    providerName: (id: string) => id,
    started: { add: async () => {} },
    desk: async () => ({ list: () => ({ sessions: [], more: 0, problems: [] }) }),
    preparation: {
      of: async (bundleId: string) => ({
        bundle: identities.bundle(bundleId),
        env: { ...values, PATH: '/elsewhere', HOME: '/home/ada' },
        secrets: { ACME_KEY: new Secret(`k'1`) },
        leftOut: ['OLD_KEY'],
      }),
    },
  };
  const scene = await CommandScene.open([envCommand(parts)]);
  const { code, out, err } = await scene.call(['env', '--as', 'work', '--format', format], {
    env: { HOME: '/home/ada', LANYARD_HOME: scene.data },
  });
  expect([code, err]).toEqual([0, '']);
  return out.toString();
}

const wanted = { ...values, ACME_KEY: `k'1` };

/** Evaluates it in a shell that has OLD_KEY, and returns the variables of a program that this starts. */
function evaluatedBy(shell: string, args: string[], script: string): Record<string, string> {
  const ask = `${process.execPath} -e 'process.stdout.write(JSON.stringify(process.env))'`;
  const { stdout, stderr, status } = spawnSync(shell, [...args, `${script}\n${ask}`], {
    env: { PATH: process.env.PATH, HOME: '/home/ada', OLD_KEY: 'old' },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

describe('lanyard env', () => {
  it.for([
    ['sh', 'sh', ['-c']],
    ['sh', 'bash', ['--norc', '-c']],
    ['sh', 'zsh', ['-f', '-c']],
    ['fish', 'fish', ['--no-config', '-c']],
    ['powershell', 'pwsh', ['-NoProfile', '-Command']],
  ] as const)('R-4: --format %s, evaluated by a real %s', async ([format, shell, args], context) => {
    if (shell !== 'sh' && !has(shell)) return context.skip(`${shell} is not installed`);
    const found = evaluatedBy(shell, [...args], await printed(format));
    expect(found).toMatchObject(wanted);
    expect(found).not.toHaveProperty('OLD_KEY');
    expect(found.PATH).not.toBe('/elsewhere');
  });

  it('R-4: --format dotenv, read by Node', async () => {
    const file = join(temporaryDirectory(), '.env');
    writeFileSync(file, await printed('dotenv'));
    const ask = 'process.stdout.write(JSON.stringify(process.env))';
    const { stdout } = spawnSync(process.execPath, [`--env-file=${file}`, '-e', ask], {
      env: {},
      encoding: 'utf8',
    });
    // No reader of these files takes both kinds of quotes in one value; that one is in the other formats.
    const { QUOTES: _, ...others } = wanted;
    expect(JSON.parse(stdout)).toMatchObject(others);
  });

  it('R-4: --format json is versioned, and says what goes', async () => {
    expect(JSON.parse(await printed('json'))).toEqual({ schemaVersion: 1, set: wanted, unset: ['OLD_KEY'] });
  });

  it('R-4: what stays as it is, the search path and the terminal are left out', () => {
    const before = { HOME: '/h', PATH: '/a', CODEX_HOME: '/old', KEY: 'k' };
    const after = { HOME: '/h', PATH: '/b:/a', TERM: 'xterm-256color', CODEX_HOME: '/new' };
    expect(changesTo(before, after, ['KEY', 'CODEX_HOME'])).toEqual({
      set: { CODEX_HOME: '/new' },
      unset: ['KEY'],
    });
  });
});
