import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LanyardError } from '../../failures.ts';
import { type AccountFinding, unknownFinding } from '../../identities/account-finding.ts';
import { type Lifetime, statusByTime } from '../../identities/expiry.ts';
import type { Account } from '../../identities/model.ts';
import { OpenerShim } from '../../process/opener-shim.ts';
import type { CommandResult } from '../../process/run-command.ts';
import type { CredentialPlace, ProviderDefinition } from '../../providers/definition.ts';
import { ownDirectory } from '../../providers/own-directory.ts';
import { accountProvider } from '../../providers/parameters.ts';
import type { CliMethodOptions } from './cli-method.ts';
import { isAbsence } from './credential-file.ts';
import { type Credential, mayBeRenewed, readCredentials } from './credentials.ts';
import { parseJson, readField } from './field-path.ts';
import { programEnvironment } from './program-environment.ts';
import { readIdentity, readWho, saysSignedIn } from './proof.ts';

export type AccountCheckOptions = Pick<
  CliMethodOptions,
  'programs' | 'parentEnvironment' | 'homeDirectory' | 'platform' | 'clock' | 'runtimeDirectory' | 'commands'
>;

const statusTimeoutMs = 20_000;
/** How programs of no known words say that nobody is signed in. */
const usuallySignedOut =
  /\b(?:not|isn['’]t|aren['’]t|no longer) (?:currently )?(?:logged|signed) in\b|\bnot authenticated\b|\bunauthenticated\b|\b(?:logged|signed) out\b/i;

/**
 * Looks at an account that is signed in through a CLI (I-12): what the provider says proves it, and its expiry. It reads
 * files and runs status commands; it renews nothing, makes nothing, opens no keychain and no browser.
 */
export class CliAccountCheck {
  readonly #options: AccountCheckOptions;
  #shim: Promise<OpenerShim> | null = null;

  constructor(options: AccountCheckOptions) {
    this.#options = options;
  }

  /**
   * Never throws: what could not be found out is `unknown`.
   * @param provider null when its definition is gone
   * @param signal ends the look early; the answer is of no use then
   */
  async look(
    provider: ProviderDefinition | null,
    account: Account,
    signal?: AbortSignal,
  ): Promise<AccountFinding> {
    if (!provider) return unknownFinding('Its provider is not there any more.');
    try {
      return await this.#look(accountProvider(provider, account), account, signal);
    } catch (error) {
      if (error instanceof LanyardError) return unknownFinding(`${error.failure.title}.`);
      return unknownFinding(`${provider.name} could not be asked.`);
    }
  }

  /** Removes what looks needed. */
  async stop(): Promise<void> {
    const shim = this.#shim;
    this.#shim = null;
    await (await shim?.catch(() => null))?.dispose();
  }

