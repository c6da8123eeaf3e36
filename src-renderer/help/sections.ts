/** One section of docs/troubleshooting.md: what to do about a family of failures. */
export interface HelpSection {
  /** As the page calls it when it is read on the web: `#a-port-is-taken`. */
  anchor: string;
  title: string;
  codes: string[];
  points: string[];
}

/** The sections of a page of this form; its own introduction is none. */
export function readSections(page: string): HelpSection[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [title = '', ...rest] = text.split('\n');
      const body = rest.join('\n');
      const codes = /^Codes: (.*)$/m.exec(body)?.[1] ?? '';
      return {
        anchor: title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
        title,
        codes: [...codes.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code),
        points: body
          .split(/^- /m)
          .slice(1)
          .map((point) => point.replace(/\s+/g, ' ').trim()),
      };
    });
}

/** A point in pieces: plain, `code`, **strong**. */
export function piecesOf(point: string): { text: string; kind: 'plain' | 'code' | 'strong' }[] {
  return point
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece.startsWith('`')) return { text: piece.slice(1, -1), kind: 'code' as const };
      if (piece.startsWith('**')) return { text: piece.slice(2, -2), kind: 'strong' as const };
      return { text: piece, kind: 'plain' as const };
    });
}
