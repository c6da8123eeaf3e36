import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import type { Failure } from '../../../src-preload/contract/values.ts';
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
import { OpenerShim } from '../../process/opener-shim.ts';
import type { CommandRunner } from '../../process/run-command.ts';
import type { ChildTransport, SpawnRequest } from '../../process/transport.ts';
import type { ProgramLocator } from '../../programs/provider-programs.ts';
import type { YieldDefinition } from '../../providers/definition.ts';
import { ownDirectory } from '../../providers/own-directory.ts';
import type { Redactor } from '../../vault/redact.ts';
import { Secret } from '../../vault/secret.ts';
import { EventQueue } from '../event-queue.ts';
import { decidePaste, type KnownLinks } from '../pasted-text.ts';
import { writeSeedFiles } from '../seed-files.ts';
import { classifyLink } from './link-policy.ts';
import { type InterpreterEvent, OutputInterpreter } from './output-interpreter.ts';
import { programEnvironment } from './program-environment.ts';
import { type CredentialFileState, credentialFileState, findProof } from './proof.ts';
import { replayCallback } from './replay-callback.ts';

/** Wide enough that no login link wraps. */
const terminalSize = { columns: 1200, rows: 60 };
/** A program that said how it went gets this long to end by itself before it is asked for proof, or ended, ms. */
const farewellMs = 2_000;
/** How often the credential file of a program that never ends is looked at, ms. */
const proofPollMs = 300;
const statusTimeoutMs = 20_000;
/** Pause before Enter where a program wants it as a write of its own, ms. */
const enterDelayMs = 500;
/** Output waiting to be interpreted, bytes, above which the program is made to wait. */
const backlogLimit = 256 * 1024;
/** How programs say that pipes will not do; "Raw mode is not supported" is Ink's, as in claude 2.1. */
const wantsTerminal =
  /raw mode is not supported|not an? (?:interactive )?(?:tty|terminal)\b|(?:requires?|needs?) an? (?:interactive )?(?:tty|terminal)\b/i;

export interface CliMethodOptions {
  programs: ProgramLocator;
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
  clock: Clock;
  /** Where each attempt's opener shim lives while it runs; absolute, private to the person. */
  runtimeDirectory: string;
  redactor: Redactor;
  spawnPiped: (request: SpawnRequest) => ChildTransport;
  spawnPty: (request: SpawnRequest, size: { columns: number; rows: number }) => ChildTransport;
  /** `rootEnded`: the process is known to have ended; what it left running is meant. */
  killTree: (pid: number, options?: { rootEnded?: boolean }) => Promise<unknown>;
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
  readonly #timers = new Set<() => void>();
  readonly #links: KnownLinks = { printed: null, captured: null };
  readonly #started: Promise<void>;
  #child: ChildTransport | null = null;
  #exited = false;
  #successSeen = false;
  /** A success line was seen that has not led to a check yet. */
  #checkDue = false;
  /** What the program's end says better than a check that finds nobody signed in. */
  #exitFailure: Failure | null = null;
  /** The secret that the flow yields, once it was printed. */
  #yielded: Secret | null = null;
  #terminalWanted = false;
  #confirming: Promise<Confirmation> | null = null;
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

  /** A program that still runs could write what is about to be saved. */
  settle(): Promise<void> {
    return this.cancel();
  }

