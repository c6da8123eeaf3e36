import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { Broker } from '../broker/broker.ts';
import { LanyardError } from '../failures.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import type { Caller } from './caller.ts';

export interface DialogueParts {
  broker: Pick<Broker, 'cancel' | 'submitCallback'>;
  provider: ProviderDefinition;
  sessionId: string;
  caller: Pick<Caller, 'ask' | 'say' | 'complain' | 'tty' | 'gone'>;
  /** Whether a browser was to be opened on this machine, where the person sees it. */
  browserHere: boolean;
}

type OfStatus<S extends SessionSnapshot['status']> = Extract<SessionSnapshot, { status: S }>;

/** One sign-in on a terminal: says what is new, and asks for pasted text while it may help. */
export class SignInDialogue {
  /** How it ended. Throws LanyardError of the sign-in that failed. */
  readonly over: Promise<OfStatus<'success'>>;
  readonly #parts: DialogueParts;
  readonly #said = new Set<string>();
  readonly #links = new Set<string>();
  #code: string | null = null;
  readonly #ended = new AbortController();
  #end: (snapshot: SessionSnapshot) => void = () => {};
  /** Why it was given up from here. */
  #givenUp: Failure | null = null;
  #asking = false;
  #phase: SessionSnapshot['phase'] = 'starting';
  /** Why the text that was pasted last was refused, while the program waits for another. */
  #refusal: string | undefined;
  /** Pasted text is on its way, or was taken: nothing is asked for until it is refused. */
  #delivered = false;

  constructor(parts: DialogueParts) {
    this.#parts = parts;
    const end = new Promise<SessionSnapshot>((resolve) => {
      this.#end = resolve;
    });
    this.over = end.then((last) => {
      if (last.status === 'success') return last;
      throw new LanyardError(this.#givenUp ?? (last.status === 'failed' ? last.failure : cancelled));
    });
  }

  take(snapshot: SessionSnapshot): void {
    const { sessionId, provider } = this.#parts;
    if (snapshot.sessionId !== sessionId) return;
    if (snapshot.status === 'success' || snapshot.status === 'failed') {
      this.#ended.abort();
      this.#end(snapshot);
      return;
    }
    this.#noteProgress(snapshot);
    for (const { text } of snapshot.notices) this.#once(`Note: ${text}`);
    for (const link of snapshot.untrustedLinks)
      this.#once(`Its program printed a link to a host that is not ${provider.name}'s: ${link}`);
    if (snapshot.status === 'code-emitted') this.#sayCode(snapshot);
    else if (snapshot.status === 'url-available') this.#sayLink(snapshot);
    if (snapshot.pasteRejected !== undefined) this.#once(refusal(snapshot.pasteRejected));
    if (snapshot.phase === 'checking') this.#once('Checking who signed in...');
    if (this.#delivered) return;
    if (snapshot.paste !== 'none' && (snapshot.status === 'url-available' || snapshot.promptsForPaste))
      void this.#askForPaste(snapshot, snapshot.paste);
  }

  #noteProgress({ phase, pasteRejected }: SessionSnapshot): void {
    // A check that found nobody: the program waits on.
    const unsettled = this.#phase === 'checking' && phase === 'waiting';
    const refused = pasteRejected !== undefined && pasteRejected !== this.#refusal;
    if (unsettled || refused) this.#delivered = false;
    // The same refusal of another paste is said again.
    if (pasteRejected === undefined && this.#refusal !== undefined) this.#said.delete(refusal(this.#refusal));
    this.#refusal = pasteRejected;
    this.#phase = phase;
    if (unsettled) this.#once('Nobody is signed in yet.');
  }

  #sayLink({ flowId, authUrl, linkTrust }: OfStatus<'url-available'>): void {
    const { browserHere, provider } = this.#parts;
    const flow = provider.flows.find(({ id }) => id === flowId);
    const opened = browserHere && linkTrust === 'listed' && flow?.kind !== 'device-code';
    const what = opened
      ? 'Your browser is opened. If it is not, open this link:'
      : 'Open this link in a browser:';
    this.#links.add(authUrl);
    this.#once(`${what}\n\n  ${authUrl}\n${unchecked(linkTrust)}`);
  }

  /** Some programs print the page of their code first. */
  #sayCode({ verificationUrl, deviceCode, linkTrust }: OfStatus<'code-emitted'>): void {
    const isKnown = this.#links.has(verificationUrl);
    this.#links.add(verificationUrl);
    // A code that takes the place of another one is said to be new.
    const isNew = this.#code !== null && this.#code !== deviceCode;
    if (this.#code === deviceCode) return;
    this.#code = deviceCode;
    const enter = isNew ? 'There is a new code. Enter it on the page:' : 'Enter this code there:';
    this.#once(
      isKnown
        ? `${enter}\n\n  ${deviceCode}\n`
        : `Open this page in any browser, and enter the code there:\n\n  ${verificationUrl}\n  ${deviceCode}\n${unchecked(linkTrust)}`,
    );
  }

