import type { FlowDefinition } from '../../providers/definition.ts';
import { Secret } from '../../vault/secret.ts';
import { CodeFinder } from './find-code.ts';
import { findEmail } from './find-email.ts';
import { findLinks } from './find-links.ts';
import type { Findings } from './findings.ts';
import type { InterpreterOptions } from './output-interpreter.ts';
import { lineKey, RecentLines } from './recent-lines.ts';
import { isNotNegated, successPattern } from './success-text.ts';
import type { ScreenLine, ScreenListener } from './terminal-lines.ts';
import { type Taken, YieldedSecretFinder } from './yielded-secret.ts';

/** Printed lines that a repaint is compared with. */
const rememberedLines = 256;
/** A link or code may be announced this many lines above. */
const contextLines = 3;
/** Longest line that is searched, in characters. */
const longestLine = 8_192;
/** How far a secret that begins before the cut may reach beyond it, characters. */
const longestSecret = 4096;
/** Hyperlinks of one line that are looked at. */
const mostTargets = 16;
/** Text that may be the next piece of an address. */
const addressPiece = /^\s*[!-~]+$/;

/** Something found in a line, and the column by which it was complete. */
interface Finding {
  end: number;
  tell: () => void;
}

interface BrokenLink {
  url: string;
  announced: boolean | null;
  /** A repaint showed its first row again, so all of it may be known. */
  known: boolean;
  /** Where it goes on, if it does. */
  screen: ScreenLine['screen'];
  next: number;
}

