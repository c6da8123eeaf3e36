import { OAuthError } from './oauth-error.ts';

/**
 * A page that an issuer's metadata or answer sends the person to: https, or http on loopback, without user info.
 * @throws OAuthError `token_response_malformed` for anything else: what opens a browser is not the issuer's to choose
 */
export function issuerLink(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const secure =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname));
  if (url && secure && url.username === '' && url.password === '' && url.href.length <= 16_384)
    return url.href;
  throw new OAuthError('open-browser', 'token_response_malformed', 'a page that is not https');
}
