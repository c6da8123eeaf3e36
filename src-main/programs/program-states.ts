import type { ProviderView } from '../../src-preload/contract/providers.ts';
import { LanyardError } from '../failures.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { installCommandOn } from '../providers/describe-provider.ts';
import type { KnownProgram } from './fitting-flows.ts';
import { compareVersions } from './program-version.ts';

type ProgramState = ProviderView['program'];

export interface ProgramStatesOptions {
  /** Where a provider's program is, and who said so. @throws LanyardError when the one set by hand cannot be started */
  locate: (provider: ProviderDefinition) => Promise<string | null>;
  chosen: (providerId: string) => string | null;
  /** Whether a program is a copy that Lanyard installed. */
  owns: (file: string) => boolean;
  versionOf: (provider: ProviderDefinition, file: string, fresh: boolean) => Promise<string | null>;
  platform: NodeJS.Platform;
  onChanged: () => void;
}

/** Programs that are asked for their version at the same time: a start of the app is no reason to stop everything else. */
const askedAtOnce = 2;

/** Which providers' programs are there and in which version, as far as it is known: looking takes time, asking does not. */
export class ProgramStates {
  readonly #options: ProgramStatesOptions;
  readonly #states = new Map<string, ProgramState>();
  /** Counts looks: what an older one learns late is not told any more. */
  #look = 0;

  constructor(options: ProgramStatesOptions) {
    this.#options = options;
  }

  of(provider: ProviderDefinition): ProgramState {
    if (provider.program.names.length === 0) return { state: 'not-needed' };
    return this.#states.get(provider.id) ?? { state: 'searching' };
  }

  /** What decides which of a provider's flows can work here, as far as it is known by now. */
  known(provider: ProviderDefinition): KnownProgram {
    const state = this.of(provider);
    return {
      missing: state.state === 'missing' || state.state === 'unusable',
      version: state.state === 'found' ? (state.version ?? null) : null,
    };
  }

  /**
   * Looks for all of them and tells when that is known, and again when the versions are.
   * @param fresh asks also those for their version whose files have not changed
   * @returns when all is known
   */
  async look(providers: ProviderDefinition[], fresh = false): Promise<void> {
    const look = ++this.#look;
    const located = await Promise.all(
      providers.map(async (provider) => [provider, await this.#locate(provider)] as const),
    );
    if (look !== this.#look) return;
    const known = new Set(providers.map(({ id }) => id));
    for (const id of this.#states.keys()) if (!known.has(id)) this.#states.delete(id);
    for (const [{ id }, state] of located) this.#states.set(id, this.#keepVersion(id, state, fresh));
    this.#options.onChanged();
    const queue = located.filter(([provider]) => tellsVersion(provider));
    const next = async (): Promise<void> => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        const [provider, state] = entry;
        if (state.state === 'found') await this.#ask(provider, state, fresh, look);
      }
    };
    await Promise.all(Array.from({ length: askedAtOnce }, next));
  }

  /** The same for one provider alone. */
  async lookAt(provider: ProviderDefinition): Promise<void> {
    const state = await this.#locate(provider);
    this.#states.set(provider.id, state);
    this.#options.onChanged();
    if (state.state === 'found' && tellsVersion(provider)) await this.#ask(provider, state, true, this.#look);
  }

  async #ask(
    provider: ProviderDefinition,
    state: Extract<ProgramState, { state: 'found' }>,
    fresh: boolean,
    look: number,
  ): Promise<void> {
    const version = await this.#options.versionOf(provider, state.path, fresh);
    const now = this.#states.get(provider.id);
    if (look !== this.#look || now?.state !== 'found' || now.path !== state.path) return;
    const compared = version === null ? null : compareVersions(version, provider.verified);
    this.#states.set(provider.id, {
      ...state,
      versionAsked: 'done',
      ...(version === null ? {} : { version }),
      ...(compared === null ? {} : { compared }),
    });
    this.#options.onChanged();
  }

  /** A second look does not take away what the first one learned of the same file, until it knows better. */
  #keepVersion(id: string, state: ProgramState, fresh: boolean): ProgramState {
    const before = this.#states.get(id);
    const same = state.state === 'found' && before?.state === 'found' && before.path === state.path;
    return same && !fresh ? { ...before, ...state, versionAsked: before.versionAsked } : state;
  }

  async #locate(provider: ProviderDefinition): Promise<ProgramState> {
    const { npmPackage } = provider.program;
    const installCommand = installCommandOn(provider, this.#options.platform);
    try {
      const path = await this.#options.locate(provider);
      if (path === null) {
        return {
          state: 'missing',
          installable: npmPackage !== undefined,
          ...(installCommand === null ? {} : { installCommand }),
        };
      }
      const origin =
        this.#options.chosen(provider.id) !== null
          ? 'chosen'
          : this.#options.owns(path)
            ? 'installed'
            : 'found';
      return {
        state: 'found',
        path,
        origin,
        versionAsked: tellsVersion(provider) ? 'now' : 'never',
        updatable: origin === 'installed' && npmPackage !== undefined,
        ...(installCommand === null ? {} : { installCommand }),
      };
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      return { state: 'unusable', path: this.#options.chosen(provider.id) ?? '', failure: error.failure };
    }
  }
}

/** Whether there is a way to know the version: the program is asked for it, or its npm package has it. */
function tellsVersion({ program }: ProviderDefinition): boolean {
  return program.version !== undefined || program.npmPackage !== undefined;
}
