/** Time as the code sees it, so that tests decide what time it is and nothing ever sleeps. */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Runs `task` once after `delayMs` milliseconds; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
