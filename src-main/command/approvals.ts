import type { ApprovalRequest, RequestKind } from '../../src-preload/contract/approvals.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import type { RunningProgram } from '../process/ancestry.ts';
import type { ApprovalSettings } from './approval-settings.ts';
import type { Asker } from './asker.ts';
import type { Caller } from './caller.ts';
import { shownText } from './shown-text.ts';

export interface ApprovalsParts {
  settings: ApprovalSettings;
  asker: (pid: number) => Promise<Asker>;
  /** Whether the caller's pid is the kernel's word. */
  fromKernel: boolean;
  /** Brings up a window in which the person can answer; null where there is none and never will be. */
  bringUp: (() => void) | null;
  /** Takes secrets of known shapes out of a text. */
  redact: (text: string) => string;
  clock: Clock;
  newId: () => string;
  audit: Audit;
  /** Another request is before the person, or none; or more wait. Must not throw. */
  onChanged: () => void;
}

/** What a program outside of the app is about to get. */
export interface Asked {
  what: RequestKind;
  bundle: { id: string; name: string };
  /** A command and its arguments, or one sentence. */
  purpose: readonly string[];
  /** An answer that is kept holds for the same only: an account, a cloud session, what one may do. */
  about?: string;
  session?: {
    principal: string | null;
    actions: readonly string[];
    deny: readonly string[];
    resources: readonly string[];
    /** s */
    seconds: number;
  };
}

export type Answer = 'once' | 'session' | 'deny';

type Denial = 'person' | 'time-out' | 'window-closed' | 'quit' | 'withdrawn' | 'no-window' | 'too-many';

interface Waiting {
  view: Omit<ApprovalRequest, 'times' | 'endsAt'>;
  /** What an answer until Lanyard quits holds for; null: for nothing. */
  grant: string | null;
  /** Requests of the same program for the same are one question. */
  question: string | null;
  program: string;
  callers: Set<(outcome: 'allowed' | Denial) => void>;
  times: number;
}

/** How long a question is before the person, ms. */
export const answerLimitMs = 60_000;
/** No answer but no is taken before this, ms: nobody can have read the question. The window's button waits as long. */
export const readingMs = 1_500;
/** Different questions of one program, and of all, that wait at the same time. */
const mostOfOne = 5;
const mostOfAll = 20;
const longestText = 200;
const mostTexts = 40;

/**
 * C-22, R-8: programs outside of the app ask the person before they get something of an identity, where that is wanted.
 * One question at a time is before the person; nothing is read or issued before the answer. Esc, time, a closed window and
 * the end of Lanyard are a no. Kept answers are in memory only.
 */
export class Approvals {
  readonly #parts: ApprovalsParts;
  readonly #grants = new Map<string, string>();
  #queue: Waiting[] = [];
  #front: { waiting: Waiting; since: number; readable: boolean; cancel: () => void } | null = null;
  #stopped = false;

  constructor(parts: ApprovalsParts) {
    this.#parts = parts;
  }

  /**
   * Returns when the caller may have what it asks for. Must come before anything is read from the vault, issued or renewed
   * for it.
   * @throws LanyardError `request_denied`, `request_timed_out`, `request_withdrawn`, `no_one_to_ask`, `too_many_requests`
   */
  async require(caller: Pick<Caller, 'pid' | 'gone' | 'say'>, asked: Asked): Promise<void> {
    const mode = this.#parts.settings.modeOf(asked.bundle.id);
    if (mode === 'off') return;
    const asker = await this.#parts.asker(caller.pid);
    if (caller.gone.aborted) throw refusal('withdrawn', asked.bundle.name);
    const about = JSON.stringify([asked.bundle.id, asked.what, asked.about ?? '']);
    const grant = mode === 'first' && asker.key !== null ? JSON.stringify([asker.key, about]) : null;
    const program = asker.program?.path ?? asker.program?.name ?? 'unknown';
    const note = (outcome: 'allowed' | Denial, answer: string) => this.#note(asked, program, outcome, answer);
    if (this.#stopped) {
      note('quit', '');
      throw refusal('quit', asked.bundle.name);
    }
    if (grant !== null && this.#grants.has(grant)) {
      note('allowed', 'earlier');
      return;
    }
    const question =
      asker.key === null ? null : JSON.stringify([asker.key, about, asked.purpose, asked.session ?? null]);
    const outcome = await this.#ask(caller, asked, asker, { grant, question, program, note });
    if (outcome !== 'allowed') throw refusal(outcome, asked.bundle.name);
    // Nobody would take what is issued for it.
    if (caller.gone.aborted) throw refusal('withdrawn', asked.bundle.name);
  }

