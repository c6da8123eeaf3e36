import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import type { NamedProcess } from '../process/lineage.ts';

/** C-22: what the person is asked about. */
export interface ApprovalQuestion {
  /** What is to be started; empty where only an environment is asked for. */
  readonly command: string;
  /** The program that asks, and its parents, the nearest first. */
  readonly askers: readonly string[];
  readonly identity: string;
  /** Of the cloud session; null for a run without one. */
  readonly session: {
    readonly principal: string;
    readonly actions: readonly string[];
    readonly endsAt: number;
  } | null;
}

export type ApprovalAnswer = 'once' | 'session' | 'deny';

/** What wants to run as an identity. */
export interface RunRequest {
  bundle: { id: string; name: string };
  argv: readonly string[];
  /** Of the `lanyard` command that asks; 0 where it cannot be seen. */
  pid: number;
  session: { id: string; principal: string; actions: readonly string[]; endsAt: number } | null;
  /** Aborted when the asker has gone. */
  gone: AbortSignal;
}

export interface ApprovalsParts {
  /** Whether the identity's person wants to be asked; off by default. */
  isAsked: (bundleId: string) => boolean;
  /** Shows the question. Null where there is nobody to ask: then nothing is allowed. */
  ask: ((question: ApprovalQuestion, until: AbortSignal) => Promise<ApprovalAnswer>) | null;
  /** As `lineage` of `process/`. */
  lineage: (pid: number) => Promise<readonly NamedProcess[]>;
  audit: Audit;
  clock: Clock;
}

/** An answer that does not come in this time is no. */
const patienceMs = 60_000;
const longestLine = 500;

/**
 * C-22: runs that another program asks for are shown to the person first, where the identity says so. An answer "for this
 * session" holds for the cloud session; without one, for the program that asked, as long as it runs.
 */
export class Approvals {
  readonly #parts: ApprovalsParts;
  readonly #allowed = new Set<string>();
  /** One question at a time: a heap of windows would be answered without reading. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(parts: ApprovalsParts) {
    this.#parts = parts;
  }

  /** @throws LanyardError `not_allowed` */
  async check(request: RunRequest): Promise<void> {
    if (!this.#parts.isAsked(request.bundle.id)) return;
    const [self, ...parents] = request.pid === 0 ? [] : await this.#parts.lineage(request.pid);
    // Who called the command: the command itself is the same for everybody.
    const asker = parents[0] ?? self;
    const scope = request.session?.id ?? (asker ? `${asker.pid} ${asker.startTime}` : null);
    const key = scope === null ? null : `${request.bundle.id} ${scope}`;
    const names = (parents.length > 0 ? parents : [self].filter((each) => each !== undefined)).map(
      ({ name }) => name,
    );
    const turn = this.#asking.then(async () => {
      if (key !== null && this.#allowed.has(key)) return 'session' as const;
      return this.#answer(request, names);
    });
    this.#asking = turn.catch(() => {});
    const answer = await turn;
    if (answer === 'session' && key !== null) this.#allowed.add(key);
    const { bundle, session } = request;
    this.#parts.audit.record({
      kind: answer === 'deny' ? 'request.denied' : 'request.allowed',
      bundleId: bundle.id,
      ...(session === null ? {} : { sessionId: session.id }),
      detail: { program: request.argv[0] ?? '', asker: names[0] ?? 'unknown', answer },
    });
    if (answer === 'deny') throw notAllowed(bundle.name);
  }

  async #answer({ bundle, argv, session, gone }: RunRequest, askers: string[]): Promise<ApprovalAnswer> {
    const { ask, clock } = this.#parts;
    if (ask === null || gone.aborted) return 'deny';
    const over = new AbortController();
    const giveUp = () => over.abort();
    const cancel = clock.after(patienceMs, giveUp);
    gone.addEventListener('abort', giveUp, { once: true });
    const late = new Promise<ApprovalAnswer>((resolve) =>
      over.signal.addEventListener('abort', () => resolve('deny'), { once: true }),
    );
    const question: ApprovalQuestion = {
      command: clean(argv.join(' ')),
      askers: askers.map(clean),
      identity: bundle.name,
      session:
        session === null
          ? null
          : { principal: session.principal, actions: session.actions, endsAt: session.endsAt },
    };
    try {
      return await Promise.race([ask(question, over.signal), late]);
    } finally {
      cancel();
      gone.removeEventListener('abort', giveUp);
    }
  }
}

/** Somebody else's text in a question of ours: one line, in one direction, of a length that leaves the rest in sight. */
function clean(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu, ' ');
  return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line;
}

function notAllowed(identity: string): LanyardError {
  return new LanyardError({
    code: 'not_allowed',
    title: `The person did not allow this to run as ${identity}.`,
    hint: 'Try again and allow it in Lanyard within a minute.',
  });
}
