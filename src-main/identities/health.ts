import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import { describeFault } from '../journal/describe-fault.ts';
import { type AccountFinding, unknownFinding } from './account-finding.ts';
import { isSameSignIn } from './findings.ts';
import type { Account } from './model.ts';
import { personLabel, tellApart } from './same-person.ts';

/** Why an account is looked at: a person asked for this one, or somebody wants to run something as it, or it is time. */
export type LookReason = 'asked' | 'launch' | 'time';

export interface AccountHealthParts {
  identities: {
    accounts(): readonly Account[];
    account(accountId: string): Account;
    bundlesOf(accountId: string): readonly { id: string; name: string }[];
    keepFindings(looks: readonly { account: Account; finding: AccountFinding }[]): Account[];
  };
  /** Looks at an account; null where there is nothing to look at for this reason. Must not throw. */
  look: (account: Account, reason: LookReason, signal: AbortSignal) => Promise<AccountFinding | null>;
  providerName: (providerId: string) => string;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  /** Told after each write which bundles look different now, each once. Must not throw. */
  onChanged: (bundleIds: readonly string[]) => void;
  /** Told when an account needs its person, and when it works again. */
  audit?: Audit;
  log: {
    info(event: string, fields?: Record<string, string | number | boolean>): void;
    error(event: string, fields?: Record<string, string | number | boolean>): void;
  };
}

/** What is known of an account beside its row, since this start. Times are milliseconds since the Unix epoch, UTC. */
export interface LookNote {
  checkedAt?: number;
  /** One sentence about the last look. */
  detail?: string;
  /** A person asked and has no answer yet. */
  checking?: boolean;
  /** Why its tokens could not be renewed ahead of time. */
  renewalProblem?: string;
}

interface Job {
  accountId: string;
  reason: LookReason;
  done: Promise<void>;
  settle: () => void;
  /** Null while it waits for its turn. */
  stop: AbortController | null;
  /** Asked for while this one runs: what a person did before asking may have come too late for it. */
  after: Job | null;
}

interface Known {
  /** The row that was looked at: what is known of it says nothing of a later sign-in. */
  account: Account;
  checkedAt: number;
  detail?: string;
  /** Looks in a row that found out nothing. */
  failures: number;
}

/** Looks at the same time: status commands are whole programs, and nobody waits for most of them. */
const atOnce = 2;
/** Between two looks that nobody waits for: as long as the last one took, within these, ms. */
const pauseMs = { least: 5, most: 2_000 };
/** After the start, the window and what it shows come first, ms. */
const startDelayMs = 5_000;
/** After waking up, the network takes a while, ms. */
const resumeDelayMs = 5_000;
const periodMs = 30 * 60_000;
/** Part of a period by which it varies, so that machines do not ask in step. */
const jitter = 0.2;
/** An answer of this age is good enough before a launch, ms. */
const freshMs = 3 * 60_000;
/** Longer a launch does not wait, ms. */
const launchLimitMs = 2_000;
/** First wait before what could not be found out is tried again, ms; each time twice as long, up to a period. */
const retryMs = 2 * 60_000;
/** After a known expiry: clocks differ a little, ms. */
const afterExpiryMs = 1_000;
/** A timer of more than 24 days fires at once in Node, so a long wait is several. */
const longestTimerMs = 24 * 60 * 60_000;
/** Findings that come one after the other are written, and told, together, ms. */
const gatherMs = 1_000;

/**
 * When accounts are looked at (I-12): after the start, after waking up, on a timer, when one is about to expire, before a
 * launch, and when a person asks. One look per account at a time.
 */
