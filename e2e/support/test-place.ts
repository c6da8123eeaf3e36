import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');

/** Directories of one test, outside the system's temp directory: codex warns about a home below it. */
export interface TestPlace {
  root: string;
  /** A person's home directory. */
  home: string;
  /** The app's data directory (LANYARD_HOME); not made here, so that a first start can be seen. */
  data: string;
  remove(): Promise<void>;
}

export async function createTestPlace(): Promise<TestPlace> {
  const parent = join(projectRoot, 'test-results', 'homes');
  await mkdir(parent, { recursive: true });
  const root = await mkdtemp(join(parent, 'place-'));
  const home = join(root, 'home');
  await mkdir(home);
  return {
    root,
    home,
    data: join(root, 'data'),
    // Programs that were just killed may still be writing.
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** Makes `directories` come first on the PATH of a login shell with this home, whatever /etc/profile sets. */
export async function writeShellProfile(home: string, directories: string[]): Promise<void> {
  const line = `export PATH="${directories.join(':')}:$PATH"\n`;
  for (const name of ['.profile', '.zprofile']) await writeFile(join(home, name), line);
}
