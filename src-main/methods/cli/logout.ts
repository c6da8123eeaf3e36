import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { LanyardError } from '../../failures.ts';
import { OpenerShim } from '../../process/opener-shim.ts';
import type { CommandResult } from '../../process/run-command.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { accountProvider, type ParameterValues } from '../../providers/parameters.ts';
import type { CliMethodOptions } from './cli-method.ts';
import { programEnvironment } from './program-environment.ts';

const logoutTimeoutMs = 20_000;

/** Runs a provider's own logout for an account that lives in a directory of ours. */
export class CliLogout {
  readonly #options: CliMethodOptions;

  constructor(options: CliMethodOptions) {
    this.#options = options;
  }

  /**
   * @param definition null when its definition is gone
   * @param directory the account's own, never the machine's
   * @param parameters what the account was signed in with
   * @returns `none` where there is no logout to run
   * @throws LanyardError `program_not_found`, `could_not_start`, `logout_failed`, those of `ProgramLocator`
   */
  async run(
    definition: ProviderDefinition | null,
    directory: string,
    parameters: ParameterValues = {},
  ): Promise<'done' | 'none'> {
    const provider = definition && accountProvider(definition, { parameters });
    const args = provider?.logout?.args;
    if (!provider || !args) return 'none';
    const { programs, parentEnvironment, platform, commands, runtimeDirectory } = this.#options;
    const file = await programs.locate(provider);
    if (file === null) throw new LanyardError(signInFailures.notFound(provider.name));
    const searchPath = await programs.searchPath();
    // No browser opens for a logout.
    const shim = await OpenerShim.create(join(runtimeDirectory, `logout-${randomUUID()}`), platform);
    try {
      const { env } = programEnvironment({
        provider,
        directory,
        parent: parentEnvironment,
        searchPath,
        platform,
        shim,
      });
      const result = await commands.run(
        { file, args: [...provider.program.args, ...args], env, cwd: directory },
        logoutTimeoutMs,
      );
      if (result.exitCode !== 0) throw logoutFailed(provider, result);
      return 'done';
    } finally {
      await shim.dispose();
    }
  }
}

function logoutFailed(provider: ProviderDefinition, result: CommandResult): LanyardError {
  return new LanyardError({
    code: 'logout_failed',
    title: `${provider.name}'s own logout did not work`,
    hint: 'The account is removed here. End its session on the provider’s website if you want to be sure.',
    detail: result.timedOut ? 'It did not end.' : `Exit code ${result.exitCode ?? 'none'}`,
  });
}
