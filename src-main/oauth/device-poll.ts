import type { Clock } from '../clock.ts';
import type { Secret } from '../vault/secret.ts';
import { OAuthError } from './oauth-error.ts';
import { type DeviceAuthorization, rejectionIn } from './oidc-client.ts';
import { pause } from './pause.ts';
import type { TokenSet } from './token-set.ts';

export interface DevicePoll<T = TokenSet> {
  /** Asks once; `OidcClient.pollDevice`. */
  ask: (deviceCode: Secret) => Promise<T>;
  authorization: Pick<DeviceAuthorization, 'deviceCode' | 'lifetimeMs' | 'intervalMs'>;
  /** When the code was given, ms since the Unix epoch, UTC. */
  startedAt: number;
  clock: Clock;
  /** Ends the wait at once. */
  signal: AbortSignal;
}

/** RFC 8628 section 3.5: for this request and all that follow. */
const slowDownMs = 5_000;
/** Pauses after trouble grow up to this, ms. */
const longestPauseMs = 60_000;

/**
 * Waits until the person has approved the code (RFC 8628 section 3.4), asking no more often than the server allows.
 * Trouble with the connection or the server is waited out until the code expires; a computer that slept past that
 * finds the code expired.
 *
 * @throws OAuthError: `token_endpoint_rejected` with `access_denied`, `expired_token` or another refusal;
 *   `login_cancelled`; of trouble that lasted until the end, the last
 */
export async function pollDevice<T = TokenSet>(poll: DevicePoll<T>): Promise<T> {
  const { authorization, clock, signal } = poll;
  const expiresAt = poll.startedAt + authorization.lifetimeMs;
  let intervalMs = authorization.intervalMs;
  let trouble: OAuthError | null = null;
  let troubles = 0;
  let pauseMs = intervalMs;
  for (;;) {
    await pause(clock, Math.min(pauseMs, Math.max(0, expiresAt - clock.now())), signal);
    if (signal.aborted) throw new OAuthError('wait-for-callback', 'login_cancelled', 'cancelled');
    if (clock.now() >= expiresAt) throw trouble ?? expired();
    try {
      return await poll.ask(authorization.deviceCode);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      if (signal.aborted) throw new OAuthError('wait-for-callback', 'login_cancelled', 'cancelled');
      const answer = judge(error);
      switch (answer.kind) {
        case 'final':
          throw error;
        case 'slow-down':
          intervalMs += slowDownMs;
          break;
        case 'pending':
        case 'trouble':
          break;
      }
      troubles = answer.kind === 'trouble' ? troubles + 1 : 0;
      trouble = answer.kind === 'trouble' ? error : null;
      // RFC 8628 section 3.5 asks for exponential backoff on a timeout.
      const backoffMs = troubles === 0 ? 0 : Math.min(longestPauseMs, intervalMs * 2 ** troubles);
      pauseMs = Math.max(intervalMs, backoffMs, answer.retryAfterMs);
    }
  }
}

type Judgement = { kind: 'pending' | 'slow-down' | 'trouble' | 'final'; retryAfterMs: number };

function judge(error: OAuthError): Judgement {
  const rejected = rejectionIn(error);
  const retryAfterMs = rejected?.retryAfterMs ?? 0;
  switch (error.provider?.code) {
    case 'authorization_pending':
      return { kind: 'pending', retryAfterMs };
    case 'slow_down':
      return { kind: 'slow-down', retryAfterMs };
  }
  const passing =
    rejected === null
      ? error.category.startsWith('token_exchange_')
      : rejected.provider.status === 429 || rejected.provider.status >= 500;
  return { kind: passing ? 'trouble' : 'final', retryAfterMs };
}

function expired(): OAuthError {
  return new OAuthError('wait-for-callback', 'token_endpoint_rejected', 'expired_token', {
    provider: { code: 'expired_token', text: 'The code has expired.' },
  });
}
