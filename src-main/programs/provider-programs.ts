import { basename, dirname, posix, win32 } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { type ChosenPrograms, programFault } from './chosen-programs.ts';

/** Where the programs of providers are; what everything that starts one asks. */
export interface ProgramLocator {
  /**
   * The provider's program: the one that the person set, or else the first that is found.
   * @returns its absolute path; null when there is none
   * @throws LanyardError `program_gone`, `not_executable`, ... when the one that was set cannot be started: another one
   *   does not silently take its place
   */
  locate(provider: ProviderDefinition): Promise<string | null>;
  /** All folders that are searched, as a PATH for child processes. */
  searchPath(): Promise<string>;
}

interface Finder {
  find(names: string[]): Promise<string | null>;
  searchPath(): Promise<string>;
}

export class ProviderPrograms implements ProgramLocator {
  readonly #finder: Finder;
  readonly #chosen: ChosenPrograms;
  readonly #platform: NodeJS.Platform;

  constructor(finder: Finder, chosen: ChosenPrograms, platform: NodeJS.Platform) {
    this.#finder = finder;
    this.#chosen = chosen;
    this.#platform = platform;
  }

  async locate(provider: ProviderDefinition): Promise<string | null> {
    const chosen = this.#chosen.of(provider.id);
    if (chosen === null) return this.#finder.find(provider.program.names);
    const fault = await programFault(chosen, this.#platform);
    if (fault) throw new LanyardError(fault);
    return chosen;
  }

  searchPath(): Promise<string> {
    return this.#finder.searchPath();
  }

  /**
   * The search path of a shell in which these providers' programs are typed by name: folders of programs that were set by
   * hand come first, where the file bears one of the provider's names.
   * @param ownPath the PATH of a shell in which they are typed, which comes next; the app's own when absent
   */
  async searchPathFor(providers: readonly ProviderDefinition[], ownPath = ''): Promise<string> {
    const path = this.#platform === 'win32' ? win32 : posix;
    const folders: string[] = [];
    for (const { id, program } of providers) {
      const chosen = this.#chosen.of(id);
      if (chosen === null || (await programFault(chosen, this.#platform))) continue;
      const name = basename(chosen).replace(/\.(?:exe|cmd|bat|com)$/i, '');
      if (program.names.includes(name)) folders.push(dirname(chosen));
    }
    // Relative and empty entries mean wherever one happens to be.
    const own = ownPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
    const searched = (await this.#finder.searchPath()).split(path.delimiter);
    return [...new Set([...folders, ...own, ...searched])].join(path.delimiter);
  }
}
