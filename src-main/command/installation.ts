import { randomUUID } from 'node:crypto';
import { copyFile, lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, posix, win32 } from 'node:path';
import type { CommandState } from '../../src-preload/contract/command.ts';
import { LanyardError } from '../failures.ts';

export interface InstallationParts {
  /** The `lanyard` program that ships with us, absolute; null where there is none. */
  program: string | null;
  homeDirectory: string;
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** The PATH of the person's login shell, or null when nobody knows. */
  loginPath: () => Promise<string | null>;
}

/** The command, and the names under which git and docker look for it. */
const names = ['lanyard', 'git-credential-lanyard', 'docker-credential-lanyard'] as const;

/**
 * The `lanyard` command on the person's PATH: a link in `~/.local/bin` to the one that ships with the app, so that it is
 * always the app's own version; a copy on Windows, where links need rights. Nothing of anybody else's is replaced.
 */
export class CommandInstallation {
  readonly #parts: InstallationParts;
  readonly #path: typeof posix;

  constructor(parts: InstallationParts) {
    this.#parts = parts;
    this.#path = parts.platform === 'win32' ? win32 : posix;
  }

  async state(): Promise<CommandState> {
    const { program } = this.#parts;
    const folder = this.#folder();
    const [there, ...helpers] = await Promise.all(names.map((name) => this.#there(name)));
    const onPath = await this.#isOnPath(folder);
    return {
      available: program !== null,
      // Also where an earlier version of us made fewer links.
      installed:
        there === 'ours' && helpers.some((each) => each === 'nothing' || each === 'older')
          ? 'older'
          : there === 'ours' || there === 'older'
            ? there
            : 'no',
      path: this.#target('lanyard'),
      pathLine: onPath ? null : this.#pathLine(folder),
    };
  }

  /** Throws LanyardError `command_missing`, `other_program_there`, `could_not_install`. */
  async install(): Promise<void> {
    const { program, platform } = this.#parts;
    if (program === null) {
      throw commandMissing();
    }
    // All are looked at before the first is made.
    for (const name of names) if ((await this.#there(name)) === 'other') throw this.#otherThere(name);
    for (const name of names) {
      const target = this.#target(name);
      const unfinished = `${target}.${randomUUID()}`;
      try {
        await mkdir(this.#folder(), { recursive: true });
        if (platform === 'win32') await copyFile(program, unfinished);
        else await symlink(program, unfinished);
        await rename(unfinished, target);
      } catch (cause) {
        await rm(unfinished, { force: true }).catch(() => {});
        throw this.#couldNot('install', cause);
      }
    }
  }

  /** Takes away what `install` made. Throws LanyardError `other_program_there`, `could_not_install`. */
  async remove(): Promise<void> {
    if ((await this.#there('lanyard')) === 'other') throw this.#otherThere('lanyard');
    for (const name of names) {
      const there = await this.#there(name);
      if (there === 'nothing' || there === 'other') continue;
      await rm(this.#target(name)).catch((cause: unknown) => {
        throw this.#couldNot('remove', cause);
      });
    }
  }

  /** The folder on the person's PATH that it is for, absolute. */
  get folder(): string {
    return this.#folder();
  }

  /**
   * How other programs call the command, absolute: as installed, which outlives the app's own place.
   * @throws LanyardError `command_missing`
   */
  async command(): Promise<string> {
    if ((await this.#there('lanyard')) === 'ours') return this.#target('lanyard');
    const { program } = this.#parts;
    if (program === null) throw commandMissing();
    return program;
  }

  #folder(): string {
    const { homeDirectory, environment, platform } = this.#parts;
    if (platform !== 'win32') return this.#path.join(homeDirectory, '.local', 'bin');
    const local = environment.LOCALAPPDATA || this.#path.join(homeDirectory, 'AppData', 'Local');
    return this.#path.join(local, 'Lanyard', 'bin');
  }

  #target(name: string): string {
    return this.#path.join(this.#folder(), this.#parts.platform === 'win32' ? `${name}.exe` : name);
  }

  /** `older`: a link to a lanyard command in another place, as an earlier installation of ours leaves it. */
  async #there(name: string): Promise<'nothing' | 'ours' | 'older' | 'other'> {
    const found = await lstat(this.#target(name)).catch(() => null);
    if (!found) return 'nothing';
    // The folder there is ours.
    if (this.#parts.platform === 'win32') return 'ours';
    if (!found.isSymbolicLink()) return 'other';
    const target = await readlink(this.#target(name));
    if (target === this.#parts.program) return 'ours';
    return ['lanyard', name].includes(basename(target)) ? 'older' : 'other';
  }

  async #isOnPath(folder: string): Promise<boolean> {
    const { environment, loginPath } = this.#parts;
    const login = await loginPath().catch(() => null);
    const folders = [environment.PATH, environment.Path, login].flatMap(
      (path) => path?.split(this.#path.delimiter) ?? [],
    );
    return folders.some((each) => each !== '' && this.#path.resolve(each) === folder);
  }

  /** What to type or write, by the person's shell. */
  #pathLine(folder: string): string {
    const { environment, platform } = this.#parts;
    if (platform === 'win32')
      return `[Environment]::SetEnvironmentVariable('Path', "$([Environment]::GetEnvironmentVariable('Path', 'User'));${folder}", 'User')`;
    switch (basename(environment.SHELL ?? '')) {
      case 'fish':
        return 'fish_add_path ~/.local/bin';
      case 'zsh':
        return `echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.zshrc`;
      default:
        return `echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.profile`;
    }
  }

  #otherThere(name: string): LanyardError {
    return new LanyardError({
      code: 'other_program_there',
      title: `${this.#target(name)} is another program.`,
      hint: 'Move it away, then try again. Lanyard replaces only what it has put there itself.',
    });
  }

  #couldNot(what: 'install' | 'remove', cause: unknown): LanyardError {
    return new LanyardError(
      {
        code: 'could_not_install',
        title: `The command could not be ${what === 'install' ? 'installed' : 'removed'}.`,
        hint: `Check that you may write into ${this.#folder()}, then try again.`,
      },
      { cause },
    );
  }
}

function commandMissing(): LanyardError {
  return new LanyardError({
    code: 'command_missing',
    title: 'This copy of Lanyard was built without the lanyard command.',
    hint: 'Install Go, build again, and restart Lanyard.',
  });
}
