import { appendFileSync } from 'node:fs';

/** What kind of secret it is, for the message that names a leak. */
export type CanaryKind =
  | 'authorization code'
  | 'state'
  | 'code verifier'
  | 'access token'
  | 'refresh token'
  | 'id token'
  | 'device code'
  | 'password'
  | 'API key'
  | 'credential';

export interface Canary {
  kind: CanaryKind;
  text: string;
}

/** Fields of requests and answers that are secrets, by their names in lower case without `_` and `-`. */
const kindsOfFields: Record<string, CanaryKind> = {
  code: 'authorization code',
  authorizationcode: 'authorization code',
  state: 'state',
  codeverifier: 'code verifier',
  accesstoken: 'access token',
  refreshtoken: 'refresh token',
  idtoken: 'id token',
  devicecode: 'device code',
  password: 'password',
  apikey: 'API key',
  rawkey: 'API key',
  token: 'access token',
  sessiontoken: 'credential',
  secretaccesskey: 'credential',
};

/** Shorter texts stand everywhere; codes that people type are shown to people. */
const shortest = 12;

/** Whatever looks like this is a canary, registered or not: tests that type secrets take them from this family. */
export const canaryFamily = /(?<![A-Za-z0-9])(?:[a-z]{2,8}[-_])?canary-[a-z0-9-]{8,}/gi;

/**
 * Secrets that the tests of this process have used: those that its servers were sent or have handed out, and those that
 * a test plants. The scans look for them where none may be.
 */
export class Canaries {
  readonly #kinds = new Map<string, CanaryKind>();
  readonly #register: string | undefined;

  /** @param register a file to which each is added as well, for the scan after the whole suite */
  constructor(register?: string) {
    this.#register = register;
  }

  /** How many there are: what comes later is `since` this. */
  get count(): number {
    return this.#kinds.size;
  }

  since(count: number): Canary[] {
    return [...this.#kinds].slice(count).map(([text, kind]) => ({ kind, text }));
  }

  /** @returns the text */
  plant(kind: CanaryKind, text: string): string {
    if (text.length >= shortest && !this.#kinds.has(text)) {
      this.#kinds.set(text, kind);
      if (this.#register)
        appendFileSync(this.#register, `${JSON.stringify({ kind, text })}\n`, { mode: 0o600 });
    }
    return text;
  }

  /**
   * Takes the secrets out of what went over the wire.
   * @param direction in an answer `code` is the name of an error
   */
  note(fields: unknown, direction: 'request' | 'answer'): void {
    if (typeof fields !== 'object' || fields === null) return;
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'object') this.note(value, direction);
      if (typeof value !== 'string') continue;
      const field = name.toLowerCase().replace(/[_-]/g, '');
      const kind = kindsOfFields[field];
      if (!kind || (field === 'code' && direction === 'answer')) continue;
      // Random texts have digits; names and words of a protocol have none.
      if (/\d/.test(value) || kind === 'password') this.plant(kind, value);
    }
  }
}

/** Those of this process. */
export const canaries = new Canaries(process.env.LANYARD_CANARIES);
