import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Failure, Outcome } from '../../src-preload/contract/values.ts';
import type { Request, Response } from '../../src-preload/contract.ts';
import type { Clock } from '../clock.ts';
import { assertNever, LanyardError } from '../failures.ts';
import { blankBundleId } from '../identities/model.ts';
import type { SignInTarget, SignInTargets } from '../identities/sign-in-target.ts';
import type { Audit } from '../journal/audit.ts';
import { describeFault } from '../journal/describe-fault.ts';
import type { FlowDefinition, ProviderDefinition } from '../providers/definition.ts';
import { neededPort } from '../providers/needed-port.ts';
import {
  askedParameters,
  checkParameters,
  fillDefinition,
  type ParameterValues,
} from '../providers/parameters.ts';
import { usesDirectory } from '../providers/uses-directory.ts';
import type { SignInAttempt, SignInEvent, SignInMethod } from './method.ts';
import {
  beginSession,
  linkToOpen,
  reduceSession,
  type SessionEvent,
  type SessionState,
  shownLink,
  snapshotOf,
} from './session.ts';
import { signInFailures } from './sign-in-failures.ts';
import { Transcript } from './transcript.ts';

/** How long an ended session can still be polled, ms (S-8). */
const retentionMs = 5 * 60_000;
/** Cap on a sign-in, ms (S-8); a provider definition may set its own. */
const defaultTimeoutMs = 600_000;
/** Two starts of the same sign-in within this time are one double click (S-11), ms. */
const doubleClickMs = 500;
const cancelledCode = signInFailures.cancelled().code;
/** Windows are told of new output this long after its first line, so that a flood is told of a few times a second, ms. */
const outputDelayMs = 200;
/** How long the captured link is waited for before the printed one is opened instead, ms. */
const captureGraceMs = 2_000;
/** How often, and how often at most, a port is looked at that one of our own processes has just had, ms. */
const portRetryMs = 100;
const portRetries = 20;

export interface BrokerLog {
  info(event: string, fields?: Record<string, string | number | boolean>): void;
  error(event: string, fields?: Record<string, string | number | boolean>): void;
}

export interface BrokerOptions {
  providers: { find(idOrAlias: string): ProviderDefinition | null };
  method: SignInMethod;
  /** The flow of a start that names none; the provider's first when absent. */
  defaultFlow?: (provider: ProviderDefinition) => FlowDefinition | undefined;
  targets: SignInTargets;
  /** Name of a bundle as people know it; `null` when it is gone. */
  bundleName: (bundleId: string) => string | null;
  /** Who outside of our sign-ins has a port of this machine; `null` when it is free. */
  portHolder: (port: number) => Promise<{ pid?: number; program?: string } | null>;
  clock: Clock;
  newSessionId: () => string;
  /** Opens the system browser; false when it could not. */
  openBrowser: (url: string) => Promise<boolean>;
  /** Called with every change of every session (S-16). */
  onChanged: (snapshot: SessionSnapshot) => void;
  /** Called a moment after the CLI has printed something, with the number of lines so far. */
  onOutput: (sessionId: string, lines: number) => void;
  /** Takes the secrets that are known by now out of a line of output. */
  redact: (line: string) => string;
  /** Told how each sign-in ended. */
  audit?: Audit;
  log: BrokerLog;
}

interface LiveSession {
  state: SessionState;
  readonly provider: ProviderDefinition;
  readonly flow: FlowDefinition;
  /** One live sign-in for each of these (S-11). */
  readonly key: string;
  /** The port that it needs for itself (I-17). */
  readonly port: number | null;
  readonly transcript: Transcript;
  /** Whether the browser of this machine is opened for it. */
  readonly opensBrowser: boolean;
  /** New lines will be told of. */
  outputDue: boolean;
  attempt: SignInAttempt | null;
  target: SignInTarget | null;
  /** The attempt was told how it ended, and is being ended. */
  concluded: Promise<void> | null;
  readonly timers: (() => void)[];
  /** The account is being written: too late to end the session any other way. */
  committing: boolean;
  /** Resolves when the process is gone and nothing half-made is left. */
  over: Promise<void>;
}