export class AccountHealth {
  readonly #parts: AccountHealthParts;
  readonly #jobs = new Map<string, Job>();
  readonly #waiting: Job[] = [];
  readonly #known = new Map<string, Known>();
  /** When to look again though it is not the account's turn. */
  readonly #due = new Map<string, number>();
  #dueTimer: { at: number; cancel: () => void } | null = null;
  /** Accounts that are being taken away, and by how many. */
  readonly #leaving = new Map<string, number>();
  readonly #told = new Set<string>();
  #findings: { account: Account; finding: AccountFinding }[] = [];
  #running = 0;
  #paused = false;
  #stopped = false;
  #cancelRound: () => void = () => {};
  #cancelGather: (() => void) | null = null;

  constructor(parts: AccountHealthParts) {
    this.#parts = parts;
  }

  /** Call once when the window is shown. */
  start(): void {
    this.#round(startDelayMs);
  }

  /** The machine was asleep: what was known is old. */
  resumed(): void {
    this.#round(resumeDelayMs);
  }

  /** Somebody signed in to it just now: how long that lasts is not known yet. */
  signedIn(accountId: string): void {
    this.#enqueue(accountId, 'time');
  }

  /** What is known of an account beside its row. */
  note(account: Account): LookNote {
    const { checkedAt, detail } = this.#knownOf(account) ?? {};
    const job = this.#jobs.get(account.id);
    return {
      ...(checkedAt === undefined ? {} : { checkedAt }),
      ...(detail === undefined ? {} : { detail }),
      ...(job?.reason === 'asked' || job?.after ? { checking: true } : {}),
    };
  }

