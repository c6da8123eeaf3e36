import { type Charge, charge } from './budget.ts';
import { type CloudSession, isFinished, type SessionProcess, withStatus } from './session-record.ts';

/**
 * A command starts under the session.
 * @returns the session, unchanged but for its status where a limit does not allow another command (C-19)
 */
export function startRun(session: CloudSession, run: SessionProcess, now: number): Charge {
  const charged = charge(session, 'commands', now);
  if (charged.exceeded !== null || isFinished(charged.session)) return charged;
  return { ...charged, session: { ...charged.session, runs: [...(session.runs ?? []), run] } };
}

/**
 * C-6: a command ended. Only the last one of a session may end it, and only where it is not kept for the next one.
 * C-2: a session that was ended before stays what it was.
 *
 * @param keep whether the session stays active for further runs until its time is over
 */
export function endRun(
  session: CloudSession,
  run: SessionProcess,
  { keep }: { keep: boolean },
): CloudSession {
  const { runs = [], ...others } = session;
  const left = runs.filter(({ pid, startTime }) => pid !== run.pid || startTime !== run.startTime);
  const after: CloudSession = left.length === 0 ? others : { ...others, runs: left };
  return left.length === 0 && !keep ? withStatus(after, 'completed') : after;
}
