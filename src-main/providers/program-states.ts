import type { ProviderView } from '../../src-preload/contract/providers.ts';
import type { ProviderDefinition } from './definition.ts';

type ProgramState = ProviderView['program'];

/** Which providers' programs are there, as far as it is known: looking takes time, asking does not. */
export class ProgramStates {
  readonly #programs: { find(names: string[]): Promise<string | null> };
  readonly #onChanged: () => void;
  readonly #states = new Map<string, ProgramState>();

  constructor(programs: { find(names: string[]): Promise<string | null> }, onChanged: () => void) {
    this.#programs = programs;
    this.#onChanged = onChanged;
  }

  of(provider: ProviderDefinition): ProgramState {
    if (provider.program.names.length === 0) return { state: 'not-needed' };
    return this.#states.get(provider.id) ?? { state: 'searching' };
  }

  /** Looks for all of them and tells when the answer is there. */
  async look(providers: ProviderDefinition[]): Promise<void> {
    await Promise.all(
      providers.map(async ({ id, program }) => {
        const path = await this.#programs.find(program.names);
        this.#states.set(id, stateOf(path, program.installCommand));
      }),
    );
    this.#onChanged();
  }
}

function stateOf(path: string | null, installCommand: string | null): ProgramState {
  if (path !== null) return { state: 'found', path };
  return { state: 'missing', ...(installCommand === null ? {} : { installCommand }) };
}
