/** Runs `load` now, or once more after the run that is under way: nothing is read twice at the same time. */
export function coalesce(load: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async () => {
    do {
      again = false;
      await load();
    } while (again);
  };
  return () => {
    if (running) again = true;
    else {
      running = run().finally(() => {
        running = null;
      });
    }
    return running;
  };
}
