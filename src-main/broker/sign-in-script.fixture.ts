import { EventQueue } from '../methods/event-queue.ts';
import type {
  Confirmation,
  Delivery,
  SignInAttempt,
  SignInEvent,
  SignInMethod,
  SignInRequest,
} from './method.ts';

/** A sign-in that a test plays by hand, for orders of events that no real CLI produces on demand. */
export class ScriptedAttempt implements SignInAttempt {
  readonly request: SignInRequest;
  readonly pasted: string[] = [];
  cancels = 0;
  confirms = 0;
  confirmation: Confirmation | Promise<Confirmation> = {
    signedIn: true,
    identity: { email: 'ada@example.test' },
  };
  delivery: Delivery = { delivered: true };
  /** Resolves the cancels: a process that takes its time to end. */
  gone: Promise<void> = Promise.resolve();
  readonly #events = new EventQueue<SignInEvent>();

  constructor(request: SignInRequest) {
    this.request = request;
  }

  [Symbol.asyncIterator](): AsyncIterator<SignInEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  play(...events: SignInEvent[]): void {
    for (const event of events) this.#events.push(event);
  }

  async submit(text: string): Promise<Delivery> {
    this.pasted.push(text);
    return this.delivery;
  }

  async confirm(): Promise<Confirmation> {
    this.confirms += 1;
    return this.confirmation;
  }

  settle(): Promise<void> {
    return this.cancel();
  }

  async cancel(): Promise<void> {
    this.cancels += 1;
    this.#events.end();
    await this.gone;
  }
}

/** Hands out scripted attempts and remembers them in the order of their start. */
export class ScriptedMethod implements SignInMethod {
  readonly attempts: ScriptedAttempt[] = [];

  start(request: SignInRequest): SignInAttempt {
    const attempt = new ScriptedAttempt(request);
    this.attempts.push(attempt);
    return attempt;
  }
}
