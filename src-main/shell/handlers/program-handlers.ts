import type { programCalls } from '../../../src-preload/contract/programs.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { LanyardError } from '../../failures.ts';
import { type ChosenPrograms, programFault } from '../../programs/chosen-programs.ts';
import type { Installs } from '../../programs/installs.ts';
import type { ProgramStates } from '../../programs/program-states.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { installCommandOn } from '../../providers/describe-provider.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface ProgramHandlerParts {
  providers: ProviderRegistry;
  chosen: ChosenPrograms;
  states: ProgramStates;
  installs: Installs;
  /** Shows the system's file dialog; null when the person closed it. */
  pickProgram: (provider: ProviderDefinition) => Promise<string | null>;
  platform: NodeJS.Platform;
  clipboard: TextClipboard;
}

/** Programs of providers: where they are. */
export function programHandlers(parts: ProgramHandlerParts): HandlersOf<typeof programCalls> {
  const { providers, chosen, states, installs, platform, clipboard } = parts;
  const withProgram = (providerId: string): ProviderDefinition => {
    const provider = providers.find(providerId);
    if (!provider) throw new LanyardError(signInFailures.unknownProvider(providerId));
    if (provider.program.names.length === 0) throw new LanyardError(signInFailures.keyOnly(provider.name));
    return provider;
  };
  return {
    'providers.copyInstallCommand': ({ providerId }) =>
      outcome(async () => {
        const command = installCommandOn(withProgram(providerId), platform);
        if (!command) {
          throw new LanyardError({
            code: 'no_install_command',
            title: 'No install command is known for this provider',
            hint: "Look in the provider's own documentation.",
          });
        }
        await clipboard.writeText(command);
      }),
    'providers.chooseProgram': ({ providerId }) =>
      answer(async () => {
        const provider = withProgram(providerId);
        const path = await parts.pickProgram(provider);
        if (path === null) return { chosen: false };
        const fault = await programFault(path, platform);
        if (fault) throw new LanyardError(fault);
        chosen.set(provider.id, path);
        await states.lookAt(provider);
        return { chosen: true };
      }),
    'providers.forgetProgram': ({ providerId }) =>
      outcome(async () => {
        const provider = withProgram(providerId);
        chosen.set(provider.id, null);
        await states.lookAt(provider);
      }),
    'providers.install': ({ providerId }) => outcome(() => installs.start(withProgram(providerId))),
    'providers.cancelInstall': ({ providerId }) => installs.cancel(providerId),
    'providers.installs': () => ({ installs: installs.list() }),
    'providers.dismissInstall': ({ providerId }) => {
      installs.dismiss(providerId);
      return {};
    },
  };
}