/**
 * Runs sign-ins: one session per Connect, from the first click to the saved account. It decides when a session ends and
 * knows nothing of processes, terminals or files: that is the method's and the target's side.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #sessions = new Map<string, LiveSession>();
  /** Per provider and bundle: when nothing is left of the last sign-in there. */
  readonly #lastOver = new Map<string, Promise<void>>();
  /** Per port that only one sign-in can have: the same. */
  readonly #lastOnPort = new Map<number, Promise<void>>();
  #stopping = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /**
   * Starts a sign-in and returns at once (S-1). A live sign-in of the same provider and bundle is replaced (S-11); one
   * that has the port that this one needs is ended only if the request says so (I-17).
   * @param options.opensBrowser false where the person is not in front of this machine's display
   * @throws LanyardError `unknown_provider`, `key_only`, `unknown_flow`, `needs_identity`, `bad_parameter`,
   *   `port_held_by_sign_in`, `cancelled` while the app is quitting
   */
  start(
    request: Request<'auth.start'>,
    { opensBrowser = true }: { opensBrowser?: boolean } = {},
  ): Response<'auth.start'> {
    if (this.#stopping) throw new LanyardError(signInFailures.shuttingDown());
    const { provider, flow, parameters } = this.#requested(request);
    const { clock } = this.#options;
    const now = clock.now();
    const bundleId = request.intoBundleId ?? null;
    const key = JSON.stringify([provider.id, bundleId]);
    const older = [...this.#sessions.values()].find(
      (each) => each.key === key && each.state.end.kind === 'running',
    );
    if (older && older.flow.id === flow.id && now - older.state.start.startedAt < doubleClickMs) {
      return { sessionId: older.state.start.sessionId, authUrl: null };
    }
    const port = neededPort(flow);
    const onPort = port === null || older?.port === port ? undefined : this.#onPort(port);
    if (onPort && port !== null) {
      const { sessionId } = onPort.state.start;
      if (request.endSessionId !== sessionId) {
        throw new LanyardError(
          signInFailures.portHeldBySignIn(
            port,
            this.#who(onPort.provider, onPort.state.start.bundleId),
            sessionId,
          ),
        );
      }
      this.#fail(onPort, signInFailures.endedForPort(this.#who(provider, bundleId), port));
    }
    if (older) this.#fail(older, signInFailures.replaced());

    const sessionId = `auth-${this.#options.newSessionId()}`;
    const timeoutMs =
      provider.timeoutSeconds === undefined ? defaultTimeoutMs : provider.timeoutSeconds * 1000;
    const live: LiveSession = {
      state: beginSession({
        sessionId,
        providerId: provider.id,
        flowId: flow.id,
        bundleId,
        ...(parameters === null ? {} : { parameters }),
        paste: flow.paste.kind,
        renews: flow.renews,
        startedAt: now,
        deadlineAt: now + timeoutMs,
      }),
      provider,
      flow,
      key,
      port,
      opensBrowser,
      transcript: new Transcript(this.#options.redact),
      outputDue: false,
      attempt: null,
      target: null,
      concluded: null,
      timers: [],
      committing: false,
      over: Promise.resolve(),
    };
    this.#sessions.set(sessionId, live);
    live.timers.push(
      clock.after(timeoutMs, () => this.#fail(live, signInFailures.timedOut(Math.round(timeoutMs / 1000)))),
    );
    this.#options.log.info('session.started', { session: sessionId, provider: provider.id, flow: flow.id });
    this.#options.onChanged(snapshotOf(live.state));
    // What the sign-in before it started must be gone first: both may want the same port or directory.
    const before = port === null ? undefined : this.#lastOnPort.get(port);
    live.over = Promise.all([this.#lastOver.get(key), before]).then(() =>
      this.#run(live, before !== undefined),
    );
    this.#lastOver.set(key, live.over);
    if (port !== null) this.#lastOnPort.set(port, live.over);
    return { sessionId, authUrl: null };
  }

  /** @throws LanyardError `unknown_session` */
  poll(sessionId: string): SessionSnapshot {
    return snapshotOf(this.#known(sessionId).state);
  }

  /** Running sessions and those that ended within five minutes, newest first (S-16). */
  list(): SessionSnapshot[] {
    return [...this.#sessions.values()].reverse().map((live) => snapshotOf(live.state));
  }

  /** Fails the session with "cancelled" and ends its process tree (S-9). */
  cancel(sessionId: string): Outcome {
    const live = this.#sessions.get(sessionId);
    if (!live) return refusal(signInFailures.unknownSession());
    if (live.state.end.kind !== 'running') return refusal(signInFailures.ended());
    if (live.committing) return refusal(signInFailures.saving());
    this.#fail(live, signInFailures.cancelled());
    return { success: true };
  }

  /** Hands pasted text to whoever waits for it (V-1, V-3). */
  async submitCallback(sessionId: string, text: string): Promise<Outcome> {
    const live = this.#sessions.get(sessionId);
    if (!live) return refusal(signInFailures.unknownSession());
    if (live.state.end.kind !== 'running') return refusal(signInFailures.ended());
    if (live.flow.paste.kind === 'none') return refusal(signInFailures.pasteNotTaken(live.provider.name));
    if (!live.attempt) return refusal(signInFailures.notReady());
    const delivery = await live.attempt.submit(text);
    if (!delivery.delivered) return refusal(delivery.failure);
    this.#apply(live, { type: 'submitted' });
    return { success: true };
  }

  /** Opens the session's link, or its code's page, in the system browser. */
  async openLink(sessionId: string): Promise<Outcome> {
    const live = this.#sessions.get(sessionId);
    if (!live) return refusal(signInFailures.unknownSession());
    const url = linkToOpen(live.state);
    if (url === null) return refusal(signInFailures.notReady());
    if (!(await this.#options.openBrowser(url))) return refusal(signInFailures.browserNotOpened());
    this.#apply(live, { type: 'browser-opened' });
    return { success: true };
  }

  /**
   * The text that a copy button stands for.
   * @throws LanyardError `unknown_session`, `not_ready`
   */
  copyText(sessionId: string, what: 'link' | 'code' | 'report'): string {
    const live = this.#known(sessionId);
    switch (what) {
      case 'link': {
        const link = shownLink(live.state)?.url ?? live.state.code?.verificationUrl;
        if (link === undefined) throw new LanyardError(signInFailures.notReady());
        return link;
      }
      case 'code':
        if (!live.state.code) throw new LanyardError(signInFailures.notReady());
        return live.state.code.code;
      case 'report':
        return this.#report(live);
      default:
        return assertNever(what);
    }
  }

  /**
   * What the CLI printed, redacted (S-13).
   * @throws LanyardError `unknown_session`
   */
  transcript(sessionId: string): Response<'auth.transcript'> {
    return this.#known(sessionId).transcript.read();
  }

  /** Ends every running session and waits until nothing of them is left; for quitting. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const live of this.#sessions.values()) this.#fail(live, signInFailures.shuttingDown());
    // Also those that are being saved, which nothing can end any more.
    await Promise.all([...this.#sessions.values()].map((live) => live.over));
  }

  /** Resolves when nothing is left of the sessions that have ended: no process, no file. */
  async settled(): Promise<void> {
    const ended = [...this.#sessions.values()].filter((live) => live.state.end.kind !== 'running');
    await Promise.all(ended.map((live) => live.over));
  }

  /** The definition of what a request names, with what the person said filled in. */
  #requested(request: Request<'auth.start'>): {
    provider: ProviderDefinition;
    flow: FlowDefinition;
    parameters: ParameterValues | null;
  } {
    const provider = this.#options.providers.find(request.providerId);
    if (!provider) throw new LanyardError(signInFailures.unknownProvider(request.providerId));
    if (provider.flows.length === 0) throw new LanyardError(signInFailures.keyOnly(provider.name));
    const flow =
      request.flowId === undefined
        ? (this.#options.defaultFlow?.(provider) ?? provider.flows[0])
        : provider.flows.find((each) => each.id === request.flowId);
    if (!flow) throw new LanyardError(signInFailures.unknownFlow(provider.name, request.flowId ?? ''));
    if (flow.yields && request.intoBundleId === blankBundleId)
      throw new LanyardError(signInFailures.needsIdentity(provider.name));
    const asked = askedParameters(provider, flow, request.intoBundleId !== blankBundleId);
    const checked = checkParameters(asked, request.parameters ?? {});
    if (!checked.ok) {
      const labels = asked.filter(({ id }) => id in checked.fields).map(({ label }) => label);
      throw new LanyardError(signInFailures.badParameter(provider.name, checked.fields, labels));
    }
    return {
      ...fillDefinition(provider, flow, checked.values),
      parameters: asked.length === 0 ? null : checked.values,
    };
  }

  #known(sessionId: string): LiveSession {
    const live = this.#sessions.get(sessionId);
    if (!live) throw new LanyardError(signInFailures.unknownSession());
    return live;
  }

  /** From the first process to the last file removed; never rejects. */
  async #run(live: LiveSession, portWasOurs: boolean): Promise<void> {
    try {
      if (live.state.end.kind === 'running') await this.#awaitPort(live, portWasOurs);
      if (live.state.end.kind === 'running') await this.#signIn(live);
    } catch (error) {
      this.#fail(live, error instanceof LanyardError ? error.failure : this.#unexpected(live, error));
    }
    await this.#cleanUp(live);
    if (this.#lastOver.get(live.key) === live.over) this.#lastOver.delete(live.key);
    if (live.port !== null && this.#lastOnPort.get(live.port) === live.over)
      this.#lastOnPort.delete(live.port);
  }

  /** The running sign-in that has a port, unless it has done with it and is being saved. */
  #onPort(port: number): LiveSession | undefined {
    return [...this.#sessions.values()].find(
      (each) => each.port === port && each.state.end.kind === 'running' && !each.committing,
    );
  }

  /** A sign-in as a person knows it. */
  #who({ name }: ProviderDefinition, bundleId: string | null): string {
    const bundle = bundleId === null ? null : this.#options.bundleName(bundleId);
    return `${name} as ${bundle ?? 'a new identity'}`;
  }

  /**
   * Fails the session when a program of nobody's sign-in has its port. The CLI would say so late, or cancel what it
   * takes for an older run of its own (codex 0.169.0), or be taken for that program by the browser.
   */
  async #awaitPort(live: LiveSession, portWasOurs: boolean): Promise<void> {
    const { port, provider } = live;
    // An issuer's listener waits for it itself, and may be given it by another process of ours (O-2).
    if (port === null || provider.issuer) return;
    for (let left = portWasOurs ? portRetries : 0; ; left -= 1) {
      const holder = await this.#options.portHolder(port);
      if (holder === null || live.state.end.kind !== 'running') return;
      if (left <= 0) {
        this.#fail(live, signInFailures.portInUse(provider.name, port, holder));
        return;
      }
      // The threads of a process that was killed end one after the other.
      await new Promise<void>((resolve) => this.#options.clock.after(portRetryMs, resolve));
    }
  }

  async #signIn(live: LiveSession): Promise<void> {
    const { provider, flow } = live;
    const { sessionId, bundleId, parameters } = live.state.start;
    live.target = this.#options.targets.open(provider.id, usesDirectory(provider), bundleId, sessionId, {
      flowId: flow.id,
      ...(parameters === undefined ? {} : { parameters }),
    });
    live.attempt = this.#options.method.start({
      sessionId,
      provider,
      flow,
      directory: live.target.directory,
      onSpawned: (pid) => live.target?.recordProcess(pid),
    });
    for await (const event of live.attempt) {
      // What came before the end but is read after it.
      if (live.state.end.kind !== 'running') return;
      await this.#handle(live, live.attempt, live.target, event);
      if (live.state.end.kind !== 'running') return;
    }
    if (live.state.end.kind === 'running') this.#fail(live, signInFailures.ended());
  }

  async #handle(
    live: LiveSession,
    attempt: SignInAttempt,
    target: SignInTarget,
    event: SignInEvent,
  ): Promise<void> {
    if (event.type === 'line') {
      live.transcript.add(event.text);
      this.#tellOfOutput(live);
      return;
    }
    if (event.type === 'failed') {
      this.#fail(live, event.failure);
      return;
    }
    this.#apply(live, event);
    if (event.type === 'link') this.#openByItself(live, event);
    if (event.type === 'completed') await this.#complete(live, attempt, target, event.by);
  }

  #tellOfOutput(live: LiveSession): void {
    if (live.outputDue) return;
    live.outputDue = true;
    // Not one of the session's timers: its last lines are told of after its end.
    this.#options.clock.after(outputDelayMs, () => {
      live.outputDue = false;
      this.#options.onOutput(live.state.start.sessionId, live.transcript.count);
    });
  }

  /** Success only after the check and the save (S-5), once (S-12): events wait while this runs. */
  async #complete(
    live: LiveSession,
    attempt: SignInAttempt,
    target: SignInTarget,
    by: 'line' | 'file' | 'exit',
  ): Promise<void> {
    this.#apply(live, { type: 'checking' });
    const confirmation = await attempt.confirm();
    if (live.state.end.kind !== 'running') return;
    if (!confirmation.signedIn) {
      if (by === 'exit') this.#fail(live, confirmation.failure);
      else this.#apply(live, { type: 'check-refused' });
      return;
    }
    this.#apply(live, { type: 'saving' });
    const email = live.state.email ?? confirmation.identity.email;
    const identity = { ...confirmation.identity, ...(email === undefined ? {} : { email }) };
    // Nothing of the CLI may still be writing when its directory becomes the account's.
    await attempt.settle();
    if (live.state.end.kind !== 'running') return;
    live.committing = true;
    const saved = await target.save(identity, confirmation.yielded).finally(() => {
      live.committing = false;
    });
    this.#apply(live, { type: 'saved', saved, identity });
    this.#options.log.info('session.saved', {
      session: live.state.start.sessionId,
      provider: live.provider.id,
    });
  }

  /** The browser is opened once by itself, only with a link to the provider's own hosts. */
  #openByItself(live: LiveSession, event: Extract<SignInEvent, { type: 'link' }>): void {
    if (!live.opensBrowser || live.flow.kind === 'device-code') return;
    if (live.state.browserOpened || event.trust !== 'listed') return;
    const open = async () => {
      const url = linkToOpen(live.state);
      if (url === null || live.state.browserOpened || live.state.end.kind !== 'running') return;
      this.#apply(live, { type: 'browser-opened' });
      if (await this.#options.openBrowser(url)) return;
      const { title, hint, code } = signInFailures.browserNotOpened();
      this.#apply(live, { type: 'notice', notice: { code, text: `${title}. ${hint}` } });
    };
    if (live.flow.opens === 'printed' || event.source === 'captured') void open();
    else live.timers.push(this.#options.clock.after(captureGraceMs, () => void open()));
  }

  #apply(live: LiveSession, event: SessionEvent): void {
    const next = reduceSession(live.state, event, this.#options.clock.now());
    if (next === live.state) return;
    live.state = next;
    if (next.end.kind !== 'running') this.#ended(live);
    this.#options.onChanged(snapshotOf(next));
  }

  /** A second failure, and one after success, is a no-op (S-7). */
  #fail(live: LiveSession, failure: Failure): void {
    if (live.state.end.kind !== 'running' || live.committing) return;
    this.#options.log.info('session.failed', { session: live.state.start.sessionId, code: failure.code });
    // It may quote what a server or a program said, which may repeat what it was told.
    const { detail } = failure;
    const shown = detail === undefined ? failure : { ...failure, detail: this.#options.redact(detail) };
    this.#apply(live, { type: 'failed', failure: shown });
    // Ends the iteration that #run waits in; the rest of the cleaning up is done there.
    this.#conclude(live).catch(() => {});
  }

  #ended(live: LiveSession): void {
    for (const stop of live.timers.splice(0)) stop();
    const session = live.state.start.sessionId;
    this.#options.log.info('session.output', { session, ...live.transcript.lengths() });
    this.#record(live);
    this.#options.clock.after(retentionMs, () => this.#sessions.delete(live.state.start.sessionId));
  }

  #record({ state, provider, flow }: LiveSession): void {
    const { end, start } = state;
    const common = {
      providerId: provider.id,
      ...(start.bundleId === null ? {} : { bundleId: start.bundleId }),
    };
    if (end.kind === 'success') {
      const { bundleId, accountId } = end.saved;
      const detail = { way: flow.label, ...(end.identity.email ? { person: end.identity.email } : {}) };
      const account = accountId === undefined ? {} : { accountId };
      this.#options.audit?.record({ kind: 'account.signed_in', ...common, bundleId, ...account, detail });
    } else if (end.kind === 'failed') {
      const { code, title } = end.failure;
      const kind = code === cancelledCode ? 'account.sign_in_cancelled' : 'account.sign_in_failed';
      this.#options.audit?.record({
        kind,
        ...common,
        detail: { way: flow.label, reason: code, ...(code === cancelledCode ? {} : { title }) },
      });
    }
  }

  /** Tells the attempt how it ended, then ends it. */
  #conclude(live: LiveSession): Promise<void> {
    const { attempt, state } = live;
    if (!attempt || live.concluded) return live.concluded ?? Promise.resolve();
    const told = attempt.ended?.(
      state.end.kind === 'failed' ? { success: false, failure: state.end.failure } : { success: true },
    );
    // Where nobody is to be told, at once: the process is to end before anything else happens.
    live.concluded = told ? told.finally(() => attempt.cancel()) : attempt.cancel();
    return live.concluded;
  }

  async #cleanUp(live: LiveSession): Promise<void> {
    try {
      await this.#conclude(live);
      if (live.state.end.kind === 'failed') await live.target?.discard();
    } catch (error) {
      this.#unexpected(live, error);
    }
  }

  #unexpected(live: LiveSession, error: unknown): Failure {
    this.#options.log.error('session.fault', {
      session: live.state.start.sessionId,
      ...describeFault(error),
    });
    return signInFailures.internal();
  }

  #report(live: LiveSession): string {
    const snapshot = snapshotOf(live.state);
    const { lines, dropped } = live.transcript.read();
    return [
      `Provider: ${live.provider.name} (${live.provider.id}, checked against ${live.provider.verified})`,
      `Way: ${live.flow.label}`,
      `Command: ${snapshot.command}`,
      `Status: ${snapshot.status}`,
      ...(snapshot.status === 'failed'
        ? [
            `Failure: ${snapshot.failure.code}: ${snapshot.failure.title}`,
            ...(snapshot.failure.detail ? [snapshot.failure.detail] : []),
          ]
        : []),
      `What the CLI said${dropped > 0 ? ` (${dropped} lines left out)` : ''}:`,
      ...lines,
    ].join('\n');
  }
}

function refusal(failure: Failure): Extract<Outcome, { success: false }> {
  return { success: false, reason: failure.title, failure };
}
