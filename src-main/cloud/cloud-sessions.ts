import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import { CredentialEndpoint } from './credential-endpoint.ts';
import { credentialVariables } from './credential-variables.ts';
import { endpointProtocol } from './endpoint-protocols.ts';
import { checkAccepted, enforcementOf, type IssueKind } from './enforcement.ts';
import { extendLease, LeaseWatch, mustEndAt, nextLifetime, sessionEnded } from './lease.ts';
import { endOrphans } from './recovery.ts';
import { type IssueInputs, issueKey, reusableSession } from './reuse.ts';
import { revokeSession, type ServiceRevoker } from './revoke.ts';
import { endRun, startRun } from './runs.ts';
import { type Ending, SessionCredentials } from './session-credentials.ts';
import {
  openSessionDirectory,
  removeSessionDirectory,
  sessionEnvironment,
  sessionVariables,
} from './session-environment.ts';
import {
  type CloudSession,
  isFinished,
  type SessionProcess,
  type SessionStatus,
  withStatus,
} from './session-record.ts';
import type { SessionStore } from './session-store.ts';

/** Credentials of any cloud as a session hands them out. */
export interface SessionGrant extends Ending {
  readonly accessKeyId: string | null;
  readonly facts: IssueFacts;
  /** What the endpoint answers, in its protocol's own names. */
  answer(endsAt: number): Record<string, unknown>;
  /** The credentials themselves as variables, for who asks for them: nothing renews or ends them. */
  plain(): Record<string, string>;
}

/** What was sent and what the cloud said of it. No secret. */
export interface IssueFacts {
  readonly policyText: string | null;
  /** C-10: how much of the space for policy and tags is taken, in percent; null where the cloud does not say. */
  readonly packedPercent: number | null;
  readonly grantedSeconds: number;
  /** Who the cloud says they are. */
  readonly principal: string | null;
}

/** How credentials for one set of inputs are to be had. */
export interface SessionIssuer {
  readonly kind: IssueKind;
  /** Seconds: what is asked for in general, and what the cloud grants at least. */
  readonly lifetimes: { readonly usual: number; readonly shortest: number };
  issue(sessionId: string, seconds: number): Promise<SessionGrant>;
  /** Null where the cloud takes nothing back. */
  readonly revoke: ServiceRevoker | null;
  /** Takes back by a change in the cloud that stays, so that it is done only where the person wants it. */
  readonly deny?: ServiceRevoker;
}

export interface OpenRequest {
  inputs: IssueInputs;
  command: readonly string[];
  leaseSeconds: number;
  /** What a session that is used again must have left. */
  atLeastSeconds: number;
  /** Dollars, as an estimate; null for none. */
  budget: number | null;
  /** Whether the person accepted for this identity that the cloud does not narrow (C-11). */
  accepted: boolean;
}

export interface CloudSessionsParts {
  clock: Clock;
  store: SessionStore;
  newId: () => string;
  /** This process, as the owner of what it opens. */
  owner: SessionProcess;
  /** Where each session has its directory; absolute. */
  directory: string;
  issuerFor: (inputs: IssueInputs) => SessionIssuer;
  /** Whether the identity and the account that a session lives on are still there. */
  isThere: (session: Pick<CloudSession, 'bundleId' | 'accountId'>) => boolean;
  isAlive: (process: SessionProcess) => Promise<boolean>;
  /** Ends a command's whole tree. */
  endProcess: (process: SessionProcess) => Promise<unknown>;
  /** Ends what was started under the session and left its command's tree, as far as that can be found. */
  endLeftovers: (sessionId: string) => Promise<unknown>;
  /** The session got new credentials. */
  onRenewed: (session: CloudSession) => void;
  /** The session ends within a minute. */
  onWarning: (session: CloudSession) => void;
  /** The session has ended; once for each. */
  onEnded: (session: CloudSession) => void;
  /** What went wrong on the side: the session or its ending goes on. */
  onFault: (session: CloudSession, error: unknown) => void;
}

/** What a person's shell may have set that goes before a session's endpoint. */
const overriding: Record<string, readonly string[]> = {
  aws: [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
  ],
  gcp: ['CLOUDSDK_AUTH_ACCESS_TOKEN_FILE', 'CLOUDSDK_CORE_ACCOUNT'],
  azure: ['AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'],
};

/** For the last renewal to be asked for and answered. */
const lastRenewalMarginMs = 60_000;

/** A session whose credentials we hold. */
interface Live {
  credentials: SessionCredentials<SessionGrant>;
  endpoint: CredentialEndpoint;
  issuer: SessionIssuer;
  /** As it was last: what runs under it is ended also when its record was taken away. */
  last: CloudSession;
  release: () => void;
}

