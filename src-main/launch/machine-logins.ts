import { posix, win32 } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { isCloudLogin } from './cloud-accounts.ts';

/** What a program would be started with as an identity. */
export interface LoginsGiven {
  bundleName: string;
  /** The providers of the accounts that are handed over. */
  providers: readonly ProviderDefinition[];
  /** The names of variables that have a value of the identity's, and not the person's own. */
  variables: ReadonlySet<string>;
  /** A cloud session leads the programs of all clouds to its own credentials, and no other program to anything. */
  underSession?: boolean;
}

/**
 * R-2: what an identity has nothing for would be done with the machine's own login, in the name of somebody else. What
 * the program starts in its turn is not known here, nor what a shell is used for.
 *
 * @param names of the program, as `linkedNames`: the first as it was typed
 * @throws LanyardError `identity_without_account`, `program_without_account`
 */
export function refuseMachineLogin(
  names: readonly string[],
  { bundleName, providers, variables, underSession = false }: LoginsGiven,
  registry: Pick<ProviderRegistry, 'list'>,
): void {
  const [typed = ''] = names;
  const named = names.flatMap((name) => providersOf(name, registry));
  const usual = named.filter((each) => !signsInElsewhere(each));
  const wanted = usual.length > 0 ? usual : named;
  if (underSession && wanted.some(isCloudLogin)) return;
  if (providers.length === 0 && !underSession) {
    throw missing(
      'identity_without_account',
      `${bundleName} has no account yet: what runs as it would use the machine's own logins.`,
      wanted[0] ?? null,
    );
  }
  const [first] = wanted;
  if (!first || wanted.some((each) => providers.includes(each) || isLed(each, variables))) return;
  throw missing(
    'program_without_account',
    `${bundleName} has no account of ${first.name}: ${nameOf(typed)} would use the machine's own login.`,
    first,
  );
}

/** The program that a line for a shell begins with, as far as that can be read without being a shell; `''` where not. */
export function programOf(line: string): string {
  return (
    /^\s*(?:\w+=[^\s'"$`]*\s+)*(?:(?:exec|command)\s+)?([^\s;&|()<>'"$`=]+)(?=[\s;&|()<>]|$)/.exec(
      line,
    )?.[1] ?? ''
  );
}

/** Those who sign in with a program of this name, ours first. A path that a definition gives is a runtime or one of a kind. */
export function providersOf(program: string, registry: Pick<ProviderRegistry, 'list'>): ProviderDefinition[] {
  // On macOS and Windows another case is the same file.
  const name = nameOf(program).toLowerCase();
  return registry
    .list()
    .map(({ definition }) => definition)
    .filter(
      ({ flows, program: { names } }) =>
        flows.length > 0 && names.some((each) => each.toLowerCase() === name),
    );
}

function nameOf(program: string): string {
  return posix.basename(win32.basename(program)).replace(/\.(?:exe|cmd|bat|com)$/i, '');
}

/** Whether its program signs in to a directory that nothing has later: as the account it would use another login. */
function signsInElsewhere({ flows }: ProviderDefinition): boolean {
  return flows.some(({ environment = {} }) =>
    Object.values(environment).some((value) => value.includes('{dir}')),
  );
}

/** Whether something of the identity's says where its programs look for a login: another provider's account may. */
function isLed(
  { configDir, environment, apiKey, flows }: ProviderDefinition,
  variables: ReadonlySet<string>,
): boolean {
  const leading = [
    ...(configDir ? [configDir.variable] : []),
    ...Object.entries(environment.set).flatMap(([name, value]) => (value.includes('{dir}') ? [name] : [])),
    ...(environment.leads ?? []),
    ...(apiKey ? [apiKey.variable] : []),
    ...flows.flatMap(({ yields }) => (yields ? [yields.variable] : [])),
    // In another home it finds nothing of the machine's.
    'HOME',
  ];
  return leading.some((name) => variables.has(name));
}

function missing(code: string, title: string, provider: ProviderDefinition | null): LanyardError {
  return new LanyardError({
    code,
    title,
    hint: `Connect ${provider ? provider.name : 'an account'} to it first, or bring in a login that this machine has.`,
    ...(provider ? { connect: { providerId: provider.id } } : {}),
  });
}
