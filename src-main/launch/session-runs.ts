import type { CloudSessions } from '../cloud/cloud-sessions.ts';
import type { SessionProcess } from '../cloud/session-record.ts';
import type { SessionStore } from '../cloud/session-store.ts';
import { LanyardError } from '../failures.ts';
import { blankBundleId } from '../identities/model.ts';
import type { LaunchPreparation, PreparedLaunch } from './launch-preparation.ts';

export interface SessionRunsParts {
  sessions: Pick<CloudSessions, 'runStarted' | 'runEnded'>;
  store: Pick<SessionStore, 'get'>;
  preparation: Pick<LaunchPreparation, 'of'>;
  /** Ends a command's whole tree. */
  endProcess: (process: SessionProcess) => Promise<unknown>;
  /** Takes secrets out of a text. */
  redact: (text: string) => string;
}

/**
 * C-17: whatever runs under a cloud session, however it is started (a tab, the system's terminal, the `lanyard`
 * command): what it gets, and that the session knows its process, so that it ends with the session.
 */
export class SessionRuns {
  readonly #parts: SessionRunsParts;

  constructor(parts: SessionRunsParts) {
    this.#parts = parts;
  }

  /**
   * What a command under the session is started with: the identity's environment without its own cloud logins, then
   * the session's.
   * @param parent the environment that is composed from; the app's own when absent
   * @throws LanyardError `session_not_found`, and those of `LaunchPreparation.of`
   */
  async prepare(sessionId: string, parent?: NodeJS.ProcessEnv): Promise<PreparedLaunch> {
    const session = this.#parts.store.get(sessionId);
    if (!session) throw sessionNotFound();
    return this.#parts.preparation.of(session.bundleId ?? blankBundleId, {
      cloudSessionId: sessionId,
      ...(parent === undefined ? {} : { parent }),
    });
  }

  /**
   * A command has started. From now on it ends with the session.
   * @param command for people to read
   * @throws LanyardError `budget_exceeded`, `session_ended`; the command has been ended then
   */
  async started(sessionId: string, process: SessionProcess, command: readonly string[]): Promise<void> {
    const { sessions, endProcess, redact } = this.#parts;
    let allowed = false;
    try {
      // It is written into the session's record.
      const line = command.join(' ');
      const shown = redact(line);
      allowed = sessions.runStarted(sessionId, process, shown === line ? command : [shown]);
    } finally {
      if (!allowed) await endProcess(process);
    }
    if (!allowed) {
      throw new LanyardError({
        code: 'budget_exceeded',
        title: 'The session does not allow another command.',
        hint: 'Start a new session, with a larger budget if you need it.',
      });
    }
  }

  /**
   * A command has ended by itself. Safe to call again, and after the session's end.
   * @param keep false where the session was opened for this command alone: it is completed with its last one
   */
  ended(sessionId: string, process: SessionProcess, { keep }: { keep: boolean }): void {
    this.#parts.sessions.runEnded(sessionId, process, { keep });
  }
}

function sessionNotFound(): LanyardError {
  return new LanyardError({
    code: 'session_not_found',
    title: 'This session is not there any more.',
    hint: 'Start a new one.',
  });
}
