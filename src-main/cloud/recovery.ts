import { endsAt } from './lease.ts';
import { type CloudSession, type SessionProcess, withStatus } from './session-record.ts';

export interface RecoveryParts {
  sessions: readonly CloudSession[];
  now: number;
  isAlive: (process: SessionProcess) => Promise<boolean>;
  /** Ends what a run left behind; does nothing where the process is another one by now. */
  endProcess: (process: SessionProcess) => Promise<unknown>;
  /** Removes what the session had on disk besides its record. */
  removeFiles: (session: CloudSession) => Promise<unknown>;
  update: (id: string, change: (session: CloudSession) => CloudSession) => void;
}

/**
 * C-21: ends the active sessions that nobody owns any more: their processes, their files, their status (`failed`, or
 * `expired` when their time was over). Sessions of an owner that lives are left alone, and so are other programs'
 * until their time is over. One that cannot be cleaned up does not keep the others from it.
 *
 * @returns the ids that were ended, and those that could not be with what was in the way
 */
export async function endOrphans(parts: RecoveryParts): Promise<{
  ended: string[];
  failed: { id: string; cause: unknown }[];
}> {
  const ended: string[] = [];
  const failed: { id: string; cause: unknown }[] = [];
  for (const session of parts.sessions) {
    if (session.status !== 'active' || !(await isOrphan(session, parts))) continue;
    try {
      for (const run of session.runs ?? []) await parts.endProcess(run);
      await parts.removeFiles(session);
      const status = endsAt(session) <= parts.now ? 'expired' : 'failed';
      parts.update(session.id, ({ runs: _, ...current }) => withStatus(current, status));
      ended.push(session.id);
    } catch (cause) {
      failed.push({ id: session.id, cause });
    }
  }
  return { ended, failed };
}

async function isOrphan(session: CloudSession, { now, isAlive }: RecoveryParts): Promise<boolean> {
  if (!session.process) return endsAt(session) <= now;
  return !(await isAlive(session.process));
}
