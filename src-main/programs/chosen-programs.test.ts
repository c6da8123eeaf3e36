import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { ChosenPrograms, programFault } from './chosen-programs.ts';
import { openJsonFile } from './json-file.ts';
import { ProviderPrograms } from './provider-programs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-chosen-'));
  chmodSync(root, 0o700);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (name: string) => join(root, name);
const settings = () => openJsonFile(at('programs.json'));

function program(name: string, mode = 0o755): string {
  writeFileSync(at(name), '#!/bin/sh\n');
  chmodSync(at(name), mode);
  return at(name);
}

describe('a program that the person set', () => {
  it('X-6: is kept over a restart, in a file for the person alone, until it is taken back', () => {
    new ChosenPrograms(settings()).set('codex', '/opt/codex');
    const again = new ChosenPrograms(settings());
    expect(again.of('codex')).toBe('/opt/codex');
    expect(again.of('claude')).toBeNull();
    again.set('codex', null);
    expect(new ChosenPrograms(settings()).of('codex')).toBeNull();
  });

  it('a file that cannot be read is no choice, and the next choice is kept', () => {
    writeFileSync(at('programs.json'), '{ "chosen": 5');
    const chosen = new ChosenPrograms(settings());
    expect(chosen.of('codex')).toBeNull();
    chosen.set('codex', '/opt/codex');
    expect(JSON.parse(readFileSync(at('programs.json'), 'utf8'))).toEqual({
      chosen: { codex: '/opt/codex' },
    });
  });

  it('one that cannot be kept is not used either', () => {
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const chosen = new ChosenPrograms({
      read: () => null,
      write: () => {
        throw full;
      },
    });
    expect(() => chosen.set('codex', '/opt/codex')).toThrow(/could_not_save/);
    expect(chosen.of('codex')).toBeNull();
  });
});

describe('X-6: what can be set', () => {
  const code = async (path: string) => (await programFault(path, 'linux'))?.code ?? null;

  it('an executable file, also behind a link', async () => {
    const tool = program('tool');
    symlinkSync(tool, at('link'));
    expect(await code(tool)).toBeNull();
    expect(await code(at('link'))).toBeNull();
  });

  it('nothing else', async () => {
    mkdirSync(at('folder'));
    symlinkSync(at('nowhere'), at('dangling'));
    expect(await code(at('folder'))).toBe('not_a_program');
    expect(await code('tool')).toBe('not_a_program');
    expect(await code(program('text', 0o644))).toBe('not_executable');
    expect(await code(at('missing'))).toBe('program_gone');
    expect(await code(at('dangling'))).toBe('program_gone');
  });

  it('nothing that everybody could exchange: the file, or its folder', async () => {
    expect(await code(program('open', 0o757))).toBe('program_not_safe');
    mkdirSync(at('shared'));
    const inside = program('shared/tool');
    expect(await code(inside)).toBeNull();
    chmodSync(at('shared'), 0o777);
    expect(await code(inside)).toBe('program_not_safe');
    // As in the system's folder for temporary files: there only the owner may exchange it.
    chmodSync(at('shared'), 0o1777);
    expect(await code(inside)).toBeNull();
    symlinkSync(program('open2', 0o757), at('link'));
    expect(await programFault(at('link'), 'linux')).toMatchObject({
      hint: expect.stringContaining(`chmod o-w '${at('open2')}'`),
    });
  });

  it('X-7: on Windows what can be started there', async () => {
    expect(await programFault('C:\\Tools\\codex', 'win32')).toMatchObject({ code: 'program_gone' });
    expect(await programFault('codex.exe', 'win32')).toMatchObject({ code: 'not_a_program' });
  });
});

describe('X-6: where a provider’s program is', () => {
  const acme = sampleDefinition();
  const finder = {
    find: async (names: string[]) => `/found/${names[0]}`,
    searchPath: async () => '/usr/bin',
  };

  it('what was set comes before what is found', async () => {
    const chosen = new ChosenPrograms(settings());
    const programs = new ProviderPrograms(finder, chosen, 'linux');
    expect(await programs.locate(acme)).toBe('/found/acme');
    const tool = program('my-acme');
    chosen.set('acme', tool);
    expect(await programs.locate(acme)).toBe(tool);
    chosen.set('acme', null);
    expect(await programs.locate(acme)).toBe('/found/acme');
  });

  it('one that has vanished says so, and no other takes its place', async () => {
    const chosen = new ChosenPrograms(settings());
    const tool = program('my-acme');
    chosen.set('acme', tool);
    rmSync(tool);
    await expect(new ProviderPrograms(finder, chosen, 'linux').locate(acme)).rejects.toMatchObject({
      failure: { code: 'program_gone', title: `${tool} is not there any more` },
    });
  });

  it('a shell finds it by its name, and not by another one', async () => {
    const chosen = new ChosenPrograms(settings());
    const programs = new ProviderPrograms(finder, chosen, 'linux');
    mkdirSync(at('mine'));
    chosen.set('acme', program('mine/acme'));
    expect(await programs.searchPathFor([acme])).toBe(`${at('mine')}:/usr/bin`);
    chosen.set('acme', program('acme-2.1'));
    expect(await programs.searchPathFor([acme])).toBe('/usr/bin');
  });
});
