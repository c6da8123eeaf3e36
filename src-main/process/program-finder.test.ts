import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProgramFinder } from './program-finder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-finder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Makes a file under the root and returns its path. */
function file(path: string, mode = 0o700): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, '#!/bin/sh\n');
  chmodSync(full, mode);
  return full;
}

function finder(
  path: string | undefined,
  loginPath: string | null = null,
  more: NodeJS.ProcessEnv = {},
): ProgramFinder {
  return new ProgramFinder({
    environment: { ...(path === undefined ? {} : { PATH: path }), ...more },
    homeDirectory: join(root, 'home'),
    platform: 'linux',
    readLoginPath: async () => loginPath,
  });
}

const at = (path: string): string => join(root, path);

describe('find', () => {
  it('X-6: a program on the login shell’s PATH is found although the app’s own is short', async () => {
    const tool = file('login/tool');
    expect(await finder('/usr/bin', at('login')).find(['tool'])).toBe(tool);
    expect(await finder('/usr/bin').find(['tool'])).toBeNull();
  });

  it('X-6: the app’s own PATH comes before the login shell’s, and that before install folders', async () => {
    const installed = file('home/.local/bin/tool');
    expect(await finder(at('own'), at('login')).find(['tool'])).toBe(installed);
    const login = file('login/tool');
    expect(await finder(at('own'), at('login')).find(['tool'])).toBe(login);
    const own = file('own/tool');
    expect(await finder(at('own'), at('login')).find(['tool'])).toBe(own);
  });

  it.each([
    '.local/bin',
    '.npm-global/bin',
    '.bun/bin',
    '.cargo/bin',
    '.deno/bin',
    '.volta/bin',
    '.asdf/shims',
    '.local/share/mise/shims',
    '.local/share/pnpm',
    '.local/share/fnm/node-versions/v20.1.0/installation/bin',
  ])('X-6: known install folder ~/%s', async (folder) => {
    const tool = file(`home/${folder}/tool`);
    expect(await finder('/usr/bin').find(['tool'])).toBe(tool);
  });

  it('X-6: of several versions under nvm the newest, by number', async () => {
    file('home/.nvm/versions/node/v9.11.0/bin/tool');
    const newest = file('home/.nvm/versions/node/v22.2.0/bin/tool');
    file('home/.nvm/versions/node/v22.1.10/bin/tool');
    expect(await finder('/usr/bin').find(['tool'])).toBe(newest);
  });

  it('X-6: names are tried in order', async () => {
    const second = file('own/second');
    const first = file('login/first');
    expect(await finder(at('own'), at('login')).find(['first', 'second'])).toBe(first);
    expect(await finder(at('own'), at('login')).find(['missing', 'second'])).toBe(second);
  });

  it('an absolute name stands for itself', async () => {
    const tool = file('anywhere/tool');
    expect(await finder('/usr/bin').find([tool])).toBe(tool);
    expect(await finder('/usr/bin').find([at('anywhere/other')])).toBeNull();
  });

  it('only executable regular files count, also behind a link', async () => {
    file('a/tool', 0o600);
    mkdirSync(at('b/tool'), { recursive: true });
    const target = file('elsewhere/real');
    mkdirSync(at('c'));
    symlinkSync(target, at('c/tool'));
    symlinkSync(at('gone'), at('c/dangling'));
    const path = [at('a'), at('b'), at('c')].join(':');
    expect(await finder(path).find(['tool'])).toBe(at('c/tool'));
    expect(await finder(path).find(['dangling'])).toBeNull();
  });

  it('a name with a slash or no name is not searched for', async () => {
    file('own/sub/tool');
    expect(await finder(at('own')).find(['sub/tool', '../own/sub/tool', ''])).toBeNull();
  });

  it('does not wait for the login shell when its own PATH has the program', async () => {
    const tool = file('own/tool');
    const slow = new ProgramFinder({
      environment: { PATH: at('own') },
      homeDirectory: at('home'),
      platform: 'linux',
      readLoginPath: () => new Promise(() => {}),
    });
    expect(await slow.find(['tool'])).toBe(tool);
  });

  // Paths of Windows are no paths here, so only names can be shown.
  it('X-7: on Windows PATHEXT says what is a program', async () => {
    const shim = file('own/tool.CMD');
    file('own/tool');
    const windows = new ProgramFinder({
      environment: { Path: '', PATHEXT: '.EXE;.CMD' },
      homeDirectory: at('home'),
      platform: 'win32',
      readLoginPath: async () => null,
    });
    expect(await windows.find([at('own/tool.CMD')])).toBe(shim);
    expect(await windows.find([at('own/other')])).toBeNull();
  });
});

describe('searchPath', () => {
  it('X-6: holds every folder once, absolute ones only, assumed ones only if they exist', async () => {
    mkdirSync(at('home/.cargo/bin'), { recursive: true });
    const path = await finder(
      `/usr/bin::.:bin:${at('own')}:/usr/bin`,
      `${at('login')}:/usr/bin:relative:${at('own')}`,
    ).searchPath();
    const folders = path.split(':');
    expect(folders.slice(0, 4)).toEqual(['/usr/bin', at('own'), at('login'), at('home/.cargo/bin')]);
    expect(new Set(folders).size).toBe(folders.length);
    expect(folders.every((folder) => folder.startsWith('/'))).toBe(true);
    expect(folders).not.toContain(at('home/.bun/bin'));
  });

  it('asks the login shell once, and again after refresh', async () => {
    let asked = 0;
    const counting = new ProgramFinder({
      environment: {},
      homeDirectory: at('home'),
      platform: 'linux',
      readLoginPath: async () => at(`login${++asked}`),
    });
    await counting.searchPath();
    expect(await counting.searchPath()).toContain(at('login1'));
    counting.refresh();
    expect(await counting.searchPath()).toContain(at('login2'));
    expect(asked).toBe(2);
  });

  it('does without a login shell that fails', async () => {
    const failing = new ProgramFinder({
      environment: { PATH: '/usr/bin' },
      homeDirectory: at('home'),
      platform: 'linux',
      readLoginPath: () => Promise.reject(new Error('no shell')),
    });
    expect(await failing.searchPath()).toMatch(/^\/usr\/bin/);
  });
});
