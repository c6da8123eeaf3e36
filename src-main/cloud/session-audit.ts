import type { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import type { IssueInputs } from './reuse.ts';
import { type CloudSession, principalOf } from './session-record.ts';

/**
 * What the audit trail is told of cloud sessions: who got what from whom, for how long, and how it ended. Each session
 * has exactly one terminal entry: `session.revoked`, or `session.ended` for every other end.
 */
export class SessionAudit {
  readonly #audit: Audit;

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  issued(session: CloudSession): void {
    this.#record('session.issued', session, {
      ...scope(session),
      seconds: session.ttlSeconds,
      ...(session.enforcement ? { enforcement: session.enforcement.state } : {}),
      ...(session.accessKeyId === null ? {} : { accessKeyId: session.accessKeyId }),
    });
  }

  reused(session: CloudSession): void {
    this.#record('session.reused', session);
  }

  renewed(session: CloudSession): void {
    this.#record('session.renewed', session, {
      ...(session.accessKeyId === null ? {} : { accessKeyId: session.accessKeyId }),
    });
  }

  /** Nothing was issued. */
  refused(inputs: IssueInputs, { code }: LanyardError['failure']): void {
    const { bundleId, accountId } = inputs;
    this.#audit.record({
      kind: 'session.refused',
      ...(bundleId === undefined ? {} : { bundleId }),
      ...(accountId === undefined ? {} : { accountId }),
      detail: { ...scope(inputs), reason: code },
    });
  }

  extended(session: CloudSession, seconds: number): void {
    this.#record('session.extended', session, { seconds });
  }

  /** The terminal entry. */
  ended(session: CloudSession): void {
    const kind = session.status === 'revoked' ? 'session.revoked' : 'session.ended';
    const { commands = 0, credentialRequests = 0, renewals = 0 } = session.usage ?? {};
    this.#record(kind, session, { status: session.status, commands, credentialRequests, renewals });
  }

  /** What the cloud did about credentials that were handed out: after the end of a revoked session. */
  takenBack(session: CloudSession): void {
    const { revocation } = session;
    if (!revocation || revocation.kind === 'local') return;
    this.#record('session.taken_back', session, {
      done: revocation.kind === 'at_service',
      how: revocation.kind === 'at_service' ? revocation.how : revocation.reason,
    });
  }

  #record(kind: string, session: CloudSession, detail: Record<string, string | number | boolean> = {}): void {
    const { bundleId, accountId } = session;
    this.#audit.record({
      kind,
      sessionId: session.id,
      ...(bundleId === undefined ? {} : { bundleId }),
      ...(accountId === undefined ? {} : { accountId }),
      detail,
    });
  }
}

function scope(inputs: IssueInputs): Record<string, string> {
  const { actions, deny, resources } = inputs.policy;
  return {
    cloud: inputs.provider,
    principal: principalOf(inputs),
    actions: actions.join(' '),
    ...(deny.length === 0 ? {} : { deny: deny.join(' ') }),
    ...(resources.length === 0 ? {} : { resources: resources.join(' ') }),
  };
}
