import type { PatternDefinition } from '../../providers/definition.ts';
import { withoutLinks } from './find-links.ts';

/** Two groups of four (GitHub, Microsoft, Google, AWS); other shapes are the provider definition's (L-3). */
const usualShape = '(?<![A-Za-z0-9-])([A-Z0-9]{4}-[A-Z0-9]{4})(?![A-Za-z0-9-])';

/** What may be drawn around a code, though a definition's pattern has its words and the code side by side. */
const drawnAround = /["'`“”‘’«»()[\]{}<>*_│┃║]/g;
const oneWord = /^\S+$/;
const endOfSentence = /(?<!\.)[.,;]$/;

/** Finds device codes in finished lines. */
export class CodeFinder {
  readonly #code: RegExp;
  readonly #anchor: RegExp | null;

  constructor(patterns: PatternDefinition) {
    this.#code = new RegExp(patterns.code ?? usualShape, 'g');
    this.#anchor = patterns.codeAnchor === undefined ? null : new RegExp(patterns.codeAnchor);
  }

  /**
   * @param line a whole line
   * @param before up to three lines that stand above it, nearest last
   * @returns the last code in the line, without spaces around it, or null
   */
  find(line: string, before: readonly string[]): string | null {
    const code = this.#lastIn(line) ?? this.#drawn(line, before.at(-1));
    if (code === null || this.#anchor === null) return code;
    const anchor = this.#anchor;
    return anchor.test(line) || before.some((above) => anchor.test(above)) ? code : null;
  }

  #lastIn(text: string): string | null {
    if (text.search(this.#code) === -1) return null;
    let code: string | null = null;
    for (const match of withoutLinks(text).matchAll(this.#code)) code = (match[1] ?? match[0]).trim() || code;
    return code;
  }

  /** A code in quotes or brackets, or alone on the line below the words that belong to it. */
  #drawn(line: string, above: string | undefined): string | null {
    const bare = line.replace(drawnAround, '');
    const inQuotes = bare === line ? null : this.#lastIn(bare);
    const alone = bare.trim().replace(endOfSentence, '');
    if (inQuotes !== null || above === undefined || !oneWord.test(alone)) return inQuotes;
    return this.#lastIn(`${above.replace(drawnAround, '').trimEnd()} ${alone}`) === alone ? alone : null;
  }
}

const lifetime = /(?:expires?|valid|good)\s+(?:in|for|after)\s+(?:about\s+)?(\d{1,4})\s*(s|m|h)/i;
const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** How long a code lives according to text such as "(expires in 15 minutes)", in ms; null when it does not say. */
export function codeLifetimeMs(text: string): number | null {
  const match = lifetime.exec(text);
  const unit = unitMs[match?.[2]?.toLowerCase() ?? ''];
  return match?.[1] && unit ? Number(match[1]) * unit : null;
}
