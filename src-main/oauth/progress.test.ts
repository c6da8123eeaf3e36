import { expect, it } from 'vitest';
import { isForPeople, type OAuthPhase } from './progress.ts';

const callback = { phase: 'callback-received', hasCode: true, hasState: true, hasError: false } as const;

it.each<[OAuthPhase, boolean]>([
  [{ phase: 'binding-local-server', attempt: 1 }, false],
  [{ phase: 'binding-local-server', attempt: 2 }, true],
  [{ phase: 'previous-login-server-detected', attempt: 1 }, true],
  [{ phase: 'local-server-bound', port: 4711 }, false],
  [{ phase: 'opening-browser' }, true],
  [{ phase: 'waiting-for-callback' }, false],
  [{ ...callback, stateValid: true }, true],
  [{ ...callback, stateValid: false }, false],
  [{ phase: 'exchanging-token' }, false],
  [{ phase: 'persisting-credentials' }, true],
  [{ phase: 'succeeded' }, false],
  [
    {
      phase: 'failed',
      stage: 'exchange-token',
      category: 'token_exchange_timeout',
      message: 'no answer in 30 s',
    },
    true,
  ],
])('O-4: what people are told of %o: %s', (phase, told) => {
  expect(isForPeople(phase)).toBe(told);
});
