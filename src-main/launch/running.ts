import type { Clock } from '../clock.ts';
import type { ProcessId } from '../process/process-table.ts';

/** Something that was started as a bundle and has not ended, as far as is known. */
export interface RunningProgram extends Readonly<ProcessId> {
  readonly id: string;
  readonly bundleId: string;
  /** What it is, for people to read. */
  readonly command: string;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly since: number;
  /** A tab of ours, the system's terminal, or the `lanyard` command. */
  readonly origin: 'tab' | 'terminal' | 'command';
  /** The cloud session whose credentials it has. */
  readonly cloudSessionId?: string;
}

export interface RunningParts {
  /** As `isAlive` of `process/kill-tree.ts`. */
  isAlive: (id: ProcessId) => Promise<boolean>;
  clock: Clock;
}

/** Between two looks at programs whose end nobody tells us, ms. */
const lookEveryMs = 15_000;

/**
 * what runs as which bundle. Tabs and the `lanyard` command tell when they end; the shell in a terminal of the
 * system is not our child, so it is looked at by its pid and start time while there is one.
 */
export class Running {
  readonly #parts: RunningParts;
  readonly #programs = new Map<string, RunningProgram>();
  readonly #listeners = new Set<() => void>();
  #cancelLook: (() => void) | null = null;
  #stopped = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
  }

  /** Takes a program in; one of the same id is replaced. */
  add(program: RunningProgram): void {
    this.#programs.set(program.id, program);
    this.#tell();
    this.#lookLater();
  }

  /** The program has ended. Nothing happens when there is none of that id. */
  ended(id: string): void {
    if (this.#programs.delete(id)) this.#tell();
  }

  /** The oldest first. */
  list(): readonly RunningProgram[] {
    return [...this.#programs.values()].sort((a, b) => a.since - b.since);
  }

  find(id: string): RunningProgram | undefined {
    return this.#programs.get(id);
  }

  /**
   * Called after every change; must not throw.
   * @returns what removes the listener
   */
  onChange(listener: () => void): () => void {
    // A function of its own: the same listener may be given twice.
    const own = () => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Takes out what has ended without telling. */
  async refresh(): Promise<void> {
    const seen = this.list();
    const alive = await Promise.all(seen.map((program) => this.#parts.isAlive(program)));
    const gone = seen.filter((program, index) => !alive[index] && this.#programs.get(program.id) === program);
    for (const { id } of gone) this.#programs.delete(id);
    if (gone.length > 0) this.#tell();
  }

  /** Nothing is looked at any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelLook?.();
  }

  #lookLater(): void {
    if (this.#stopped || this.#cancelLook || !this.list().some(({ origin }) => origin === 'terminal')) return;
    this.#cancelLook = this.#parts.clock.after(lookEveryMs, () => {
      this.refresh()
        // The system's process list could not be read this time.
        .catch(() => {})
        .then(() => {
          this.#cancelLook = null;
          this.#lookLater();
        });
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
