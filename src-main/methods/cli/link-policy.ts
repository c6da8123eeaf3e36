export type LinkVerdict =
  /** `listed`: on the provider's host list. `offered`: the provider has no list, and the link reads like a sign-in link (L-2). */
  | { kind: 'listed' | 'offered'; url: string }
  /** Text to read with a warning, never a button (L-1). */
  | { kind: 'untrusted'; url: string }
  | { kind: 'not-a-sign-in-link' };

/** The words of L-2, anywhere in host or path; "author" and its kin are not "auth". */
const signInWords = /oauth|authori[sz]|login|signin|sign-in|device|auth(?!or)/i;

/**
 * Decides what a printed or captured link is to a person.
 * @param url as the CLI wrote it
 * @param allowedHosts lower-case hosts that stand for themselves and their subdomains, with `=` before them for
 *   themselves alone; empty for a custom provider
 * @param announced the CLI's own words say that this is the sign-in link, so it need not read like one
 * @returns for a trusted link the normalised address, so that what was checked is what gets opened
 */
export function classifyLink(url: string, allowedHosts: readonly string[], announced = false): LinkVerdict {
  const parsed = parseStrictly(url);
  if (parsed === null) {
    return announced || signInWords.test(url)
      ? { kind: 'untrusted', url: shown(url) }
      : { kind: 'not-a-sign-in-link' };
  }
  const readsLikeSignIn = signInWords.test(parsed.hostname) || signInWords.test(parsed.pathname);
  const listed = allowedHosts.some((host) => covers(host, parsed.hostname));
  const secure = parsed.protocol === 'https:' || isLoopback(parsed.hostname);
  if (secure && (listed || allowedHosts.length === 0)) {
    if (!announced && !readsLikeSignIn) return { kind: 'not-a-sign-in-link' };
    return { kind: listed ? 'listed' : 'offered', url: parsed.href };
  }
  // A foreign link may also dress up in its query: https://evil.test/?x=auth.openai.com
  return announced || signInWords.test(url)
    ? { kind: 'untrusted', url: shown(url) }
    : { kind: 'not-a-sign-in-link' };
}

/**
 * An http or https address that means the same to every reader, or null. The URL parser forgives what people misread
 * (backslashes, missing slashes, user names, control characters, letters that only look like ASCII), so its opinion
 * is asked last.
 */
function parseStrictly(url: string): URL | null {
  if (url.length > 16_384 || !/^https?:\/\/[!-~]+$/i.test(url) || url.includes('\\')) return null;
  const authority = /^[^/]*\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
  if (!/^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(authority)) return null;
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

function covers(host: string, hostname: string): boolean {
  if (host.startsWith('=')) return hostname === host.slice(1);
  return hostname === host || hostname === `[${host}]` || hostname.endsWith(`.${host}`);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** The link as text that cannot move a cursor, hide a part of itself or turn its direction. */
function shown(url: string): string {
  if (url.length <= 2048 && /^[!-~]*$/.test(url)) return url;
  return url.slice(0, 2048).replace(/[\p{C}\p{Z}]/gu, '�');
}