  /**
   * Looks at accounts because a person asked; the answers are in their rows and notes then.
   * @throws LanyardError `unknown_account`
   */
  async check(...accountIds: string[]): Promise<void> {
    for (const id of accountIds) this.#parts.identities.account(id);
    await Promise.all(accountIds.map((id) => this.#enqueue(id, 'asked').done));
    this.#write();
  }

  /**
   * makes sure, as far as two seconds allow, that accounts work before something runs as them. Not knowing is no
   * failure.
   * @throws LanyardError `account_needs_sign_in`, `unexpected_person`
   */
  async beforeLaunch(accountIds: readonly string[]): Promise<void> {
    const { clock, identities } = this.#parts;
    const old = accountIds.filter((id) => {
      const account = identities.account(id);
      // A sign-in is a look, too.
      return clock.now() - (this.#knownOf(account)?.checkedAt ?? account.updatedAt) > freshMs;
    });
    if (old.length > 0) {
      const looked = Promise.all(old.map((id) => this.#enqueue(id, 'launch').done));
      let cancel = () => {};
      const limit = new Promise<void>((resolve) => {
        cancel = clock.after(launchLimitMs, resolve);
      });
      await Promise.race([looked, limit]);
      cancel();
    }
    this.#write();
    for (const id of accountIds) this.#refuse(identities.account(id));
  }

  /**
   * Gives up looking at an account that is about to go; resolves when nothing of the look is left. Nobody looks at it
   * until the returned function is called: what works in a directory would bring it back while it is removed.
   */
  async forget(accountId: string): Promise<() => void> {
    this.#leaving.set(accountId, (this.#leaving.get(accountId) ?? 0) + 1);
    for (let job = this.#jobs.get(accountId); job; job = this.#jobs.get(accountId)) {
      job.stop?.abort();
      if (!job.stop) this.#finish(job);
      await job.done;
    }
    this.#findings = this.#findings.filter(({ account }) => account.id !== accountId);
    this.#known.delete(accountId);
    this.#due.delete(accountId);
    return () => {
      const left = (this.#leaving.get(accountId) ?? 1) - 1;
      if (left > 0) this.#leaving.set(accountId, left);
      else this.#leaving.delete(accountId);
    };
  }

  /** Ends every look and keeps what was found. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRound();
    this.#dueTimer?.cancel();
    for (const job of this.#waiting.splice(0)) this.#finish(job);
    const left = [...this.#jobs.values()];
    for (const job of left) job.stop?.abort();
    await Promise.all(left.map(({ done }) => done));
    this.#write();
  }

  #refuse(account: Account): void {
    const name = this.#parts.providerName(account.provider);
    if (account.status === 'needs-sign-in') {
      throw new LanyardError({
        code: 'account_needs_sign_in',
        title: `${name} needs a new sign-in.`,
        hint: `Reconnect ${account.displayName}, then try again.`,
      });
    }
    if (account.unexpected) {
      const { found, expected } = tellApart(account.unexpected, account.expected ?? account.context);
      throw new LanyardError({
        code: 'unexpected_person',
        title: `Somebody else is signed in to ${name}.`,
        hint: `It is ${found} instead of ${expected}. Reconnect, or accept this person, then try again.`,
      });
    }
  }

  /** Looks at every account after a while, and again after a period. */
  #round(delayMs: number): void {
    this.#cancelRound();
    if (this.#stopped) return;
    this.#cancelRound = this.#parts.clock.after(delayMs, () => {
      for (const { id } of this.#parts.identities.accounts()) this.#enqueue(id, 'time');
      this.#round(periodMs * (1 + jitter * (this.#parts.random() * 2 - 1)));
    });
  }

  #enqueue(accountId: string, reason: LookReason): Job {
    const known = this.#jobs.get(accountId);
    if (known?.stop && reason === 'asked' && known.reason !== 'asked') {
      known.after ??= newJob(accountId, reason);
      this.#tell(accountId);
      return known.after;
    }
    if (known) {
      if (reason !== 'time' && known.reason === 'time') {
        known.reason = reason;
        this.#advance(known);
      }
      return known;
    }
    const job = newJob(accountId, reason);
    this.#admit(job);
    return job;
  }

  #admit(job: Job): void {
    if (this.#stopped || this.#leaving.has(job.accountId)) {
      job.settle();
      return;
    }
    this.#jobs.set(job.accountId, job);
    this.#waiting.push(job);
    if (job.reason !== 'time') this.#advance(job);
    else this.#next();
  }

  /** Somebody waits for it: before everything that nobody waits for. */
  #advance(job: Job): void {
    if (job.reason === 'asked') this.#tell(job.accountId);
    const place = this.#waiting.indexOf(job);
    if (place === -1) return;
    this.#waiting.splice(place, 1);
    this.#waiting.unshift(job);
    this.#next();
  }

  #next(): void {
    while (this.#running < atOnce) {
      const [job] = this.#waiting;
      if (!job || (job.reason === 'time' && this.#paused)) return;
      this.#waiting.shift();
      this.#running += 1;
      void this.#run(job).then(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #run(job: Job): Promise<void> {
    const { accountId } = job;
    const account = this.#account(accountId);
    const stop = new AbortController();
    job.stop = stop;
    const { clock, look, log } = this.#parts;
    const began = clock.now();
    if (account) {
      const finding = await look(account, job.reason, stop.signal).catch((error: unknown) => {
        log.error('health.fault', describeFault(error));
        return unknownFinding('It could not be checked.');
      });
      if (finding && !stop.signal.aborted) this.#found(account, finding);
    }
    if (job.reason === 'time') this.#pause(clock.now() - began);
    this.#finish(job);
  }

  #found(account: Account, finding: AccountFinding): void {
    const { id } = account;
    const { status, detail, changesAt } = finding;
    const now = this.#parts.clock.now();
    const before = this.#knownOf(account);
    const failures = status === 'unknown' ? (before?.failures ?? 0) + 1 : 0;
    this.#known.set(id, {
      account,
      checkedAt: now,
      failures,
      ...(detail === undefined ? {} : { detail }),
    });
    if (before?.detail !== detail) this.#tell(id);
    this.#findings.push({ account, finding });
    this.#gather();

    this.#due.delete(id);
    if (failures > 0) this.#lookAgain(id, now + Math.min(periodMs, retryMs * 2 ** (failures - 1)));
    else if (changesAt !== undefined) this.#lookAgain(id, changesAt + afterExpiryMs);
  }

  #lookAgain(accountId: string, at: number): void {
    this.#due.set(accountId, at);
    if (!this.#dueTimer || at < this.#dueTimer.at) this.#setDueTimer(at);
  }

  #setDueTimer(at: number): void {
    this.#dueTimer?.cancel();
    this.#dueTimer = null;
    if (this.#stopped) return;
    const { clock } = this.#parts;
    const delay = Math.min(longestTimerMs, Math.max(0, at - clock.now()));
    const cancel = clock.after(delay, () => {
      this.#dueTimer = null;
      let next = Number.POSITIVE_INFINITY;
      for (const [id, time] of [...this.#due]) {
        if (time <= clock.now()) {
          this.#due.delete(id);
          this.#enqueue(id, 'time');
        } else next = Math.min(next, time);
      }
      if (next !== Number.POSITIVE_INFINITY) this.#setDueTimer(next);
    });
    this.#dueTimer = { at, cancel };
  }

  /** What nobody waits for leaves the machine to others in between. */
  #pause(tookMs: number): void {
    if (this.#paused || this.#stopped) return;
    this.#paused = true;
    this.#parts.clock.after(Math.min(pauseMs.most, Math.max(pauseMs.least, tookMs)), () => {
      this.#paused = false;
      this.#next();
    });
  }

