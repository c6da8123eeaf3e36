import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import { installFolders } from './install-folders.ts';

export interface ProgramFinderOptions {
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
  /** The login shell's PATH, or null when nobody knows. Asked at most once until `refresh`. */
  readLoginPath: () => Promise<string | null>;
  /** Folders that come last: what the person has anywhere else is theirs to prefer. None when absent. */
  lastFolders?: () => Promise<string[]>;
}

/**
 * finds command line programs although a desktop launch has a short PATH: on the PATH the app was started with
 * (what a person who started it from a terminal meant), then the login shell's, then known install folders.
 */
export class ProgramFinder {
  readonly #options: ProgramFinderOptions;
  readonly #path: typeof posix;
  #folders: Promise<string[]> | null = null;

  constructor(options: ProgramFinderOptions) {
    this.#options = options;
    this.#path = options.platform === 'win32' ? win32 : posix;
  }

  /** All folders that are searched, as a PATH for child processes: absolute, existing where only assumed, each once. */
  async searchPath(): Promise<string> {
    return (await this.#allFolders()).join(this.#path.delimiter);
  }

  /**
   * @param names program names in order of preference; an absolute path stands for itself
   * @returns the absolute path of the first that is there and executable, or null
   */
  async find(names: string[]): Promise<string | null> {
    const [first] = names;
    // The best possible answer needs no login shell, which may take seconds.
    if (first !== undefined) {
      const found = await this.#findIn(first, this.#ownFolders());
      if (found !== null) return found;
    }
    const folders = await this.#allFolders();
    for (const name of names) {
      const found = await this.#findIn(name, folders);
      if (found !== null) return found;
    }
    return null;
  }

  /** Forgets what was read: the next call reads the login shell's PATH and the install folders again. */
  refresh(): void {
    this.#folders = null;
  }

  #allFolders(): Promise<string[]> {
    this.#folders ??= this.#readFolders();
    return this.#folders;
  }

  async #readFolders(): Promise<string[]> {
    const [login, installed, last] = await Promise.all([
      this.#options.readLoginPath().catch(() => null),
      installFolders(this.#options).then((folders) => keep(folders, isDirectory)),
      this.#options.lastFolders?.() ?? [],
    ]);
    return this.#absoluteOnce([...this.#ownFolders(), ...this.#split(login), ...installed, ...last]);
  }

  #ownFolders(): string[] {
    return this.#absoluteOnce(this.#split(this.#variable('PATH')));
  }

  #split(path: string | null | undefined): string[] {
    return path ? path.split(this.#path.delimiter) : [];
  }

  /** Relative and empty entries mean the current folder, which is nobody's choice in a desktop app. */
  #absoluteOnce(folders: string[]): string[] {
    return [...new Set(folders.filter((folder) => this.#path.isAbsolute(folder)))];
  }

  #variable(name: string): string | undefined {
    const { environment, platform } = this.#options;
    if (platform !== 'win32') return environment[name];
    // Windows spells it `Path`, and a plain object does not forgive that as process.env does.
    const key = Object.keys(environment).find((each) => each.toUpperCase() === name);
    return key === undefined ? undefined : environment[key];
  }

  async #findIn(name: string, folders: string[]): Promise<string | null> {
    if (this.#path.isAbsolute(name)) return this.#executable(name);
    if (name === '' || /[/\\]/.test(name)) return null;
    for (const folder of folders) {
      const found = await this.#executable(this.#path.join(folder, name));
      if (found !== null) return found;
    }
    return null;
  }

  async #executable(file: string): Promise<string | null> {
    if (this.#options.platform !== 'win32') return (await isExecutableFile(file)) ? file : null;
    const extensions = (this.#variable('PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').toLowerCase().split(';');
    // A name without extension is what npm puts there for other shells: Windows cannot start it.
    const hasExtension = extensions.includes(win32.extname(file).toLowerCase());
    const candidates = hasExtension ? [file] : extensions.map((extension) => file + extension);
    for (const candidate of candidates) if (await isExecutableFile(candidate)) return candidate;
    return null;
  }
}

async function isExecutableFile(file: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) return false;
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function isDirectory(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function keep<T>(items: T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const results = await Promise.all(items.map(test));
  return items.filter((_, index) => results[index]);
}
