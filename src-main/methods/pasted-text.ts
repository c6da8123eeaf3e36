import type { Failure } from '../../src-preload/contract/values.ts';
import type { PasteDefinition } from '../providers/definition.ts';

/** What to do with pasted text after it was checked (V-1, V-2). */
export type PasteDecision =
  | { kind: 'write'; text: string }
  /** Replay the callback to the CLI's own listener: `url` is built from its redirect_uri, never from the pasted host. */
  | { kind: 'replay'; url: URL }
  | { kind: 'refuse'; failure: Failure };

/** The sign-in links of the current attempt, as far as known. */
export interface KnownLinks {
  printed: string | null;
  captured: string | null;
}

const refuse = (code: string, title: string, hint: string): PasteDecision => ({
  kind: 'refuse',
  failure: { code, title, hint },
});

/** Any address, also one that leads nowhere, or a part of one: never a code, whatever the CLI would take for one. */
const addressLike = /^[a-z][a-z0-9+.-]*:\/\/|^localhost[:/]|^\[|(?:^|[?&])(?:code|state|error)=/i;

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

function parseUrl(text: string): URL | null {
  // An address bar may leave the scheme out of what it copies.
  const withScheme = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?[/?]/.test(text)
    ? `http://${text}`
    : /^[\w-]+(?:\.[\w-]+)+(?::\d+)?\/\S*[?&](?:code|error)=/.test(text)
      ? `https://${text}`
      : text;
  if (!/^https?:\/\//i.test(withScheme)) return null;
  try {
    return new URL(withScheme);
  } catch {
    return null;
  }
}

function parameters(link: string | null): URLSearchParams | null {
  const url = link === null ? null : parseUrl(link);
  return url?.searchParams ?? null;
}

/** Where a sign-in page sends its visitor: redirect_uri (RFC 6749 section 4.1.1), or what OpenRouter calls it. */
function redirectOf(asked: URLSearchParams | null): string | null {
  return asked?.get('redirect_uri') ?? asked?.get('callback_url') ?? null;
}

/** The loopback address that a link sends its visitor to, or null. */
function loopbackRedirect(link: string | null): URL | null {
  const redirect = redirectOf(parameters(link));
  const url = redirect ? parseUrl(redirect) : null;
  return url && url.protocol === 'http:' && isLoopback(url.hostname) ? url : null;
}

/** OpenRouter knows no clients, only their challenges. */
function isSignInPage(asked: URLSearchParams): boolean {
  return redirectOf(asked) !== null && (asked.has('client_id') || asked.has('code_challenge'));
}

const wrongStep = refuse(
  'sign_in_page_pasted',
  'This is the sign-in page, not where it sent you',
  'Finish signing in there first, then copy the address of the page it ends on.',
);

/** Refusals that a callback's own parameters give: the provider's error, a foreign state, no code. */
function checkCallback(callback: URLSearchParams, state: string | null): PasteDecision | null {
  // RFC 6749 section 3.1 allows each once; of two, the CLI might take the one that was not checked.
  if (['code', 'state', 'error'].some((name) => callback.getAll(name).length > 1)) {
    return refuse(
      'malformed_paste',
      'This address was put together from two',
      'Copy the whole address of the page that the sign-in ended on, and nothing else.',
    );
  }
  const error = callback.get('error');
  if (error !== null) {
    const words = callback.get('error_description') ?? error;
    return refuse(
      'provider_callback_error',
      `The provider said: ${words.slice(0, 200)}`,
      'Open the link again and approve the sign-in, or cancel.',
    );
  }
  if (!callback.get('code')) {
    return refuse(
      'missing_authorization_code',
      'There is no code in what you pasted',
      'Copy the whole address of the page that the sign-in ended on, with everything after the question mark.',
    );
  }
  const pastedState = callback.get('state');
  if (state !== null && pastedState !== null && pastedState !== state) {
    return refuse(
      'callback_state_mismatch',
      'This belongs to another sign-in',
      'Open the link shown here and paste where that one ends.',
    );
  }
  return null;
}

/**
 * Decides what pasted text is and where it goes. Nothing that does not fit the running attempt is sent anywhere.
 * @param text as pasted; white space around it does not count
 */
export function decidePaste(text: string, paste: PasteDefinition, links: KnownLinks): PasteDecision {
  const trimmed = text.trim();
  if (trimmed === '')
    return refuse('nothing_pasted', 'Nothing was pasted', 'Copy the address or code first.');
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) {
    return refuse(
      'malformed_paste',
      'This has line breaks or control characters in it',
      'Copy the address or code alone, on one line.',
    );
  }
  const url = parseUrl(trimmed);
  if (url && isSignInPage(url.searchParams)) return wrongStep;

  const redirect =
    [links.captured, links.printed].map(loopbackRedirect).find((each) => each !== null) ?? null;
  if (url && redirect && isLoopback(url.hostname)) return decideReplay(url, redirect, links);
  switch (paste.kind) {
    case 'none':
      return refuse(
        'paste_not_taken',
        'This sign-in takes no pasted text',
        'Follow the link or enter the code in the browser.',
      );
    case 'callback':
      if (!redirect) {
        return refuse(
          'not_ready',
          'The CLI has not shown its link yet',
          'Wait for the link, follow it, then paste where it ends.',
        );
      }
      return refuse(
        'wrong_callback_address',
        `This is not the address that the sign-in ends on`,
        `It starts with ${redirect.origin}${redirect.pathname}: copy that one from the address bar, even if the page says it cannot be reached.`,
      );
    case 'code':
      return decideCode(trimmed, url, paste, links);
  }
}

function decideReplay(url: URL, redirect: URL, links: KnownLinks): PasteDecision {
  if (url.port !== redirect.port || url.pathname !== redirect.pathname) {
    return refuse(
      'wrong_callback_address',
      'This address belongs to another program or an earlier sign-in',
      `The one for this sign-in starts with ${redirect.origin}${redirect.pathname}.`,
    );
  }
  const state = parameters(links.captured)?.get('state') ?? parameters(links.printed)?.get('state') ?? null;
  const refusal = checkCallback(url.searchParams, state);
  if (refusal) return refusal;
  const target = new URL(redirect.href);
  target.search = url.search;
  return { kind: 'replay', url: target };
}

function decideCode(
  text: string,
  url: URL | null,
  paste: Extract<PasteDefinition, { kind: 'code' }>,
  links: KnownLinks,
): PasteDecision {
  const state = parameters(links.printed)?.get('state') ?? parameters(links.captured)?.get('state') ?? null;
  let code = text;
  if (url) {
    const refusal = checkCallback(url.searchParams, state);
    if (refusal) return refusal;
    const redirect = parameters(links.printed)?.get('redirect_uri');
    const expected = redirect ? parseUrl(redirect)?.host : undefined;
    if (expected !== undefined && expected !== url.host) {
      return refuse(
        'wrong_callback_address',
        'This address belongs to another site',
        `The sign-in ends on ${expected}: paste the address of that page, or the code it shows.`,
      );
    }
    const fromUrl = url.searchParams.get('code') ?? '';
    const pastedState = url.searchParams.get('state');
    // Adding the state ourselves would defeat the CLI's own check that the code belongs to this sign-in.
    if (paste.join === 'code#state' && !fromUrl.includes('#') && state !== null && pastedState === null) {
      return refuse(
        'callback_state_mismatch',
        'Part of the address is missing',
        'Copy the whole address of the page that the sign-in ended on, with everything after the question mark.',
      );
    }
    code =
      paste.join === 'code#state' && !fromUrl.includes('#') && pastedState
        ? `${fromUrl}#${pastedState}`
        : fromUrl;
  }
  if ((!url && addressLike.test(code)) || !new RegExp(`^(?:${paste.accepts})$`).test(code)) {
    return refuse(
      'malformed_code',
      'This does not look like the code',
      `It is ${paste.example}. Copy all of it.`,
    );
  }
  const hash = code.indexOf('#');
  if (paste.join === 'code#state' && hash >= 0 && state !== null && code.slice(hash + 1) !== state) {
    return refuse(
      'callback_state_mismatch',
      'This code belongs to another sign-in',
      'Open the link shown here and paste the code that it ends with.',
    );
  }
  return { kind: 'write', text: code };
}
