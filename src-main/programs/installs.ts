import { join } from 'node:path';
import type { Install } from '../../src-preload/contract/programs.ts';
import type { Failure, Outcome } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { describeFault } from '../journal/describe-fault.ts';
import { composeEnvironment } from '../process/environment.ts';
import type { ChildTransport, SpawnRequest } from '../process/transport.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { Secret } from '../vault/secret.ts';
import { installFailures } from './install-failures.ts';
import { npmEnvironment } from './npm-environment.ts';
import { OutputLines } from './output-lines.ts';
import type { OwnCopies } from './own-copies.ts';
import type { VersionAnswer } from './program-version.ts';

/** Cap on one installation, ms: some programs are hundreds of megabytes. */
const timeoutMs = 30 * 60_000;
/** Output is told at most this often, ms. */
const tellMs = 150;

export interface InstallsOptions {
  copies: OwnCopies;
  finder: { find(names: string[]): Promise<string | null>; searchPath(): Promise<string>; refresh(): void };
  /** Starts the program for its version: the proof that what was installed works. */
  ask: (provider: ProviderDefinition, file: string) => Promise<VersionAnswer>;
  /** Looks for the provider's program again, once it is installed. */
  lookAgain: (provider: ProviderDefinition) => Promise<void>;
  spawn: (request: SpawnRequest) => ChildTransport;
  killTree: (pid: number, options?: { rootEnded?: boolean }) => Promise<unknown>;
  processStartTime: (pid: number) => Promise<string | null>;
  parentEnvironment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  clock: Clock;
  redactor: { add(secret: Secret): void; redact(text: string): string };
  /** Told each change; null when the installation was dismissed. */
  onChanged: (providerId: string, install: Install | null) => void;
  log: {
    info(event: string, fields?: Record<string, string | number | boolean>): void;
    error(event: string, fields?: Record<string, string | number | boolean>): void;
  };
}

interface Running {
  readonly provider: ProviderDefinition;
  readonly output: OutputLines;
  readonly stop: AbortController;
  install: Install;
  child: ChildTransport | null;
  timedOut: boolean;
  /** A change that is told soon. */
  telling: boolean;
  over: Promise<void>;
}

/**
 * installs programs of providers with npm, one installation per provider at a time. They go into a folder of
 * Lanyard's own (see {@link OwnCopies}): that needs no administrator, changes nothing that the person's other tools use,
 * and can be taken back. Nothing of a request gets into the command but which provider is meant.
 */
export class Installs {
  readonly #options: InstallsOptions;
  readonly #installs = new Map<string, Running>();
  #stopping = false;

  constructor(options: InstallsOptions) {
    this.#options = options;
  }

