import { createHash } from 'node:crypto';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { couldNotSave, LanyardError } from '../failures.ts';
import type { JsonFile } from '../programs/json-file.ts';

export const scopeFileName = '.lanyard';
/** A name and a few remarks; more is something else, in bytes. */
const longest = 4096;

export interface ScopeFile {
  /** Absolute, without links. */
  path: string;
  /** The name that it gives. */
  identity: string;
  /** Whether the person wants its keys in shells that follow it, too (`lanyard hook`). */
  keys: boolean;
}

const TrustSchema = v.object({
  /** Digests of what was trusted, by path. */
  trusted: v.record(v.string(), v.string()),
  /** Paths of those whose keys shells may have. */
  keys: v.optional(v.array(v.string()), []),
});
type Trust = v.InferOutput<typeof TrustSchema>;

/**
 * a directory names its identity in a `.lanyard` file: one name on a line of its own; lines that begin with # are
 * remarks. It is found upwards, and trusted once per content, as direnv does it: whoever can write into a directory that
 * a person enters could otherwise choose as whom they work.
 */
export class DirectoryScopes {
  readonly #file: JsonFile;
  readonly #onChanged: () => Promise<void>;

  /**
   * @param file of ours in which trusted contents are noted
   * @param onChanged told after each change, and waited for: the next prompt has to know
   */
  constructor(file: JsonFile, onChanged: () => Promise<void> = async () => {}) {
    this.#file = file;
    this.#onChanged = onChanged;
  }

  /**
   * The nearest file's, from a directory upwards.
   * @throws LanyardError `scope_file_unreadable`, `scope_file_not_trusted`
   */
  async of(directory: string): Promise<ScopeFile | null> {
    const found = await this.#nearest(directory);
    if (!found) return null;
    const { trusted, keys } = this.#trust();
    if (trusted[found.path] === digest(found.text)) return parsed(found, keys.includes(found.path));
    throw new LanyardError({
      code: 'scope_file_not_trusted',
      title: `${found.path} names an identity, and you have not trusted what it says now.`,
      hint: 'Read it, then run: lanyard trust. Or say it yourself: --as <identity>',
    });
  }

  /**
   * Trusts the nearest file with what it says now.
   * @param keys as `ScopeFile.keys`: the person's to say, never the file's
   * @param check throws where what it names is not to be trusted
   * @throws LanyardError `no_scope_file`, `scope_file_unreadable`, `could_not_save`
   */
  async trust(
    directory: string,
    keys = false,
    check: (file: ScopeFile) => void = () => {},
  ): Promise<ScopeFile> {
    const found = await this.#nearest(directory);
    if (!found) throw noScopeFile();
    const file = parsed(found, keys);
    check(file);
    const trust = this.#trust();
    const others = trust.keys.filter((path) => path !== found.path);
    await this.#write({
      trusted: { ...trust.trusted, [found.path]: digest(found.text) },
      keys: keys ? [...others, found.path] : others,
    });
    return file;
  }

  /**
   * Takes it back; for a file that is gone, too.
   * @returns `was`: whether it was trusted, as it is now or with other content
   * @throws LanyardError `no_scope_file`, `could_not_save`
   */
  async distrust(directory: string): Promise<{ path: string; was: boolean }> {
    const trust = this.#trust();
    const path =
      (await this.#nearest(directory))?.path ??
      (await above(directory)).map(fileIn).find((each) => Object.hasOwn(trust.trusted, each));
    if (path === undefined) throw nothingTrusted();
    if (!Object.hasOwn(trust.trusted, path)) return { path, was: false };
    const { [path]: _, ...trusted } = trust.trusted;
    await this.#write({ trusted, keys: trust.keys.filter((each) => each !== path) });
    return { path, was: true };
  }

  async #nearest(directory: string): Promise<{ path: string; text: string } | null> {
    for (const path of (await above(directory)).map(fileIn)) {
      const found = await lstat(path).catch(() => null);
      // A link would let its target change without the content that was trusted.
      if (found?.isFile()) {
        if (found.size > longest) throw unreadable(path);
        const text = await readFile(path, 'utf8').catch(() => null);
        if (text === null) throw unreadable(path);
        return { path, text };
      }
    }
    return null;
  }

  #trust(): Trust {
    const { success, output } = v.safeParse(TrustSchema, this.#file.read());
    return success ? output : { trusted: {}, keys: [] };
  }

  async #write(trust: Trust): Promise<void> {
    try {
      this.#file.write(trust);
    } catch (cause) {
      throw couldNotSave('It could not be saved.', cause);
    }
    await this.#onChanged();
  }
}

/** A directory without links, and those above it, the nearest first. */
async function above(directory: string): Promise<string[]> {
  const folders = [await realpath(directory).catch(() => directory)];
  for (;;) {
    const last = folders.at(-1) ?? directory;
    if (dirname(last) === last) return folders;
    folders.push(dirname(last));
  }
}

function fileIn(folder: string): string {
  return join(folder, scopeFileName);
}

function parsed({ path, text }: { path: string; text: string }, keys: boolean): ScopeFile {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [identity] = lines;
  if (identity === undefined || lines.length > 1) throw unreadable(path);
  return { path, identity, keys };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unreadable(path: string): LanyardError {
  return new LanyardError({
    code: 'scope_file_unreadable',
    title: `${path} does not name one identity.`,
    hint: 'It has to hold one name on a line of its own; lines that begin with # are remarks.',
  });
}

function noScopeFile(): LanyardError {
  return new LanyardError({
    code: 'no_scope_file',
    title: 'There is no .lanyard file in this directory or above it.',
    hint: 'Make one that holds the name of an identity: echo Work > .lanyard',
  });
}

function nothingTrusted(): LanyardError {
  return new LanyardError({
    code: 'no_scope_file',
    title: 'There is no .lanyard file in this directory or above it, and none was trusted.',
    hint: 'Nothing was changed.',
  });
}
