import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileLock, type FileLockParts } from './file-lock.ts';

/** Tells one content of the file from another without reading it. */
export type FileStamp = string;

export type DiskRead =
  | { status: 'ok'; text: string; stamp: FileStamp }
  | { status: 'missing' }
  /** An error code of the system, such as `EACCES`. */
  | { status: 'failed'; code: string };

/** The file of a sealed vault: read whole, replaced whole, one writer at a time over all processes. */
export class SealedDisk {
  readonly path: string;
  readonly #parts: FileLockParts;
  readonly #lock: FileLock;

  constructor(path: string, parts: FileLockParts) {
    this.path = path;
    this.#parts = parts;
    this.#lock = new FileLock(`${path}.lock`, parts);
  }

  async read(): Promise<DiskRead> {
    try {
      // The stamp first: if the file is replaced in between, the next look sees another stamp and reads again.
      const stamp = await this.#stamp();
      return { status: 'ok', text: await readFile(this.path, 'utf8'), stamp };
    } catch (error) {
      const code = codeOf(error);
      return code === 'ENOENT' ? { status: 'missing' } : { status: 'failed', code };
    }
  }

  /** The content's stamp; `null` when there is no file, or it cannot be seen. */
  async stamp(): Promise<FileStamp | null> {
    return this.#stamp().catch(() => null);
  }

  /**
   * Runs `work` as the only writer. What unfinished writes of ended processes left is removed first.
   * @returns `null` when that was not to be had in time
   * @throws errors of the file system and of `work`
   */
  async alone<T>(expired: () => boolean, work: (writer: SealedWriter) => Promise<T>): Promise<T | null> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const held = await this.#lock.hold(expired, async (stillOurs) => {
      await this.#removeUnfinished();
      return work({
        replace: (text) => this.#replace(text, async () => !expired() && (await stillOurs())),
        moveTo: async (name) => {
          await rename(this.path, join(dirname(this.path), name));
          await this.#syncDirectory();
        },
        remove: async () => {
          await rm(this.path, { force: true });
          await this.#syncDirectory();
        },
      });
    });
    return held === null ? null : held.value;
  }

  /** @throws WriteGivenUp */
  async #replace(text: string, mayCommit: () => Promise<boolean>): Promise<FileStamp> {
    const unfinished = `${this.path}.new-${this.#parts.newId()}`;
    try {
      const file = await open(unfinished, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      if (!(await mayCommit())) throw new WriteGivenUp();
      await rename(unfinished, this.path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await this.#syncDirectory();
    return this.#stamp();
  }

  async #stamp(): Promise<FileStamp> {
    const { ino, size, mtimeNs, ctimeNs } = await stat(this.path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  }

  async #removeUnfinished(): Promise<void> {
    const prefix = `${basename(this.path)}.new-`;
    for (const name of await readdir(dirname(this.path))) {
      if (name.startsWith(prefix)) await rm(join(dirname(this.path), name), { force: true });
    }
  }

  /** A reported change must survive a power cut. */
  async #syncDirectory(): Promise<void> {
    if (process.platform === 'win32') return;
    try {
      const directory = await open(dirname(this.path), 'r');
      await directory.sync().finally(() => directory.close());
    } catch {
      // Some network file systems refuse it; the content was replaced all the same.
    }
  }
}

/** What the one writer can do. */
export interface SealedWriter {
  /** Replaces the whole content: a crash leaves the old or the new one. Throws {@link WriteGivenUp}. */
  replace(text: string): Promise<FileStamp>;
  /** Gives the file another name in its directory. */
  moveTo(name: string): Promise<void>;
  remove(): Promise<void>;
}

/** The write came too late, or another process took the lock: nothing was changed. */
export class WriteGivenUp extends Error {}

/** The system's code for an error, such as `ENOSPC`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
