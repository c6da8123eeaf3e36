import { createEffect, createSignal, onCleanup } from 'solid-js';

/** Milliseconds since the Unix epoch as a signal that moves once a period, in ms, while `active`, and stands still otherwise. */
export function createClock(active: () => boolean, periodMs = 1000): () => number {
  const [now, setNow] = createSignal(Date.now());
  createEffect(() => {
    if (!active()) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), periodMs);
    onCleanup(() => clearInterval(timer));
  });
  return now;
}