  /** What is before the person, if anything is. */
  waiting(): { request: ApprovalRequest | null; behind: number } {
    const front = this.#front;
    if (!front) return { request: null, behind: 0 };
    const { view, times } = front.waiting;
    return {
      request: { ...view, times, endsAt: front.since + answerLimitMs },
      behind: this.#queue.length - 1,
    };
  }

  /**
   * The person's answer. A no holds for everything else that the program asks for meanwhile.
   * @throws LanyardError `request_gone`, `request_too_new`, `not_rememberable`
   */
  answer(requestId: string, answer: Answer): void {
    const front = this.#front;
    if (front?.waiting.view.requestId !== requestId) throw gone();
    const { waiting } = front;
    if (answer === 'deny') {
      const { grant, question } = waiting;
      const key = question === null ? null : programKey(question);
      const same = this.#queue.filter(
        (each) =>
          each === waiting ||
          (grant !== null && each.grant === grant) ||
          (key !== null && each.question !== null && programKey(each.question) === key),
      );
      this.#settle(same, 'person');
      return;
    }
    if (!front.readable) throw tooNew();
    const { grant, view } = waiting;
    if (answer === 'once') {
      this.#settle([waiting], 'allowed', 'once');
      return;
    }
    if (grant === null || !view.mayRemember) throw notRememberable();
    this.#grants.set(grant, view.bundleId);
    this.#settle(
      this.#queue.filter((each) => each.grant === grant),
      'allowed',
      'session',
    );
  }

  /** Takes back what was allowed for an identity until Lanyard quits. */
  forget(bundleId: string): void {
    for (const [grant, of] of this.#grants) if (of === bundleId) this.#grants.delete(grant);
  }

  /** The last window has gone, and the question with it. */
  windowClosed(): void {
    this.#settle(this.#queue, 'window-closed');
  }

  /** Denies what waits, and everything from now on. */
  stop(): void {
    this.#stopped = true;
    this.#grants.clear();
    this.#settle(this.#queue, 'quit');
  }

  #ask(
    caller: Pick<Caller, 'gone' | 'say'>,
    asked: Asked,
    asker: Asker,
    {
      grant,
      question,
      program,
      note,
    }: Pick<Waiting, 'grant' | 'question' | 'program'> & {
      note: (outcome: 'allowed' | Denial, answer: string) => void;
    },
  ): Promise<'allowed' | Denial> {
    const refuse = (why: Denial) => {
      note(why, '');
      return Promise.resolve(why);
    };
    const { bringUp } = this.#parts;
    if (bringUp === null) return refuse('no-window');
    let waiting = question === null ? undefined : this.#queue.find((each) => each.question === question);
    if (!waiting) {
      const ofProgram = this.#queue.filter((each) => each.program === program).length;
      if (this.#queue.length >= mostOfAll || ofProgram >= mostOfOne) return refuse('too-many');
      waiting = {
        view: this.#view(asked, asker, grant !== null),
        grant,
        question,
        program,
        callers: new Set(),
        times: 0,
      };
      this.#queue.push(waiting);
    }
    const entry = waiting;
    entry.times += 1;
    caller.say(
      `lanyard: ${asked.bundle.name} asks before a program uses it. The question is in Lanyard's window.`,
    );
    return new Promise((resolve) => {
      const settle = (outcome: 'allowed' | Denial) => {
        caller.gone.removeEventListener('abort', withdraw);
        resolve(outcome);
      };
      const withdraw = () => {
        entry.callers.delete(settle);
        if (entry.callers.size === 0) this.#settle([entry], 'withdrawn');
        settle('withdrawn');
      };
      entry.callers.add(settle);
      caller.gone.addEventListener('abort', withdraw);
      this.#next();
      this.#parts.onChanged();
    });
  }

  /** Puts the first of the queue before the person, unless it is there. */
  #next(): void {
    const [first] = this.#queue;
    if (this.#front?.waiting === first) return;
    this.#front?.cancel();
    this.#front = null;
    if (!first) return;
    const { clock, bringUp } = this.#parts;
    const cancels = [
      clock.after(readingMs, () => {
        if (this.#front?.waiting === first) this.#front.readable = true;
      }),
      clock.after(answerLimitMs, () => this.#settle([first], 'time-out')),
    ];
    this.#front = {
      waiting: first,
      since: clock.now(),
      readable: false,
      cancel: () => {
        for (const cancel of cancels) cancel();
      },
    };
    bringUp?.();
  }

  #settle(settled: readonly Waiting[], outcome: 'allowed' | Denial, answer = ''): void {
    const done = settled.filter((each) => this.#queue.includes(each));
    if (done.length === 0) return;
    this.#queue = this.#queue.filter((each) => !done.includes(each));
    for (const { callers, view, program } of done) {
      const asked = { what: view.what, bundle: { id: view.bundleId, name: view.bundleName } };
      this.#note(asked, program, outcome, answer);
      for (const settle of callers) settle(outcome);
    }
    this.#next();
    this.#parts.onChanged();
  }

  #note(
    { what, bundle }: Pick<Asked, 'what' | 'bundle'>,
    program: string,
    outcome: 'allowed' | Denial,
    answer: string,
  ): void {
    this.#parts.audit.record({
      kind: outcome === 'allowed' ? 'request.allowed' : 'request.denied',
      bundleId: bundle.id,
      detail: {
        asked: what,
        program: shownText(program, longestText),
        ...(outcome === 'allowed' ? { answer } : { reason: outcome }),
      },
    });
  }

  #view(asked: Asked, asker: Asker, mayRemember: boolean): Waiting['view'] {
    const { session } = asked;
    const shown = (text: string) => shownText(text, longestText);
    const all = (texts: readonly string[]) => cutList(texts).map(shown);
    const named = ({ name, path, pid }: RunningProgram) => ({
      pid,
      name: shown(name),
      path: path === null ? null : shown(path),
    });
    return {
      requestId: this.#parts.newId(),
      what: asked.what,
      bundleId: asked.bundle.id,
      bundleName: asked.bundle.name,
      program: asker.program === null ? null : named(asker.program),
      parents: asker.parents.map(named),
      fromKernel: this.#parts.fromKernel,
      purpose: cutList(asked.purpose).map((text) => shown(this.#parts.redact(text))),
      session: session
        ? {
            principal: session.principal === null ? null : shown(session.principal),
            actions: all(session.actions),
            deny: all(session.deny),
            resources: all(session.resources),
            seconds: session.seconds,
          }
        : null,
      mayRemember,
    };
  }
}

