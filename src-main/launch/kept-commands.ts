import * as v from 'valibot';
import { couldNotSave, LanyardError } from '../failures.ts';
import type { JsonFile } from '../programs/json-file.ts';

const FileSchema = v.object({
  version: v.literal(1),
  /** By bundle, the last used first. */
  commands: v.record(v.string(), v.array(v.string())),
});
/** By bundle: ids come from windows, so no object's own keys. */
type Commands = ReadonlyMap<string, readonly string[]>;

const mostPerBundle = 20;

/**
 * Commands that the person wanted kept for a bundle. A command line may hold a secret, so none is kept without being
 * asked to, and none that visibly holds one.
 */
export class KeptCommands {
  readonly #file: JsonFile;
  readonly #redact: (text: string) => string;
  #commands: Commands | null = null;

  /** @param redact takes secrets out of a text */
  constructor(file: JsonFile, redact: (text: string) => string) {
    this.#file = file;
    this.#redact = redact;
  }

  /** The last used first. */
  of(bundleId: string): string[] {
    return [...(this.#read().get(bundleId) ?? [])];
  }

  /** Throws LanyardError `command_holds_secret` for a line that may not be kept. */
  check(line: string): void {
    if (this.#redact(line) === line) return;
    throw new LanyardError({
      code: 'command_holds_secret',
      title: 'This command seems to hold a secret, so it cannot be kept.',
      hint: 'Take the check mark off to run it without keeping it, or give the secret another way.',
    });
  }

  /** Puts a command first. Throws as {@link check}, and LanyardError `could_not_save`. */
  keep(bundleId: string, line: string): void {
    this.check(line);
    const others = this.of(bundleId).filter((kept) => kept !== line);
    this.#write(new Map([...this.#read(), [bundleId, [line, ...others].slice(0, mostPerBundle)]]));
  }

  /** Throws LanyardError `could_not_save`. */
  forget(bundleId: string, line: string): void {
    const kept = this.of(bundleId);
    const left = kept.filter((each) => each !== line);
    if (left.length === kept.length) return;
    const commands = new Map([...this.#read(), [bundleId, left]]);
    if (left.length === 0) commands.delete(bundleId);
    this.#write(commands);
  }

  /** Forgets those of bundles that are gone. Throws LanyardError `could_not_save`. */
  keepOnly(bundleIds: readonly string[]): void {
    const known = this.#read();
    const left = [...known].filter(([bundleId]) => bundleIds.includes(bundleId));
    if (left.length < known.size) this.#write(new Map(left));
  }

  #read(): Commands {
    if (!this.#commands) {
      const parsed = v.safeParse(FileSchema, this.#file.read());
      this.#commands = new Map(parsed.success ? Object.entries(parsed.output.commands) : []);
    }
    return this.#commands;
  }

  #write(commands: Commands): void {
    try {
      const file = { version: 1, commands: Object.fromEntries(commands) };
      this.#file.write(file);
    } catch (cause) {
      throw couldNotSave('The list of kept commands could not be written.', cause);
    }
    this.#commands = commands;
  }
}
