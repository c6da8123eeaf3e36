import { sessionCalls } from '../../../src-preload/contract/sessions.ts';
import { LanyardError } from '../../failures.ts';
import type { HandlersOf } from '../ipc.ts';

/** Cloud sessions. Until the house has them, every call says so. */
export function sessionHandlers(): HandlersOf<typeof sessionCalls> {
  const notYet = () => {
    throw new LanyardError({
      code: 'no_cloud_sessions',
      title: 'Cloud sessions are not there yet.',
      hint: 'Use a later version.',
    });
  };
  const entries = Object.keys(sessionCalls).map((channel) => [channel, notYet]);
  return Object.fromEntries(entries) as HandlersOf<typeof sessionCalls>;
}
