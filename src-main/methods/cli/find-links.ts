export interface FoundLink {
  url: string;
  start: number;
  /** Index after the link's last character. */
  end: number;
  /** Something follows that cannot belong to the link, so it will not grow with the line. */
  complete: boolean;
}

/**
 * A link ends at white space, quotes, angle brackets, bars, ellipses, box drawing and wide punctuation. A backslash or a foreign
 * letter stays part of it: cutting there would turn a deceptive link into an honest one.
 */
const linkPattern = /https?:\/\/[^\s<>"'`|\u2026\u2500-\u259f\u3000-\u303f\uff00-\uff0f\p{Cc}]+/giu;

/** Every http and https link in a line, in order, without the punctuation of the sentence around it. */
export function findLinks(text: string): FoundLink[] {
  if (!text.includes('://')) return [];
  const links: FoundLink[] = [];
  for (const match of text.matchAll(linkPattern)) {
    const end = match.index + match[0].length;
    // An ellipsis at the end says that the program cut the link short.
    if (text[end] === '\u2026' || match[0].endsWith('...')) continue;
    const url = withoutSentence(match[0]);
    if (url.length > 'https://'.length)
      links.push({ url, start: match.index, end: match.index + url.length, complete: end < text.length });
  }
  return links;
}

const openers: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

function withoutSentence(url: string): string {
  let end = url.length;
  let unmatched: Record<string, number> | null = null;
  while (end > 0) {
    const last = url[end - 1] ?? '';
    if (!'.,;:!?*)]}'.includes(last)) break;
    const opener = openers[last];
    if (opener !== undefined) {
      unmatched ??= { ')': excess(url, '(', ')'), ']': excess(url, '[', ']'), '}': excess(url, '{', '}') };
      const surplus = unmatched[last] ?? 0;
      if (surplus <= 0) break;
      unmatched[last] = surplus - 1;
    }
    end--;
  }
  return url.slice(0, end);
}

/** How many more closing than opening brackets there are. */
function excess(text: string, opener: string, closer: string): number {
  let count = 0;
  for (const character of text) {
    if (character === closer) count++;
    else if (character === opener) count--;
  }
  return count;
}

/** The line with its links blanked out, so that nothing is found inside an address. Positions stay. */
export function withoutLinks(text: string): string {
  return text.includes('://') ? text.replace(linkPattern, (link) => ' '.repeat(link.length)) : text;
}