/** Interprets the lines of one terminal. */
export class LineInterpreter implements ScreenListener {
  readonly #options: InterpreterOptions;
  readonly #findings: Findings;
  readonly #patterns: CompiledPatterns;
  readonly #recent = new RecentLines(rememberedLines);
  /** Lowest line that was printed, per screen: what is printed above it is a repaint. */
  readonly #lowest = { normal: -1, alternate: -1 };
  /** The last lines with text on them, nearest last; also those that a repaint shows again. */
  #above: string[] = [];
  /** Targets of OSC 8 links on the current line. */
  #targets: string[] = [];
  /** A link that reached the last column: the next line may go on with it. */
  #broken: BrokenLink | null = null;
  /** The same of a line that has no end yet. */
  #open: BrokenLink | null = null;
  readonly #yielded: YieldedSecretFinder | null;
  /** What was interpreted last; often the same line is reported again when it is finished. */
  readonly #last: { id: number; screen: ScreenLine['screen']; text: string } = {
    id: -1,
    screen: 'normal',
    text: '',
  };
  /** Where prompts, questions, refusals and success were told of, so that each appearance is told of once. */
  readonly #told = new Map<string, string>();

  constructor(options: InterpreterOptions, findings: Findings) {
    this.#options = options;
    this.#findings = findings;
    this.#patterns = compile(options.flow);
    const { yields } = options.flow;
    this.#yielded = yields ? new YieldedSecretFinder(yields.pattern) : null;
  }

  onLine(line: ScreenLine): void {
    this.#open = null;
    const text = line.text.length > longestLine ? line.text.slice(0, longestLine) : line.text;
    const isNew = line.id > this.#lowest[line.screen];
    if (line.stage === 'growing') {
      this.#grow(text, line, isNew);
      return;
    }
    const trimmed = text.trimEnd();
    if (line.id !== this.#last.id || line.screen !== this.#last.screen || trimmed !== this.#last.text) {
      // What a repaint shows again was told of when it was new.
      const isKnown = !isNew && trimmed !== '' && this.#recent.has(trimmed);
      const isDone = this.#interpret(text, trimmed, line, isKnown);
      this.#last.id = isDone ? line.id : -1;
      this.#last.screen = line.screen;
      this.#last.text = trimmed;
    }
    if (line.stage === 'finished') this.#finish(trimmed, line, isNew);
  }

  onHyperlink(target: string): void {
    if (this.#targets.length < mostTargets) this.#targets.push(target);
  }

  onCleared(): void {
    this.#told.clear();
    this.#last.id = -1;
  }

  /** The program waits, or the output is over: a link that could have gone on does not. */
  settle(): void {
    this.#broken ??= this.#open;
    this.#mendLink();
  }

  /** The output is over. A program that only waits may still go on with a secret. */
  end(): void {
    this.settle();
    if (this.#yielded) this.#tellTaken(this.#yielded.rest());
  }

  /** Reads what cannot change any more: links that something follows, and questions that wait for an answer. */
  #grow(text: string, line: ScreenLine, isNew: boolean): void {
    if (this.#broken) {
      if (text.trim() === '' || this.#goesOn(line, text)) return;
      this.#mendLink();
    }
    const findings = this.#asked(text, line);
    if (isNew) {
      const announced = this.#announced(text);
      for (const { url, end, complete } of findLinks(text)) {
        if (complete) findings.push({ end, tell: () => this.#findings.link(url, announced) });
      }
    }
    tellInOrder(findings);
  }

  /** @returns false where the line has to be looked at again when it is finished, even if it does not change */
  #interpret(text: string, trimmed: string, line: ScreenLine, isKnown: boolean): boolean {
    const broken = this.#goesOn(line, trimmed);
    if (broken) {
      if (line.stage !== 'finished') return false;
      broken.url += trimmed.trim();
      broken.next = this.#after(line);
      if (!line.full || broken.url.length > longestLine) this.#mendLink();
      return true;
    }
    this.#mendLink();
    if (trimmed === '') return true;
    const findings = this.#asked(text, line);
    const links = isKnown && !line.full ? [] : findLinks(trimmed);
    const announced = links.length + this.#targets.length > 0 ? this.#announced(trimmed) : null;
    for (const { url, start, end } of links) {
      if (line.full && end >= trimmed.length - 1) {
        const next = this.#after(line);
        const broken = { url: trimmed.slice(start), announced, known: isKnown, screen: line.screen, next };
        if (line.stage === 'finished') this.#broken = broken;
        else this.#open = broken;
      } else if (!isKnown) {
        findings.push({ end, tell: () => this.#findings.link(url, announced) });
      }
    }
    if (isKnown) {
      tellInOrder(findings);
      // Words that stay may lead somewhere else than before.
      const targets = this.#targets.filter((target) => !this.#findings.hasSeen(target));
      for (const target of targets) this.#findings.link(target, announced);
      return this.#open === null;
    }
    tellInOrder(findings);
    for (const target of this.#targets) this.#findings.link(target, announced);

    const { code, mayFail, success } = this.#patterns;
    const found = code?.find(trimmed, this.#above);
    if (found) this.#findings.code(found, [trimmed, ...this.#above]);
    if (mayFail?.test(trimmed)) this.#failed(trimmed, line);
    if (success.test(trimmed) && isNotNegated(trimmed, success)) {
      const email = findEmail(trimmed);
      if (email !== null) this.#findings.email(email);
      if (this.#isFirst('success', line)) this.#options.emit({ type: 'completed', by: 'line' });
    }
    return this.#open === null;
  }

  /** Refusals and failures in a line. */
  #failed(trimmed: string, line: ScreenLine): void {
    const { rejected, failures } = this.#patterns;
    const { emit, redact } = this.#options;
    const refusal = rejected?.exec(trimmed);
    if (refusal && this.#isFirst('rejected', line)) {
      emit({ type: 'paste-rejected', text: redact(trimmed.slice(refusal.index)).trim() });
    }
    const failure = failures.find(({ pattern }) => pattern.test(trimmed));
    if (failure) {
      const { code, title, hint, final = false } = failure;
      this.#findings.failed({ code, title, hint, detail: redact(trimmed).trim() }, final);
    }
  }

  /** Prompts and questions in a line. */
  #asked(text: string, line: ScreenLine): Finding[] {
    const { prompt, questions } = this.#patterns;
    const { emit } = this.#options;
    if (!prompt && questions.length === 0) return [];
    const findings: Finding[] = [];
    const prompted = prompt?.exec(text);
    if (prompted) {
      const tell = () => this.#isFirst('prompt', line) && emit({ type: 'prompt' });
      findings.push({ end: prompted.index + prompted[0].length, tell });
    }
    for (const [index, { pattern, reply }] of questions.entries()) {
      const asked = pattern.exec(text);
      if (!asked) continue;
      const tell = () => this.#isFirst(`question ${index}`, line) && emit({ type: 'question', reply });
      findings.push({ end: asked.index + asked[0].length, tell });
    }
    return findings;
  }

  /** Whether the flow's link pattern announces a link in this line; null where the flow has none. */
  #announced(text: string): boolean | null {
    const { link } = this.#patterns;
    return link ? link.test(text) || this.#above.some((line) => link.test(line)) : null;
  }

  /** Takes a link that reached the last column as it is: the line after it did not go on with it. */
  #mendLink(): void {
    const broken = this.#broken;
    if (!broken) return;
    this.#broken = null;
    const [link] = findLinks(broken.url);
    if (!link || (broken.known && this.#findings.hasSeen(link.url))) return;
    this.#findings.link(link.url, broken.announced);
  }

  /** The broken link, if this line may be its next piece. */
  #goesOn({ id, screen }: ScreenLine, text: string): BrokenLink | null {
    const broken = this.#broken;
    return broken?.next === id && broken.screen === screen && addressPiece.test(text) ? broken : null;
  }

  /** The id of the line below. */
  #after({ id, text }: ScreenLine): number {
    return id + Math.max(1, Math.ceil(text.length / this.#options.columns));
  }

  /** Takes a line as standing above those to come. One that turns in place, painted again and again, is still one. */
  #stand(text: string, printed: boolean): void {
    const key = printed ? null : lineKey(text);
    const before = key === null ? -1 : this.#above.findIndex((line) => lineKey(line) === key);
    if (before !== -1) this.#above.splice(before, 1);
    this.#above.push(text);
    if (this.#above.length > contextLines) this.#above.shift();
  }

  #isFirst(what: string, { screen, id }: ScreenLine): boolean {
    const place = `${screen} ${id}`;
    if (this.#told.get(what) === place) return false;
    this.#told.set(what, place);
    return true;
  }

  /** Writes the transcript: every line that is new, and of a repaint what was not there before. */
  #finish(text: string, line: ScreenLine, isNew: boolean): void {
    if (this.#targets.length > 0) this.#targets = [];
    const printed = isNew ? text !== '' || line.newline : text !== '' && !this.#recent.has(text);
    if (text !== '') this.#stand(text, printed);
    if (!printed) return;
    if (isNew) this.#lowest[line.screen] = line.id;
    if (text !== '') this.#recent.add(text);
    if (this.#yielded) this.#tellTaken(this.#yielded.take(line.text.trimEnd(), line.full));
    else this.#tellLine(line.text.length > longestLine ? line.text : text);
  }

  /** First the secrets, so that those who take them out of the lines know them. */
  #tellTaken({ lines, secrets }: Taken): void {
    for (const secret of secrets) this.#options.emit({ type: 'secret', secret: new Secret(secret) });
    for (const text of lines) this.#tellLine(text);
  }

  /** More than is searched: a secret that begins before the cut has to be known as one. */
  #tellLine(text: string): void {
    const most = longestLine + longestSecret;
    this.#options.emit({ type: 'line', text: text.length > most ? text.slice(0, most) : text });
  }
}

function tellInOrder(findings: Finding[]): void {
  if (findings.length > 1) findings.sort((one, other) => one.end - other.end);
  for (const { tell } of findings) tell();
}

interface CompiledPatterns {
  link: RegExp | null;
  code: CodeFinder | null;
  prompt: RegExp | null;
  /** One look that spares most lines those for refusals and failures. */
  mayFail: RegExp | null;
  rejected: RegExp | null;
  success: RegExp;
  failures: { pattern: RegExp; code: string; title: string; hint: string; final?: boolean }[];
  questions: { pattern: RegExp; reply: string }[];
}

/** Matches where one of the patterns does, or everywhere where that cannot be said in one. */
function anyOf(sources: string[]): RegExp | null {
  if (sources.length === 0) return null;
  // A number or a name that refers to a group of its own pattern may mean another one's.
  if (sources.some((source) => /\\[1-9k]|\(\?<\w/.test(source))) return /^/;
  return new RegExp(sources.map((source) => `(?:${source})`).join('|'));
}

function compile({ patterns, kind, answers }: FlowDefinition): CompiledPatterns {
  const optional = (source: string | undefined) => (source === undefined ? null : new RegExp(source));
  return {
    link: optional(patterns.link),
    code: kind === 'device-code' || patterns.code !== undefined ? new CodeFinder(patterns) : null,
    prompt: optional(patterns.prompt),
    rejected: optional(patterns.rejected),
    mayFail: anyOf([
      ...(patterns.rejected ? [patterns.rejected] : []),
      ...patterns.failures.map(({ pattern }) => pattern),
    ]),
    success: successPattern(patterns.success),
    failures: patterns.failures.map(({ pattern, ...rest }) => ({ pattern: new RegExp(pattern), ...rest })),
    questions: answers.map(({ question, reply }) => ({ pattern: new RegExp(question), reply })),
  };
}