  #finish(job: Job): void {
    const place = job.stop ? -1 : this.#waiting.indexOf(job);
    if (place !== -1) this.#waiting.splice(place, 1);
    if (this.#jobs.get(job.accountId) === job) this.#jobs.delete(job.accountId);
    if (job.reason === 'asked') this.#tell(job.accountId);
    job.settle();
    if (job.after) this.#admit(job.after);
  }

  /** The next gathering tells that this account looks different. */
  #tell(accountId: string): void {
    this.#told.add(accountId);
    this.#gather();
  }

  #gather(): void {
    if (this.#cancelGather) return;
    this.#cancelGather = this.#parts.clock.after(gatherMs, () => this.#write());
  }

  /** Writes what was found, and tells once per bundle. */
  #write(): void {
    this.#cancelGather?.();
    this.#cancelGather = null;
    const { identities, log, onChanged } = this.#parts;
    const findings = this.#findings;
    this.#findings = [];
    const told = new Set(this.#told);
    this.#told.clear();
    try {
      for (const account of identities.keepFindings(findings)) {
        const { id, provider, status, unexpected } = account;
        told.add(id);
        this.#record(findings.find((each) => each.account.id === id)?.account, account);
        log.info('account.status', { account: id, provider, status, unexpected: unexpected !== undefined });
      }
    } catch (error) {
      // What could not be written is found again at the next look.
      log.error('health.not_saved', describeFault(error));
    }
    const bundles = new Set([...told].flatMap((id) => identities.bundlesOf(id).map((bundle) => bundle.id)));
    if (bundles.size > 0) onChanged([...bundles]);
  }

  #record(before: Account | undefined, { id, status, unexpected, expected, context }: Account): void {
    const record = (kind: string, detail?: Record<string, string>) =>
      this.#parts.audit?.record({ kind, accountId: id, ...(detail ? { detail } : {}) });
    const needed = before?.status === 'needs-sign-in';
    if (status === 'needs-sign-in' && !needed) record('account.needs_sign_in');
    if (status === 'valid' && needed) record('account.works_again');
    if (unexpected && !before?.unexpected) {
      const detail = { found: personLabel(unexpected), expected: personLabel(expected ?? context) };
      record('account.unexpected_person', detail);
    }
  }

  #knownOf(account: Account): Known | undefined {
    const known = this.#known.get(account.id);
    return known && isSameSignIn(known.account, account) ? known : undefined;
  }

  #account(accountId: string): Account | null {
    try {
      return this.#parts.identities.account(accountId);
    } catch {
      return null;
    }
  }
}

function newJob(accountId: string, reason: LookReason): Job {
  let settle = () => {};
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { accountId, reason, done, settle, stop: null, after: null };
}
