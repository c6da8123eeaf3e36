import { spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtCommand, finished, temporaryDirectory } from './command.fixture.ts';
import { CommandInstallation, type InstallationParts } from './installation.ts';

function machine(changes: Partial<InstallationParts> = {}) {
  const homeDirectory = temporaryDirectory();
  const installation = new CommandInstallation({
    program: builtCommand(),
    homeDirectory,
    environment: { PATH: '/usr/bin:/bin', SHELL: '/bin/zsh' },
    platform: 'linux',
    loginPath: async () => null,
    ...changes,
  });
  return {
    installation,
    folder: join(homeDirectory, '.local', 'bin'),
    file: join(homeDirectory, '.local', 'bin', 'lanyard'),
  };
}

it('R-4: installed as a link that works, and removed without a trace', async () => {
  const { installation, file } = machine();
  expect(await installation.state()).toEqual({
    available: true,
    installed: 'no',
    path: file,
    pathLine: `echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.zshrc`,
  });
  await installation.install();
  expect((await installation.state()).installed).toBe('ours');
  expect((await finished(spawn(file, ['--version']))).out.toString()).toMatch(/^lanyard \d+\.\d+\.\d+/);
  await installation.install();
  await installation.remove();
  expect(lstatSync(file, { throwIfNoEntry: false })).toBeUndefined();
  await installation.remove();
});

it('R-4: another program of that name stays; a link to an older copy of ours is replaced', async () => {
  const { installation, folder, file } = machine();
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'mine');
  const refused = { failure: { code: 'other_program_there' } };
  await expect(installation.install()).rejects.toMatchObject(refused);
  await expect(installation.remove()).rejects.toMatchObject(refused);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  rmSync(file);
  symlinkSync('/opt/older/resources/bin/lanyard', file);
  expect((await installation.state()).installed).toBe('older');
  await installation.install();
  expect(readlinkSync(file)).toBe(builtCommand());
});

it.each([
  [{ environment: { PATH: '/bin', SHELL: '/usr/bin/fish' } }, 'fish_add_path ~/.local/bin'],
  [{ environment: { PATH: '/bin' } }, `echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.profile`],
])('R-4: the line that puts it on the PATH is the shell’s own: %j', async (changes, line) => {
  expect((await machine(changes).installation.state()).pathLine).toBe(line);
});

it('R-4: where the login shell looks there, nothing has to be done', async () => {
  const paths: string[] = [];
  const { installation, folder } = machine({ loginPath: async () => paths.join(':') });
  paths.push('/bin', `${folder}/`);
  expect((await installation.state()).pathLine).toBeNull();
});

it('R-4: without the program, or a folder to write to, it says so', async () => {
  await expect(machine({ program: null }).installation.install()).rejects.toMatchObject({
    failure: { code: 'command_missing' },
  });
  const { installation, folder } = machine();
  mkdirSync(join(folder, '..'), { recursive: true });
  writeFileSync(folder, 'a file in the way');
  await expect(installation.install()).rejects.toMatchObject({ failure: { code: 'could_not_install' } });
});

it('R-6: the names by which git and docker find it come and go with it', async () => {
  const { installation, folder, file } = machine();
  const helpers = ['git-credential-lanyard', 'docker-credential-lanyard'].map((name) => join(folder, name));
  mkdirSync(folder, { recursive: true });
  // As an earlier version of ours left it.
  symlinkSync(builtCommand(), file);
  expect((await installation.state()).installed).toBe('older');
  await installation.install();
  expect((await installation.state()).installed).toBe('ours');
  expect(helpers.map((path) => readlinkSync(path))).toEqual([builtCommand(), builtCommand()]);
  await installation.remove();
  for (const path of [file, ...helpers]) expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  writeFileSync(helpers[0] ?? '', 'mine');
  await expect(installation.install()).rejects.toMatchObject({ failure: { code: 'other_program_there' } });
  expect(lstatSync(file, { throwIfNoEntry: false })).toBeUndefined();
  expect(readFileSync(helpers[0] ?? '', 'utf8')).toBe('mine');
});
