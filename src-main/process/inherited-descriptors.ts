import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';

/** O_CLOEXEC as /proc writes it, the same on all of Linux that Electron runs on. */
const closeOnExec = 0o2000000;
const bashPlaces = ['/bin/bash', '/usr/bin/bash', '/run/current-system/sw/bin/bash'];
const envPlace = '/usr/bin/env';

/**
 * Descriptors of this process that a child on Linux would get: those of other PTYs, which node-pty 1.1.0 opens without
 * the close-on-exec flag, and Electron's sockets, files and shared memory. Elsewhere the ways to spawn leave them out.
 */
export function inheritedDescriptors(platform: NodeJS.Platform = process.platform): number[] {
  if (platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && isInherited(descriptor));
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // Closed since it was listed.
    return false;
  }
}

type Stdio = ('pipe' | 'ignore' | number)[];

let nothing: number | undefined;

/**
 * A `stdio` for `child_process.spawn` with which the child gets nothing of ours but its first three descriptors: in the
 * places of the others, which cannot be closed from here, it finds /dev/null.
 */
export function onlyStdio(...firstThree: ['pipe' | 'ignore', 'pipe' | 'ignore', 'pipe' | 'ignore']): Stdio {
  const stdio: Stdio = [...firstThree];
  for (const descriptor of inheritedDescriptors()) {
    // It has the close-on-exec flag itself, and stays open as long as we run.
    nothing ??= openSync(devNull, 'r+');
    // Node leaves `ignore` above the third as it is.
    while (stdio.length < descriptor) stdio.push('ignore');
    stdio[descriptor] = nothing;
  }
  return stdio;
}

/**
 * The same for ways to spawn that know no `stdio`: a program that closes what is open above the third and becomes the
 * other. `bash`, because `sh` may know descriptors of one digit only; where there is none, or nothing to close, the
 * program is started as it is.
 */
export function closingTheRest(
  program: { file: string; args: string[] },
  env: Record<string, string>,
): { file: string; args: string[] } {
  const bash = inheritedDescriptors().length > 0 ? bashPlaces.find((place) => existsSync(place)) : undefined;
  // `env` would take a path with "=" in it for a variable.
  if (bash === undefined || !existsSync(envPlace) || program.file.includes('=')) return program;
  const script = [
    'for place in /proc/self/fd/*; do',
    `  place="\${place##*/}"; if ((place > 2)); then eval "exec $place>&-"; fi`,
    'done',
    // Bash counts itself in SHLVL for whatever it becomes.
    `exec ${'SHLVL' in env ? '' : `${envPlace} -u SHLVL `}"$0" "$@"`,
  ].join('\n');
  // -p: no start-up file and no function that the environment names.
  return { file: bash, args: ['-pc', script, program.file, ...program.args] };
}
