/** What is looked through: a title, and further words that also find it. */
export interface Findable {
  title: string;
  words?: string;
}

/**
 * The items that a query finds, the best first; all of them, in their order, for an empty one. Each word of the query
 * must be found in the title or the further words: at the beginning of a word, within one, or as letters in their order
 * that begin words ("cxw" for "Connect Codex as Work"). Of equals, the earlier stays first. Pure.
 */
export function rank<T extends Findable>(items: readonly T[], query: string): T[] {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...items];
  return items
    .flatMap((item) => {
      const title = fold(item.title);
      const words = fold(item.words ?? '');
      let score = 0;
      for (const word of wanted) {
        // What the title says counts more than what only describes it.
        const found = Math.max(scoreOf(title, word) * 2, scoreOf(words, word));
        if (found === 0) return [];
        score += found;
      }
      return [{ item, score: score - title.length / 1000 }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

const scores = { text: 8, word: 6, within: 3, initials: 2 };

/** How well one word is found in a text; 0 for not at all. Both are folded. */
function scoreOf(text: string, word: string): number {
  if (text === '') return 0;
  if (text.startsWith(word)) return scores.text;
  const at = text.indexOf(word);
  if (at > 0 && !isLetter(text[at - 1])) return scores.word;
  // A later place may be the beginning of a word.
  if (at > 0 && new RegExp(`[^\\p{L}\\p{N}]${literally(word)}`, 'u').test(text)) return scores.word;
  if (at > 0) return scores.within;
  return hasInitials(text, word) ? scores.initials : 0;
}

/** Whether the letters of a word are found in their order, each where a word begins or right after the one before. */
function hasInitials(text: string, word: string): boolean {
  /** Places from which the rest of the word is not found: without them, many equal letters would take for ever. */
  const dead = new Set<string>();
  const from = (at: number, letter: number): boolean => {
    if (letter === word.length) return true;
    if (dead.has(`${at} ${letter}`)) return false;
    for (let next = at; next < text.length; next += 1) {
      if (text[next] !== word[letter]) continue;
      const begins = next === 0 || !isLetter(text[next - 1]);
      const follows = next === at && letter > 0;
      if ((begins || follows) && from(next + 1, letter + 1)) return true;
    }
    dead.add(`${at} ${letter}`);
    return false;
  };
  return word.length > 1 && from(0, 0);
}

const isLetter = (character: string | undefined) =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character);

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Case and accents make no difference. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
