/** What the audit trail remembers of one thing that happened. Names and numbers only: no secret, no command's output. */
export interface AuditEvent {
  /**
   * What happened, `<subject>.<past participle>`: `account.signed_in`, `session.issued`, `session.reused`,
   * `session.renewed`, `session.refused`, `session.extended`, `session.revoked`, `session.ended`, `launch.started`,
   * `launch.ended`, `request.allowed`, `request.denied`, ...
   */
  kind: string;
  bundleId?: string;
  providerId?: string;
  accountId?: string;
  /** The cloud session's id. */
  sessionId?: string;
  /** Further facts that a person understands: program, actions, seconds, reason. */
  detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Takes down what happened. Never throws: what cannot be written is the trail's own business to say. */
export interface Audit {
  record(event: AuditEvent): void;
}
