export interface LinkParts {
  scheme: string;
  host: string;
  rest: string;
}

/**
 * Cuts a link so that its host can stand out. The three parts put together are the text that went in, character by
 * character: a person compares it with what the CLI printed.
 */
export function splitLink(url: string): LinkParts {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(url);
  if (!match) return { scheme: '', host: '', rest: url };
  const [, scheme = '', host = '', rest = ''] = match;
  return { scheme, host, rest };
}

/** `github.com/login/device`: the address as one would say it, without scheme, query and closing slash. */
export function spokenAddress(url: string): string {
  const { host, rest } = splitLink(url);
  return `${host}${rest.replace(/[?#].*$/s, '').replace(/\/$/, '')}`;
}

/** Whether a link leads to this computer itself: on a phone the same address is the phone. */
export function isThisComputer(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return (
    /(^|\.)localhost\.?$/.test(hostname) ||
    /^(127\.[\d.]+|0\.0\.0\.0)$/.test(hostname) ||
    hostname === '[::1]'
  );
}