/**
 * The sessions of this app: opened or used again, handed out through their endpoints, ended on time. However one ends
 * (lease, limits, revocation, last command, another program), it goes the same way: the record first, then the
 * endpoint, then what runs, then its files.
 */
export class CloudSessions {
  readonly #parts: CloudSessionsParts;
  readonly #live = new Map<string, Live>();
  readonly #opening = new Map<string, Promise<CloudSession>>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;
  readonly #leases: LeaseWatch;
  /** The last moments at which credentials can be had that end with the lease. */
  readonly #lastRenewals: LeaseWatch;
  readonly #stopWatching: () => void;

  constructor(parts: CloudSessionsParts) {
    this.#parts = parts;
    this.#leases = new LeaseWatch(parts.clock, {
      onWarning: (id) => {
        const session = parts.store.get(id);
        if (session) parts.onWarning(session);
      },
      onEnd: (id) => this.#timeIsOver(id),
    });
    this.#lastRenewals = new LeaseWatch(parts.clock, {
      onWarning: () => {},
      onEnd: (id) => this.#coverEnd(id),
    });
    // Another program may end a session of ours, and so does a limit that is crossed.
    this.#stopWatching = parts.store.onChange(() => {
      for (const [id, live] of this.#live) {
        const session = parts.store.get(id);
        if (session) live.last = session;
        if (session === null || isFinished(session)) this.#follow(id, session);
      }
    });
  }

  /**
   * A session for these inputs: one that is open already, or a new one. Requests for the same at once share one.
   * @throws LanyardError of the policy, `not_enforced`, `lease_too_short`, of the issuer, `could_not_save`; `session_ended`
   *   where the app ends meanwhile, or its identity or account goes
   */
  async open(request: OpenRequest): Promise<{ session: CloudSession; reused: boolean }> {
    if (this.#closed) throw sessionEnded();
    const { clock, store, issuerFor } = this.#parts;
    const { inputs, atLeastSeconds } = request;
    const issuer = issuerFor(inputs);
    const enforcement = enforcementOf(issuer.kind, inputs.policy);
    checkAccepted(enforcement, request.accepted);
    const wish = { now: clock.now(), atLeastSeconds, isHeld: (id: string) => this.#live.has(id) };
    const found = reusableSession(store.sessions, inputs, wish);
    if (found) return { session: found, reused: true };
    const key = issueKey(inputs);
    const under = this.#opening.get(key);
    if (under) {
      const session = await under;
      const left = mustEndAt(session) - clock.now();
      return left >= atLeastSeconds * 1000 ? { session, reused: true } : this.open(request);
    }
    const opening = this.#issue(request, issuer).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return { session: await opening, reused: false };
  }

  /** C-15: the environment of a command under the session. @throws LanyardError `session_ended` */
  environment(
    id: string,
    {
      parent,
      searchPath,
      platform,
    }: { parent: NodeJS.ProcessEnv; searchPath: string; platform: NodeJS.Platform },
  ): Record<string, string> {
    const { open, secret } = this.#leading(id);
    const { session } = this.#active(id);
    return sessionEnvironment({
      ...this.#place(session, parent),
      credentials: { ...open, ...secret },
      searchPath,
      platform,
    });
  }

  /**
   * What a session adds to an environment that is allow-listed already.
   * @returns `secret`: those that may stand in no command line and in no file
   * @throws LanyardError `session_ended`
   */
  variables(
    id: string,
    parent: NodeJS.ProcessEnv,
  ): { open: Record<string, string>; secret: Record<string, string> } {
    const { session } = this.#active(id);
    const { open, secret } = this.#leading(id);
    return { open: sessionVariables({ ...this.#place(session, parent), credentials: open }), secret };
  }

  /**
   * What a person pastes into a shell of their own: variables that lead to the session and, as null, those of theirs
   * that would go before it. `keys` are the credentials themselves, counted as a request for them: nothing renews or
   * ends those. Without the session's mark: that shell is not the session's to end.
   * @throws LanyardError `session_ended`, `budget_exceeded`, of the issuer
   */
  async pasteable(id: string, form: 'endpoint' | 'keys'): Promise<Record<string, string | null>> {
    const { session, live } = this.#active(id);
    const cleared = Object.fromEntries((overriding[session.provider] ?? []).map((name) => [name, null]));
    const region = session.region ? { AWS_REGION: session.region } : {};
    if (form === 'keys') {
      const { credentials } = await live.credentials.current();
      return { ...cleared, ...region, ...credentials.plain() };
    }
    const { open, secret } = this.variables(id, {});
    const {
      LANYARD_SESSION: _,
      LANYARD_SESSION_ID: __,
      NO_PROXY: ___,
      no_proxy: ____,
      ...variables
    } = { ...open, ...secret };
    return { ...cleared, ...variables };
  }

  /**
   * What the endpoint would answer now, in its protocol's own names; counted as a request for it.
   * @throws LanyardError `session_ended`, `budget_exceeded`, of the issuer
   */
  async credentials(id: string): Promise<Record<string, unknown>> {
    const { live } = this.#active(id);
    const { credentials, endsAt } = await live.credentials.current();
    return credentials.answer(endsAt);
  }

  /** What was issued last; null for a session whose credentials we do not hold. */
  issued(id: string): IssueFacts | null {
    return this.#live.get(id)?.credentials.held?.facts ?? null;
  }

  /** Whether the session is ours and goes on. */
  isHeld(id: string): boolean {
    return this.#live.has(id);
  }

  /** I-11: those of ours whose identity or account has gone. */
  orphaned(): string[] {
    return [...this.#live].filter(([, { last }]) => !this.#parts.isThere(last)).map(([id]) => id);
  }

  /** A command has started. @returns false when the session's limits do not allow it: it is to be ended */
  runStarted(id: string, run: SessionProcess, command: readonly string[] = []): boolean {
    this.#active(id);
    let exceeded = false;
    const session = this.#parts.store.update(id, (current) => {
      const charged = startRun(current, run, this.#parts.clock.now());
      exceeded = charged.exceeded !== null;
      // The first one gives it its name in lists.
      const named = current.command.length > 0 || command.length === 0;
      return named ? charged.session : { ...charged.session, command };
    });
    return !exceeded && !isFinished(session);
  }

  /** A command has ended by itself. Does nothing when the session is gone. */
  runEnded(id: string, run: SessionProcess, { keep }: { keep: boolean }): void {
    if (this.#parts.store.get(id)) this.#parts.store.update(id, (session) => endRun(session, run, { keep }));
  }

  /** @throws LanyardError of `extendLease` */
  extend(id: string, until: number, capSeconds: number): CloudSession {
    const { live } = this.#active(id);
    const { clock, store } = this.#parts;
    const session = store.update(id, (current) =>
      extendLease(current, until, { now: clock.now(), capSeconds }),
    );
    this.#watch(session, live);
    return session;
  }

  /**
   * C-18. Resolves when what ran is gone. A session that has ended already stays as it is.
   * @throws LanyardError `session_not_held` for one of another program: marking its file would end nothing
   */
  async revoke(id: string, { deny = false }: { deny?: boolean } = {}): Promise<CloudSession> {
    const { clock, store } = this.#parts;
    const session = store.get(id);
    if (session && isFinished(session)) return session;
    const live = this.#live.get(id);
    if (!session || !live) {
      throw new LanyardError({
        code: 'session_not_held',
        title: 'This session is not one of this app.',
        hint: 'End it in the program that started it.',
      });
    }
    return revokeSession(session, {
      now: () => clock.now(),
      update: (change) => store.update(id, change),
      endLocally: () => this.settled(),
      atService: live.issuer.revoke ?? (deny ? (live.issuer.deny ?? null) : null),
    });
  }

  /** C-21: to be called once, before anything is opened. */
  recover(): Promise<{ ended: string[]; failed: { id: string; cause: unknown }[] }> {
    const { clock, store, isAlive, endProcess, endLeftovers, directory } = this.#parts;
    return endOrphans({
      sessions: store.sessions,
      now: clock.now(),
      isAlive,
      endProcess,
      removeFiles: async ({ id }) => {
        await endLeftovers(id);
        removeSessionDirectory(directory, id);
      },
      update: (id, change) => store.update(id, change),
    });
  }

  /** Resolves when every session that has ended is gone: endpoint, processes, files. */
  async settled(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** Ends all that is open. What the cloud is still being asked for is dropped when it comes. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const id of [...this.#live.keys()]) this.#finish(id, 'completed');
    await this.settled();
    this.#stopWatching();
    this.#leases.close();
    this.#lastRenewals.close();
  }

  async #issue(request: OpenRequest, issuer: SessionIssuer): Promise<CloudSession> {
    const { clock, store, newId, owner } = this.#parts;
    const id = newId();
    const createdAt = clock.now();
    const { usual, shortest } = issuer.lifetimes;
    const lifetime = nextLifetime(request.leaseSeconds, usual, shortest);
    if (lifetime === null) {
      throw new LanyardError({
        code: 'lease_too_short',
        title: 'The cloud does not issue credentials for so short a time.',
        hint: `Choose at least ${Math.ceil(shortest / 60)} minutes; you can revoke the session sooner.`,
      });
    }
    const first = await issuer.issue(id, lifetime);
    const session: CloudSession = {
      ...request.inputs,
      id,
      createdAt,
      expiresAt: first.expiresAt,
      ttlSeconds: request.leaseSeconds,
      leaseEndsAt: createdAt + request.leaseSeconds * 1000,
      budget: request.budget,
      status: 'active',
      command: request.command,
      accessKeyId: first.accessKeyId,
      enforcement: enforcementOf(issuer.kind, request.inputs.policy),
      process: owner,
    };
    const credentials = new SessionCredentials<SessionGrant>(
      {
        clock,
        session: () => store.get(id),
        update: (change) => store.update(id, change),
        issue: (seconds) => issuer.issue(id, seconds),
        describe: ({ accessKeyId }) => ({ accessKeyId }),
        onRenewed: (renewed) => this.#parts.onRenewed(renewed),
        lifetimes: issuer.lifetimes,
      },
      first,
    );
    const endpoint = await CredentialEndpoint.open(endpointProtocol(session), async () => {
      const { credentials: grant, endsAt } = await credentials.current();
      return grant.answer(endsAt);
    });
    try {
      // The app may have ended meanwhile, or what the session would live on may have been removed (I-11).
      if (this.#closed || !this.#parts.isThere(session)) throw sessionEnded();
      store.add(session);
    } catch (error) {
      credentials.end();
      await endpoint.close();
      throw error;
    }
    const live = { credentials, endpoint, issuer, last: session, release: store.hold(id) };
    this.#live.set(id, live);
    this.#watch(session, live);
    return session;
  }

  #watch(session: CloudSession, { issuer }: Live): void {
    const end = mustEndAt(session);
    this.#leases.watch(session.id, end);
    this.#lastRenewals.watch(session.id, end - issuer.lifetimes.shortest * 1000 - lastRenewalMarginMs);
  }

  #coverEnd(id: string): void {
    const session = this.#parts.store.get(id);
    const live = this.#live.get(id);
    if (!session || !live) return;
    live.credentials.coverEnd().catch((error: unknown) => this.#parts.onFault(session, error));
  }

  #active(id: string): { session: CloudSession; live: Live } {
    const session = this.#parts.store.get(id);
    const live = this.#live.get(id);
    if (!session || !live || isFinished(session)) throw sessionEnded();
    return { session, live };
  }

  #leading(id: string) {
    const { session, live } = this.#active(id);
    return credentialVariables(session, live.endpoint, openSessionDirectory(this.#parts.directory, id));
  }

  #place({ id, region }: CloudSession, parent: NodeJS.ProcessEnv) {
    const directory = openSessionDirectory(this.#parts.directory, id);
    return { sessionId: id, directory, region: region ?? null, parent };
  }

  #timeIsOver(id: string): void {
    const session = this.#parts.store.get(id);
    const byMinutes =
      session !== null && session.leaseEndsAt !== undefined && mustEndAt(session) < session.leaseEndsAt;
    this.#finish(id, byMinutes ? 'budget_exceeded' : 'expired');
  }

  /** Writes the end; what follows from it comes with the store's change. */
  #finish(id: string, status: SessionStatus): void {
    const { store } = this.#parts;
    const session = store.get(id);
    try {
      if (session) store.update(id, (current) => withStatus(current, status));
    } catch (error) {
      // A full disk must not keep a session alive.
      if (session) this.#parts.onFault(session, error);
    }
    this.#follow(id, store.get(id));
  }

  #follow(id: string, session: CloudSession | null): void {
    const live = this.#live.get(id);
    if (!live) return;
    this.#live.delete(id);
    this.#leases.forget(id);
    this.#lastRenewals.forget(id);
    live.credentials.end();
    live.release();
    const ending = this.#tearDown(id, session ?? withStatus(live.last, 'failed'), live).finally(() =>
      this.#ending.delete(ending),
    );
    this.#ending.add(ending);
  }

  async #tearDown(id: string, session: CloudSession, { endpoint }: Live): Promise<void> {
    const { endProcess, endLeftovers, directory, onEnded, onFault } = this.#parts;
    const steps = [
      () => endpoint.close(),
      () => Promise.all((session.runs ?? []).map((run) => endProcess(run))),
      () => endLeftovers(id),
      async () => removeSessionDirectory(directory, id),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        onFault(session, error);
      }
    }
    onEnded(session);
  }
}