  async #look(
    provider: ProviderDefinition,
    account: Account,
    signal: AbortSignal | undefined,
  ): Promise<AccountFinding> {
    const { parentEnvironment, homeDirectory } = this.#options;
    const { secretRef } = account;
    if (secretRef.kind !== 'oauth-config-dir' && secretRef.kind !== 'machine') {
      return unknownFinding('It is not kept by the program.');
    }
    const directory =
      secretRef.kind === 'machine' ? ownDirectory(provider, parentEnvironment, homeDirectory) : secretRef.dir;
    const { health, proof } = provider;
    const credential = await readCredentials(health?.credentials ?? [], directory);
    const signedIn = async (lifetime: Lifetime, statusJson?: unknown): Promise<AccountFinding> => {
      const { status, changesAt } = statusByTime(lifetime, account.updatedAt, this.#options.clock.now());
      return {
        status,
        identity: await this.#who(provider, statusJson, directory),
        ...(changesAt === undefined ? {} : { changesAt }),
        ...(lifetime.renews || lifetime.expiresAt === undefined ? {} : { expiresAt: lifetime.expiresAt }),
        ...(status === 'needs-sign-in' ? { detail: 'Its sign-in has expired.' } : {}),
      };
    };

    if (health?.ask === 'files' || proof.kind !== 'status-command') {
      const found =
        health?.ask === 'files' || proof.kind !== 'credential-file' || typeof credential !== 'string'
          ? credential
          : health === undefined && proof.field === undefined
            ? await presenceOf(directory, proof.path)
            : await readCredentials([proof], directory);
      if (found === 'unclear') return unknownFinding('Its credential file could not be read.');
      if (found !== 'absent') return signedIn(found);
      return this.#absent(provider);
    }

    if (typeof credential !== 'string' && mayBeRenewed(credential, this.#options.clock.now())) {
      return signedIn(credential);
    }
    if (this.#promptsForKeychain(provider)) {
      return unknownFinding('It is in the keychain, which is not opened for a check.');
    }
    const result = await this.#run(
      provider,
      secretRef.kind === 'machine' ? null : directory,
      proof.args,
      signal,
    );
    if (result === null)
      return unknownFinding(`${provider.name} is not installed, or not where Lanyard looks.`);
    if (result.timedOut) return unknownFinding(`${provider.name} did not answer.`);
    const statusJson = parseJson(result.stdout);
    if (saysSignedIn(result, statusJson, proof)) {
      return signedIn(typeof credential === 'string' ? { renews: false } : credential, statusJson);
    }
    if (saysSignedOut(result, statusJson, provider)) return signedOut(provider);
    return unknownFinding(`${provider.name} could not say whether somebody is signed in.`);
  }

  /** No file: on a system where the login is in the keychain, that says nothing. */
  #absent(provider: ProviderDefinition): AccountFinding {
    if (this.#place(provider)?.kept === 'keychain' && provider.health?.ask === 'files') {
      return unknownFinding('It is in the keychain, which is not opened for a check.');
    }
    return signedOut(provider);
  }

  /** Windows opens its own to every program of the person. */
  #promptsForKeychain(provider: ProviderDefinition): boolean {
    return this.#options.platform !== 'win32' && this.#place(provider)?.kept === 'keychain';
  }

  #place({ isolation }: ProviderDefinition): CredentialPlace | undefined {
    switch (this.#options.platform) {
      case 'darwin':
        return isolation?.macos;
      case 'win32':
        return isolation?.windows;
      default:
        return isolation?.linux;
    }
  }

  #who(provider: ProviderDefinition, statusJson: unknown, directory: string | null) {
    if (provider.health?.ask !== 'files') return readWho(provider, statusJson, directory);
    const from = provider.identity?.from.kind === 'file' ? provider.identity : null;
    return readIdentity(provider.health.identity ?? from, undefined, directory);
  }

  /** @returns null when the program is not there */
  async #run(
    provider: ProviderDefinition,
    directory: string | null,
    args: string[],
    signal: AbortSignal | undefined,
  ): Promise<CommandResult | null> {
    const { programs, parentEnvironment, homeDirectory, platform, commands } = this.#options;
    const file = await programs.locate(provider);
    if (file === null) return null;
    const shim = await this.#opener();
    const { env } = programEnvironment({
      provider,
      directory,
      parent: parentEnvironment,
      searchPath: await programs.searchPath(),
      platform,
      shim,
    });
    const request = {
      file,
      args: [...provider.program.args, ...args],
      env,
      cwd: directory ?? homeDirectory,
    };
    return commands.run(request, statusTimeoutMs, signal);
  }

  /** One for all looks: what a status command wants opened is dropped. */
  #opener(): Promise<OpenerShim> {
    const { runtimeDirectory, platform } = this.#options;
    this.#shim ??= OpenerShim.create(join(runtimeDirectory, 'checks'), platform).catch((error: unknown) => {
      this.#shim = null;
      throw error;
    });
    return this.#shim;
  }
}

/** Where the file alone is the proof, it may be anything, such as OpenClaw's database. */
async function presenceOf(directory: string | null, path: string): Promise<Credential> {
  if (directory === null) return 'unclear';
  return stat(join(directory, path)).then(
    () => ({ renews: false }),
    (error: unknown) => (isAbsence(error) ? 'absent' : 'unclear'),
  );
}

/** An answer that says so; a command that only failed may have had no network. */
function saysSignedOut(result: CommandResult, statusJson: unknown, provider: ProviderDefinition): boolean {
  const { proof, health } = provider;
  if (proof.kind === 'status-command' && proof.json && statusJson !== undefined) {
    if (result.exitCode === 0 || readField(statusJson, proof.json.field) !== undefined) return true;
  }
  const text = `${result.stdout}\n${result.stderr}`;
  if (health?.signedOut === undefined) return usuallySignedOut.test(text);
  return text.split('\n').some((line) => new RegExp(health.signedOut ?? '').test(line));
}

function signedOut(provider: ProviderDefinition): AccountFinding {
  return { status: 'needs-sign-in', detail: `${provider.name} says that nobody is signed in.` };
}
