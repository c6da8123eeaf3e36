import { LanyardError } from '../../failures.ts';
import { Secret } from '../../vault/secret.ts';

/** What git says of the credential that it asks for, or tells of. */
export interface GitQuestion {
  /** `https`, `http`, `cert`, `smtp` ... */
  protocol: string;
  /** With the port where the URL has one. */
  host: string;
  /** Only where `credential.useHttpPath` is on. */
  path?: string;
  username?: string;
  password?: Secret;
}

/**
 * Reads `name=value` lines up to an empty one; names that we do not know are left alone, as git-credential(1) has it.
 * @returns null where there is no host, so nothing that could be looked up
 * @throws LanyardError `not_the_protocol`
 */
export function readGitQuestion(input: Buffer): GitQuestion | null {
  const values = new Map<string, string>();
  for (const line of input.toString('utf8').split('\n')) {
    if (line === '') break;
    const at = line.indexOf('=');
    // A carriage return is how a URL smuggles a line into a helper (CVE-2024-52006).
    if (at < 1 || /[\0\r]/.test(line)) throw notTheProtocol();
    values.set(line.slice(0, at), line.slice(at + 1));
  }
  const { protocol, host, path, username, password } = Object.fromEntries(values);
  if (!protocol || !host) return null;
  return {
    protocol,
    host,
    ...(path === undefined || path === '' ? {} : { path }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: new Secret(password) }),
  };
}

/** @throws LanyardError `not_the_protocol` where a value would be more than one line */
export function gitAnswer(username: string, password: Secret): string {
  if (/[\n\r\0]/.test(username + password.reveal())) throw notTheProtocol();
  return `username=${username}\npassword=${password.reveal()}\n`;
}

function notTheProtocol(): LanyardError {
  return new LanyardError({
    code: 'not_the_protocol',
    title: "This is not git's credential helper protocol.",
    hint: 'git calls this; git credential fill asks it by hand.',
  });
}
