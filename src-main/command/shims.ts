import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { couldNotSave, LanyardError } from '../failures.ts';
import { shQuoted } from './env.ts';

const ShimSchema = v.object({
  name: v.string(),
  /** What it runs: a name to be looked for, or an absolute path. */
  program: v.string(),
  bundleId: v.string(),
});
export type Shim = v.InferOutput<typeof ShimSchema>;

const mark = '# lanyard-shim 1 ';
/** Enough for the lines that say whose it is, in bytes. */
const headLength = 8192;

/**
 * small programs that are another one as an identity, for editors and launchers that can be given a program's name
 * and nothing else. They stand where the `lanyard` command is installed; what is not ours there is left alone.
 */
export class Shims {
  readonly folder: string;
  readonly #lanyard: () => Promise<string>;

  /**
   * @param folder absolute
   * @param lanyard the `lanyard` command, absolute: launchers have no PATH that it is on
   */
  constructor(folder: string, lanyard: () => Promise<string>) {
    this.folder = folder;
    this.#lanyard = lanyard;
  }

  /**
   * Makes one; replaces only one of ours.
   * @returns its path
   * @throws LanyardError `invalid_shim`, `other_program_there`, `could_not_save`, those of `lanyard`
   */
  async add(shim: Shim): Promise<string> {
    await this.#check(shim);
    const text = shimText(shim, await this.#lanyard());
    const path = this.#path(shim.name);
    const unfinished = join(this.folder, `.lanyard-shim-${randomUUID()}`);
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(unfinished, text, { mode: 0o755, flag: 'wx' });
      if (await this.#read(shim.name)) await rename(unfinished, path);
      // A link, unlike a rename, takes nobody's place.
      else await link(unfinished, path);
      return path;
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw otherThere(path);
      throw couldNot(this.folder, cause);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  /** Those that are there, by name. */
  async list(): Promise<Shim[]> {
    const names = await readdir(this.folder).catch(() => []);
    const found = await Promise.all(names.sort().map((name) => this.#read(name)));
    return found.filter((shim) => shim !== null);
  }

  /** Throws LanyardError `no_shim`, `other_program_there`, `could_not_save`. */
  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    if (await this.#read(name)) {
      await rm(path).catch((cause: unknown) => {
        throw couldNot(this.folder, cause);
      });
      return;
    }
    if (isPlain(name) && (await lstat(path).catch(() => null))) throw otherThere(path);
    throw new LanyardError({
      code: 'no_shim',
      title: `There is no shim "${name}".`,
      hint: 'lanyard shim list shows those that there are.',
    });
  }

  async #check({ name, program }: Shim): Promise<void> {
    if (!isPlain(name) || name === 'lanyard')
      throw invalid(
        `A shim cannot be called "${name}".`,
        'Say another with --name: letters, digits, . _ + and -',
      );
    if (!(isAbsolute(program) || isPlain(program)) || /[\0\r\n]/.test(program))
      throw invalid(
        `"${program}" cannot be run by a shim.`,
        'Give the name of a program, or its whole path.',
      );
    // It would find itself, for ever.
    if (basename(program) === name)
      throw invalid(`A shim for ${name} needs another name than that.`, 'Say one with --name.');
    if (await this.#read(basename(program)))
      throw invalid(`${program} is a shim itself.`, 'Give the program that it is for.');
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  /** What the shim of a name says; null where there is none of ours. */
  async #read(name: string): Promise<Shim | null> {
    if (!isPlain(name)) return null;
    const path = this.#path(name);
    if (!(await lstat(path).catch(() => null))?.isFile()) return null;
    const file = await open(path).catch(() => null);
    if (!file) return null;
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headLength), position: 0 });
      const line = buffer.toString('utf8', 0, bytesRead).split('\n')[1] ?? '';
      return line.startsWith(mark) ? parsed(line.slice(mark.length), name) : null;
    } finally {
      await file.close();
    }
  }
}

function parsed(text: string, name: string): Shim | null {
  try {
    return { ...v.parse(ShimSchema, JSON.parse(text)), name };
  } catch {
    return null;
  }
}

/** By the identity's id: a new name does not change who it is. */
function shimText(shim: Shim, lanyard: string): string {
  const run = ['run', '--shim', shim.name, '--as', shim.bundleId, '--', shim.program];
  return `#!/bin/sh
${mark}${JSON.stringify(shim)}
exec ${[lanyard, ...run].map(shQuoted).join(' ')} "$@"
`;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z0-9_][\w.+-]{0,63}$/.test(name);
}

function invalid(title: string, hint: string): LanyardError {
  return new LanyardError({ code: 'invalid_shim', title, hint });
}

function otherThere(path: string): LanyardError {
  return new LanyardError({
    code: 'other_program_there',
    title: `${path} is another program.`,
    hint: 'Say another name with --name. Lanyard replaces and removes only what it has put there itself.',
  });
}

function couldNot(folder: string, cause: unknown): LanyardError {
  const hint = `Check that you may write into ${folder}, then try again.`;
  return couldNotSave('The shim could not be changed.', cause, hint);
}
