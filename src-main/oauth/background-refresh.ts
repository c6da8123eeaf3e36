import type { Failure } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import { describeFault } from '../journal/describe-fault.ts';
import type { Bearer, TokenAccount, TokenKeeper } from './token-keeper.ts';

export interface BackgroundRefreshParts {
  keeper: Pick<TokenKeeper, 'lifetimeOf' | 'goodUntil'>;
  /** Accounts that have tokens, as they are now. */
  accounts: () => readonly TokenAccount[];
  /** Whether the vault would give something out without asking its person. */
  isVaultOpen: () => Promise<boolean>;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  /** Told when what is known of an account's last renewal is something else now. Must not throw. */
  onNote: (accountId: string) => void;
  log: {
    info(event: string, fields?: Record<string, string | number | boolean>): void;
    error(event: string, fields?: Record<string, string | number | boolean>): void;
  };
}

/** After the start or waking up, the window and the network come first, ms. */
const settleMs = 10_000;
/** A token is renewed this long before it expires: a tenth of what is left of it, within these, ms. */
const aheadMs = { least: 60_000, most: 5 * 60_000 };
/** Part of that by which it is earlier still, so that machines do not ask in step. */
const jitter = 0.5;
/** One that lives for less is renewed by who needs it, or this would do nothing else, ms. */
const shortestLifeMs = 3 * 60_000;
/** First wait after a failure, ms; each time twice as long. */
const retryMs = { least: 60_000, most: 30 * 60_000 };
/** A timer of more than 24 days fires at once in Node, so a long wait is several. */
const longestTimerMs = 24 * 60 * 60_000;

/**
 * T-8: tokens are renewed ahead of their expiry, so that nobody waits for it: all accounts', one after the other, by one
 * timer. Never while the vault is locked. Being offline is no failure; another one is kept for the account's card, and
 * tried again later and later. Who is refused for good is not asked again.
 */
export class BackgroundRefresh {
  readonly #parts: BackgroundRefreshParts;
  /** When each account's turn is, ms since the Unix epoch, UTC. */
  readonly #due = new Map<string, number>();
  readonly #failures = new Map<string, { count: number; failure: Failure | null }>();
  /** What is going on or waits for its turn; never rejects. */
  #work: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  #cancelLook: () => void = () => {};
  #stopped = false;

  constructor(parts: BackgroundRefreshParts) {
    this.#parts = parts;
  }

  /** Call once, when the app has started. */
  start(): void {
    this.#lookSoon();
  }

  /** The machine was asleep, or the vault was opened: what was due is due now. */
  resumed(): void {
    for (const known of this.#failures.values()) known.count = 0;
    this.#lookSoon();
  }

  /** An account has other tokens than before. */
  changed(accountId: string): void {
    this.#note(accountId, null, 0);
    this.#next(() => this.#learn(accountId));
  }

  /** Why the last renewal in the background did not work; null when it did, or there was none. */
  failure(accountId: string): Failure | null {
    return this.#failures.get(accountId)?.failure ?? null;
  }

  /** Resolves when nothing is going on any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#cancelLook();
    await this.#work;
  }

  #lookSoon(): void {
    this.#cancelLook();
    if (this.#stopped) return;
    this.#cancelLook = this.#parts.clock.after(settleMs, () =>
      this.#next(async () => {
        if (!(await this.#parts.isVaultOpen())) return;
        for (const { id } of this.#parts.accounts()) await this.#learn(id);
      }),
    );
  }

  /** Finds out when an account's turn is. */
  async #learn(accountId: string): Promise<void> {
    const account = this.#account(accountId);
    const life = account && !this.#stopped ? await this.#parts.keeper.lifetimeOf(account) : null;
    if (!life?.renews) {
      this.#due.delete(accountId);
      return;
    }
    const now = this.#parts.clock.now();
    if (life.lastsMs !== null && life.lastsMs < shortestLifeMs) this.#due.delete(accountId);
    else this.#due.set(accountId, life.expiresAt - this.#ahead(life.expiresAt - now));
    this.#setTimer();
  }

  #ahead(left: number): number {
    const ahead = Math.min(aheadMs.most, Math.max(aheadMs.least, left / 10));
    return ahead * (1 + jitter * this.#parts.random());
  }

  #setTimer(): void {
    this.#cancelTimer();
    const next = Math.min(...this.#due.values());
    if (this.#stopped || next === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#parts;
    const delay = Math.min(longestTimerMs, Math.max(0, next - clock.now()));
    this.#cancelTimer = clock.after(delay, () => this.#next(() => this.#renewDue()));
  }

  async #renewDue(): Promise<void> {
    const { clock, isVaultOpen } = this.#parts;
    // Opening it starts everything anew.
    if (!(await isVaultOpen())) return;
    for (const [accountId, at] of [...this.#due]) {
      if (this.#stopped) return;
      if (at <= clock.now()) await this.#renew(accountId);
    }
    this.#setTimer();
  }

  async #renew(accountId: string): Promise<void> {
    const { keeper, clock, log } = this.#parts;
    const account = this.#account(accountId);
    this.#due.delete(accountId);
    if (!account) return;
    // Another process may have been earlier.
    const bearer = await keeper.goodUntil(account, clock.now() + aheadMs.most * (1 + jitter));
    log.info('tokens.background', { account: accountId, outcome: bearer.status });
    switch (bearer.status) {
      case 'ok':
        this.#note(accountId, null, 0);
        await this.#learn(accountId);
        this.#notBefore(accountId, clock.now() + retryMs.least);
        return;
      case 'rejected':
        // The account says so itself.
        this.#note(accountId, null, 0);
        return;
      case 'unreachable':
      case 'other': {
        const count = (this.#failures.get(accountId)?.count ?? 0) + 1;
        this.#note(accountId, isOffline(bearer) ? null : bearer.failure, count);
        const wait = Math.min(retryMs.most, retryMs.least * 2 ** (count - 1));
        this.#due.set(accountId, clock.now() + wait * (1 + jitter * this.#parts.random()));
      }
    }
  }

  /** An issuer whose tokens are always about to expire is not asked without a pause. */
  #notBefore(accountId: string, at: number): void {
    const due = this.#due.get(accountId);
    if (due !== undefined && due < at) this.#due.set(accountId, at);
    this.#setTimer();
  }

  #note(accountId: string, failure: Failure | null, count: number): void {
    const before = this.failure(accountId);
    if (count === 0) this.#failures.delete(accountId);
    else this.#failures.set(accountId, { count, failure });
    if (before?.code !== failure?.code) this.#parts.onNote(accountId);
  }

  #account(accountId: string): TokenAccount | null {
    return this.#parts.accounts().find(({ id }) => id === accountId) ?? null;
  }

  #next(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#stopped) return;
      await work().catch((error: unknown) => this.#parts.log.error('tokens.fault', describeFault(error)));
    });
  }
}

function isOffline(bearer: Exclude<Bearer, { status: 'ok' }>): boolean {
  return bearer.status === 'unreachable' && (bearer.reason === 'dns' || bearer.reason === 'unreachable');
}
