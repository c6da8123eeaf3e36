import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseJson } from './field-path.ts';

/**
 * A JSON file that a CLI keeps: `absent` only when it is certainly not there. A file that is being written, that is too
 * large or that may not be read is `unreadable` and says nothing.
 */
export type JsonFile =
  | { state: 'absent'; json?: undefined }
  | { state: 'unreadable'; json?: undefined }
  | { state: 'read'; json: unknown };

const largestFile = 1024 * 1024;
/** More than a CLI keeps; a folder with more of them is not looked through. */
const mostFiles = 64;

/**
 * A credential file is small, and what a CLI left there is not ours to trust: opened without waiting (a named pipe would
 * wait for ever), read only when it is a regular file, and only so far. Never throws.
 */
export async function readJsonFile(path: string): Promise<JsonFile> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > largestFile) return { state: 'unreadable' };
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(stats.size), position: 0 });
      const json = parseJson(buffer.toString('utf8', 0, bytesRead));
      return json === undefined ? { state: 'unreadable' } : { state: 'read', json };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { state: isAbsence(error) ? 'absent' : 'unreadable' };
  }
}

/**
 * The JSON files that a definition's path stands for: one, or every one in its folder whose name ends as the path does
 * behind its `*`. Never throws; a folder that is not there is one file that is absent.
 */
export async function readJsonFiles(directory: string, path: string): Promise<JsonFile[]> {
  const full = join(directory, path);
  const name = basename(full);
  if (!name.startsWith('*')) return [await readJsonFile(full)];
  try {
    const names = await readdir(dirname(full));
    const fitting = names.filter((each) => each.endsWith(name.slice(1))).slice(0, mostFiles);
    if (fitting.length === 0) return [{ state: 'absent' }];
    return await Promise.all(fitting.map((each) => readJsonFile(join(dirname(full), each))));
  } catch (error) {
    return [{ state: isAbsence(error) ? 'absent' : 'unreadable' }];
  }
}

/** Whether a fault means that there certainly is no such file. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
