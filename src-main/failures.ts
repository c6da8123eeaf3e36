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

/** Closes a switch over a union: a new variant is then a type error at every switch that forgot it. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
