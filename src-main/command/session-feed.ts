import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';

/** Tells those who follow one sign-in of each of its changes. */
export class SessionFeed {
  readonly #watchers = new Set<(snapshot: SessionSnapshot) => void>();

  push(snapshot: SessionSnapshot): void {
    for (const watcher of [...this.#watchers]) watcher(snapshot);
  }

  /** @returns what ends it */
  watch(watcher: (snapshot: SessionSnapshot) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
