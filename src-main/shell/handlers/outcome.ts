import type { Outcome } from '../../../src-preload/contract/values.ts';
import { LanyardError } from '../../failures.ts';

/** Turns an error that a person is meant to read into an outcome; anything else goes on to the IPC edge. */
export async function outcome(act: () => void | Promise<void>): Promise<Outcome> {
  try {
    await act();
    return { success: true };
  } catch (error) {
    if (error instanceof LanyardError)
      return { success: false, reason: error.failure.title, failure: error.failure };
    throw error;
  }
}
