import type { Clock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';
import type { ProgramFinder } from '../process/program-finder.ts';
import { announcing } from './announced-command.ts';
import type { LaunchPreparation } from './launch-preparation.ts';
import type { Running } from './running.ts';
import { shellStart } from './shell-command.ts';
import { openTerminal } from './terminal.ts';

export interface BundleTerminalParts {
  preparation: Pick<LaunchPreparation, 'of'>;
  finder: Pick<ProgramFinder, 'find'>;
  homeDirectory: string;
  platform: NodeJS.Platform;
  /** Absolute, private to the person. */
  runtimeDirectory: string;
  clock: Clock;
  running: Pick<Running, 'add'>;
  processStartTime: (pid: number) => Promise<string | null>;
  audit: Audit;
  newId: () => string;
}

/**
 * Opens the system's terminal as a bundle: with its accounts' directories and keys in the environment. Which process its
 * shell is gets known some time later; on Windows never.
 * @throws LanyardError those of `LaunchPreparation.of` and of `openTerminal`
 */
export async function openBundleTerminal(bundleId: string, parts: BundleTerminalParts): Promise<void> {
  const { env, secrets, leftOut } = await parts.preparation.of(bundleId);
  const { platform, runtimeDirectory, clock } = parts;
  const announcement = platform === 'win32' ? null : await announcing(runtimeDirectory, clock);
  try {
    await openTerminal({
      platform,
      env,
      secrets,
      runtimeDirectory,
      clock,
      unset: leftOut,
      cwd: parts.homeDirectory,
      find: (names) => parts.finder.find(names),
      ...(announcement ? { announce: announcement.wrap } : {}),
    });
  } catch (error) {
    announcement?.withdraw();
    throw error;
  }
  const program = shellStart(env, null, platform).name;
  parts.audit.record({ kind: 'launch.started', bundleId, detail: { where: 'terminal', program } });
  void announcement?.pid.then((pid) => (pid === null ? undefined : list(bundleId, pid, program, parts)));
}

async function list(
  bundleId: string,
  pid: number,
  command: string,
  { clock, newId, running, processStartTime }: BundleTerminalParts,
): Promise<void> {
  const since = clock.now();
  const startTime = await processStartTime(pid);
  // It may be closed again.
  if (startTime === null) return;
  running.add({ id: newId(), pid, startTime, bundleId, command, since, origin: 'terminal' });
}
