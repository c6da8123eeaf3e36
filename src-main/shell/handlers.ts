import { type App, clipboard } from 'electron';
import type { Outcome, ProviderView } from '../../src-preload/contract.ts';
import type { Broker } from '../broker/broker.ts';
import { signInFailures } from '../broker/sign-in-failures.ts';
import { LanyardError } from '../failures.ts';
import type { Identities } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import { bundleView } from '../identities/views.ts';
import type { ApiKeySignIn } from '../methods/api-key/api-key.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { Secret } from '../vault/secret.ts';
import type { Handlers } from './ipc.ts';

/** What the calls of the contract act on. */
export interface HandlerParts {
  app: App;
  broker: Broker;
  identities: Identities;
  providers: ProviderRegistry;
  apiKeys: ApiKeySignIn;
  /** What is known of a provider's program, without looking for it now. */
  programState: (provider: ProviderDefinition) => ProviderView['program'];
  /** Reads the user-defined providers and looks for programs again. */
  refreshProviders: () => Promise<void>;
  signOut: (accountId: string) => Promise<void>;
  openTerminal: (bundleId: string) => Promise<void>;
  dataDirectory: string;
  developmentRuntime: boolean;
}

/** Turns an error that a person is meant to read into an outcome; anything else goes on to the IPC edge. */
async function outcome(act: () => void | Promise<void>): Promise<Outcome> {
  try {
    await act();
    return { success: true };
  } catch (error) {
    if (error instanceof LanyardError)
      return { success: false, reason: error.failure.title, failure: error.failure };
    throw error;
  }
}

/** The calls of the contract, each in a line or two: what they do is in the rooms they lead to. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { broker, identities, providers } = parts;
  return {
    'auth.start': (request) => broker.start(request),
    'auth.poll': ({ sessionId }) => broker.poll(sessionId),
    'auth.cancel': ({ sessionId }) => broker.cancel(sessionId),
    'auth.submitCallback': ({ sessionId, text }) => broker.submitCallback(sessionId, text),
    'auth.submitApiKey': async ({ providerId, intoBundleId, apiKey, accountName, saveWithoutChecking }) => {
      try {
        const provider = providers.find(providerId);
        if (!provider) throw new LanyardError(signInFailures.unknownProvider(providerId));
        const saved = await parts.apiKeys.submit({
          provider,
          bundleId: intoBundleId ?? null,
          apiKey: new Secret(apiKey),
          accountName,
          saveWithoutChecking: saveWithoutChecking ?? false,
        });
        return { success: true, ...saved };
      } catch (error) {
        if (!(error instanceof LanyardError)) throw error;
        return { success: false, reason: error.failure.title, failure: error.failure };
      }
    },
    'auth.list': () => ({ sessions: broker.list() }),
    'auth.transcript': ({ sessionId }) => broker.transcript(sessionId),
    'auth.openLink': ({ sessionId }) => broker.openLink(sessionId),
    'auth.copy': ({ sessionId, what }) =>
      outcome(async () => clipboard.writeText(broker.copyText(sessionId, what))),
    // Electron 45 answers with a promise where earlier ones answered with the text.
    'clipboard.readText': async () => ({ text: (await clipboard.readText()).slice(0, 16_384) }),
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
    'bundles.list': () => {
      const { bundles, problems } = identities.list();
      return { bundles: bundles.map(bundleView), problems };
    },
    'bundles.create': ({ name }) => ({ bundleId: identities.createBundle(name).id }),
    'bundles.rename': ({ bundleId, name }) => outcome(() => identities.renameBundle(bundleId, name)),
    'bundles.delete': ({ bundleId }) => outcome(() => identities.deleteBundle(bundleId)),
    'accounts.signOut': ({ accountId }) => outcome(() => parts.signOut(accountId)),
    'launch.openTerminal': ({ bundleId }) =>
      outcome(() => {
        if (
          bundleId === blankBundleId ||
          identities.list().bundles.some((bundle) => bundle.id === bundleId)
        ) {
          return parts.openTerminal(bundleId);
        }
        throw new LanyardError({
          code: 'unknown_bundle',
          title: 'This identity is no longer there',
          hint: 'Pick another one.',
        });
      }),
    'app.info': () => ({
      version: parts.app.getVersion(),
      electron: process.versions.electron ?? '',
      chromium: process.versions.chrome ?? '',
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      dataDirectory: parts.dataDirectory,
      developmentRuntime: parts.developmentRuntime,
    }),
  };
}
