import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import { asksNothing, CommandScene, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { runCommand } from './run.ts';
import { shimCommand } from './shim.ts';
import { Shims } from './shims.ts';

/** A stand-in that says what it was called with. */
function recorder(root: string): string {
  const path = join(root, `lan'yard "$x"`);
  writeFileSync(path, `#!/bin/sh\nfor each; do printf '[%s]' "$each"; done\n`);
  chmodSync(path, 0o755);
  return path;
}

async function scene() {
  const root = temporaryDirectory();
  const { identities } = identitiesIn(join(root, 'identities'), new MemoryStoreFile());
  const directories = new DirectoryScopes({ read: () => null, write: () => {} });
  const folder = join(root, 'bin');
  const lanyard = recorder(root);
  const shims = new Shims(folder, async () => lanyard);
  const parts = {
    identities,
    directories,
    platform: process.platform,
    installCommand: () => null,
    providerName: (id: string) => id,
    approvals: asksNothing,
    now: () => 0,
    started: { add: async () => {} },
    desk: async () => ({ list: () => ({ sessions: [], more: 0, problems: [] }) }),
    preparation: {
      of: async () => {
        throw new Error('nothing is to be started here');
      },
    },
  };
  const house = await CommandScene.open([shimCommand({ ...parts, shims }), runCommand(parts)]);
  const call = async (...args: string[]) => {
    const { code, out, err } = await house.call(args);
    return { code, out: out.toString(), err };
  };
  return { root, identities, folder, shims, call };
}

it.each([
  ['Work', 'claude-work'],
  ['Client A', 'claude-client-a'],
  [`it's "so"; rm -rf $HOME \`x\` ../../etc`, 'claude-it-s-so-rm-rf-home-x-etc'],
  ['Zoë & Söhne', 'claude-zoe-sohne'],
])('R-5: a shim for the identity %s is %s, and passes every argument', async (identity, name) => {
  const { identities, folder, call } = await scene();
  const { id } = identities.createBundle(identity);
  const path = join(folder, name);
  expect(await call('shim', 'add', 'claude', '--as', identity)).toEqual({
    code: 0,
    out: '',
    err: `${path} runs claude as ${identity}.\n`,
  });
  expect(statSync(path).mode & 0o777).toBe(0o755);
  const given = ['', ' ', '--as', '$x', "it's\n"];
  const { stdout } = spawnSync(path, given, { encoding: 'utf8', env: {} });
  const shown = ['run', '--shim', name, '--as', id, '--', 'claude', ...given];
  expect(stdout).toBe(shown.map((each) => `[${each}]`).join(''));
  expect((await call('shim', 'list')).out).toBe(`${name}: claude as ${identity}\n`);
  expect((await call('shim', 'remove', name)).code).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  expect(await call('shim', 'list')).toEqual({
    code: 0,
    out: '',
    err: 'There is no shim. To make one: lanyard shim add <program>\n',
  });
});

it('R-5: a program with a path as awkward as can be, replaced and not doubled', async () => {
  const { identities, folder, root, call } = await scene();
  identities.createBundle('Work');
  const program = join(root, `a "b" 'c' $(d)`);
  for (let time = 0; time < 2; time += 1)
    expect((await call('shim', 'add', program, '--as', 'work', '--name', 'odd')).code).toBe(0);
  expect(readdirSync(folder)).toEqual(['odd']);
  expect(spawnSync(join(folder, 'odd'), [], { encoding: 'utf8', env: {} }).stdout).toContain(
    `[--][${program}]`,
  );
});

it('R-5: what is not ours is neither replaced nor removed, nor a name taken that leads elsewhere', async () => {
  const { identities, folder, root, call } = await scene();
  identities.createBundle('Work');
  identities.createBundle('日本');
  mkdirSync(folder);
  writeFileSync(join(folder, 'claude-work'), 'of somebody else');
  const add = ['shim', 'add', 'claude', '--as', 'work'];
  expect((await call(...add)).err).toContain('is another program');
  expect((await call('shim', 'remove', 'claude-work')).err).toContain('is another program');
  expect((await call('shim', 'remove', 'missing')).err).toContain('There is no shim');
  for (const name of ['../out', 'a/b', '.hidden', '-x', 'lanyard', 'claude', 'a b', 'a\nb', ''])
    expect([name, (await call(...add, `--name=${name}`)).code]).toEqual([name, 1]);
  expect((await call('shim', 'add', 'claude', '--as', '日本')).err).toContain('--name');
  expect((await call('shim', 'add', '../claude', '--as', 'work')).code).toBe(1);
  expect(readFileSync(join(folder, 'claude-work'), 'utf8')).toBe('of somebody else');
  expect(readdirSync(folder)).toEqual(['claude-work']);
  expect(readdirSync(root)).not.toContain('out');
  expect((await call(...add, '--name', 'other')).code).toBe(0);
  expect((await call('shim', 'add', 'other', '--as', 'work')).err).toContain('is a shim itself');
});

it('R-5: a renamed identity keeps its shim, a deleted one is said, and nobody else’s login is used', async () => {
  const { identities, call } = await scene();
  const { id } = identities.createBundle('Work');
  await call('shim', 'add', 'claude', '--as', 'work');
  identities.renameBundle(id, 'Day job');
  expect((await call('shim', 'list')).out).toBe('claude-work: claude as Day job\n');
  await identities.deleteBundle(id);
  expect((await call('shim', 'list')).out).toBe('claude-work: claude as an identity that is gone\n');
  // As the shim calls it.
  expect(await call('run', '--shim', 'claude-work', '--as', id, '--', 'true')).toEqual({
    code: 125,
    out: '',
    err: expect.stringContaining(
      'The identity that claude-work was made for is gone.\nRun: lanyard shim remove claude-work',
    ),
  });
});
