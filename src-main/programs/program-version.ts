import { mkdir, mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import semver from 'semver';
import * as v from 'valibot';
import { LanyardError } from '../failures.ts';
import { composeEnvironment } from '../process/environment.ts';
import type { CommandRunner } from '../process/run-command.ts';
import { accountVariables, flowDirectories } from '../providers/account-environment.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { accountProvider } from '../providers/parameters.ts';
import type { JsonFile } from './json-file.ts';

/** Enough for a program that unpacks itself on its first start (copilot 1.0.102 takes 3 s). */
const timeoutMs = 20_000;
/** Characters of output that are looked at. */
const looked = 4096;
const anyVersion = /(?<![\d.])(\d+\.\d+(?:\.\d+)*)/;

const CacheSchema = v.record(v.string(), v.object({ state: v.string(), version: v.nullable(v.string()) }));

export interface ProgramVersionsOptions {
  commands: CommandRunner;
  searchPath: () => Promise<string>;
  parentEnvironment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Where throw-away directories are made; absolute, private to the person. */
  scratchDirectory: string;
  /** What was learned, kept over restarts; losing it costs time only. */
  cache: JsonFile;
}

/** What a program said when it was asked for its version. */
export interface VersionAnswer {
  /** Null when it did not start, took too long or said nothing that looks like one. */
  version: string | null;
  /** The last lines it printed, for the case that there is no version. */
  said: string[];
}

/** Which version of a provider's program is installed: asked once per file, and again when the file has changed. */
export class ProgramVersions {
  readonly #options: ProgramVersionsOptions;
  readonly #known: Map<string, { state: string; version: string | null }>;

  readonly #stop = new AbortController();

  constructor(options: ProgramVersionsOptions) {
    this.#options = options;
    const parsed = v.safeParse(CacheSchema, options.cache.read());
    this.#known = new Map(parsed.success ? Object.entries(parsed.output) : []);
  }

  /** Ends the programs that are being asked; the app is quitting. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * The version, from what is known of this file, its npm package, or the program itself.
   * @param file absolute path of the program
   * @param fresh forgets what is known of this file: a version manager's shim stays the same file for every version
   */
  async of(provider: ProviderDefinition, file: string, fresh = false): Promise<string | null> {
    const state = await fileState(file);
    const key = `${provider.id} ${file}`;
    const known = this.#known.get(key);
    if (known && known.state === state && !fresh) return known.version;
    const version =
      (await packageVersion(file, provider.program.npmPackage)) ?? (await this.#asked(provider, file));
    // An answer that was cut short by quitting says nothing.
    if (this.#stop.signal.aborted) return null;
    this.#known.set(key, { state, version });
    try {
      this.#options.cache.write(Object.fromEntries(this.#known));
    } catch {
      // It is asked again after the next start.
    }
    return version;
  }

  async #asked(provider: ProviderDefinition, file: string): Promise<string | null> {
    return provider.program.version === undefined ? null : (await this.ask(provider, file)).version;
  }

  /**
   * Starts the program to ask it: without a terminal, with nothing on its input, and with a throw-away directory in place
   * of its own, since some write their settings on any start. HOME stays: version managers need it to find the program.
   */
  async ask(definition: ProviderDefinition, file: string): Promise<VersionAnswer> {
    const provider = accountProvider(definition);
    const { commands, parentEnvironment, platform, scratchDirectory } = this.#options;
    await mkdir(scratchDirectory, { recursive: true, mode: 0o700 });
    const directory = await mkdtemp(join(scratchDirectory, 'version-'));
    try {
      // What only a sign-in is told, too: a program may write where it is asked for its version (gcloud 558 does).
      const {
        HOME: _,
        USERPROFILE: __,
        ...set
      } = {
        ...flowDirectories(provider, directory),
        ...accountVariables(provider, directory),
      };
      const { env } = composeEnvironment({
        parent: parentEnvironment,
        searchPath: await this.#options.searchPath(),
        set,
        unset: [...provider.environment.unset],
        platform,
      });
      const args = [...provider.program.args, ...(provider.program.version?.args ?? [])];
      const result = await commands.run({ file, args, env, cwd: directory }, timeoutMs, this.#stop.signal);
      const text = stripVTControlCharacters(
        `${result.stdout.slice(0, looked)}\n${result.stderr.slice(0, looked)}`,
      );
      const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
      if (result.timedOut) return { version: null, said: ['It did not end.'] };
      return { version: result.exitCode === 0 ? readVersion(text, provider) : null, said: lines.slice(-5) };
    } catch (error) {
      if (error instanceof LanyardError)
        return { version: null, said: [error.failure.title, error.failure.hint] };
      throw error;
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

function readVersion(text: string, { program }: ProviderDefinition): string | null {
  const pattern = program.version?.pattern === undefined ? anyVersion : new RegExp(program.version.pattern);
  return pattern.exec(text)?.[1]?.slice(0, 40) ?? null;
}

/**
 * What the package says that the file belongs to. Nothing is started for it, which is why it comes first: gemini 0.61.0
 * takes three seconds to say the same, and copilot 1.0.102 unpacks itself.
 */
async function packageVersion(file: string, npmPackage: string | undefined): Promise<string | null> {
  if (npmPackage === undefined) return null;
  let folder = dirname(await realpath(file).catch(() => file));
  for (let depth = 0; depth < 4; depth += 1) {
    const manifest = await readManifest(join(folder, 'package.json'));
    if (manifest) return manifest.name === npmPackage ? manifest.version : null;
    folder = dirname(folder);
  }
  return null;
}

const ManifestSchema = v.object({ name: v.string(), version: v.pipe(v.string(), v.maxLength(40)) });

async function readManifest(path: string): Promise<v.InferOutput<typeof ManifestSchema> | null> {
  try {
    const parsed = v.safeParse(ManifestSchema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Changes whenever the file itself does; npm gives every file of every package the same old date, but not the same ctime. */
async function fileState(file: string): Promise<string> {
  const real = await realpath(file).catch(() => file);
  const facts = await stat(real).catch(() => null);
  return facts ? `${real}:${facts.ino}:${facts.size}:${facts.mtimeMs}:${facts.ctimeMs}` : 'gone';
}

/** How an installed version stands to the one that Lanyard was tried with; null when either is unknown. */
export function compareVersions(installed: string, verified: string): 'older' | 'same' | 'newer' | null {
  const [ours, theirs] = [semver.coerce(verified), semver.coerce(installed)];
  if (!ours || !theirs) return null;
  const order = semver.compare(theirs, ours);
  return order < 0 ? 'older' : order > 0 ? 'newer' : 'same';
}
