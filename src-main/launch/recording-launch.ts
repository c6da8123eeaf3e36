import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';

/**
 * Starts something as a bundle, and takes down that it was, or why not.
 * @param program its name for people, without arguments: they may hold secrets
 * @throws what `start` throws
 */
export async function recordingLaunch<T>(
  audit: Audit,
  bundleId: string,
  program: string,
  start: () => Promise<T>,
): Promise<T> {
  try {
    const started = await start();
    audit.record({ kind: 'launch.started', bundleId, detail: { program } });
    return started;
  } catch (error) {
    const reason = error instanceof LanyardError ? error.failure.code : 'internal_error';
    audit.record({ kind: 'launch.refused', bundleId, detail: { program, reason } });
    throw error;
  }
}
