import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { couldNotSave, LanyardError } from '../failures.ts';
import { isSafeSegment } from '../identities/safe-segment.ts';

/** The person's own provider files, where the app writes them: `<data>/providers/<id>.json`. */
export class ProviderFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Writes a new file, whole or not at all.
   * @throws LanyardError `could_not_save`, also when the file is there already
   */
  async add(id: string, file: Record<string, unknown>): Promise<void> {
    const path = this.#path(id);
    const unfinished = `${path}.new`;
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await (await open(path, 'wx', 0o600)).close();
    } catch (error) {
      throw couldNotSave('The provider could not be saved.', error);
    }
    try {
      await rm(unfinished, { force: true });
      const written = await open(unfinished, 'wx', 0o600);
      try {
        await written.writeFile(`${JSON.stringify(file, null, 2)}\n`);
        await written.sync();
      } finally {
        await written.close();
      }
      await rename(unfinished, path);
    } catch (error) {
      // An empty file would be in the way of the next try, and named as a broken one.
      await Promise.allSettled([rm(path, { force: true }), rm(unfinished, { force: true })]);
      throw couldNotSave('The provider could not be saved.', error);
    }
  }

  /** Whether there is a file of that name, also one that could not be read as a provider. */
  has(id: string): boolean {
    return existsSync(this.#path(id));
  }

  /**
   * Removes the file of an issuer.
   * @throws LanyardError `not_an_issuer_file` for a file that says more than an issuer, or is not there
   */
  async removeIssuer(id: string): Promise<void> {
    const path = this.#path(id);
    const holdsIssuer = await readFile(path, 'utf8').then(
      (text) => isIssuerFile(text, id),
      () => false,
    );
    if (!holdsIssuer) {
      throw new LanyardError({
        code: 'not_an_issuer_file',
        title: 'This provider was not added here.',
        hint: 'Remove its file from the folder of provider files yourself.',
      });
    }
    await rm(path);
  }

  #path(id: string): string {
    if (!isSafeSegment(id))
      throw couldNotSave('The provider could not be saved.', new Error('not a safe name'));
    return join(this.#directory, `${id}.json`);
  }
}

function isIssuerFile(text: string, id: string): boolean {
  try {
    const file: unknown = JSON.parse(text);
    return typeof file === 'object' && file !== null && 'issuer' in file && 'id' in file && file.id === id;
  } catch {
    return false;
  }
}
