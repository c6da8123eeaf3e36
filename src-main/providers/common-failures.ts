import type { PatternDefinition } from './definition.ts';

type FailurePattern = PatternDefinition['failures'][number];

/** What Node, Bun, Go, Rust and Python say when a server cannot be reached. */
const noConnection = [
  'fetch failed',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONN(?:REFUSED|RESET)',
  'ETIMEDOUT',
  'no such host',
  'connection refused',
  'i/o timeout',
  'Failed to resolve',
  'Name or service not known',
  'Max retries exceeded',
  'Could not connect to the endpoint URL',
].join('|');

/** The program has no way to its servers. */
export function unreachable(program: string, whom: string): FailurePattern {
  return {
    pattern: noConnection,
    code: 'provider_unreachable',
    title: `${program} could not reach ${whom}.`,
    hint: 'Check the network and proxy settings, then try again.',
  };
}

/** The person, or an administrator, said no on the page. */
export function denied(pattern: string): FailurePattern {
  return {
    pattern,
    code: 'sign_in_denied',
    title: 'The sign-in was denied.',
    hint: 'Try again and approve it on the page.',
  };
}

/** A device code that nobody entered in time. */
export function expired(pattern: string): FailurePattern {
  return {
    pattern,
    code: 'device_code_expired',
    title: 'The code expired before it was entered.',
    hint: 'Try again and enter the new code soon.',
  };
}

/** The port that a program insists on is taken. */
export function portInUse(program: string, port: number): FailurePattern {
  return {
    pattern: `EADDRINUSE|[Aa]ddress already in use|[Pp]ort ${port} (?:is|was) (?:already )?in use`,
    code: 'port_in_use',
    title: `Port ${port}, which ${program} waits on, is taken.`,
    hint: 'End the program that uses it, or sign in in another way.',
  };
}

/** The program's own words for any other failure; the last of a list. */
export function loginFailed(program: string, pattern: string): FailurePattern {
  return {
    pattern,
    code: 'login_failed',
    title: `${program} could not finish the sign-in.`,
    hint: 'Try again; what it said stands in the output.',
  };
}
