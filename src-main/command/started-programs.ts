import { basename } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';

/** A program that runs as an identity because the command was asked for it. */
export interface StartedProgram {
  id: string;
  pid: number;
  /** As the system tells it: with the pid it is this very process. */
  startTime: string;
  bundleId: string;
  /** As typed. */
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
  audit: Audit;
  startTime: (pid: number) => Promise<string | null>;
  clock: Clock;
  newId: () => string;
}

/** What was started: `file` as typed. */
type NewProgram = Pick<StartedProgram, 'pid' | 'bundleId' | 'command' | 'cloudSessionId'> & { file: string };

/** How often those that run are looked at: nobody tells us of the end of somebody else's child, ms. */
const lookMs = 5_000;

/** Notes programs that the command became, and notices when they have ended. */
export class StartedPrograms {
  readonly #parts: StartedProgramsParts;
  readonly #known = new Map<string, { pid: number; startTime: string }>();
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(parts: StartedProgramsParts) {
    this.#parts = parts;
  }

  /** Notes a program, unless it has ended already. */
  async add({ file, ...program }: NewProgram): Promise<void> {
    const { running, audit, startTime, clock, newId } = this.#parts;
    const began = await startTime(program.pid);
    if (began === null || this.#stopped) return;
    const id = newId();
    // Its arguments may hold what is nobody's business.
    audit.record({
      kind: 'launch.started',
      bundleId: program.bundleId,
      ...(program.cloudSessionId === undefined ? {} : { sessionId: program.cloudSessionId }),
      detail: { where: 'command', program: basename(file) },
    });
    this.#known.set(id, { pid: program.pid, startTime: began });
    running.started({ ...program, id, startTime: began, since: clock.now(), origin: 'command' });
    this.#lookLater();
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
    for (const [id, { pid, startTime }] of this.#known) {
      // One that cannot be asked for counts as running.
      const now = await this.#parts.startTime(pid).catch(() => startTime);
      if (now === startTime) continue;
      this.#known.delete(id);
      this.#parts.running.ended(id);
    }
  }
}