  #once(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#parts.caller.say(text);
  }

  /** Asks until a text was taken; again when that is refused. */
  async #askForPaste(snapshot: SessionSnapshot, kind: 'code' | 'callback'): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const { caller, broker, sessionId } = this.#parts;
    const prompt =
      kind === 'code'
        ? 'Paste the code that the page shows, and press Enter: '
        : 'If the browser ends at a page that does not load, paste its address here, and press Enter: ';
    const stands = () => !this.#delivered && (this.#phase === 'starting' || this.#phase === 'waiting');
    while (!this.#delivered) {
      const text = await caller.ask(prompt, { until: this.#ended.signal, stands });
      if (text === null) return this.#unanswered(snapshot, kind);
      if (text.trim() === '') continue;
      this.#delivered = true;
      const outcome = await broker.submitCallback(sessionId, text.trim());
      if (outcome.success) continue;
      this.#delivered = false;
      if (!this.#ended.signal.aborted) caller.complain(outcome.failure.title, outcome.failure.hint);
    }
    this.#asking = false;
  }

  /** Ctrl-D on a terminal is a no. Without one the browser may still come back, where it can. */
  #unanswered({ flowId, startedAt, deadlineAt }: SessionSnapshot, kind: 'code' | 'callback'): void {
    const { caller, broker, provider, sessionId, browserHere } = this.#parts;
    if (this.#ended.signal.aborted || caller.gone.aborted) return;
    const flow = provider.flows.find(({ id }) => id === flowId);
    if (!caller.tty.in) {
      if (kind === 'callback' || (flow?.opens === 'captured' && browserHere)) {
        const minutes = Math.round((deadlineAt - startedAt) / 60_000);
        caller.say(
          `Nothing can be pasted: the standard input is closed. Waits for the browser of this machine, ${minutes} minutes at most.`,
        );
        return;
      }
      this.#givenUp = nobodyPastes(provider);
    }
    broker.cancel(sessionId);
  }
}

/** A person ended a question with Ctrl-D. */
export const cancelled: Failure = { code: 'cancelled', title: 'Cancelled.', hint: 'Nothing was saved.' };

function nobodyPastes({ id, name, flows }: ProviderDefinition): Failure {
  const device = flows.some(({ kind }) => kind === 'device-code');
  return {
    code: 'nobody_answers',
    title: `The page of ${name} ends with a code, and the standard input, where it would be pasted, is closed.`,
    hint: `Run it on a terminal, or keep the standard input open and write the code there.${
      device ? ` Or sign in without pasting: lanyard connect ${id} --device` : ''
    }`,
  };
}

function refusal(reason: string): string {
  return `It was refused: ${reason}`;
}

function unchecked(trust: 'listed' | 'offered'): string {
  return trust === 'listed'
    ? ''
    : '\nNobody has checked where this leads: look at the host before you sign in.\n';
}
