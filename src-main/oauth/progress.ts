/** What a browser sign-in goes through, in order (O-3). Attempts count from 1. */
export type OAuthPhase =
  | { phase: 'binding-local-server'; attempt: number }
  | { phase: 'previous-login-server-detected'; attempt: number }
  | { phase: 'local-server-bound'; port: number }
  | { phase: 'opening-browser' }
  | { phase: 'waiting-for-callback' }
  | {
      phase: 'callback-received';
      hasCode: boolean;
      hasState: boolean;
      hasError: boolean;
      stateValid: boolean;
    }
  | { phase: 'exchanging-token' }
  | { phase: 'persisting-credentials' }
  | { phase: 'succeeded' }
  | { phase: 'failed'; stage: OAuthStage; category: OAuthCategory; message: string };

/** Where a sign-in can fail (O-5). */
export type OAuthStage =
  | 'discover-issuer'
  | 'bind-local-server'
  | 'open-browser'
  | 'wait-for-callback'
  | 'validate-callback'
  | 'exchange-token'
  | 'persist-credentials'
  | 'redirect-back';

/** Why it failed; stable (O-5). */
export const oauthCategories = [
  'local_server_unavailable',
  'browser_launch_failed',
  'login_cancelled',
  'callback_state_mismatch',
  'provider_callback_error',
  'missing_authorization_code',
  'token_exchange_timeout',
  'token_exchange_connect',
  'token_exchange_request',
  'token_endpoint_rejected',
  'token_response_malformed',
  'workspace_restriction',
  'persist_failed',
  'redirect_failed',
] as const;
export type OAuthCategory = (typeof oauthCategories)[number];

/** Hears of each phase. A listener that throws never breaks a sign-in (O-4). */
export type OnPhase = (phase: OAuthPhase) => void;

/** Those that can be told to the person. */
type PeoplePhase = Extract<
  OAuthPhase,
  {
    phase:
      | 'binding-local-server'
      | 'previous-login-server-detected'
      | 'opening-browser'
      | 'callback-received'
      | 'persisting-credentials'
      | 'failed';
  }
>;

/** Whether a phase is told to the person; the rest is for the log and for tests (O-4). */
export function isForPeople(phase: OAuthPhase): phase is PeoplePhase {
  switch (phase.phase) {
    case 'binding-local-server':
      return phase.attempt > 1;
    case 'callback-received':
      return phase.stateValid;
    case 'previous-login-server-detected':
    case 'opening-browser':
    case 'persisting-credentials':
    case 'failed':
      return true;
    case 'local-server-bound':
    case 'waiting-for-callback':
    case 'exchanging-token':
    case 'succeeded':
      return false;
  }
}
