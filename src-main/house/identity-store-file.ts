import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import ElectronStore from 'electron-store';
import type { Problem } from '../../src-preload/contract/values.ts';
import { FileFormat, formatContent } from '../identities/file-format.ts';
import type { StoreFile } from '../identities/store.ts';

const name = 'identities';

/**
 * The file of identities, `<directory>/identities.json`, through electron-store: atomic writes, mode 0600 in a
 * directory of mode 0700. A file that is no JSON is moved to `identities.corrupt-<time>.json` and reported, never
 * cleared.
 *
 * @param directory absolute; made when missing
 * @param now milliseconds since the Unix epoch, UTC
 */
export function openIdentityStoreFile(
  directory: string,
  now: () => number,
): { file: StoreFile; source: string; problems: Problem[] } {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  removeUnfinishedWrites(directory);
  const problems = setCorruptAside(directory, now());
  const store = new ElectronStore({
    cwd: directory,
    name,
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
    clearInvalidConfig: false,
    serialize: formatContent,
  });
  const format = new FileFormat(join(directory, 'accounts'));
  return {
    source: `${name}.json`,
    problems,
    file: {
      read: () => format.unpack(store.store),
      write: (value) => {
        store.store = format.pack(value as Record<string, unknown>);
        syncDirectory(directory);
      },
    },
  };
}

/** What a crash in the middle of an atomic write leaves; the names are those of atomically 2. */
function removeUnfinishedWrites(directory: string): void {
  for (const file of readdirSync(directory)) {
    if (file.startsWith(`${name}.json.tmp-`)) rmSync(join(directory, file), { force: true });
  }
}

function setCorruptAside(directory: string, now: number): Problem[] {
  const path = join(directory, `${name}.json`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  let reason: string;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [];
    reason = 'It does not hold a JSON object.';
  } catch (error) {
    reason = lineOf(error, text);
  }
  const aside = `${name}.corrupt-${new Date(now).toISOString().replaceAll(':', '-')}.json`;
  renameSync(path, join(directory, aside));
  return [
    { source: `${name}.json`, reason: `${reason} It was kept as ${aside}, and Lanyard started empty.` },
  ];
}

/** Where the JSON breaks, without the text that stands there. */
function lineOf(error: unknown, text: string): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (position === undefined) return 'It is not JSON.';
  return `It is not JSON from line ${text.slice(0, Number(position)).split('\n').length}.`;
}

/** A reported save must survive a power cut: after it, older directories are removed. The rename itself has happened. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  try {
    const handle = openSync(directory, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Some network file systems refuse it; the content was replaced all the same.
  }
}