/** So that nobody pushes what matters out of sight with more of the same. */
function cutList(texts: readonly string[]): string[] {
  const more = texts.length - mostTexts;
  return more > 0 ? [...texts.slice(0, mostTexts), `… and ${more} more`] : [...texts];
}

function programKey(question: string): string {
  const [key] = JSON.parse(question) as [string];
  return key;
}

function refusal(why: Denial, identity: string): LanyardError {
  switch (why) {
    case 'time-out':
      return new LanyardError({
        code: 'request_timed_out',
        title: `Nobody answered within ${answerLimitMs / 1000} seconds whether this may use ${identity}.`,
        hint: "Try again and answer in Lanyard's window.",
      });
    case 'withdrawn':
      return new LanyardError({
        code: 'request_withdrawn',
        title: 'The program that asked has gone.',
        hint: 'Start it again.',
      });
    case 'no-window':
      return new LanyardError({
        code: 'no_one_to_ask',
        title: `${identity} asks before a program uses it, and this Lanyard has no window to ask in.`,
        hint: 'Use the app in place of lanyard serve, or stop asking for this identity there, in Settings > Identities.',
      });
    case 'too-many':
      return new LanyardError({
        code: 'too_many_requests',
        title: 'Too many requests wait for an answer already.',
        hint: "Answer them in Lanyard's window first.",
      });
    case 'person':
    case 'window-closed':
    case 'quit':
      return new LanyardError({
        code: 'request_denied',
        title: `It was not allowed that this uses ${identity}.`,
        hint:
          why === 'person'
            ? 'Ask again if that was a mistake.'
            : why === 'quit'
              ? 'Lanyard was quitting. Start it and ask again.'
              : "Lanyard's window was closed before an answer. Ask again.",
      });
  }
}

const gone = () =>
  new LanyardError({
    code: 'request_gone',
    title: 'This request does not wait for an answer any more',
    hint: 'Nothing was handed out for it now. Start the program again.',
  });

const tooNew = () =>
  new LanyardError({
    code: 'request_too_new',
    title: 'This request has only just come up',
    hint: 'Read it first, then answer.',
  });

const notRememberable = () =>
  new LanyardError({
    code: 'not_rememberable',
    title: 'This can be allowed once only',
    hint: 'The identity asks every time, or it cannot be told that it is the same program next time.',
  });
