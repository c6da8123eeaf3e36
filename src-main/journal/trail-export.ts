import type { TrailFiles } from './trail-files.ts';
import { allEntries, type TrailFilter } from './trail-search.ts';

/** The trail's own lines, so that whoever gets them can check the chain. */
export async function* trailAsLines(files: TrailFiles, filter: TrailFilter): AsyncGenerator<string> {
  for await (const { text } of allEntries(files, filter)) yield `${text}\n`;
}

/** A table for people and spreadsheets (RFC 4180). */
export async function* trailAsTable(files: TrailFiles, filter: TrailFilter): AsyncGenerator<string> {
  yield row(['number', 'time', 'kind', 'identity', 'provider', 'account', 'session', 'details', 'signed']);
  for await (const { entry, signed } of allEntries(files, filter)) {
    const { seq, at, kind, bundleName, bundleId, providerId, accountName, accountId, sessionId, detail } =
      entry;
    yield row([
      String(seq),
      at,
      kind,
      bundleName ?? bundleId ?? '',
      providerId ?? '',
      accountName ?? accountId ?? '',
      sessionId ?? '',
      Object.entries(detail ?? {})
        .map(([name, value]) => `${name}: ${value}`)
        .join('; '),
      signed ? 'yes' : 'no',
    ]);
  }
}

function row(cells: string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** A spreadsheet takes a text that begins like a formula for one. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
