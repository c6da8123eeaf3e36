import type { Failure } from '../../src-preload/contract/values.ts';
import type { OAuthError } from './oauth-error.ts';
import { rejectionIn } from './oidc-client.ts';
import { TransportError, type TransportReason } from './provider-http.ts';

/**
 * What a person reads about an OAuth failure (O-5): made here, at the edge, from the category; never from a raw body.
 * @param issuerName what the person calls the issuer
 */
export function oauthFailure(error: OAuthError, issuerName: string): Failure {
  const { title, hint } = textOf(error, issuerName);
  const said = error.provider && error.category !== 'workspace_restriction' ? error.provider.text : null;
  const detail = [said, error.message].filter((each) => each !== null && each !== '').join(' · ');
  return { code: error.category, title, hint, ...(detail === '' ? {} : { detail }) };
}

function textOf(error: OAuthError, issuer: string): { title: string; hint: string } {
  switch (error.category) {
    case 'local_server_unavailable':
      return {
        title: `Lanyard could not listen for ${issuer}'s answer`,
        hint: 'Close the program that uses the port, or use a code instead.',
      };
    case 'browser_launch_failed':
      return {
        title: 'Your browser could not be opened',
        hint: 'Copy the link and open it in a browser yourself.',
      };
    case 'login_cancelled':
      return {
        title: 'The sign-in was cancelled',
        hint: 'Nothing was saved. Connect again whenever you like.',
      };
    case 'callback_state_mismatch':
      return {
        title: 'This address belongs to another sign-in',
        hint: 'Open the link shown here and paste where that one ends.',
      };
    case 'provider_callback_error':
      return refusedAtProvider(error, issuer);
    case 'missing_authorization_code':
      return {
        title: `${issuer} came back without a code`,
        hint: 'Try again. If it happens again, check the client’s settings at the provider.',
      };
    case 'token_exchange_timeout':
      return { title: `${issuer} did not answer in time`, hint: 'Check the network and try again.' };
    case 'token_exchange_connect':
      return unreachable(error, issuer);
    case 'token_exchange_request':
      return {
        title: `The connection to ${issuer} broke off`,
        hint: 'Check the network and proxy settings, then try again.',
      };
    case 'token_endpoint_rejected':
      return rejected(error, issuer);
    case 'token_response_malformed':
      return {
        title: `${issuer} sent an answer that cannot be trusted or read`,
        hint: 'Check the issuer address, the client id and this computer’s clock, then try again.',
      };
    case 'workspace_restriction':
      return {
        title: 'This account is not one that may be used here',
        hint: 'Sign in again and choose an account of the organisation that is set for this provider.',
      };
    case 'persist_failed':
      return {
        title: 'The sign-in worked, but could not be saved',
        hint: 'Open Settings > Security, make the vault ready, then try again.',
      };
    case 'redirect_failed':
      return {
        title: 'The browser could not be told that it worked',
        hint: 'You are signed in. Close the browser tab.',
      };
  }
}

function refusedAtProvider({ provider }: OAuthError, issuer: string): { title: string; hint: string } {
  if (provider?.code === 'access_denied') {
    return {
      title: `${issuer} says that access was denied`,
      hint: 'Try again and allow it, or ask whoever runs the account for permission.',
    };
  }
  return {
    title: `${issuer} ended the sign-in`,
    hint: 'Read what it said under Details, then try again.',
  };
}

function rejected(error: OAuthError, issuer: string): { title: string; hint: string } {
  const status = rejectionIn(error)?.provider.status ?? 0;
  switch (error.provider?.code) {
    case 'expired_token':
      return { title: 'The code has expired', hint: 'Get a new code and enter it within its time.' };
    case 'access_denied':
      return refusedAtProvider(error, issuer);
    case 'invalid_grant':
      return { title: `${issuer} no longer accepts this sign-in`, hint: 'Sign in again.' };
    case 'invalid_client':
    case 'unauthorized_client':
      return {
        title: `${issuer} does not know this client`,
        hint: 'Check the client id, and that the client may use this way of signing in.',
      };
    case 'invalid_scope':
      return {
        title: `${issuer} does not grant these scopes`,
        hint: 'Change the scopes in the provider’s settings.',
      };
  }
  if (error.stage === 'discover-issuer' && status === 404) {
    return {
      title: `${issuer} publishes no sign-in settings at this address`,
      hint: 'Check the issuer address; it is the one before /.well-known.',
    };
  }
  if (status === 429 || status >= 500) {
    return { title: `${issuer} is overloaded or has a problem`, hint: 'Wait a little, then try again.' };
  }
  return { title: `${issuer} refused the request`, hint: 'Read what it said under Details, then try again.' };
}

const unreachableHints: Partial<Record<TransportReason, string>> = {
  dns: 'Check the issuer address and the network: its name was not found.',
  refused: 'Check the issuer address: nothing answers there.',
  tls: 'Its certificate is not trusted here. On a company network, name its certificate file in Settings > Network.',
  proxy: 'The proxy refused. Check the proxy in Settings > Network.',
};

function unreachable(error: OAuthError, issuer: string): { title: string; hint: string } {
  return {
    title: `${issuer} could not be reached`,
    hint: unreachableHints[transportReasonOf(error)] ?? 'Check the network and try again.',
  };
}

/** Why no answer came, where that is known (T-6). */
export function transportReasonOf(error: unknown): TransportReason {
  let reason: TransportReason = 'unknown';
  let cause = error;
  for (let depth = 0; depth < 9 && cause instanceof Error; depth += 1) {
    if (cause instanceof TransportError) reason = cause.reason;
    cause = cause.cause;
  }
  return reason;
}
