import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

interface SeenFile {
  mode: number;
  ino: number;
  /** Of the last write, in nanoseconds: a file that was written anew with the same bytes was not left alone. */
  mtimeNs: bigint;
  bytes: string;
}

/** A person's home directory with logins of their own in it, planted before a sign-in that must not touch them. */
export class OwnLogin {
  readonly #home: string;
  readonly #planted: Map<string, SeenFile>;

  private constructor(home: string, planted: Map<string, SeenFile>) {
    this.#home = home;
    this.#planted = planted;
  }

  /** @param files contents by path below the home directory; readable by the person alone */
  static async plant(home: string, files: Record<string, string>): Promise<OwnLogin> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(home, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(home, path), text, { mode: 0o600 });
    }
    return new OwnLogin(home, await filesOf(home));
  }

  /** What has changed in the home directory since, as paths: gone or not as it was, and new. */
  async changes(): Promise<{ touched: string[]; added: string[] }> {
    const now = await filesOf(this.#home);
    const same = (path: string) => {
      const before = this.#planted.get(path);
      const after = now.get(path);
      return (
        before?.mode === after?.mode &&
        before?.ino === after?.ino &&
        before?.mtimeNs === after?.mtimeNs &&
        before?.bytes === after?.bytes
      );
    };
    return {
      touched: [...this.#planted.keys()].filter((path) => !same(path)).sort(),
      added: [...now.keys()].filter((path) => !this.#planted.has(path)).sort(),
    };
  }
}

async function filesOf(home: string): Promise<Map<string, SeenFile>> {
  const files = new Map<string, SeenFile>();
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, ino, mtimeNs } = await lstat(path, { bigint: true });
    const bytes = entry.isFile() ? await readFile(path, 'hex') : '';
    files.set(relative(home, path), { mode: Number(mode), ino: Number(ino), mtimeNs, bytes });
  }
  return files;
}
