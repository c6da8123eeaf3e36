import { LanyardError } from '../../failures.ts';
import type { Account } from '../../identities/model.ts';
import { composeEnvironment } from '../../process/environment.ts';
import { accountVariables, machineVariables } from '../../providers/account-environment.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { accountProvider } from '../../providers/parameters.ts';
import { Secret } from '../../vault/secret.ts';
import type { CliMethodOptions } from './cli-method.ts';

const timeoutMs = 30_000;

type PrintedTokenOptions = Pick<
  CliMethodOptions,
  'programs' | 'parentEnvironment' | 'platform' | 'commands' | 'homeDirectory'
>;

/** Access tokens that a provider's own program prints for an account of its: it renews its login as it always does. */
export class CliPrintedToken {
  readonly #options: PrintedTokenOptions;

  constructor(options: PrintedTokenOptions) {
    this.#options = options;
  }

  /**
   * @param account null for the machine's own login
   * @param args what makes the program print a token and nothing else
   * @throws LanyardError `program_not_found`, `could_not_start`, `account_needs_sign_in`
   */
  async of(
    definition: ProviderDefinition,
    account: Account | null,
    args: readonly string[],
  ): Promise<Secret> {
    const { programs, parentEnvironment, platform, commands, homeDirectory } = this.#options;
    const provider = account ? accountProvider(definition, account) : definition;
    const file = await programs.locate(provider);
    if (file === null) {
      throw new LanyardError({
        code: 'program_not_found',
        title: `The program of ${provider.name} was not found.`,
        hint: 'Install it where your PATH has it, or name it in Settings > Providers.',
      });
    }
    const directory = account?.secretRef.kind === 'oauth-config-dir' ? account.secretRef.dir : null;
    const { env } = composeEnvironment({
      parent: parentEnvironment,
      searchPath: await programs.searchPath(),
      set:
        directory === null
          ? machineVariables(provider, parentEnvironment)
          : accountVariables(provider, directory),
      unset: directory === null ? [] : [...provider.environment.unset],
      platform,
    });
    const { exitCode, stdout } = await commands.run(
      { file, args: [...provider.program.args, ...args], env, cwd: directory ?? homeDirectory },
      timeoutMs,
    );
    const token = stdout.trim();
    if (exitCode === 0 && /^[\x21-\x7e]+$/.test(token)) return new Secret(token);
    throw new LanyardError({
      code: 'account_needs_sign_in',
      title: `${provider.name} has no valid sign-in.`,
      hint: `Sign in to ${provider.name} again.`,
    });
  }
}
