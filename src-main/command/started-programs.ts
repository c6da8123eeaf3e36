import type { Clock } from '../clock.ts';
import type { ProcessId } from '../process/process-table.ts';

/** A program that runs as an identity because the command was asked for it. */
export interface StartedProgram {
  id: string;
  pid: number;
  /** As the system tells it: with the pid it is this very process. */
  startTime: string;
  bundleId: string;
  /** The program as typed, without its arguments. */
  command: string;
  /** Milliseconds since the Unix epoch, UTC. */
  since: number;
  origin: 'command';
  cloudSessionId?: string;
}

/** Who keeps the list of what runs; `Running` is one. */
export interface RunningList {
  started(program: StartedProgram): void;
  ended(id: string): void;
}

export interface StartedProgramsParts {
  running: RunningList;
  /** Commands under a cloud session, which end with it. `started` refuses, and ends, one too many. */
  cloudRuns: {
    started(sessionId: string, process: ProcessId, line: readonly string[]): Promise<void>;
    ended(sessionId: string, process: ProcessId): void;
  };
  /** What went wrong after the program was there. */
  onFault: (error: unknown) => void;
  startTime: (pid: number) => Promise<string | null>;
  clock: Clock;
  newId: () => string;
}

/** What was started, with its name first. */
type NewProgram = Pick<StartedProgram, 'pid' | 'bundleId' | 'cloudSessionId'> & { argv: readonly string[] };

/** How often those that run are looked at: nobody tells us of the end of somebody else's child, ms. */
const lookMs = 5_000;

/** Notes programs that the command became, and notices when they have ended. */
export class StartedPrograms {
  readonly #parts: StartedProgramsParts;
  readonly #known = new Map<string, ProcessId & { cloudSessionId?: string }>();
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(parts: StartedProgramsParts) {
    this.#parts = parts;
  }

  /** Notes a program, unless it has ended already. */
  async add({ argv, ...program }: NewProgram): Promise<void> {
    const { running, cloudRuns, startTime, clock, newId, onFault } = this.#parts;
    const { pid, cloudSessionId } = program;
    try {
      const began = await startTime(pid);
      if (began === null || this.#stopped) return;
      const process = { pid, startTime: began };
      if (cloudSessionId !== undefined) await cloudRuns.started(cloudSessionId, process, argv);
      const id = newId();
      this.#known.set(id, cloudSessionId === undefined ? process : { ...process, cloudSessionId });
      // A window shows it, and arguments may hold secrets.
      const command = argv.length > 1 ? `${argv[0]} …` : (argv[0] ?? '');
      running.started({ ...program, ...process, id, command, since: clock.now(), origin: 'command' });
      this.#lookLater();
    } catch (error) {
      onFault(error);
    }
  }

  /** Looks no more; what runs goes on. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #lookLater(): void {
    if (this.#cancel || this.#stopped || this.#known.size === 0) return;
    this.#cancel = this.#parts.clock.after(lookMs, () => {
      this.#cancel = null;
      void this.#look().finally(() => this.#lookLater());
    });
  }

  async #look(): Promise<void> {
    for (const [id, { pid, startTime, cloudSessionId }] of this.#known) {
      // One that cannot be asked for counts as running.
      const now = await this.#parts.startTime(pid).catch(() => startTime);
      if (now === startTime) continue;
      this.#known.delete(id);
      if (cloudSessionId !== undefined) this.#parts.cloudRuns.ended(cloudSessionId, { pid, startTime });
      this.#parts.running.ended(id);
    }
  }
}