  async submit(text: string): Promise<Delivery> {
    const { flow } = this.#request;
    const child = this.#child;
    if (!child || this.#exited || this.#stop.signal.aborted)
      return { delivered: false, failure: signInFailures.ended() };
    if (this.#links.printed === null && this.#links.captured === null) {
      return { delivered: false, failure: signInFailures.notReady() };
    }
    const decision = decidePaste(text, flow.paste, this.#links);
    switch (decision.kind) {
      case 'refuse':
        return { delivered: false, failure: decision.failure };
      case 'replay':
        this.#hide(decision.url.searchParams.get('code'));
        this.#hide(decision.url.searchParams.get('state'));
        return replayCallback(decision.url, this.#options.clock, this.#stop.signal);
      case 'write':
        this.#hide(decision.text);
        return this.#write(child, decision.text, flow.paste.kind === 'code' && flow.paste.enterSeparately);
    }
  }

  confirm(): Promise<Confirmation> {
    this.#checkDue = false;
    this.#confirming = this.#confirm();
    return this.#confirming;
  }

  async #confirm(): Promise<Confirmation> {
    const { provider, flow, directory } = this.#request;
    const context = this.#environment;
    if (!context || this.#stop.signal.aborted)
      return { signedIn: false, failure: signInFailures.checkSaysSignedOut(provider.name) };
    if (flow.yields) return this.#confirmYield(provider.name, flow.yields);
    try {
      const confirmation = await findProof({
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
      if (confirmation.signedIn || !this.#exitFailure) return confirmation;
      return { signedIn: false, failure: this.#exitFailure };
    } catch (error) {
      return { signedIn: false, failure: this.#startFailure(error) };
    }
  }

  /** The secret is all there is: no status of the provider's knows of it. */
  #confirmYield(name: string, { lifetimeSeconds }: YieldDefinition): Confirmation {
    const secret = this.#yielded;
    if (!this.#exited || this.#exitFailure || !secret)
      return { signedIn: false, failure: this.#exitFailure ?? signInFailures.nothingYielded(name) };
    const expiresAt =
      lifetimeSeconds === undefined ? undefined : this.#options.clock.now() + lifetimeSeconds * 1_000;
    const yielded = expiresAt === undefined ? { secret } : { secret, expiresAt };
    return { signedIn: true, identity: {}, yielded };
  }

  async #start(): Promise<void> {
    const { provider, flow, directory, sessionId } = this.#request;
    const { platform, parentEnvironment, programs } = this.#options;
    this.#emit({ type: 'started', command: this.#shownCommand() });
    const [found, searchPath] = await Promise.all([programs.locate(provider), programs.searchPath()]);
    if (this.#stop.signal.aborted) return;
    const file = found ?? (await namedFile(provider.program.names));
    if (file === null) {
      const otherWay = provider.flows.find(({ by }) => by !== undefined)?.label;
      throw new LanyardError(signInFailures.notFound(provider.name, otherWay));
    }
    if (directory !== null) await writeSeedFiles(provider, directory);
    this.#before = await credentialFileState(provider, directory ?? this.#ownDirectory());
    const shim = await OpenerShim.create(join(this.#options.runtimeDirectory, sessionId), platform);
    // Before anything else can run: whatever follows, it is removed at the end.
    this.#shim = shim;
    if (this.#stop.signal.aborted) return;
    shim.onOpen((url) => this.#captured(url));

    const { env, leftOut } = programEnvironment({
      provider,
      directory,
      parent: parentEnvironment,
      searchPath,
      platform,
      shim,
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
    if (flow.endsBy === 'proof') this.#pollProof();
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
      clock: this.#options.clock,
    });
    let backlog = 0;
    let written: Promise<void> = Promise.resolve();
    const taken = (byteCount: number) => {
      backlog -= byteCount;
      if (backlog <= backlogLimit / 2) child.resume();
    };
    child.onOutput((bytes, stream) => {
      backlog += bytes.length;
      if (backlog > backlogLimit) child.pause();
      written = interpreter.write(bytes, stream);
      // Lines that nobody took yet, because a check runs, hold back the program too.
      void written.then(() => this.#events.drained()).then(() => taken(bytes.length));
    });
    child.onExit(async (exit) => {
      this.#exited = true;
      await written;
      await interpreter.end();
      await this.#shim?.flush();
      this.#ended(exit, interpreter.failure());
    });
  }

  #interpreted(event: InterpreterEvent, child: ChildTransport): void {
    switch (event.type) {
      case 'question':
        child.write(`${event.reply}${child.enter}`);
        return;
      case 'secret':
        this.#options.redactor.add(event.secret);
        this.#yielded = event.secret;
        return;
      case 'final-failure':
        this.#after(farewellMs, () => this.#fail(event.failure));
        return;
      case 'completed':
        this.#success();
        return;
      case 'link':
        this.#keepLink('printed', event.url);
        break;
      case 'line':
        if (event.text.trim() !== '') this.#lastLine = event.text.trim();
        if (wantsTerminal.test(event.text)) this.#terminalWanted = true;
        break;
    }
    this.#emit(event);
  }

  /** The success line: a program that ends by itself is given the time to do so, its files may not be written yet. */
  #success(): void {
    this.#successSeen = true;
    // A secret counts when the program has ended well: there is nothing to ask before.
    if (this.#checkDue || this.#request.flow.yields) return;
    this.#checkDue = true;
    this.#after(farewellMs, () => this.#emit({ type: 'completed', by: 'line' }));
  }

  /** The link that the person sees is the one that pasted text must belong to (S-4, V-2). */
  #keepLink(source: keyof KnownLinks, url: string): void {
    if (this.#request.flow.renews || this.#links[source] === null) this.#links[source] = url;
  }

  #captured(url: string): void {
    const link = classifyLink(url, this.#request.provider.allowedHosts);
    if (link.kind === 'not-a-sign-in-link') return;
    if (link.kind === 'untrusted') {
      this.#emit({ type: 'untrusted-link', url: this.#options.redactor.redact(link.url) });
      return;
    }
    this.#keepLink('captured', link.url);
    this.#emit({ type: 'link', url: link.url, trust: link.kind, source: 'captured' });
  }

  #ended(exit: { code: number | null; signal: string | null }, described: Failure | null): void {
    const { provider, flow } = this.#request;
    let failure = described;
    if (!failure && this.#terminalWanted && flow.transport === 'pipe')
      failure = signInFailures.needsTerminal(provider.name);
    failure ??= signInFailures.exitedWithCode(
      provider.name,
      exit.code,
      exit.signal,
      this.#lastLine && this.#options.redactor.redact(this.#lastLine),
    );
    if (exit.code !== 0 && !this.#successSeen) {
      this.#fail(failure);
      return;
    }
    if (exit.code !== 0 || described) this.#exitFailure = failure;
    this.#emit({ type: 'completed', by: 'exit' });
    this.#events.end();
  }

  #pollProof(): void {
    const { provider, directory } = this.#request;
    let seen = this.#before;
    const look = async () => {
      const state = await credentialFileState(provider, directory ?? this.#ownDirectory());
      if (this.#stop.signal.aborted || this.#exited) return;
      // Each change is worth one look: a file that is not complete yet changes again.
      if (state !== null && state !== seen) {
        seen = state;
        this.#emit({ type: 'completed', by: 'file' });
      }
      this.#after(proofPollMs, look);
    };
    this.#after(proofPollMs, look);
  }

  async #write(child: ChildTransport, text: string, enterSeparately: boolean): Promise<Delivery> {
    const written = (bytes: string): Delivery =>
      child.write(bytes) ? { delivered: true } : { delivered: false, failure: signInFailures.inputClosed() };
    if (!enterSeparately) return written(`${text}${child.enter}`);
    const first = written(text);
    if (!first.delivered) return first;
    await new Promise<void>((resolve) => {
      this.#after(enterDelayMs, resolve);
      this.#stop.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (this.#stop.signal.aborted) return { delivered: false, failure: signInFailures.ended() };
    return written(child.enter);
  }

  /** Runs a task later, unless the attempt is ended before. */
  #after(delayMs: number, task: () => void): void {
    const stop = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(stop);
      task();
    });
    this.#timers.add(stop);
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    for (const stop of this.#timers) stop();
    this.#timers.clear();
    this.#events.end();
    try {
      await this.#started;
      // Also after the program's own end: what it left running may still write.
      if (this.#child) await this.#options.killTree(this.#child.pid, { rootEnded: this.#child.ended });
      await this.#confirming;
    } finally {
      await this.#shim?.dispose();
    }
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
    if (!text) return;
    // `code#state` may be printed in its parts.
    for (const part of new Set([text, ...text.split('#')])) {
      if (part.length >= 6) this.#options.redactor.add(new Secret(part));
    }
  }

  #shownCommand(): string {
    const { program } = this.#request.provider;
    const name = program.shownAs ?? basename(program.names[0] ?? '', '.exe');
    return [name, ...(program.shownAs ? [] : program.args), ...this.#request.flow.args].join(' ');
  }

  /** The directory a CLI uses when ours is not handed to it (blank identity): what its variable says, or its usual one. */
  #ownDirectory(): string | null {
    const { parentEnvironment, homeDirectory } = this.#options;
    return ownDirectory(this.#request.provider, parentEnvironment, homeDirectory);
  }
}

/**
 * The file that a definition names by an absolute path, though it is not executable: starting it says so, and that it
 * is "not found" would not be true.
 */
async function namedFile(names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    if (!isAbsolute(name)) continue;
    const isFile = await stat(name).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) return name;
  }
  return null;
}
