import { createEffect, createMemo, createSignal, onCleanup } from 'solid-js';

/**
 * A long list a portion at a time: what fits on a screen at once, the rest whenever the window has nothing better to do,
 * so that neither the first picture nor a click waits for rows that nobody sees.
 * @param portion how many rows come at once; fewer for rows that cost more
 */
export function inPortions<T>(items: () => readonly T[], portion = 100): () => readonly T[] {
  const [limit, setLimit] = createSignal(portion);
  createEffect(() => {
    if (limit() >= items().length) return;
    const idle = requestIdleCallback(() => setLimit((before) => before + portion), { timeout: 1_000 });
    onCleanup(() => cancelIdleCallback(idle));
  });
  return createMemo(() => (items().length > limit() ? items().slice(0, limit()) : items()));
}
