import type { Failure } from '../../src-preload/contract/values.ts';

/** What npm's own codes mean for somebody who only wants the program. The first that matches counts. */
const known: { pattern: RegExp; code: string; title: string; hint: string }[] = [
  {
    pattern: /\bcode (?:E401|E403|ENEEDAUTH)\b/,
    code: 'registry_refused',
    title: 'The npm registry did not let it be downloaded',
    hint: 'Sign in to your registry with "npm login" in a terminal, then install again.',
  },
  {
    pattern: /\bcode (?:E404|ETARGET|ENOVERSIONS)\b/,
    code: 'not_in_registry',
    title: 'The npm registry does not have it',
    hint: 'Check which registry npm is set to: "npm config get registry" says it.',
  },
  {
    pattern:
      /\bcode (?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|E5\d\d|UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|CERT_\w+)\b/,
    code: 'registry_unreachable',
    title: 'npm could not reach its registry',
    hint: 'Check the network, and the proxy and certificates that npm is set to, then install again.',
  },
  {
    pattern: /\bcode (?:EACCES|EPERM|EROFS)\b/,
    code: 'not_writable',
    title: 'npm may not write where it has to',
    hint: 'Its cache may belong to another user: "npm config get cache" names the folder. Make it yours, then install again.',
  },
  {
    pattern: /\bcode (?:ENOSPC|EDQUOT)\b/,
    code: 'disk_full',
    title: 'The disk is full',
    hint: 'Free some space, then install again.',
  },
  {
    pattern: /\bcode (?:EBADENGINE|ENOTSUP)\b/,
    code: 'runtime_too_old',
    title: 'It does not run with this version of Node.js',
    hint: 'Install a newer Node.js, then install again.',
  },
  {
    pattern: /\bcode EBADPLATFORM\b/,
    code: 'wrong_system',
    title: 'It does not run on this system',
    hint: 'Look in the documentation of the program for the systems that it supports.',
  },
];

/** Lines of an error of npm's that say nothing to a person. */
const detailsOfNpm = /^(?:code|errno|syscall|path|dest|type|cwd|command) |^A complete log /;

export const installFailures = {
  notInstallable: (name: string): Failure => ({
    code: 'not_installable',
    title: `Lanyard cannot install ${name}`,
    hint: "Install it as the program's documentation says, then look again.",
  }),
  noNpm: (): Failure => ({
    code: 'npm_missing',
    title: 'npm was not found, and it is needed to install this',
    hint: 'Install Node.js first, which has npm with it: nodejs.org says how. Then install again.',
  }),
  exited: (name: string, exitCode: number | null, lines: readonly string[]): Failure => {
    const text = lines.join('\n');
    const why = known.find(({ pattern }) => pattern.test(text));
    const said = lines.flatMap((line) => /^npm (?:error|ERR!) (.+)$/.exec(line)?.[1] ?? []);
    const last = said.find((line) => !detailsOfNpm.test(line)) ?? lines.at(-1);
    const end = exitCode === null ? 'npm was ended from outside' : `npm ended with exit code ${exitCode}`;
    return {
      code: why?.code ?? 'install_failed',
      title: why?.title ?? `${name} could not be installed`,
      hint: why?.hint ?? 'Look at what npm said, and try its command in a terminal.',
      detail: last === undefined ? end : `${end}. ${last}`,
    };
  },
  doesNotStart: (name: string, said: readonly string[]): Failure => ({
    code: 'installed_does_not_start',
    title: `${name} was installed, but does not start`,
    hint: 'Nothing was kept of it. Look at what it said, and install it in a terminal.',
    ...(said.length > 0 ? { detail: said.join(' ').slice(0, 500) } : {}),
  }),
  notInPackage: (name: string): Failure => ({
    code: 'program_not_in_package',
    title: `The package of ${name} has no program of that name`,
    hint: 'Nothing was kept of it. Install it in a terminal, or set where its program is.',
  }),
  tookTooLong: (minutes: number): Failure => ({
    code: 'timed_out',
    title: `It was not installed within ${minutes} minutes`,
    hint: 'Check the network, then install again: npm keeps what it has downloaded.',
  }),
  cancelled: (): Failure => ({
    code: 'cancelled',
    title: 'The installation was cancelled',
    hint: 'Nothing was changed.',
  }),
  internal: (): Failure => ({
    code: 'internal_error',
    title: 'Something went wrong inside Lanyard',
    hint: 'Install again. If it happens again, report it with the log file.',
  }),
  nothingRuns: (): Failure => ({
    code: 'not_installing',
    title: 'Nothing is being installed',
    hint: 'Install it again if you still want it.',
  }),
};
