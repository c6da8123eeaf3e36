import type { Clock } from '../clock.ts';
import type { ProgramFinder } from '../process/program-finder.ts';
import type { LaunchPreparation } from './launch-preparation.ts';
import { openTerminal } from './terminal.ts';

export interface BundleTerminalParts {
  preparation: LaunchPreparation;
  finder: ProgramFinder;
  homeDirectory: string;
  platform: NodeJS.Platform;
  /** Absolute, private to the person. */
  runtimeDirectory: string;
  clock: Clock;
}

/**
 * Opens the system's terminal as a bundle: with its accounts' directories and keys in the environment.
 * @throws LanyardError those of `LaunchPreparation.of` and of `openTerminal`
 */
export async function openBundleTerminal(bundleId: string, parts: BundleTerminalParts): Promise<void> {
  const { env, secrets, leftOut } = await parts.preparation.of(bundleId);
  await openTerminal({
    platform: parts.platform,
    env,
    secrets,
    runtimeDirectory: parts.runtimeDirectory,
    clock: parts.clock,
    unset: leftOut,
    cwd: parts.homeDirectory,
    find: (names) => parts.finder.find(names),
  });
}
