import type { TerminalTab } from '../../src-preload/contract/terminals.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import type { ProcessId } from '../process/process-table.ts';
import type { PtyTransport, SpawnRequest } from '../process/transport.ts';
import type { LaunchPreparation } from './launch-preparation.ts';
import { programOf } from './machine-logins.ts';
import { PatientInput } from './patient-input.ts';
import type { Running } from './running.ts';
import { shellStart } from './shell-command.ts';
import { TerminalOutput } from './terminal-output.ts';

export interface TerminalTabsParts {
  preparation: Pick<LaunchPreparation, 'of'>;
  spawnPty: (request: SpawnRequest, size: TerminalSize) => PtyTransport;
  /** As `killTree` of `process/kill-tree.ts`. */
  killTree: (pid: number, options: { polite: NodeJS.Signals }) => Promise<{ left: number[] }>;
  /** As `describeTree` of `process/kill-tree.ts`. */
  describeTree: (pid: number) => Promise<ProcessId[]>;
  processStartTime: (pid: number) => Promise<string | null>;
  running: Pick<Running, 'add' | 'ended'>;
  /** What is told of tabs that run under a cloud session: from then on they end with it. */
  cloudRuns: {
    /** Throws LanyardError when the session does not allow it; what runs in the tab has been ended then. */
    started: (sessionId: string, process: ProcessId, command: readonly string[]) => Promise<void>;
    ended: (sessionId: string, process: ProcessId) => void;
  };
  audit: Audit;
  clock: Clock;
  newId: () => string;
  homeDirectory: string;
  platform: NodeJS.Platform;
  /** To the windows. `from`: how many bytes of this tab came before. Must not throw. */
  onOutput: (tabId: string, from: number, bytes: Uint8Array<ArrayBuffer>) => void;
  /** A tab came, went, or ended. Must not throw. */
  onChanged: () => void;
}

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface TabRequest extends TerminalSize {
  bundleId: string;
  /** A line for the person's shell; null opens the shell itself. */
  command: string | null;
  /** The cloud session of the bundle whose credentials it gets. */
  cloudSessionId?: string | undefined;
}

/** What is started in a tab, again and again. */
type TabScope = Pick<TabRequest, 'bundleId' | 'command' | 'cloudSessionId'>;

interface Tab {
  view: TerminalTab;
  output: TerminalOutput;
  /** What runs in it, or ran. */
  program: Program;
  size: TerminalSize;
}

interface Program {
  transport: PtyTransport;
  input: PatientInput;
  /** As the cloud session knows it. */
  process?: ProcessId;
}

/** More than anybody keeps an eye on; a bound for a window gone wrong. */
const mostTabs = 32;

/** What a program may have left set: ordinary screen, all modes and colours as at first, a new line. */
const freshLine = '\x1b[?1049l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l\x1b[0m\r\n';

/**
 * Terminals in the window. Their programs belong to main, which keeps what they said, so that a window that is loaded
 * again finds them as they were. They end with their tab, their whole tree, and with the app.
 */
export class TerminalTabs {
  readonly #parts: TerminalTabsParts;
  readonly #tabs = new Map<string, Tab>();
  #stopped = false;

  constructor(parts: TerminalTabsParts) {
    this.#parts = parts;
  }

