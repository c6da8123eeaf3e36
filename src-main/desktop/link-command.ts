import { basename } from 'node:path';
import { LanyardError } from '../failures.ts';
import { shellLine } from './shell-line.ts';

/** Shells that read `shellLine` as it is meant. */
const understood = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'fish']);

/**
 * The line that a terminal tab of ours is given for a link's command.
 *
 * @param environment what the person's shell is found in
 * @throws LanyardError `shell_not_for_links` where the words could mean something else to the shell
 */
export function linkCommandLine(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string {
  const shell = basename(environment.SHELL || (platform === 'darwin' ? 'zsh' : 'sh'));
  if (platform === 'win32' || !understood.has(shell)) {
    throw new LanyardError({
      code: 'shell_not_for_links',
      title: 'Commands of links cannot be run in this shell',
      hint: 'Open a terminal as the identity, and type the command there.',
    });
  }
  return shellLine(command);
}
