import type { Failure, Outcome } from '../../src-preload/contract/values.ts';
import type { Reply } from '../../src-preload/contract.ts';

const lost: Failure = {
  code: 'main_unreachable',
  title: 'Lanyard did not answer',
  hint: 'Restart Lanyard and try again.',
};

/** A call whose rejection, which only a dying main causes, arrives as the failure it is. */
export async function ask<T>(call: Promise<Reply<T>>): Promise<Reply<T>> {
  try {
    return await call;
  } catch {
    return { ok: false, failure: lost };
  }
}

/** Makes a call whose only result is whether it worked. Returns what stood in the way, or `null`. */
export async function attempt(call: Promise<Reply<Outcome>>): Promise<Failure | null> {
  const reply = await ask(call);
  if (!reply.ok) return reply.failure;
  return reply.value.success ? null : reply.value.failure;
}
