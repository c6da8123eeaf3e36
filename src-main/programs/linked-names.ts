import { access, readlink } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

/** As many as Linux follows. */
const mostLinks = 40;

/**
 * The names of a program's file: as it was typed, then those of what its links lead to, one after the other.
 * @param program a name or a path; `''` where it is not known
 * @param searchPath where a name is looked for
 * @param directory absolute: where a relative path begins
 */
export async function linkedNames(program: string, searchPath: string, directory: string): Promise<string[]> {
  const names = [program];
  let file = program === '' ? null : await fileOf(program, searchPath, directory);
  for (let links = 0; file !== null && links < mostLinks; links += 1) {
    const target: string | null = await readlink(file).catch(() => null);
    file = target === null ? null : resolve(dirname(file), target);
    if (file !== null) names.push(basename(file));
  }
  return names;
}

async function fileOf(program: string, searchPath: string, directory: string): Promise<string | null> {
  if (basename(program) !== program) return resolve(directory, program);
  for (const folder of searchPath.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, program);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}
