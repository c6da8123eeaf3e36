import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A small JSON file of ours. */
export interface JsonFile {
  /** What is in it; null when there is none, or it cannot be understood. */
  read(): unknown;
  /** Replaces all of it or nothing. @throws the system's error */
  write(value: unknown): void;
}

/** One whose content must not be taken for none. */
export interface StrictJsonFile extends JsonFile {
  /** What is in it; null when there is none. @throws the system's error, SyntaxError */
  readStrictly(): unknown;
}

/** @param path absolute; its directory exists by the time of the first write */
export function openJsonFile(path: string): StrictJsonFile {
  const readStrictly = (): unknown => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    return JSON.parse(text);
  };
  return {
    readStrictly,
    read: () => {
      try {
        return readStrictly();
      } catch {
        return null;
      }
    },
    write: (value) => {
      const next = `${path}.${process.pid}.tmp`;
      try {
        writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
        renameSync(next, path);
      } catch (error) {
        rmSync(next, { force: true });
        throw error;
      }
    },
  };
}
