import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../../../src-preload/contract.ts';
import type {
  Confirmation,
  Delivery,
  SignInAttempt,
  SignInEvent,
  SignInMethod,
  SignInRequest,
} from '../../broker/method.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { composeEnvironment } from '../../process/environment.ts';
import { OpenerShim } from '../../process/opener-shim.ts';
import type { CommandRunner } from '../../process/run-command.ts';
import type { ChildTransport, SpawnRequest } from '../../process/transport.ts';
import type { Redactor } from '../../vault/redact.ts';
import { Secret } from '../../vault/secret.ts';
import { EventQueue } from './event-queue.ts';
import { classifyLink } from './link-policy.ts';
import { type InterpreterEvent, OutputInterpreter } from './output-interpreter.ts';
import { decidePaste, type KnownLinks } from './pasted-text.ts';
import { type CredentialFileState, credentialFileState, findProof } from './proof.ts';
import { replayCallback } from './replay-callback.ts';

/** Wide enough that no login link wraps. */
const terminalSize = { columns: 1200, rows: 60 };
/** A program that said "signed in" gets this long to end by itself before it is asked for proof, ms. */
const farewellMs = 2_000;
/** How often the credential file of a program that never ends is looked at, ms. */
const proofPollMs = 300;
const statusTimeoutMs = 20_000;
/** Pause before Enter where a program wants it as a write of its own, ms. */
const enterDelayMs = 500;
/** Output waiting to be interpreted, bytes, above which the program is made to wait. */
const backlogLimit = 256 * 1024;

export interface CliMethodOptions {
  programs: { find(names: string[]): Promise<string | null>; searchPath(): Promise<string> };
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
  clock: Clock;
  /** Where each attempt's opener shim lives while it runs; absolute, private to the person. */
  runtimeDirectory: string;
  redactor: Redactor;
  spawnPiped: (request: SpawnRequest) => ChildTransport;
  spawnPty: (request: SpawnRequest, size: { columns: number; rows: number }) => ChildTransport;
  killTree: (pid: number) => Promise<unknown>;
  commands: CommandRunner;
}

/** Signs in through a provider's own CLI. */
export class CliMethod implements SignInMethod {
  readonly #options: CliMethodOptions;

  constructor(options: CliMethodOptions) {
    this.#options = options;
  }

  start(request: SignInRequest): SignInAttempt {
    return new CliAttempt(this.#options, request);
  }
}

class CliAttempt implements SignInAttempt {
  readonly #options: CliMethodOptions;
  readonly #request: SignInRequest;
  readonly #events = new EventQueue<SignInEvent>();
  readonly #stop = new AbortController();
  readonly #timers: (() => void)[] = [];
  readonly #links: KnownLinks = { printed: null, captured: null };
  readonly #started: Promise<void>;
  #child: ChildTransport | null = null;
  #exited = false;
  #successSeen = false;
  #lastLine: string | null = null;
  #shim: OpenerShim | null = null;
  #environment: { file: string; env: Record<string, string>; cwd: string } | null = null;
  #before: CredentialFileState = null;
  #cancelled: Promise<void> | null = null;

  constructor(options: CliMethodOptions, request: SignInRequest) {
    this.#options = options;
    this.#request = request;
    this.#started = this.#start().catch((error: unknown) => this.#fail(this.#startFailure(error)));
  }

  [Symbol.asyncIterator](): AsyncIterator<SignInEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  cancel(): Promise<void> {
    this.#cancelled ??= this.#end();
    return this.#cancelled;
  }

