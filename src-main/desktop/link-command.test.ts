import { expect, it } from 'vitest';
import { linkCommandLine } from './link-command.ts';

it.each<[NodeJS.ProcessEnv, NodeJS.Platform]>([
  [{ SHELL: '/bin/bash' }, 'linux'],
  [{ SHELL: '/opt/homebrew/bin/fish' }, 'darwin'],
  [{}, 'linux'],
  [{ SHELL: '' }, 'darwin'],
])('R-9: %j on %s: a line for a shell that reads the words as they are', (environment, platform) => {
  expect(linkCommandLine(['git', 'commit', '-m', "it's"], environment, platform)).toBe(
    "env git commit -m 'it'\\''s'",
  );
});

it.each<[NodeJS.ProcessEnv, NodeJS.Platform]>([
  [{ SHELL: '/usr/bin/nu' }, 'linux'],
  [{ SHELL: '/bin/tcsh' }, 'linux'],
  [{ ComSpec: 'cmd.exe' }, 'win32'],
])('R-9: %j on %s: nothing is run in a shell that may read them otherwise', (environment, platform) => {
  expect(() => linkCommandLine(['ls'], environment, platform)).toThrow(/shell_not_for_links/);
});
