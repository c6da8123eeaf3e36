import * as v from 'valibot';
import { LanyardError } from '../failures.ts';
import type { JsonFile } from '../programs/json-file.ts';

const FileSchema = v.object({
  version: v.literal(1),
  /** By bundle, the last used first. */
  commands: v.record(v.string(), v.array(v.string())),
});
type Commands = v.InferOutput<typeof FileSchema>['commands'];

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
    return [...(this.#read()[bundleId] ?? [])];
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
    this.#write({ ...this.#read(), [bundleId]: [line, ...others].slice(0, mostPerBundle) });
  }

  /** Throws LanyardError `could_not_save`. */
  forget(bundleId: string, line: string): void {
    const left = this.of(bundleId).filter((kept) => kept !== line);
    const { [bundleId]: _, ...others } = this.#read();
    this.#write(left.length > 0 ? { ...others, [bundleId]: left } : others);
  }

  /** Forgets those of bundles that are gone. Throws LanyardError `could_not_save`. */
  keepOnly(bundleIds: readonly string[]): void {
    const known = Object.entries(this.#read());
    const left = known.filter(([bundleId]) => bundleIds.includes(bundleId));
    if (left.length < known.length) this.#write(Object.fromEntries(left));
  }

  #read(): Commands {
    if (!this.#commands) {
      const parsed = v.safeParse(FileSchema, this.#file.read());
      this.#commands = parsed.success ? parsed.output.commands : {};
    }
    return this.#commands;
  }

  #write(commands: Commands): void {
    try {
      this.#file.write({ version: 1, commands } satisfies v.InferInput<typeof FileSchema>);
    } catch (cause) {
      throw new LanyardError(
        {
          code: 'could_not_save',
          title: 'The list of kept commands could not be written.',
          hint: 'Check that the disk is not full and the data directory may be written to, then try again.',
        },
        { cause },
      );
    }
    this.#commands = commands;
  }
}
