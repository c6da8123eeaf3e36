import type { TrailFiles } from './trail-files.ts';
import { readLine, type TrailEntry } from './trail-line.ts';

export interface TrailFilter {
  bundleId?: string;
  providerId?: string;
  /** The first word of a kind. */
  subject?: string;
  /** Words that an entry holds, in any order, whatever their case. */
  text?: string;
  /** Milliseconds since the Unix epoch, UTC: no entry from before. */
  since?: number;
}

export interface FoundEntry {
  entry: TrailEntry;
  signed: boolean;
  /** The whole line. */
  text: string;
}

export interface TrailPage {
  /** The newest first. */
  entries: FoundEntry[];
  /** Where to go on; `null` where nothing older fits. */
  older: string | null;
}

/** A clock that was set back may have put later entries before; one that is a day older ends a search in time. */
const dayMs = 24 * 60 * 60_000;

/**
 * Entries from the end backwards.
 * @param before `older` of another page; `null` for the newest
 */
export async function searchTrail(
  files: TrailFiles,
  filter: TrailFilter,
  before: string | null,
  limit: number,
): Promise<TrailPage> {
  const [fileNumber, lineNumber] = (before ?? '').split('.').map(Number);
  const fits = matcher(filter);
  const entries: FoundEntry[] = [];
  const ends = (await files.ends()).reverse();
  let older: string | null = null;
  for (const end of ends) {
    const { number } = end.file;
    if (before !== null && number > (fileNumber ?? 0)) continue;
    const here: { text: string; line: number }[] = [];
    for await (const { text, line } of files.lines(end)) {
      if (before !== null && number === fileNumber && line >= (lineNumber ?? 0)) break;
      if (text !== null) here.push({ text, line });
    }
    for (const { text, line } of here.reverse()) {
      const found = readLine(text);
      if (!found) continue;
      if (filter.since !== undefined && Date.parse(found.entry.at) < filter.since - dayMs) {
        return { entries, older: null };
      }
      if (!fits(found.entry)) continue;
      // One more than asked for tells whether there are older ones.
      if (entries.length === limit) return { entries, older };
      entries.push({ entry: found.entry, signed: found.mac !== null, text });
      older = `${number}.${line}`;
    }
    // Others get their turn between files.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { entries, older: null };
}

/** All entries that fit, oldest first. */
export async function* allEntries(files: TrailFiles, filter: TrailFilter): AsyncGenerator<FoundEntry> {
  const fits = matcher(filter);
  for (const end of await files.ends()) {
    for await (const { text } of files.lines(end)) {
      const found = text === null ? null : readLine(text);
      if (text !== null && found && fits(found.entry)) {
        yield { entry: found.entry, signed: found.mac !== null, text };
      }
    }
  }
}

function matcher({
  bundleId,
  providerId,
  subject,
  text,
  since,
}: TrailFilter): (entry: TrailEntry) => boolean {
  const words = (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return (entry) => {
    if (bundleId !== undefined && entry.bundleId !== bundleId) return false;
    if (providerId !== undefined && entry.providerId !== providerId) return false;
    if (subject !== undefined && entry.kind.split('.')[0] !== subject) return false;
    if (since !== undefined && !(Date.parse(entry.at) >= since)) return false;
    if (words.length === 0) return true;
    const { kind, bundleName, accountName, sessionId, detail = {} } = entry;
    const held = [
      ...[kind.replace(/[._]/g, ' '), entry.providerId, bundleName, accountName, sessionId],
      ...Object.values(detail),
      `#${entry.seq}`,
    ];
    const haystack = held.join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
  };
}
