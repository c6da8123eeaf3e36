import type { Failure } from '../src-preload/contract/values.ts';

/**
 * An error that a person is meant to read. Thrown inside main, it crosses to a window as a {@link Failure}; anything
 * else that is thrown is a fault of ours and crosses as `internal_error` without its text.
 */
export class LanyardError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.code}: ${failure.title}`, options);
    this.name = 'LanyardError';
    this.failure = failure;
  }
}

/**
 * The one error for what could not be written down; nothing has changed then.
 * @param title what it was
 * @param hint where another one helps more
 */
export function couldNotSave(
  title: string,
  cause?: unknown,
  hint = 'Check that the disk is not full and that Lanyard may write to its data directory, then try again.',
): LanyardError {
  const detail = errorCode(cause);
  const failure = { code: 'could_not_save', title, hint, ...(detail === null ? {} : { detail }) };
  return new LanyardError(failure, cause === undefined ? undefined : { cause });
}

/** What the system calls an error, such as ENOSPC; null for one that is not the system's. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Closes a switch over a union: a new variant is then a type error at every switch that forgot it. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
