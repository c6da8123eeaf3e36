import { clipboard } from 'electron';
import type { ProviderView, providerCalls } from '../../../src-preload/contract/providers.ts';
import { LanyardError } from '../../failures.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

export interface ProviderHandlerParts {
  providers: ProviderRegistry;
  /** What is known of a provider's program, without looking for it now. */
  programState: (provider: ProviderDefinition) => ProviderView['program'];
  /** Reads the user-defined providers and looks for programs again. */
  refreshProviders: () => Promise<void>;
}

/** The providers that can be connected and the programs they need. */
export function providerHandlers(parts: ProviderHandlerParts): HandlersOf<typeof providerCalls> {
  const { providers } = parts;
  return {
    'providers.copyInstallCommand': ({ providerId }) =>
      outcome(async () => {
        const command = providers.find(providerId)?.program.installCommand;
        if (!command) {
          throw new LanyardError({
            code: 'no_install_command',
            title: 'No install command is known for this provider',
            hint: "Look in the provider's own documentation.",
          });
        }
        await clipboard.writeText(command);
      }),
    'providers.list': () => ({
      providers: providers.list().map(({ definition, origin }) => ({
        id: definition.id,
        name: definition.name,
        vendor: definition.vendor,
        mark: definition.mark,
        aliases: definition.aliases,
        flows: definition.flows.map(({ id, label, kind }) => ({ id, label, kind })),
        origin,
        program: parts.programState(definition),
        verified: definition.verified,
        acceptsApiKey: definition.apiKey !== null,
      })),
      problems: providers.problems(),
    }),
    'providers.refresh': async () => {
      await parts.refreshProviders();
      return {};
    },
  };
}
