import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { DemoPerson } from './people.ts';
import { deviceCodeLifetimeSeconds, pollIntervalSeconds } from './protocol.ts';

/** What a client asked for at the authorization endpoint, already checked. */
export interface AuthorizationRequest {
  redirectUri: string;
  state: string;
  /** S256 of the client's verifier (RFC 7636). */
  codeChallenge: string;
}

/** The errors of RFC 6749 section 5.2 and RFC 8628 section 3.5 that occur here. */
export type GrantError =
  | 'invalid_grant'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token';

export type GrantResult =
  | { ok: true; accessToken: string; person: DemoPerson }
  | { ok: false; error: GrantError };

export interface DeviceGrant {
  deviceCode: string;
  userCode: string;
}

interface CodeEntry {
  request: AuthorizationRequest;
  person: DemoPerson;
  expiresAt: number;
  /** Set once it was exchanged; a second try takes that token back. */
  accessToken: string | null;
  used: boolean;
}

interface DeviceEntry {
  userCode: string;
  expiresAt: number;
  intervalMs: number;
  lastPollAt: number | null;
  answer: 'none' | 'denied' | DemoPerson;
}

/** A code that is pasted by hand needs as long as a person needs; RFC 6749 section 4.1.2 allows ten minutes at most. */
const codeLifetimeMs = 600_000;
/** Nothing here outlives the app, but a loop must not fill its memory. The oldest go first. */
const maxEntries = 200;
/** RFC 8628 section 6.1: no vowels, so no words, and nothing that is easily misread. */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';

/** The demo service's memory: codes, device codes and tokens, each random and short-lived. */
export class DemoGrants {
  readonly #clock: Clock;
  readonly #codes = new Map<string, CodeEntry>();
  readonly #devices = new Map<string, DeviceEntry>();
  readonly #tokens = new Map<string, DemoPerson>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a code for a person who approved. */
  issueCode(request: AuthorizationRequest, person: DemoPerson): string {
    const code = `demo_${randomBytes(16).toString('hex')}`;
    const expiresAt = this.#clock.now() + codeLifetimeMs;
    remember(this.#codes, code, { request, person, expiresAt, accessToken: null, used: false });
    return code;
  }

  /** True for a code that could still be exchanged for this redirect URI. */
  isOpen(code: string, redirectUri: string): boolean {
    const entry = this.#codes.get(code);
    return (
      !!entry &&
      !entry.used &&
      entry.expiresAt > this.#clock.now() &&
      entry.request.redirectUri === redirectUri
    );
  }

  /**
   * RFC 6749 section 4.1.3 with RFC 7636. A code works once, whatever comes of it; used again, the token that it
   * gave is taken back (RFC 6749 section 4.1.2).
   */
  exchangeCode(code: string, redirectUri: string, codeVerifier: string): GrantResult {
    const entry = this.#codes.get(code);
    if (!entry) return { ok: false, error: 'invalid_grant' };
    if (entry.used) {
      if (entry.accessToken !== null) this.#tokens.delete(entry.accessToken);
      return { ok: false, error: 'invalid_grant' };
    }
    entry.used = true;
    const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
    const { request, person, expiresAt } = entry;
    if (
      expiresAt <= this.#clock.now() ||
      request.redirectUri !== redirectUri ||
      request.codeChallenge !== challenge
    ) {
      return { ok: false, error: 'invalid_grant' };
    }
    entry.accessToken = this.#issueToken(person);
    return { ok: true, accessToken: entry.accessToken, person };
  }

  /** RFC 8628 section 3.2. */
  startDevice(): DeviceGrant {
    const letters = Array.from({ length: 8 }, () => userCodeLetters[randomInt(userCodeLetters.length)]).join(
      '',
    );
    const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
    const deviceCode = randomBytes(32).toString('base64url');
    remember(this.#devices, deviceCode, {
      userCode,
      expiresAt: this.#clock.now() + deviceCodeLifetimeSeconds * 1000,
      intervalMs: pollIntervalSeconds * 1000,
      lastPollAt: null,
      answer: 'none',
    });
    return { deviceCode, userCode };
  }

  /**
   * The person's answer to a device code, typed in any case and with or without the dash.
   * @returns false when the code is unknown, expired or already answered
   */
  answerDevice(userCode: string, answer: 'denied' | DemoPerson): boolean {
    const wanted = normalised(userCode);
    for (const entry of this.#devices.values()) {
      if (normalised(entry.userCode) !== wanted || entry.answer !== 'none') continue;
      if (entry.expiresAt <= this.#clock.now()) continue;
      entry.answer = answer;
      return true;
    }
    return false;
  }

  /** RFC 8628 section 3.5. Asking faster than the interval makes the interval five seconds longer. */
  pollDevice(deviceCode: string): GrantResult {
    const entry = this.#devices.get(deviceCode);
    const now = this.#clock.now();
    if (!entry) return { ok: false, error: 'invalid_grant' };
    if (entry.expiresAt <= now) return { ok: false, error: 'expired_token' };
    const tooSoon = entry.lastPollAt !== null && now - entry.lastPollAt < entry.intervalMs - pollToleranceMs;
    entry.lastPollAt = now;
    if (tooSoon) {
      entry.intervalMs += 5000;
      return { ok: false, error: 'slow_down' };
    }
    if (entry.answer === 'none') return { ok: false, error: 'authorization_pending' };
    this.#devices.delete(deviceCode);
    if (entry.answer === 'denied') return { ok: false, error: 'access_denied' };
    return { ok: true, accessToken: this.#issueToken(entry.answer), person: entry.answer };
  }

  personOf(accessToken: string): DemoPerson | null {
    return this.#tokens.get(accessToken) ?? null;
  }

  /** RFC 7009; a token that is not known is no error. */
  revoke(accessToken: string): void {
    this.#tokens.delete(accessToken);
  }

  #issueToken(person: DemoPerson): string {
    const token = randomBytes(32).toString('base64url');
    remember(this.#tokens, token, person);
    return token;
  }
}

/** A client that waits exactly the interval may arrive a little early by the timer's rounding. */
const pollToleranceMs = 100;

/** Adds an entry, dropping the oldest where there are too many. */
export function remember<V>(entries: Map<string, V>, key: string, value: V): void {
  for (const oldest of entries.keys()) {
    if (entries.size < maxEntries) break;
    entries.delete(oldest);
  }
  entries.set(key, value);
}

function normalised(userCode: string): string {
  return userCode.toUpperCase().replace(/[^A-Z]/g, '');
}
