import type { Clock } from '../clock.ts';
import type { SessionProcess } from '../cloud/session-record.ts';
import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import type { ProgramFinder } from '../process/program-finder.ts';
import type { ProviderPrograms } from '../programs/provider-programs.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { announcing } from './announced-command.ts';
import type { SessionRuns } from './session-runs.ts';
import { openTerminal, type TerminalInput } from './terminal.ts';

export interface SessionTerminalParts {
  runs: Pick<SessionRuns, 'prepare' | 'started' | 'ended'>;
  finder: ProgramFinder;
  programs: Pick<ProviderPrograms, 'locate'>;
  provider: (providerId: string) => ProviderDefinition | null;
  homeDirectory: string;
  platform: NodeJS.Platform;
  /** Absolute, private to the person. */
  runtimeDirectory: string;
  clock: Clock;
  processStartTime: (pid: number) => Promise<string | null>;
  isAlive: (process: SessionProcess) => Promise<boolean>;
  audit: Audit;
  /** What went wrong after the window was there. */
  onFault: (error: unknown) => void;
  /** For tests. */
  open?: (input: TerminalInput) => Promise<void>;
}

/** Between two looks at whether the terminal's command still runs: it is no child of ours, ms. */
const lookEveryMs = 5000;

/**
 * Opens the system's terminal under a cloud session, on the person's shell or on a provider's program. The command in it
 * is not our child: it says which process it is, and from then on it ends with the session. A terminal that has not said
 * so within a minute (on Windows none can) is found by the session's mark where the system tells (Linux), and elsewhere
 * only loses its credentials.
 *
 * @returns when the window was asked for; `settled` resolves when the command is known to the session, or cannot be
 * @throws LanyardError of `SessionRuns.prepare` and `openTerminal`; `unknown_provider`, `program_not_found`
 */
export async function openSessionTerminal(
  sessionId: string,
  providerId: string | null,
  parts: SessionTerminalParts,
): Promise<{ settled: Promise<void> }> {
  const { runs, platform, runtimeDirectory, clock } = parts;
  const command = providerId === null ? null : await commandOf(providerId, parts);
  const { env, secrets, leftOut, bundle } = await runs.prepare(sessionId);
  const announcement = platform === 'win32' ? null : await announcing(runtimeDirectory, clock);
  try {
    await (parts.open ?? openTerminal)({
      platform,
      env,
      secrets,
      runtimeDirectory,
      clock,
      unset: leftOut,
      cwd: parts.homeDirectory,
      find: (names) => parts.finder.find(names),
      ...(command === null ? {} : { command }),
      ...(announcement === null ? {} : { announce: announcement.wrap }),
    });
  } catch (error) {
    announcement?.withdraw();
    throw error;
  }
  const shown = command ?? [env.SHELL ?? 'shell'];
  parts.audit.record({
    kind: 'launch.started',
    bundleId: bundle.id,
    sessionId,
    detail: { where: 'terminal', program: shown[0] ?? '' },
  });
  const settled = (async () => {
    const pid = (await announcement?.pid) ?? null;
    const startTime = pid === null ? null : await parts.processStartTime(pid);
    if (pid === null || startTime === null) return;
    const process = { pid, startTime };
    await runs.started(sessionId, process, shown);
    watchEnd(sessionId, process, parts);
  })().catch(parts.onFault);
  return { settled };
}

/** Tells the session when the command has ended. The session goes on: its time is not over. */
function watchEnd(sessionId: string, process: SessionProcess, parts: SessionTerminalParts): void {
  parts.clock.after(lookEveryMs, () => {
    parts
      .isAlive(process)
      .then((alive) => {
        if (alive) watchEnd(sessionId, process, parts);
        else parts.runs.ended(sessionId, process, { keep: true });
      })
      .catch(parts.onFault);
  });
}

async function commandOf(providerId: string, parts: SessionTerminalParts): Promise<string[]> {
  const provider = parts.provider(providerId);
  if (!provider) {
    throw new LanyardError({
      code: 'unknown_provider',
      title: 'There is no such provider.',
      hint: 'Choose one from the list.',
    });
  }
  const file = await parts.programs.locate(provider);
  if (file !== null) return [file, ...provider.program.args];
  throw new LanyardError({
    code: 'program_not_found',
    title: `The program of ${provider.name} was not found.`,
    hint: 'Install it, or name it in Settings > Providers.',
  });
}
