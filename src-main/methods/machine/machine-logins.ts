import { readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { SignedInIdentity } from '../../broker/method.ts';
import type { Clock } from '../../clock.ts';
import { composeEnvironment } from '../../process/environment.ts';
import type { CommandRunner } from '../../process/run-command.ts';
import type { ProgramLocator } from '../../programs/provider-programs.ts';
import { machineVariables } from '../../providers/account-environment.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { ownDirectory } from '../../providers/own-directory.ts';
import { accountProvider } from '../../providers/parameters.ts';
import { mayBeRenewed, readCredentials } from '../cli/credentials.ts';
import { findProof, readWho } from '../cli/proof.ts';

const statusTimeoutMs = 20_000;

export interface MachineLoginsOptions {
  programs: ProgramLocator;
  commands: CommandRunner;
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
  clock: Clock;
  /** Our own account directories: a login in there is none of the machine's. */
  accountsRoot: string;
}

/** A login that this machine has without us. */
export interface FoundLogin {
  providerId: string;
  /** Where the person's own variable says it is; `null` for the place that the program uses by itself. */
  directory: string | null;
  identity: SignedInIdentity;
}

/**
 * I-15: the logins that a person already has. Looks with the provider's own proof in the person's own environment, and
 * only where the program has kept something before: a status command in an empty place would make one. Nothing is
 * written, moved or copied by us.
 */
export class MachineLogins {
  readonly #options: MachineLoginsOptions;

  constructor(options: MachineLoginsOptions) {
    this.#options = options;
  }

  /** All there are, one provider after the other: each may start a program. */
  async findAll(providers: readonly ProviderDefinition[]): Promise<FoundLogin[]> {
    const found: FoundLogin[] = [];
    for (const provider of providers) {
      const login = await this.find(provider);
      if (login) found.push(login);
    }
    return found;
  }

  /** The login of one provider's program, if somebody is signed in there; null as well when that cannot be found out. */
  async find(definition: ProviderDefinition): Promise<FoundLogin | null> {
    const provider = accountProvider(definition);
    const { parentEnvironment, homeDirectory } = this.#options;
    const directory = ownDirectory(provider, parentEnvironment, homeDirectory);
    if (directory === null || !isAbsolute(directory) || !(await this.#mayLookIn(provider, directory)))
      return null;
    try {
      const identity = await this.#whoIsSignedIn(provider, directory);
      if (!identity) return null;
      const { configDir } = provider;
      const usual = configDir?.usual === undefined ? null : join(homeDirectory, configDir.usual);
      const named = usual === null || resolve(usual) !== resolve(directory);
      return {
        providerId: provider.id,
        directory: named ? resolve(directory) : null,
        identity,
      };
    } catch {
      // Its program is missing or does not start: then nobody can say who is signed in.
      return null;
    }
  }

  async #whoIsSignedIn(provider: ProviderDefinition, directory: string): Promise<SignedInIdentity | null> {
    const credential = await readCredentials(provider.health?.credentials ?? [], directory);
    // It is a login, and its program would begin to renew it when asked.
    if (typeof credential !== 'string' && mayBeRenewed(credential, this.#options.clock.now())) {
      return readWho(provider, undefined, directory);
    }
    const confirmation = await findProof({
      provider,
      directory,
      before: null,
      runStatus: (args) => this.#run(provider, args),
    });
    return confirmation.signedIn ? confirmation.identity : null;
  }

  async #mayLookIn({ proof, flows, configDir }: ProviderDefinition, directory: string): Promise<boolean> {
    if (flows.length === 0 || proof.kind === 'none') return false;
    // The person's home says nothing of whether this program was ever used.
    if (proof.kind === 'status-command' && configDir?.usual === '.') return false;
    try {
      const [there, ours] = await Promise.all([
        realpath(directory),
        realpath(this.#options.accountsRoot).catch(() => resolve(this.#options.accountsRoot)),
      ]);
      if (there === ours || there.startsWith(ours + sep)) return false;
      return (await readdir(there)).length > 0;
    } catch {
      return false;
    }
  }

  async #run(provider: ProviderDefinition, args: string[]) {
    const { programs, commands, parentEnvironment, homeDirectory, platform } = this.#options;
    const file = await programs.locate(provider);
    if (file === null) throw new Error('its program is not there');
    const { env } = composeEnvironment({
      parent: parentEnvironment,
      searchPath: await programs.searchPath(),
      set: machineVariables(provider, parentEnvironment),
      // They would say who a variable of the environment signs in, not who is signed in.
      unset: [...provider.environment.unset],
      platform,
    });
    const request = { file, args: [...provider.program.args, ...args], env, cwd: homeDirectory };
    return commands.run(request, statusTimeoutMs);
  }
}
