import type { Problem } from '../../src-preload/contract/values.ts';
import type { ProviderDefinition } from './definition.ts';
import { loadUserProviders, type UserProviders } from './user-defined.ts';

export interface RegisteredProvider {
  definition: ProviderDefinition;
  origin: 'built-in' | 'user';
}

/** Every provider there is: ours, and those that the person defined in files. */
export class ProviderRegistry {
  readonly #builtIns: readonly ProviderDefinition[];
  readonly #userDirectory: string;
  #user: UserProviders = { definitions: [], problems: [] };
  #byName: ReadonlyMap<string, ProviderDefinition>;
  #latestReload = 0;

  /**
   * Holds the built-ins at once; the person's own come with the first `reload`.
   * @param userDirectory `<data>/providers`, which need not exist
   * @throws Error when two built-ins share an id or alias: a fault of ours
   */
  constructor(builtIns: ProviderDefinition[], userDirectory: string) {
    this.#builtIns = [...builtIns];
    this.#userDirectory = userDirectory;
    const names = builtIns.flatMap(({ id, aliases }) => [id, ...aliases]);
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    if (repeated !== undefined) throw new Error(`two built-in providers are called ${repeated}`);
    this.#byName = byName(this.#builtIns);
  }

  /** Reads the person's definitions again. Never throws; see `problems`. Of reloads that overlap, the last one counts. */
  async reload(): Promise<void> {
    const reload = ++this.#latestReload;
    const user = await loadUserProviders(this.#userDirectory, this.#builtIns);
    if (reload !== this.#latestReload) return;
    this.#user = user;
    this.#byName = byName([...this.#builtIns, ...user.definitions]);
  }

  /** Built-ins in their order, then the person's in order of their files. */
  list(): RegisteredProvider[] {
    return [
      ...this.#builtIns.map((definition) => ({ definition, origin: 'built-in' as const })),
      ...this.#user.definitions.map((definition) => ({ definition, origin: 'user' as const })),
    ];
  }

  /** Finds by id or alias, whatever the case: `claude`, `claude-code`, `Codex-CLI`. */
  find(idOrAlias: string): ProviderDefinition | null {
    return this.#byName.get(idOrAlias.toLowerCase()) ?? null;
  }

  /** What was wrong with the person's files at the last reload. */
  problems(): Problem[] {
    return [...this.#user.problems];
  }
}

function byName(definitions: readonly ProviderDefinition[]): ReadonlyMap<string, ProviderDefinition> {
  return new Map(
    definitions.flatMap((definition) =>
      [definition.id, ...definition.aliases].map((name) => [name, definition] as const),
    ),
  );
}
