import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identitiesIn } from '../identities/identities.fixture.ts';
import { CommandScene, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { trustCommand } from './small-commands.ts';

async function scene() {
  const { identities } = identitiesIn(temporaryDirectory());
  identities.createBundle('Work');
  const trust = { value: null as unknown };
  const directories = new DirectoryScopes({
    read: () => trust.value,
    write: (value) => {
      trust.value = value;
    },
  });
  const commands = await CommandScene.open([trustCommand({ directories, identities })]);
  const folder = realpathSync(temporaryDirectory());
  const file = join(folder, '.lanyard');
  const call = async (...args: string[]) => {
    const { code, err } = await commands.call(['trust', ...args], { cwd: folder });
    return [code, err];
  };
  return { call, file, directories, folder };
}

describe('lanyard trust', () => {
  it('R-5: a file that names no identity is not trusted', async () => {
    const { call, file, directories, folder } = await scene();
    writeFileSync(file, 'Wrok\n');
    expect(await call()).toEqual([
      1,
      `lanyard: ${file} names "Wrok", and there is no identity of that name.\nDid you mean Work? There are: Work, No credentials\nIt is not trusted. To make one: lanyard connect <provider> --as Wrok\n`,
    ]);
    await expect(directories.of(folder)).rejects.toThrow('scope_file_not_trusted');
    writeFileSync(file, 'work\n');
    expect(await call()).toEqual([0, `${file} is trusted: Work\n`]);
    expect((await directories.of(folder))?.identity).toBe('work');
  });

  it('R-5: taking back what was not trusted says so, and what is gone can be taken back', async () => {
    const { call, file, directories, folder } = await scene();
    expect(await call('--undo')).toEqual([
      1,
      'lanyard: There is no .lanyard file in this directory or above it, and none was trusted.\nNothing was changed.\n',
    ]);
    writeFileSync(file, 'Work\n');
    expect(await call('--undo')).toEqual([0, `${file} was not trusted. Nothing was changed.\n`]);
    await call();
    rmSync(file);
    expect(await call('--undo')).toEqual([0, `${file} is not trusted any more.\n`]);
    writeFileSync(file, 'Work\n');
    await expect(directories.of(folder)).rejects.toThrow('scope_file_not_trusted');
  });

  it('R-5: that keys go into shells is confirmed, where it was asked for', async () => {
    const { call, file } = await scene();
    writeFileSync(file, 'Work\n');
    expect(await call('--keys')).toEqual([
      0,
      `${file} is trusted: Work\nShells that follow it get the keys of Work as well, and so does all they start.\n`,
    ]);
    expect(await call()).toEqual([0, `${file} is trusted: Work\n`]);
  });

  it('without a file it says how one is made', async () => {
    const { call } = await scene();
    expect(await call()).toEqual([
      1,
      'lanyard: There is no .lanyard file in this directory or above it.\nMake one that holds the name of an identity: echo Work > .lanyard\n',
    ]);
  });
});
