import { createEffect, createSignal, onCleanup } from 'solid-js';

/** Milliseconds since the Unix epoch as a signal that moves once a second while `active`, and stands still otherwise. */
export function createClock(active: () => boolean): () => number {
  const [now, setNow] = createSignal(Date.now());
  createEffect(() => {
    if (!active()) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    onCleanup(() => clearInterval(timer));
  });
  return now;
}
