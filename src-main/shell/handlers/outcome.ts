import type { Failure, Outcome } from '../../../src-preload/contract/values.ts';
import { LanyardError } from '../../failures.ts';

type Answer<T> = ({ success: true } & T) | { success: false; reason: string; failure: Failure };

/** Turns an error that a person is meant to read into an outcome; anything else goes on to the IPC edge. */
export function outcome(act: () => void | Promise<void>): Promise<Outcome> {
  return answer(async () => {
    await act();
    return {};
  });
}

/** The same where something is to be said when it was done. */
export async function answer<T extends object>(act: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return { success: true, ...(await act()) };
  } catch (error) {
    return refusal(error);
  }
}

/** Why nothing was done, for a person to read. @throws what is no LanyardError */
export function refusal(error: unknown): { success: false; reason: string; failure: Failure } {
  if (!(error instanceof LanyardError)) throw error;
  return { success: false, reason: error.failure.title, failure: error.failure };
}
