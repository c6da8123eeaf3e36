import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesUnder, temporaryDirectory } from '../identities/identities.fixture.ts';
import { codex } from '../providers/codex.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { KeyHomes } from './key-homes.ts';

describe('KeyHomes', () => {
  it('R-2: makes a private directory once, and leaves what programs changed there', async () => {
    const root = join(temporaryDirectory(), 'key-homes');
    const homes = new KeyHomes(root);
    const directory = await homes.of('a-1', codex);
    expect(directory).toBe(join(root, 'a-1'));
    if (process.platform !== 'win32') expect(statSync(join(root, 'a-1')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(root, 'a-1', 'config.toml'), 'utf8')).toContain('env_key = "CODEX_API_KEY"');
    writeFileSync(join(root, 'a-1', 'config.toml'), 'model = "mine"');
    await homes.of('a-1', codex);
    expect(readFileSync(join(root, 'a-1', 'config.toml'), 'utf8')).toBe('model = "mine"');
  });

  it('I-10: makes none where the definition asks for none', async () => {
    const root = join(temporaryDirectory(), 'key-homes');
    expect(await new KeyHomes(root).of('a-1', sampleDefinition())).toBeNull();
    expect(existsSync(root)).toBe(false);
  });

  it('removes the directory of an account that is gone', async () => {
    const root = join(temporaryDirectory(), 'key-homes');
    const homes = new KeyHomes(root);
    for (const id of ['a-1', 'a-2', 'a-3']) await homes.of(id, codex);
    await homes.remove('a-1');
    await homes.remove('never-there');
    expect(filesUnder(root).filter((name) => !name.includes('/'))).toEqual(['a-2', 'a-3']);
    await homes.keepOnly(['a-3', 'a-4']);
    expect(filesUnder(root).filter((name) => !name.includes('/'))).toEqual(['a-3']);
    await expect(homes.remove('../a-3')).rejects.toThrow('no path segment');
  });
});