  /**
   * Begins to install, or to bring up to date, and returns at once; goes on where one already runs.
   * @throws LanyardError `not_installable`
   */
  start(provider: ProviderDefinition): void {
    const { npmPackage } = provider.program;
    if (npmPackage === undefined || this.#stopping) {
      throw new LanyardError(installFailures.notInstallable(provider.name));
    }
    if (this.#installs.get(provider.id)?.install.status === 'running') return;
    const running: Running = {
      provider,
      output: new OutputLines((text) => this.#options.redactor.redact(text)),
      stop: new AbortController(),
      install: {
        providerId: provider.id,
        command: ['npm', 'install', '--global', npmPackage].join(' '),
        startedAt: this.#options.clock.now(),
        status: 'running',
        lines: [],
        dropped: 0,
      },
      child: null,
      timedOut: false,
      telling: false,
      over: Promise.resolve(),
    };
    this.#installs.set(provider.id, running);
    this.#options.log.info('install.started', { provider: provider.id });
    this.#tell(running);
    running.over = this.#run(running, npmPackage);
  }

  /** Ends the installation with all that it started; it is over when that is done. */
  cancel(providerId: string): Outcome {
    const running = this.#installs.get(providerId);
    if (running?.install.status !== 'running') {
      const failure = installFailures.nothingRuns();
      return { success: false, reason: failure.title, failure };
    }
    running.stop.abort();
    return { success: true };
  }

  /** Those that run, and those that ended and were not dismissed. */
  list(): Install[] {
    return [...this.#installs.values()].map(({ install }) => install);
  }

  /** Forgets an installation that has ended. */
  dismiss(providerId: string): void {
    if (this.#installs.get(providerId)?.install.status === 'running') return;
    if (this.#installs.delete(providerId)) this.#options.onChanged(providerId, null);
  }

  /** Ends all of them and waits until nothing of them is left; for quitting. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { install } of this.#installs.values()) this.cancel(install.providerId);
    await Promise.all([...this.#installs.values()].map(({ over }) => over));
  }

  /** Never rejects. */
  async #run(running: Running, npmPackage: string): Promise<void> {
    let generation: string | null = null;
    try {
      const { copies, clock } = this.#options;
      generation = await copies.begin(running.provider.id, String(clock.now()));
      const found = await this.#install(running, npmPackage, generation);
      if ('failure' in found) {
        await copies.discard(generation);
        this.#end(running, found.failure);
        return;
      }
      await copies.complete(generation, clock.now());
      this.#options.finder.refresh();
      await this.#options.lookAgain(running.provider);
      this.#end(running, null, found);
    } catch (error) {
      const failure = error instanceof LanyardError ? error.failure : installFailures.internal();
      if (!(error instanceof LanyardError)) this.#options.log.error('install.fault', describeFault(error));
      if (generation !== null) await this.#options.copies.discard(generation).catch(() => {});
      this.#end(running, failure);
    }
  }

  async #install(
    running: Running,
    npmPackage: string,
    generation: string,
  ): Promise<{ path: string; version: string } | { failure: Failure }> {
    const { finder, copies } = this.#options;
    const { provider, stop } = running;
    const [npm, searchPath] = await Promise.all([finder.find(['npm']), finder.searchPath()]);
    if (stop.signal.aborted) return { failure: installFailures.cancelled() };
    if (npm === null) return { failure: installFailures.noNpm() };
    const exitCode = await this.#runNpm(running, npm, searchPath, npmPackage, generation);
    if (stop.signal.aborted) return { failure: installFailures.cancelled() };
    if (running.timedOut) return { failure: installFailures.tookTooLong(timeoutMs / 60_000) };
    if (exitCode !== 0) {
      return { failure: installFailures.exited(provider.name, exitCode, running.output.read().lines) };
    }
    const folder = copies.programFolder(generation);
    const path = await finder.find(provider.program.names.map((name) => join(folder, name)));
    if (path === null) return { failure: installFailures.notInPackage(provider.name) };
    const { version, said } = await this.#options.ask(provider, path);
    if (stop.signal.aborted) return { failure: installFailures.cancelled() };
    if (version === null) {
      return {
        failure: installFailures.doesNotStart(
          provider.name,
          said.map((line) => this.#options.redactor.redact(line)),
        ),
      };
    }
    return { path, version };
  }

  /** @returns npm's exit code; null when a signal ended it */
  async #runNpm(
    running: Running,
    npm: string,
    searchPath: string,
    npmPackage: string,
    generation: string,
  ): Promise<number | null> {
    const { clock, copies, parentEnvironment, platform, killTree, redactor } = this.#options;
    const { set, secrets } = npmEnvironment(parentEnvironment);
    for (const secret of secrets) redactor.add(new Secret(secret));
    const { env } = composeEnvironment({ parent: parentEnvironment, searchPath, set, unset: [], platform });
    const args = ['install', '--global', '--prefix', generation, npmPackage];
    // From here to the listeners nothing else can run: a cancel finds the process (S-10).
    const child = this.#options.spawn({ file: npm, args, env, cwd: generation });
    running.child = child;
    const stopChild = () => void killTree(child.pid, { rootEnded: child.ended }).catch(() => {});
    const stopTimer = clock.after(timeoutMs, () => {
      running.timedOut = true;
      stopChild();
    });
    running.stop.signal.addEventListener('abort', stopChild, { once: true });
    child.onOutput((bytes, stream) => {
      running.output.add(bytes, stream);
      this.#tellSoon(running);
    });
    const exited = new Promise<number | null>((resolve) => child.onExit(({ code }) => resolve(code)));
    running.install = { ...running.install, command: ['npm', ...args].join(' ') };
    this.#tell(running);
    const startTime = await this.#options.processStartTime(child.pid);
    if (startTime !== null) await copies.recordProcess(generation, { pid: child.pid, startTime });
    const code = await exited;
    stopTimer();
    running.stop.signal.removeEventListener('abort', stopChild);
    // What it left running would go on writing into the folder.
    await killTree(child.pid, { rootEnded: true });
    running.output.end();
    return code;
  }

  #end(running: Running, failure: Failure | null, found?: { path: string; version: string }): void {
    const { clock, log } = this.#options;
    const status = failure === null ? 'succeeded' : failure.code === 'cancelled' ? 'cancelled' : 'failed';
    running.install = {
      ...running.install,
      ...running.output.read(),
      status,
      endedAt: clock.now(),
      ...(failure ? { failure } : {}),
      ...(found ?? {}),
    };
    log.info('install.ended', { provider: running.provider.id, status, code: failure?.code ?? 'none' });
    this.#options.onChanged(running.provider.id, running.install);
  }

  #tell(running: Running): void {
    running.install = { ...running.install, ...running.output.read() };
    this.#options.onChanged(running.provider.id, running.install);
  }

  #tellSoon(running: Running): void {
    if (running.telling) return;
    running.telling = true;
    this.#options.clock.after(tellMs, () => {
      running.telling = false;
      if (running.install.status === 'running') this.#tell(running);
    });
  }
}
