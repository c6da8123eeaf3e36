import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Identities } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import type { AuditEvent } from '../journal/audit.ts';
import { AuditTrail, type KnownOfEvent } from '../journal/audit-trail.ts';
import type { Log } from '../journal/log.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import type { Redactor } from '../vault/redact.ts';
import type { Vault } from '../vault/vault.ts';

export interface AuditHouseParts {
  data: string;
  vault: Vault;
  clock: Clock;
  redactor: Redactor;
  log: Log;
  identities: () => Pick<Identities, 'bundle' | 'account' | 'bundlesOf'>;
  onChanged: () => void;
}

/** The audit trail in `<data>/audit`. */
export function composeAudit(parts: AuditHouseParts): AuditTrail {
  let startTime: Promise<string | null> | undefined;
  return new AuditTrail({
    ...parts,
    directory: join(parts.data, 'audit'),
    lock: {
      newId: randomUUID,
      self: async () => {
        startTime ??= processStartTime(process.pid);
        return { pid: process.pid, startTime: (await startTime) ?? '' };
      },
      isRunning: isAlive,
    },
    redact: (text) => parts.redactor.redact(text),
    knownOf: (event) => knownOf(event, parts.identities()),
  });
}

function knownOf(event: AuditEvent, identities: ReturnType<AuditHouseParts['identities']>): KnownOfEvent {
  const known: KnownOfEvent = {};
  if (event.accountId !== undefined) {
    const account = attempt(() => identities.account(event.accountId ?? ''));
    if (account) {
      known.accountName = account.displayName;
      known.providerId = account.provider;
      const [only, other] = identities.bundlesOf(account.id);
      if (only && !other) known.bundleId = only.id;
    }
  }
  const bundleId = event.bundleId ?? known.bundleId;
  const bundle =
    bundleId === undefined || bundleId === blankBundleId ? null : attempt(() => identities.bundle(bundleId));
  return bundle ? { ...known, bundleName: bundle.name } : known;
}

/** `null` for what is not there any more. */
function attempt<T>(find: () => T): T | null {
  try {
    return find();
  } catch {
    return null;
  }
}