  async submit(text: string): Promise<Delivery> {
    const { flow } = this.#request;
    const child = this.#child;
    if (!child || this.#exited) return { delivered: false, failure: signInFailures.ended() };
    if (this.#links.printed === null && this.#links.captured === null) {
      return { delivered: false, failure: signInFailures.notReady() };
    }
    const decision = decidePaste(text, flow.paste, this.#links);
    switch (decision.kind) {
      case 'refuse':
        return { delivered: false, failure: decision.failure };
      case 'replay':
        this.#hide(decision.url.searchParams.get('code'));
        return replayCallback(decision.url, this.#options.clock, this.#stop.signal);
      case 'write':
        this.#hide(decision.text);
        return this.#write(child, decision.text, flow.paste.kind === 'code' && flow.paste.enterSeparately);
    }
  }

  async confirm(): Promise<Confirmation> {
    const { provider, directory } = this.#request;
    const context = this.#environment;
    if (!context) return { signedIn: false, failure: signInFailures.checkSaysSignedOut(provider.name) };
    try {
      return await findProof({
        provider,
        directory: directory ?? this.#ownDirectory(),
        before: this.#before,
        runStatus: (args) =>
          this.#options.commands.run(
            { ...context, args: [...provider.program.args, ...args] },
            statusTimeoutMs,
            this.#stop.signal,
          ),
      });
    } catch (error) {
      return { signedIn: false, failure: this.#startFailure(error) };
    }
  }

  async #start(): Promise<void> {
    const { provider, flow, directory, sessionId } = this.#request;
    const { clock, platform, parentEnvironment, programs } = this.#options;
    this.#emit({ type: 'started', command: this.#shownCommand() });
    const [file, searchPath] = await Promise.all([
      programs.find(provider.program.names),
      programs.searchPath(),
    ]);
    if (file === null)
      throw new LanyardError(signInFailures.notFound(provider.name, provider.program.installCommand));
    await this.#seed(directory);
    this.#before = await credentialFileState(provider, directory ?? this.#ownDirectory());
    const shim = await OpenerShim.create(join(this.#options.runtimeDirectory, sessionId), platform);
    this.#shim = shim;
    if (this.#stop.signal.aborted) return;
    shim.onOpen((url) => this.#captured(url));

    const { env, leftOut } = composeEnvironment({
      parent: parentEnvironment,
      searchPath,
      set: this.#ownVariables(),
      unset: [...provider.environment.unset],
      platform,
      openerDirectory: shim.directory,
      browserProgram: shim.browserProgram,
    });
    const cwd = directory ?? this.#options.homeDirectory;
    this.#environment = { file, env, cwd };
    for (const name of leftOut) {
      this.#emit({
        type: 'notice',
        notice: {
          code: 'variable_left_out',
          text: `${name} is set on this machine and was left out: it would override the sign-in.`,
        },
      });
    }
    const request: SpawnRequest = { file, args: [...provider.program.args, ...flow.args], env, cwd };
    // From here to the listeners nothing else can run: a cancel finds the process (S-10).
    const child =
      flow.transport === 'pty'
        ? this.#options.spawnPty(request, terminalSize)
        : this.#options.spawnPiped(request);
    this.#child = child;
    this.#request.onSpawned(child.pid);
    this.#listen(child);
    if (flow.endsBy === 'proof') this.#pollProof(clock);
  }

  #listen(child: ChildTransport): void {
    const { flow, provider } = this.#request;
    const interpreter = new OutputInterpreter({
      flow,
      allowedHosts: provider.allowedHosts,
      mode: flow.transport,
      ...terminalSize,
      redact: (line) => this.#options.redactor.redact(line),
      emit: (event) => this.#interpreted(event, child),
      respond: (text) => child.write(text),
    });
    let backlog = 0;
    let written: Promise<unknown> = Promise.resolve();
    child.onOutput((bytes, stream) => {
      backlog += bytes.length;
      if (backlog > backlogLimit) child.pause();
      written = interpreter.write(bytes, stream).then(() => {
        backlog -= bytes.length;
        if (backlog <= backlogLimit / 2) child.resume();
      });
    });
    child.onExit(async (exit) => {
      this.#exited = true;
      await written;
      await interpreter.end();
      this.#ended(exit, interpreter.failure());
    });
  }

  #interpreted(event: InterpreterEvent, child: ChildTransport): void {
    switch (event.type) {
      case 'question':
        child.write(`${event.reply}${child.enter}`);
        return;
      case 'completed':
        this.#success();
        return;
      case 'link':
        this.#links.printed = event.url;
        break;
      case 'line':
        if (event.text.trim() !== '') this.#lastLine = event.text.trim();
        break;
    }
    this.#emit(event);
  }

  /** The success line: a program that ends by itself is given the time to do so, its files may not be written yet. */
  #success(): void {
    if (this.#successSeen) return;
    this.#successSeen = true;
    this.#timers.push(
      this.#options.clock.after(farewellMs, () => this.#emit({ type: 'completed', by: 'line' })),
    );
  }

  #captured(url: string): void {
    const link = classifyLink(url, this.#request.provider.allowedHosts);
    if (link.kind === 'not-a-sign-in-link') return;
    if (link.kind === 'untrusted') {
      this.#emit({ type: 'untrusted-link', url: link.url });
      return;
    }
    this.#links.captured = link.url;
    this.#emit({ type: 'link', url: link.url, trust: link.kind, source: 'captured' });
  }

  #ended(exit: { code: number | null; signal: string | null }, failure: Failure | null): void {
    if (exit.code === 0 || this.#successSeen) {
      this.#emit({ type: 'completed', by: 'exit' });
      this.#events.end();
      return;
    }
    const { name } = this.#request.provider;
    this.#fail(failure ?? signInFailures.exitedWithCode(name, exit.code, exit.signal, this.#lastLine));
  }

