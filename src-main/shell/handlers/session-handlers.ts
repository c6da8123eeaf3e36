import type { sessionCalls } from '../../../src-preload/contract/sessions.ts';
import { environmentText } from '../../cloud/environment-text.ts';
import type { CloudHouse } from '../../house/cloud-house.ts';
import { Secret } from '../../vault/secret.ts';
import { lentMs, type SecretClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface SessionHandlerParts {
  cloud: () => Promise<CloudHouse>;
  /** Opens the system's terminal under a session: on a shell, or on a provider's program. */
  runUnderSession: (sessionId: string, providerId: string | null) => Promise<void>;
  clipboard: SecretClipboard;
}

/** Cloud sessions. No credential comes to a window: what is copied goes from here to the clipboard. */
export function sessionHandlers(parts: SessionHandlerParts): HandlersOf<typeof sessionCalls> {
  const { cloud, clipboard } = parts;
  const desk = async () => (await cloud()).desk;
  return {
    'sessions.list': async () => (await desk()).list(),
    'sessions.get': async ({ sessionId }) => {
      const { session, issued } = (await desk()).get(sessionId);
      if (!issued) return { session };
      const { policyText, packedPercent, grantedSeconds, principal } = issued;
      return {
        session,
        issued: {
          grantedSeconds,
          ...(policyText === null ? {} : { policyText }),
          ...(packedPercent === null ? {} : { packedPercent }),
          ...(principal === null ? {} : { principal }),
        },
      };
    },
    'sessions.checkPolicy': async (question) => (await desk()).checkPolicy(question),
    'sessions.profiles': async () => (await desk()).profiles(),
    'sessions.saveProfile': (profile) =>
      answer(async () => ({ profileId: (await desk()).saveProfile(profile) })),
    'sessions.deleteProfile': ({ profileId }) => outcome(async () => (await desk()).deleteProfile(profileId)),
    'sessions.terms': async ({ bundleId }) => (await desk()).terms(bundleId),
    'sessions.setTerms': ({ bundleId, ...terms }) =>
      outcome(async () => (await desk()).setTerms(bundleId, terms)),
    'sessions.sources': async ({ bundleId }) => ({ sources: await (await desk()).sources(bundleId) }),
    'sessions.awsAccounts': ({ bundleId, sourceId }) =>
      answer(async () => ({ accounts: await (await desk()).awsAccounts(bundleId, sourceId) })),
    'sessions.awsRoles': ({ bundleId, sourceId, awsAccountId }) =>
      answer(async () => ({ roles: await (await desk()).awsRoles(bundleId, sourceId, awsAccountId) })),
    'sessions.open': (form) =>
      answer(async () => {
        const { session, reused } = await (await desk()).open(form);
        return { sessionId: session.id, reused };
      }),
    'sessions.extend': ({ sessionId, endsAt }) =>
      outcome(async () => {
        (await desk()).extend(sessionId, endsAt);
      }),
    'sessions.revoke': ({ sessionId, deny = false }) =>
      answer(async () => ({ session: await (await desk()).revoke(sessionId, { deny }) })),
    'sessions.run': ({ sessionId, providerId }) =>
      outcome(() => parts.runUnderSession(sessionId, providerId ?? null)),
    'sessions.copyEnvironment': ({ sessionId, shell, form }) =>
      answer(async () => {
        const { sessions } = await cloud();
        const variables = await sessions.pasteable(sessionId, form);
        const text = environmentText(variables, shell);
        await clipboard.lend(new Secret(text));
        return { names: Object.keys(variables), clearedAfterSeconds: lentMs / 1000 };
      }),
    'sessions.remove': ({ sessionId }) => outcome(async () => (await desk()).remove(sessionId)),
    'sessions.removeFinished': async () => ({ removed: (await desk()).removeFinished() }),
  };
}
