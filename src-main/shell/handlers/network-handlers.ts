import type { networkCalls } from '../../../src-preload/contract/network.ts';
import { LanyardError } from '../../failures.ts';
import type { Network } from '../../network/network.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface NetworkHandlerParts {
  network: Network;
  providers: ProviderRegistry;
  /** Asks the person for a file and reads it; null when they closed the dialog. Throws LanyardError. */
  pickCertificates: () => Promise<Uint8Array | null>;
}

/** The proxy and the certificate authorities. */
export function networkHandlers(parts: NetworkHandlerParts): HandlersOf<typeof networkCalls> {
  const { network, providers, pickCertificates } = parts;
  return {
    'network.state': () => network.state(),
    'network.saveProxy': (form) => outcome(() => network.saveProxy(form)),
    'network.chooseAuthorities': () =>
      answer(async () => {
        const content = await pickCertificates();
        return { added: content ? await network.chooseAuthorities(content) : 0 };
      }),
    'network.removeAuthorities': () => outcome(() => network.removeAuthorities()),
    'network.test': ({ providerId }) => {
      const provider = providers.find(providerId);
      if (provider) return network.test(provider);
      throw new LanyardError({
        code: 'unknown_provider',
        title: 'This provider is not there any more',
        hint: 'Choose another one.',
      });
    },
  };
}
