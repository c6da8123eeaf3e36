import type { SsoServices } from '../cloud/sources/sso-clients.ts';
import type { ProgramLocator } from '../programs/provider-programs.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { ParameterValues } from '../providers/parameters.ts';
import type { CliLogout } from './cli/logout.ts';
import { signOutOfIdentityCenter } from './identity-center/sign-out.ts';

export interface ProviderLogoutParts {
  cli: Pick<CliLogout, 'run'>;
  programs: Pick<ProgramLocator, 'locate'>;
  services: SsoServices;
}

/** A provider's own logout: by its program, or by Lanyard itself where that can and the program is not there. */
export class ProviderLogout {
  readonly #parts: ProviderLogoutParts;

  constructor(parts: ProviderLogoutParts) {
    this.#parts = parts;
  }

  /** As `CliLogout.run`. @throws what that throws; LanyardError `logout_failed` */
  async run(
    definition: ProviderDefinition | null,
    directory: string,
    parameters?: ParameterValues,
  ): Promise<'done' | 'none'> {
    if (definition?.logout?.withoutProgram === undefined || (await this.#hasProgram(definition))) {
      return this.#parts.cli.run(definition, directory, parameters);
    }
    await signOutOfIdentityCenter(directory, this.#parts.services);
    return 'done';
  }

  /** One that was set by hand and cannot be started is as good as none. */
  async #hasProgram(definition: ProviderDefinition): Promise<boolean> {
    return this.#parts.programs.locate(definition).then(
      (file) => file !== null,
      () => false,
    );
  }
}
