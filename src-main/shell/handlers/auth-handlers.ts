import type { authCalls } from '../../../src-preload/contract/auth.ts';
import type { Broker } from '../../broker/broker.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { LanyardError } from '../../failures.ts';
import type { ApiKeySignIn } from '../../methods/api-key/api-key.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import { Secret } from '../../vault/secret.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface AuthHandlerParts {
  broker: Broker;
  providers: ProviderRegistry;
  apiKeys: ApiKeySignIn;
  clipboard: TextClipboard;
}

/** Starting, watching and ending sign-ins. */
export function authHandlers({
  broker,
  providers,
  apiKeys,
  clipboard,
}: AuthHandlerParts): HandlersOf<typeof authCalls> {
  return {
    'auth.start': (request) => broker.start(request),
    'auth.poll': ({ sessionId }) => broker.poll(sessionId),
    'auth.cancel': ({ sessionId }) => broker.cancel(sessionId),
    'auth.submitCallback': ({ sessionId, text }) => broker.submitCallback(sessionId, text),
    'auth.submitApiKey': ({ providerId, intoBundleId, apiKey, accountName, saveWithoutChecking }) =>
      answer(async () => {
        const provider = providers.find(providerId);
        if (!provider) throw new LanyardError(signInFailures.unknownProvider(providerId));
        return apiKeys.submit({
          provider,
          bundleId: intoBundleId ?? null,
          apiKey: new Secret(apiKey),
          accountName,
          saveWithoutChecking: saveWithoutChecking ?? false,
        });
      }),
    'auth.list': () => ({ sessions: broker.list() }),
    'auth.transcript': ({ sessionId }) => broker.transcript(sessionId),
    'auth.openLink': ({ sessionId }) => broker.openLink(sessionId),
    'auth.copy': ({ sessionId, what }) =>
      outcome(async () => clipboard.writeText(broker.copyText(sessionId, what))),
  };
}
