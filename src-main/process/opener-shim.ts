import { type FSWatcher, watch } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

/** Programs that CLIs start to show a web page, on Linux, macOS and under WSL. */
const openers = [
  'xdg-open',
  'open',
  'sensible-browser',
  'x-www-browser',
  'www-browser',
  'gnome-open',
  'kde-open',
  'kde-open5',
  'wslview',
];
const browserName = 'browser';
const linkLimitBytes = 8000;
/** Everything a child can make us read: more than any login writes, little enough to be no load. */
const totalLimitBytes = 256 * 1024;

/**
 * programs that stand in for the browser on a child's PATH and in its BROWSER variable. Nothing opens behind the
 * person's back, and the links that were meant to be opened arrive here instead. They are what a child says: check them.
 */
export class OpenerShim {
  /** To put first on the child's PATH. */
  readonly directory: string;
  /**
   * The child's BROWSER: a program that takes the link as its argument. A bare name where the directory holds a blank,
   * which programs split the variable at: it is found on the PATH then.
   */
  readonly browserProgram: string;
  readonly #file: FileHandle;
  readonly #watcher: FSWatcher;
  #listeners: ((url: string) => void)[] = [];
  #offset = 0;
  #partial = '';
  #reading: Promise<void> = Promise.resolve();
  #disposed = false;

  private constructor(directory: string, browserProgram: string, file: FileHandle, record: string) {
    this.directory = directory;
    this.browserProgram = browserProgram;
    this.#file = file;
    this.#watcher = watch(record, { persistent: false }, () => void this.flush());
    // Its loss costs a captured link, not the sign-in.
    this.#watcher.on('error', () => this.#watcher.close());
  }

  /**
   * @param directory absolute, absent, with an existing parent or parents that can be made; created with mode 0700
   * @throws when it exists, cannot be made, or cannot stand on a PATH
   */
  static async create(directory: string, platform: NodeJS.Platform): Promise<OpenerShim> {
    if (directory.includes(delimiter)) throw new Error(`${directory} cannot stand on a PATH`);
    await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
    await mkdir(directory, { mode: 0o700 });
    const record = join(directory, 'opened');
    await writeFile(record, '', { mode: 0o600 });
    const windows = platform === 'win32';
    const programs = windows ? [`${browserName}.cmd`] : [...openers, browserName];
    const script = windows ? windowsScript() : posixScript(record);
    for (const name of programs) {
      await writeFile(join(directory, name), script);
      await chmod(join(directory, name), 0o700);
    }
    const program = windows ? `${browserName}.cmd` : browserName;
    const browserProgram = /\s/.test(directory) ? program : join(directory, program);
    return new OpenerShim(directory, browserProgram, await open(record, 'r'), record);
  }

  /** Removes what a crash left of shims in their common directory. Never throws: a leftover is only a few small files. */
  static async sweep(parent: string): Promise<void> {
    await rm(parent, { recursive: true, force: true }).catch(() => {});
  }

  /** Calls the listener with each link that a program wants opened, in order, as the child wrote it. */
  onOpen(listener: (url: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads what was written up to now: when a child has ended, its last link may not have been noticed yet. */
  flush(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read()).catch(() => {});
    return this.#reading;
  }

  /** Stops listening and removes the directory. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#listeners = [];
    this.#watcher.close();
    await this.#reading;
    await this.#file.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #read(): Promise<void> {
    const buffer = Buffer.alloc(16_384);
    while (!this.#disposed && this.#offset < totalLimitBytes) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      // Links are ASCII; anything else is not taken for one below.
      const lines = (this.#partial + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#partial = (lines.pop() ?? '').slice(0, linkLimitBytes + 1);
      for (const line of lines) this.#tell(line.replace(/\r$/, ''));
    }
    if (this.#offset >= totalLimitBytes) this.#watcher.close();
  }

  #tell(line: string): void {
    if (line.length > linkLimitBytes || !/^[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]+$/i.test(line)) return;
    for (const listener of this.#listeners) listener(line);
  }
}

/**
 * Only shell builtins, so that it works with whatever PATH the child made, and no `eval`: an argument is only ever
 * compared and printed. `printf` appends a line with one write, so lines of several programs do not mix.
 */
function posixScript(record: string): string {
  return `#!/bin/sh
newline='
'
for argument in "$@"; do
  case $argument in
    *"$newline"*) ;;
    [A-Za-z]*://*) [ "\${#argument}" -le ${linkLimitBytes} ] && printf '%s\\n' "$argument" ;;
  esac
done >> '${record.replaceAll("'", "'\\''")}' 2>/dev/null
exit 0
`;
}

/** Delayed expansion keeps \`&\` in the link from being taken for the end of the command. */
function windowsScript(): string {
  return [
    '@echo off',
    'setlocal DisableDelayedExpansion',
    'set "link=%~1"',
    'setlocal EnableDelayedExpansion',
    '>>"%~dp0opened" echo(!link!',
    'exit /b 0',
    '',
  ].join('\r\n');
}
