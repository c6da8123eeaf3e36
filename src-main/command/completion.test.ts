import { execFile, spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import { builtCommand, CommandScene, commandThat, temporaryDirectory } from './command.fixture.ts';
import { done } from './command.ts';
import { candidates, candidatesCommand, completionCommand } from './completion.ts';

function parts() {
  const { identities } = identitiesIn(temporaryDirectory(), new MemoryStoreFile());
  for (const name of ['Work', 'Client A', "Wendy's"]) identities.createBundle(name);
  const commands = [
    commandThat('run', async () => done, { usage: 'lanyard run [--as <identity>] -- <command>' }),
    commandThat('connect', async () => done, { help: '  --device   with a code' }),
    completionCommand(),
  ];
  return {
    identities,
    providers: { list: () => ['codex', 'copilot', 'demo'].map((id) => ({ definition: { id } })) as never },
    commands: () => commands,
  };
}

it.each([
  [[''], ['run', 'connect', 'completion']],
  [['co'], ['connect', 'completion']],
  [
    ['run', '--as', ''],
    ['Work', 'Client A', "Wendy's", 'No credentials'],
  ],
  [
    ['run', '--as', 'w'],
    ['Work', "Wendy's"],
  ],
  [
    ['run', '-'],
    ['--as', '--help'],
  ],
  [
    ['connect', 'co'],
    ['codex', 'copilot'],
  ],
  [['connect', 'codex', '--d'], ['--device']],
  [['run', '--', '--a'], []],
  [['nothing', ''], []],
])('R-4: after %j comes %j', (typed, expected) => {
  expect(candidates(typed, parts())).toEqual(expected);
});

it('R-4: a real bash completes names with spaces, and files where nothing of ours fits', async () => {
  const all = parts();
  const scene = await CommandScene.open([...all.commands(), candidatesCommand(all)]);
  const folder = temporaryDirectory();
  symlinkSync(builtCommand(), join(folder, 'lanyard'));
  const script = (await scene.call(['completion', 'bash'])).out.toString();
  const complete = (words: string[]) => {
    const array = words.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(lanyard ${array}); COMP_CWORD=${words.length}; _lanyard; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return new Promise<string>((resolve) => {
      // Not in this process, which has to answer it.
      execFile(
        'bash',
        ['--norc', '-c', `${script}\n${ask}`],
        {
          env: { PATH: `${folder}:/usr/bin:/bin`, LANYARD_HOME: scene.data, HOME: scene.data },
          cwd: scene.data,
        },
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
    });
  };
  expect(await complete(['run', '--as', 'cli'])).toBe('Client\\ A\n');
  expect(await complete(['connect', 'dem'])).toBe('demo\n');
  expect(await complete(['run', '--', 'comm'])).toBe('command\n');
});

it('R-4: a Tab starts nothing and says nothing where Lanyard does not run', () => {
  const home = temporaryDirectory();
  const { status, stdout, stderr } = spawnSync(builtCommand(), ['__complete', 'run', ''], {
    env: { LANYARD_HOME: home, DISPLAY: ':none' },
    encoding: 'utf8',
  });
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

it.each(['bash', 'zsh', 'fish'])(
  'R-4: the script for %s is printed where Lanyard does not run: every shell reads it',
  (shell) => {
    const home = temporaryDirectory();
    const { status, stdout, stderr } = spawnSync(builtCommand(), ['completion', shell], {
      env: { LANYARD_HOME: home, DISPLAY: ':none' },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('lanyard __complete');
  },
);
