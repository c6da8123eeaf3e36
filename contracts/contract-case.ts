import type { DeviceGrants } from '../e2e/support/device-grants.ts';
import type { HostHandler } from '../e2e/support/local-host.ts';
import type { AccountContext } from '../src-main/identities/model.ts';
import type { Person } from './support/people.ts';

/** Servers on this machine that play a provider's. */
export interface Service {
  hosts: Record<string, HostHandler>;
  /** Codes that the CLI asked for, where the way to sign in has some. */
  devices?: DeviceGrants;
}

/** What a command of the CLI's own must say. */
export interface Says {
  exitCode: number;
  text: RegExp;
}

/** One real CLI, one of its ways to sign in, and one thing that a person does there: data for `providers.contract.ts`. */
export interface ContractCase {
  /** Id of a built-in provider. */
  provider: string;
  flow: string;
  person: Person;
  /** What tells it from another case of the same person there. */
  where?: string;
  /** Name of the CLI among the programs that a run found. */
  program: string;
  /** Much like another case: only `npm run test:providers` runs it. */
  thorough?: true;
  /** Why this version of the program has no such way to sign in, if it has none. */
  unfit?: (version: string) => string | null;
  transport: 'pipe' | 'pty';
  service: () => Service;
  /** What the person says in the form before it starts. */
  parameters?: Record<string, string>;
  /** A file of the person's own over the provider, for addresses that only an organisation knows. */
  providerFile?: { id: string } & Record<string, unknown>;
  /** Variables of the person's own that the CLI needs in a network like this one. */
  environment?: Record<string, string>;
  /** The link that the person is sent to; for a device code the page where it is entered. */
  link: RegExp;
  /** Who it is, as the account says afterwards. */
  identity: AccountContext;
  /** The login that the CLI keeps for the machine itself, by path below the home directory. */
  ownLogin: Record<string, string>;
  /** Where the new login is: how its path below the account's directory begins, or our own entry in the keychain. */
  credential: string | { keychain: true };
  /** What else the CLI writes below the home directory whatever it is told, and no secret is in it. */
  litter?: RegExp;
  /** The CLI's own word for it, where it has a command for that. */
  status?: { args: readonly string[]; signedIn: Says; signedOut?: Says } | undefined;
  /** Path of the request with which its logout tells the provider. */
  revokes?: string;
}
