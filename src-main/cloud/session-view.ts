import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import { mustEndAt } from './lease.ts';
import { canDeny, describeRevocation } from './revoke.ts';
import { type CloudSession, isFinished, principalOf, shortId } from './session-record.ts';

export interface ViewParts {
  now: number;
  /** Null when the identity is gone. */
  bundleName: (bundleId: string) => string | null;
  isHeld: (id: string) => boolean;
  /** A time as the person reads it. */
  showTime: (time: number) => string;
  /** Takes secrets out of a command that another program wrote down. */
  redact: (text: string) => string;
}

/** Principals of AWS that are no role: what stands in the record, and how it is called. */
export const federatedUser = 'federated-user';
export const ownUser = 'own-user';
const principalNames = new Map([
  [federatedUser, "A federated user of the key's"],
  [ownUser, "The key's own user"],
]);

/** One session as a window may know it. */
export function sessionView(session: CloudSession, parts: ViewParts): CloudSessionView {
  const { id, policy, bundleId, accountId, region, enforcement, limits = {}, usage, revocation } = session;
  const principal = principalOf(session);
  const bundleName = bundleId === undefined ? null : parts.bundleName(bundleId);
  const until = isFinished(session) ? Math.min(parts.now, mustEndAt(session)) : parts.now;
  return {
    id,
    shortId: shortId(id),
    cloud: session.provider,
    status: session.status,
    principal: principalNames.get(principal) ?? principal,
    ...(bundleId === undefined ? {} : { bundleId }),
    ...(bundleName === null ? {} : { bundleName }),
    ...(accountId === undefined ? {} : { accountId }),
    actions: [...policy.actions],
    deny: [...policy.deny],
    resources: [...policy.resources],
    sourceIps: [...policy.sourceIps],
    tags: { ...session.tags },
    ...(region === undefined ? {} : { region }),
    command: parts.redact(session.command.join(' ')),
    createdAt: session.createdAt,
    endsAt: mustEndAt(session),
    credentialsEndAt: session.expiresAt,
    ...(session.accessKeyId === null ? {} : { accessKeyId: session.accessKeyId }),
    ...(enforcement === undefined
      ? {}
      : {
          enforcement: {
            state: enforcement.state,
            gaps: enforcement.state === 'enforced' ? [] : [...enforcement.gaps],
          },
        }),
    limits: { ...limits },
    usage: {
      minutes: Math.max(0, Math.floor((until - session.createdAt) / 60_000)),
      credentialRequests: usage?.credentialRequests ?? 0,
      renewals: usage?.renewals ?? 0,
      commands: usage?.commands ?? 0,
    },
    ...(session.budget === null ? {} : { estimate: session.budget }),
    running: session.runs?.length ?? 0,
    canDeny: canDeny(session),
    held: !isFinished(session) && parts.isHeld(id),
    ...(revocation === undefined
      ? {}
      : { revocation: describeRevocation(session, revocation, parts.showTime) }),
  };
}
