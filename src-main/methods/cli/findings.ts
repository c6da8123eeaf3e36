import type { Failure } from '../../../src-preload/contract/values.ts';
import { codeLifetimeMs } from './find-code.ts';
import { classifyLink } from './link-policy.ts';
import type { InterpreterOptions } from './output-interpreter.ts';

/** Links that were seen are remembered up to this many, to know a shorter one as a torn piece. */
const rememberedLinks = 64;

/** What a sign-in's output has told so far. Tells of links, codes and emails once, until they change. */
export class Findings {
  readonly #options: InterpreterOptions;
  #link: string | null = null;
  /** All that were seen, as they were printed. */
  readonly #seen: string[] = [];
  readonly #untrusted = new Set<string>();
  #code: string | null = null;
  /** A code that nobody has said where to enter yet. */
  #homelessCode: { code: string; lifetimeMs: number | null } | null = null;
  #email: string | null = null;
  #failure: Failure | null = null;
  #hasEnded = false;

  constructor(options: InterpreterOptions) {
    this.#options = options;
  }

  get failure(): Failure | null {
    return this.#failure;
  }

  /** @param announced what the flow's link pattern says of the link; null where the flow has none */
  link(url: string, announced: boolean | null): void {
    const { allowedHosts, emit, redact } = this.#options;
    const verdict = classifyLink(url, allowedHosts, announced ?? false);
    if (verdict.kind === 'not-a-sign-in-link') return;
    if (this.#isTorn(url)) return;
    if (!this.hasSeen(url) && this.#seen.push(url) > rememberedLinks) this.#seen.shift();
    if (verdict.kind === 'untrusted') {
      if (this.#untrusted.has(verdict.url) || this.#untrusted.size >= rememberedLinks) return;
      this.#untrusted.add(verdict.url);
      emit({ type: 'untrusted-link', url: redact(verdict.url) });
      return;
    }
    // The provider's own pages are linked from many places; only the announced one is the sign-in link.
    if (announced === false || verdict.url === this.#link) return;
    this.#link = verdict.url;
    emit({ type: 'link', url: verdict.url, trust: verdict.kind, source: 'printed' });
    if (this.#homelessCode) {
      this.#emitCode(this.#homelessCode.code, verdict.url, this.#homelessCode.lifetimeMs);
      this.#homelessCode = null;
    }
  }

  /** Whether a link that could be one to sign in with was printed before in the same letters. */
  hasSeen(url: string): boolean {
    return this.#seen.includes(url);
  }

  /** @param nearby the code's line and those above it, which may say how long it lives */
  code(code: string, nearby: readonly string[]): void {
    // A shorter one is what an erased screen has left of it.
    if (this.#code?.startsWith(code)) return;
    this.#code = code;
    const { codeLifetimeSeconds, verificationUrl } = this.#options.flow;
    const said = nearby.map(codeLifetimeMs).find((ms) => ms !== null);
    const lifetimeMs = said ?? (codeLifetimeSeconds === undefined ? null : codeLifetimeSeconds * 1_000);
    const url = this.#link ?? verificationUrl;
    if (url === undefined) this.#homelessCode = { code, lifetimeMs };
    else this.#emitCode(code, url, lifetimeMs);
  }

  /** The first one wins (S-6). */
  email(email: string): void {
    if (this.#email !== null) return;
    this.#email = email;
    this.#options.emit({ type: 'email', email });
  }

  /**
   * The first one wins: what follows is usually its consequence.
   * @param isFinal whether the program goes on running though nothing will come of it
   */
  failed(failure: Failure, isFinal: boolean): void {
    this.#failure ??= failure;
    if (!isFinal || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.emit({ type: 'final-failure', failure: this.#failure });
  }

  #emitCode(code: string, verificationUrl: string, lifetimeMs: number | null): void {
    this.#options.emit({ type: 'code', code, verificationUrl, ...(lifetimeMs !== null && { lifetimeMs }) });
  }

  /** A program that erases its screen leaves the beginning of a link behind for a moment. */
  #isTorn(url: string): boolean {
    return this.#seen.some((known) => known.length > url.length && known.startsWith(url));
  }
}
