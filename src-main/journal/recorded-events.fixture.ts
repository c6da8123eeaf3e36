import type { Audit, AuditEvent } from './audit.ts';

/** Keeps what it is told. */
export class RecordedEvents implements Audit {
  readonly events: AuditEvent[] = [];

  record(event: AuditEvent): void {
    this.events.push(event);
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}