  /** In the order in which they were opened. */
  list(): TerminalTab[] {
    return [...this.#tabs.values()].map(({ view }) => view);
  }

  /** Of those, how many have something running. */
  get runningCount(): number {
    return this.list().filter(({ status }) => status === 'running').length;
  }

  /**
   * Starts the person's shell, or a line in it, as a bundle.
   * @throws LanyardError `too_many_terminals`, `could_not_start`, `program_not_found`, those of `LaunchPreparation.of`
   */
  async open(request: TabRequest): Promise<TerminalTab> {
    if (this.#tabs.size >= mostTabs) throw tooManyTerminals();
    const { clock, newId, onChanged } = this.#parts;
    const tabId = newId();
    const start = await this.#prepare(request);
    const output = new TerminalOutput({
      clock,
      pause: () => this.#tabs.get(tabId)?.program.transport.pause(),
      resume: () => this.#tabs.get(tabId)?.program.transport.resume(),
      emit: (from, bytes) => this.#parts.onOutput(tabId, from, bytes),
    });
    const size = { columns: request.columns, rows: request.rows };
    const program = this.#start(start.request, size);
    const tab: Tab = { output, program, size, view: this.#view(tabId, request, start) };
    this.#tabs.set(tabId, tab);
    this.#follow(tab);
    await this.#tell(tab, program).catch(async (error: unknown) => {
      await this.close(tabId);
      throw error;
    });
    onChanged();
    return tab.view;
  }

  /**
   * Ends what runs in a tab and starts the same again, with the accounts as they are now.
   * @throws LanyardError `unknown_terminal`, `still_running`, those of {@link open}; what cannot be started again goes on
   */
  async restart(tabId: string): Promise<TerminalTab> {
    const tab = this.#tab(tabId);
    const start = await this.#prepare(tab.view);
    await this.end(tabId);
    if (this.#tabs.get(tabId) !== tab) throw unknownTerminal();
    tab.output.deliver(new TextEncoder().encode(freshLine));
    tab.program = this.#start(start.request, tab.size);
    tab.view = this.#view(tabId, tab.view, start);
    this.#follow(tab);
    await this.#tell(tab, tab.program);
    this.#parts.onChanged();
    return tab.view;
  }

  /** A window begins to watch: see `TerminalOutput.attach`. Throws LanyardError `unknown_terminal`. */
  attach(tabId: string): { bytes: Uint8Array<ArrayBuffer>; end: number } {
    return this.#tab(tabId).output.attach();
  }

  /** The window shows it no longer. Nothing happens when there is none. */
  detach(tabId: string): void {
    this.#tabs.get(tabId)?.output.close();
  }

  /** See `TerminalOutput.read`. Throws LanyardError `unknown_terminal`. */
  read(tabId: string, upTo: number): boolean {
    return this.#tab(tabId).output.read(upTo);
  }

  /**
   * Hands on what was typed or pasted.
   * @throws LanyardError `unknown_terminal`, `terminal_busy` when the program leaves too much unread
   */
  write(tabId: string, text: string): void {
    const { program, view } = this.#tab(tabId);
    if (view.status === 'ended') return;
    if (!program.input.push(text)) {
      throw new LanyardError({
        code: 'terminal_busy',
        title: 'The program does not read what is typed.',
        hint: 'Wait for it, or end it, then paste again.',
      });
    }
  }

  /** Throws LanyardError `unknown_terminal`. */
  resize(tabId: string, size: TerminalSize): void {
    const tab = this.#tab(tabId);
    tab.size = size;
    tab.program.transport.resize(size);
  }

  /** Throws LanyardError `unknown_terminal`. */
  assertOpen(tabId: string): void {
    this.#tab(tabId);
  }

  /** Whether closing it would end more than a shell that waits for a line. Throws LanyardError `unknown_terminal`. */
  async isBusy(tabId: string): Promise<boolean> {
    const { view, program } = this.#tab(tabId);
    if (view.status === 'ended') return false;
    if (view.command !== null) return true;
    return (await this.#parts.describeTree(program.transport.pid)).length > 1;
  }

  /** Ends what runs in a tab with all its tree; the tab stays. Throws LanyardError `unknown_terminal`, `still_running`. */
  async end(tabId: string): Promise<void> {
    const { view, program } = this.#tab(tabId);
    if (view.status === 'ended') return;
    const ended = new Promise<void>((resolve) => program.transport.onExit(() => resolve()));
    // What a terminal says when its window is closed; interactive shells ignore SIGTERM.
    const { left } = await this.#parts.killTree(program.transport.pid, { polite: 'SIGHUP' });
    if (left.length > 0) throw stillRunning(left);
    // After all output, for which a slow window is waited for.
    await ended;
  }

  /** The same, and the tab goes. */
  async close(tabId: string): Promise<void> {
    await this.end(tabId);
    const tab = this.#tabs.get(tabId);
    if (!tab) return;
    tab.output.close();
    this.#tabs.delete(tabId);
    this.#parts.onChanged();
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { output } of this.#tabs.values()) output.close();
    await Promise.allSettled([...this.#tabs.keys()].map((tabId) => this.close(tabId)));
  }

  async #prepare({ bundleId, command, cloudSessionId }: TabScope): Promise<Prepared> {
    const { env, secrets, leftOut, bundle } = await this.#parts.preparation.of(bundleId, {
      ...(cloudSessionId === undefined ? {} : { cloudSessionId }),
      ...(command === null ? {} : { program: programOf(command), directory: this.#parts.homeDirectory }),
    });
    const shell = shellStart(env, command, this.#parts.platform);
    const revealed = Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]);
    return {
      request: {
        file: shell.file,
        args: shell.args,
        // Ours alone, and its child's: nobody else sees this environment.
        env: { ...env, COLORTERM: 'truecolor', ...Object.fromEntries(revealed) },
        cwd: this.#parts.homeDirectory,
      },
      shell: shell.name,
      leftOut,
      bundle: { name: bundle.name, colour: bundle.colour },
    };
  }

  #start(request: SpawnRequest, size: TerminalSize): Program {
    if (this.#stopped) throw new Error('the terminals were stopped');
    const transport = this.#parts.spawnPty(request, size);
    const input = new PatientInput((text) => transport.write(text), this.#parts.clock);
    return { transport, input };
  }

  #view(
    tabId: string,
    { bundleId, command, cloudSessionId }: TabScope,
    { shell, leftOut, bundle }: Prepared,
  ): TerminalTab {
    return {
      tabId,
      bundleId,
      bundleName: bundle.name,
      colour: bundle.colour,
      command,
      ...(cloudSessionId === undefined ? {} : { cloudSessionId }),
      shell,
      leftOut,
      startedAt: this.#parts.clock.now(),
      status: 'running',
    };
  }

  #follow(tab: Tab): void {
    const { program, output } = tab;
    program.transport.onOutput((bytes) => output.deliver(bytes));
    program.transport.onExit((exit) => {
      program.input.close();
      output.flush();
      const { running, audit, clock, cloudRuns, onChanged } = this.#parts;
      const { cloudSessionId } = tab.view;
      if (cloudSessionId !== undefined && program.process) cloudRuns.ended(cloudSessionId, program.process);
      if (tab.program !== program) return;
      tab.view = { ...tab.view, status: 'ended', exit };
      const { tabId, bundleId, startedAt } = tab.view;
      running.ended(tabId);
      audit.record({
        kind: 'launch.ended',
        bundleId,
        ...(cloudSessionId === undefined ? {} : { sessionId: cloudSessionId }),
        detail: {
          where: 'tab',
          seconds: Math.round((clock.now() - startedAt) / 1000),
          ...(exit.code === null ? {} : { code: exit.code }),
          ...(exit.signal === null ? {} : { signal: exit.signal }),
        },
      });
      onChanged();
    });
  }

  /** What was started, to the list of what runs and to the trail. The line itself may hold a secret. */
  async #tell({ view }: Tab, program: Program): Promise<void> {
    const { running, audit, cloudRuns, processStartTime } = this.#parts;
    const { tabId, bundleId, command, cloudSessionId, shell, startedAt } = view;
    const { transport } = program;
    const session = cloudSessionId === undefined ? {} : { sessionId: cloudSessionId };
    audit.record({ kind: 'launch.started', bundleId, ...session, detail: { where: 'tab', program: shell } });
    const startTime = await processStartTime(transport.pid);
    if (startTime === null || transport.ended) return;
    const { pid } = transport;
    if (cloudSessionId !== undefined) {
      program.process = { pid, startTime };
      await cloudRuns.started(cloudSessionId, program.process, [shell]);
    }
    running.add({
      id: tabId,
      pid,
      startTime,
      bundleId,
      command: command ?? shell,
      since: startedAt,
      origin: 'tab',
      ...(cloudSessionId === undefined ? {} : { cloudSessionId }),
    });
  }

  #tab(tabId: string): Tab {
    const tab = this.#tabs.get(tabId);
    if (!tab) throw unknownTerminal();
    return tab;
  }
}

interface Prepared {
  request: SpawnRequest;
  shell: string;
  leftOut: string[];
  bundle: { name: string; colour: string };
}

function unknownTerminal(): LanyardError {
  return new LanyardError({
    code: 'unknown_terminal',
    title: 'This terminal is closed.',
    hint: 'Open another one.',
  });
}

function tooManyTerminals(): LanyardError {
  return new LanyardError({
    code: 'too_many_terminals',
    title: `There are ${mostTabs} terminals already.`,
    hint: 'Close one that you no longer need, then try again.',
  });
}

function stillRunning(pids: readonly number[]): LanyardError {
  return new LanyardError({
    code: 'still_running',
    title: 'Not everything in this terminal could be ended.',
    hint: `Still there: process ${pids.join(', ')}. End it with the tools of your system.`,
  });
}
