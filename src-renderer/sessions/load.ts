import { createEffect, createSignal, on } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { Reply } from '../../src-preload/contract.ts';
import { ask } from '../state/ask.ts';

/** Something that is read from main, again for each key: nothing of an earlier key is ever shown for a later one. */
export interface Load<T> {
  /** `null` until it is there. */
  value: () => T | null;
  loading: () => boolean;
  failure: () => Failure | null;
  retry: () => void;
}

/** Reads for each key that is not `null`, and once more on `retry`. Must be called inside a root. */
export function createLoad<K, T>(key: () => K | null, read: (key: K) => Promise<Reply<T>>): Load<T> {
  const [value, setValue] = createSignal<T | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [loading, setLoading] = createSignal(false);
  let latest = 0;
  const load = async (wanted: K | null) => {
    latest += 1;
    const mine = latest;
    setValue(null);
    setFailure(null);
    setLoading(wanted !== null);
    if (wanted === null) return;
    const reply = await ask(read(wanted));
    if (mine !== latest) return;
    setLoading(false);
    if (reply.ok) setValue(() => reply.value);
    else setFailure(reply.failure);
  };
  createEffect(on(key, (wanted) => void load(wanted)));
  return { value, loading, failure, retry: () => void load(key()) };
}

type Refused = { success: false; failure: Failure };

/** A call that answers with `success`, as one that fails where it does not succeed. */
export async function succeeding<A extends { success: true } | Refused>(
  call: Promise<Reply<A>>,
): Promise<Reply<Exclude<A, Refused>>> {
  const reply = await ask(call);
  if (!reply.ok) return reply;
  const answer: { success: true } | Refused = reply.value;
  if (!answer.success) return { ok: false, failure: answer.failure };
  // What is left of the union, which TypeScript does not see through the type parameter.
  return { ok: true, value: reply.value as Exclude<A, Refused> };
}
