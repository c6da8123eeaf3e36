import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname, posix, win32 } from 'node:path';
import * as v from 'valibot';
import type { Failure } from '../../src-preload/contract/values.ts';
import { couldNotSave } from '../failures.ts';
import type { JsonFile } from './json-file.ts';

const ChoicesSchema = v.object({ chosen: v.record(v.string(), v.string()) });

/** The programs that the person set by hand, per provider. Paths come from main's own file dialog only. */
export class ChosenPrograms {
  readonly #file: JsonFile;
  #chosen: ReadonlyMap<string, string>;

  constructor(file: JsonFile) {
    this.#file = file;
    const parsed = v.safeParse(ChoicesSchema, file.read());
    this.#chosen = new Map(parsed.success ? Object.entries(parsed.output.chosen) : []);
  }

  /** The absolute path that was set, whether or not there still is anything. */
  of(providerId: string): string | null {
    return this.#chosen.get(providerId) ?? null;
  }

  /**
   * Sets a provider's program, or with null goes back to looking for it. Nothing changes when it cannot be kept.
   * @throws LanyardError `could_not_save`
   */
  set(providerId: string, path: string | null): void {
    const next = new Map(this.#chosen);
    if (path === null) next.delete(providerId);
    else next.set(providerId, path);
    try {
      this.#file.write({ chosen: Object.fromEntries(next) });
    } catch (cause) {
      throw couldNotSave('The choice could not be saved', cause);
    }
    this.#chosen = next;
  }
}

/** What Windows can start. */
const windowsProgram = /\.(?:exe|cmd|bat|com)$/i;

/**
 * Says why a file cannot be a provider's program, or null when it can: it must be a regular file (also behind a link),
 * executable, and nobody but the person, their group and root may be able to put another in its place.
 */
export async function programFault(path: string, platform: NodeJS.Platform): Promise<Failure | null> {
  const name = basename(path);
  const { isAbsolute } = platform === 'win32' ? win32 : posix;
  if (!isAbsolute(path)) return failure('not_a_program', `${name} is not a full path`, chooseAnother);
  const facts = await stat(path).catch(() => null);
  if (!facts) {
    return failure(
      'program_gone',
      `${path} is not there any more`,
      'Set another program, or use the one found.',
    );
  }
  if (!facts.isFile()) return failure('not_a_program', `${name} is not a file`, chooseAnother);
  if (platform === 'win32') {
    return windowsProgram.test(path)
      ? null
      : failure(
          'not_a_program',
          `${name} is not a program`,
          'Choose a file that ends in .exe, .cmd or .bat.',
        );
  }
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) {
    return failure(
      'not_executable',
      `${name} is not executable`,
      'Choose the program itself, or make it executable.',
    );
  }
  const real = await realpath(path);
  const folder = await stat(dirname(real));
  const sticky = (folder.mode & 0o1000) !== 0;
  if ((facts.mode & 0o002) !== 0 || ((folder.mode & 0o002) !== 0 && !sticky)) {
    return failure(
      'program_not_safe',
      `Everybody on this machine can change ${name}`,
      `Take that right away, then choose it again. Run: chmod o-w '${(facts.mode & 0o002) !== 0 ? real : dirname(real)}'`,
    );
  }
  return null;
}

const chooseAnother = 'Choose the program that you start in a terminal.';

function failure(code: string, title: string, hint: string): Failure {
  return { code, title, hint };
}
