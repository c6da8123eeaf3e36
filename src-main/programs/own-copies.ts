import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import * as v from 'valibot';

const marker = 'installed.json';
const MarkerSchema = v.object({ installedAt: v.number() });
const beginning = 'installing.json';
const BeginningSchema = v.object({ pid: v.number(), startTime: v.string() });

interface Generation {
  directory: string;
  /** When it was complete; null while it is not. */
  installedAt: number | null;
}

/**
 * The programs that Lanyard installed itself: `<directory>/<provider>/<generation>/`, each a prefix of npm. A generation
 * counts from the moment its mark is written, so an installation that was cut short is never found; one that works stays
 * until the next start of the app, since a sign-in may be running from it.
 */
export class OwnCopies {
  readonly #directory: string;
  readonly #platform: NodeJS.Platform;

  /** @param directory absolute; need not exist */
  constructor(directory: string, platform: NodeJS.Platform) {
    this.#directory = directory;
    this.#platform = platform;
  }

  /** Folders with programs, one per provider. */
  async folders(): Promise<string[]> {
    const providers = await namesIn(this.#directory);
    const newest = await Promise.all(providers.map((id) => this.#newest(id)));
    return newest.flatMap((generation) => (generation ? [this.programFolder(generation.directory)] : []));
  }

  /** Where npm puts the programs of a prefix. */
  programFolder(generation: string): string {
    return this.#platform === 'win32' ? generation : join(generation, 'bin');
  }

  /** Whether a program is one of these. */
  owns(file: string): boolean {
    const path = relative(this.#directory, file);
    return path !== '' && path !== '..' && !path.startsWith(`..${sep}`);
  }

  /**
   * Makes the directory of the next generation.
   * @param name told apart from all others, such as the time of the beginning
   */
  async begin(providerId: string, name: string): Promise<string> {
    const generation = join(this.#directory, providerId, name);
    await mkdir(generation, { recursive: true, mode: 0o700 });
    return generation;
  }

  /** Notes which process installs, so that a crash of ours does not leave it running. */
  async recordProcess(generation: string, process: { pid: number; startTime: string }): Promise<void> {
    await writeFile(join(generation, beginning), JSON.stringify(process), { mode: 0o600 });
  }

  /** From here on the generation is what is found. @param now milliseconds since the Unix epoch, UTC */
  async complete(generation: string, now: number): Promise<void> {
    const before = (await this.#newest(basename(dirname(generation))))?.installedAt ?? 0;
    await rm(join(generation, beginning), { force: true });
    // The clock may have been set back since the last one.
    await writeFile(join(generation, marker), JSON.stringify({ installedAt: Math.max(now, before + 1) }), {
      mode: 0o600,
      flush: true,
    });
  }

  async discard(generation: string): Promise<void> {
    await rm(generation, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  /**
   * Removes what was never completed and what was replaced; at the start of the app, before anything runs from here.
   * @param endProcess ends what a crash left installing
   */
  async sweep(endProcess: (recorded: { pid: number; startTime: string }) => Promise<void>): Promise<void> {
    for (const id of await namesIn(this.#directory)) {
      const newest = await this.#newest(id);
      for (const name of await namesIn(join(this.#directory, id))) {
        const generation = join(this.#directory, id, name);
        if (generation === newest?.directory) continue;
        const recorded = await readJson(join(generation, beginning), BeginningSchema);
        if (recorded) await endProcess(recorded);
        await this.discard(generation);
      }
    }
  }

  async #newest(providerId: string): Promise<Generation | null> {
    const folder = join(this.#directory, providerId);
    const generations = await Promise.all(
      (await namesIn(folder)).map(async (name): Promise<Generation> => {
        const directory = join(folder, name);
        const marked = await readJson(join(directory, marker), MarkerSchema);
        return { directory, installedAt: marked?.installedAt ?? null };
      }),
    );
    const complete = generations.filter(({ installedAt }) => installedAt !== null);
    return complete.sort((a, b) => (b.installedAt ?? 0) - (a.installedAt ?? 0))[0] ?? null;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function readJson<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T | null> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