  #pollProof(clock: Clock): void {
    const { provider, directory } = this.#request;
    const look = async () => {
      const state = await credentialFileState(provider, directory ?? this.#ownDirectory());
      if (this.#stop.signal.aborted || this.#exited) return;
      if (state !== null && state !== this.#before) this.#emit({ type: 'completed', by: 'file' });
      this.#timers.push(clock.after(proofPollMs, look));
    };
    this.#timers.push(clock.after(proofPollMs, look));
  }

  async #write(child: ChildTransport, text: string, enterSeparately: boolean): Promise<Delivery> {
    const gone: Delivery = { delivered: false, failure: signInFailures.ended() };
    if (!enterSeparately) return child.write(`${text}${child.enter}`) ? { delivered: true } : gone;
    if (!child.write(text)) return gone;
    await new Promise<void>((resolve) => this.#timers.push(this.#options.clock.after(enterDelayMs, resolve)));
    return child.write(child.enter) ? { delivered: true } : gone;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    for (const stop of this.#timers.splice(0)) stop();
    this.#events.end();
    await this.#started;
    if (this.#child && !this.#exited) await this.#options.killTree(this.#child.pid);
    await this.#shim?.dispose();
  }

  #fail(failure: Failure): void {
    this.#emit({ type: 'failed', failure });
    this.#events.end();
  }

  #emit(event: SignInEvent): void {
    this.#events.push(event);
  }

  #startFailure(error: unknown): Failure {
    const { name } = this.#request.provider;
    if (error instanceof LanyardError) return error.failure;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return signInFailures.couldNotStart(name, `System error: ${code}`);
  }

  /** What was pasted is echoed by some programs. */
  #hide(text: string | null): void {
    if (text) this.#options.redactor.add(new Secret(text));
  }

  #shownCommand(): string {
    const { program } = this.#request.provider;
    const name = program.shownAs ?? basename(program.names[0] ?? '', '.exe');
    return [name, ...(program.shownAs ? [] : program.args), ...this.#request.flow.args].join(' ');
  }

  /** The directory a CLI uses when ours is not handed to it (blank identity): what its variable says, if it says. */
  #ownDirectory(): string | null {
    const { configDir } = this.#request.provider;
    return (configDir && this.#options.parentEnvironment[configDir.variable]) ?? null;
  }

  /** The blank identity leaves the provider's variables as the person has them (I-4). */
  #ownVariables(): Record<string, string> {
    const { provider, directory } = this.#request;
    const own: Record<string, string> = {};
    for (const [name, value] of Object.entries(provider.environment.set)) {
      if (directory !== null) own[name] = value.replaceAll('{dir}', directory);
      else if (!value.includes('{dir}')) own[name] = value;
    }
    if (provider.configDir) {
      const value = directory ?? this.#options.parentEnvironment[provider.configDir.variable];
      if (value !== undefined) own[provider.configDir.variable] = value;
    }
    return own;
  }

  /** Files that the CLI wants to find, in the account's own directory only. */
  async #seed(directory: string | null): Promise<void> {
    if (directory === null) return;
    for (const { path, json } of this.#request.provider.configDir?.seed ?? []) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const text = JSON.stringify(json, null, 2).replaceAll('{dir}', JSON.stringify(directory).slice(1, -1));
      await writeFile(file, text, { mode: 0o600 });
    }
  }
}
