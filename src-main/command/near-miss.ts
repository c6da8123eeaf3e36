const mostListed = 20;

/** Of these names the one that was most likely meant; null where none is near. */
export function nearest(typed: string, names: Iterable<string>): string | null {
  const wanted = plain(typed);
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    const candidate = plain(name);
    const begins = wanted.length >= 3 && candidate.startsWith(wanted);
    const distance = begins ? 1 : distanceOf(wanted, candidate);
    const allowed = Math.min(2, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if ((begins || distance <= allowed) && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { name, distance };
  }
  return best?.name ?? null;
}

/** `Did you mean codex? `, or nothing. */
export function didYouMean(typed: string, names: Iterable<string>, shown = (name: string) => name): string {
  const name = nearest(typed, names);
  return name === null ? '' : `Did you mean ${shown(name)}? `;
}

/** The first of them, and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return more <= 0 ? names.join(', ') : `${names.slice(0, mostListed).join(', ')}, and ${more} more`;
}

function plain(name: string): string {
  return name
    .slice(0, 80)
    .toLowerCase()
    .replace(/[\s_-]+/g, '-');
}

/** How many letters were left out, added, changed, or changed places with the next one (optimal string alignment). */
function distanceOf(one: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const at = (line: number[], index: number) => line[index] ?? 0;
      const same = one[row - 1] === other[column - 1];
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          at(above, column) + 1,
          at(current, column - 1) + 1,
          at(above, column - 1) + (same ? 0 : 1),
          swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = above;
    above = current;
  }
  return above[other.length] ?? 0;
}
