import type { Failure } from '../../src-preload/contract/values.ts';
import { attempt } from '../state/ask.ts';
import type { App } from '../state/create-app.ts';

/** Asks main for a terminal that runs as the bundle. Returns what stood in the way, or `null`. */
export async function openTerminal(app: App, bundleId: string): Promise<Failure | null> {
  const failure = await attempt(app.bridge.launch.openTerminal({ bundleId }));
  if (!failure) app.announce('Terminal opened.');
  return failure;
}
