import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreviousListeners } from './callback-listener.ts';

/** A secret that is longer is not ours. */
const longest = 200;

/**
 * Which port a sign-in of this app listens on, as files that only the person can read: what is in them lets a later
 * sign-in, also of another process, ask the earlier one to stop (O-2), and nobody else.
 */
export class ListenerNotes implements PreviousListeners {
  readonly #directory: string;

  /** @param directory absolute, private to the person; made when it is needed */
  constructor(directory: string) {
    this.#directory = directory;
  }

  note(port: number, secret: string): () => void {
    const path = this.#path(port);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    writeFileSync(path, secret, { flag: 'wx', mode: 0o600 });
    return () => {
      // Another sign-in may have taken the port, and its note the place of ours.
      if (this.secretOf(port) === secret) rmSync(path, { force: true });
    };
  }

  secretOf(port: number): string | null {
    try {
      const secret = readFileSync(this.#path(port), 'utf8');
      return secret.length > 0 && secret.length <= longest ? secret : null;
    } catch {
      // No note: the port is not ours.
      return null;
    }
  }

  #path(port: number): string {
    return join(this.#directory, `callback-${port}`);
  }
}
