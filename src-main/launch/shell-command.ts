import { basename, win32 } from 'node:path';

export interface ShellStart {
  file: string;
  args: string[];
  /** What the shell is called. */
  name: string;
}

/** Shells that read the person's settings (aliases, functions) for one line as they do for a prompt. */
const interactiveForLine = new Set(['bash', 'zsh', 'fish']);

/**
 * How the person's own shell is started: for a prompt, or for one line that the person typed. The line is the shell's
 * to understand and is never put together with anything.
 *
 * @param env what it is started with; SHELL (on Windows ComSpec) says which shell it is
 */
export function shellStart(
  env: Readonly<Record<string, string>>,
  line: string | null,
  platform: NodeJS.Platform,
): ShellStart {
  if (platform === 'win32') {
    const file = Object.entries(env).find(([name]) => name.toLowerCase() === 'comspec')?.[1] ?? 'cmd.exe';
    return { file, args: line === null ? [] : ['/d', '/s', '/c', line], name: win32.basename(file, '.exe') };
  }
  const file = env.SHELL || (platform === 'darwin' ? '/bin/zsh' : '/bin/sh');
  const name = basename(file);
  // Terminals of macOS start login shells, those of Linux do not.
  const login = platform === 'darwin' ? ['-l'] : [];
  if (line === null) return { file, args: login, name };
  const interactive = interactiveForLine.has(name) ? ['-i'] : [];
  return { file, args: [...login, ...interactive, '-c', line], name };
}
