import type { MachineLogin } from '../../../src-preload/contract/bundles.ts';
import type { SignedInIdentity } from '../../broker/method.ts';
import { LanyardError } from '../../failures.ts';
import type { Identities } from '../../identities/identities.ts';
import type { Audit } from '../../journal/audit.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import type { FoundLogin, MachineLogins } from './machine-logins.ts';

export interface AdoptionParts {
  identities: Identities;
  /** All providers there are. */
  providers: () => ProviderDefinition[];
  logins: Pick<MachineLogins, 'find' | 'findAll'>;
  /** Told what was brought in. */
  audit?: Audit;
}

/** I-15: brings logins that the machine has into bundles, as pointers. */
export class Adoption {
  readonly #parts: AdoptionParts;

  constructor(parts: AdoptionParts) {
    this.#parts = parts;
  }

  /** What could be brought in, and what was. */
  async list(): Promise<MachineLogin[]> {
    const { identities, logins, providers } = this.#parts;
    return (await logins.findAll(providers())).map(({ providerId, directory, identity }) => ({
      providerId,
      ...pick(identity),
      adoptedBy: identities.bundlesThatAdopted(providerId, directory).map(({ name }) => name),
    }));
  }

  /**
   * Looks again, since it may have changed, and saves what is there now.
   * @param bundleId `null` for a bundle made now
   * @throws LanyardError `nobody_on_machine`, `unknown_bundle`, `blank_is_fixed`, `provider_taken`, `could_not_save`
   */
  async adopt(providerId: string, bundleId: string | null): Promise<{ accountId: string; bundleId: string }> {
    const { identities, logins, providers } = this.#parts;
    identities.checkBundle(bundleId);
    const provider = providers().find(({ id }) => id === providerId);
    const login: FoundLogin | null = provider ? await logins.find(provider) : null;
    if (!login) {
      throw new LanyardError({
        code: 'nobody_on_machine',
        title: `Nobody is signed in to ${provider?.name ?? providerId} on this machine.`,
        hint: 'Look again, or sign in with Connect.',
      });
    }
    const adopted = await identities.adopt({ ...login, bundleId });
    this.#parts.audit?.record({ kind: 'account.adopted', providerId, ...adopted });
    return adopted;
  }
}

function pick({ email, organisation, plan }: SignedInIdentity) {
  return {
    ...(email === undefined ? {} : { email }),
    ...(organisation === undefined ? {} : { organisation }),
    ...(plan === undefined ? {} : { plan }),
  };
}
