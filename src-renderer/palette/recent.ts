/** How many of the last used commands are remembered. */
const most = 8;
const key = 'palette-recent';

/** Ids of the commands that were used last, the latest first; kept over restarts, with nothing but ids in them. */
export function recentCommands(storage: Pick<Storage, 'getItem'>): string[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string').slice(0, most) : [];
  } catch {
    // Not written by us, or not at all: nothing is remembered then.
    return [];
  }
}

export function rememberCommand(storage: Pick<Storage, 'getItem' | 'setItem'>, id: string): void {
  const next = [id, ...recentCommands(storage).filter((each) => each !== id)].slice(0, most);
  try {
    storage.setItem(key, JSON.stringify(next));
  } catch {
    // A full disk costs only the order in the palette.
  }
}

/** The items in their order, those used last first. Pure. */
export function recentFirst<T extends { id: string }>(items: readonly T[], recent: readonly string[]): T[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const first = recent.flatMap((id) => byId.get(id) ?? []);
  const used = new Set(first);
  return [...first, ...items.filter((item) => !used.has(item))];
}
