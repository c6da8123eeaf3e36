import { type FSWatcher, watch } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Arrivals } from '../arrivals.ts';
import type { LocalNet } from '../local-net.ts';
import { type BrowsedPage, followRedirects } from './follow-redirects.ts';

/**
 * The system browser of a test. Electron's `shell.openExternal` runs `xdg-open <url>` from the PATH on Linux (seen with
 * Electron 33, with and without a desktop), so a directory with such a program, first on the app's PATH, is where every
 * link that the app opens ends up.
 */
export interface BrowserOpener {
  /** To be put first on the app's PATH. */
  pathDirectory: string;
  /**
   * The opener itself, for `BROWSER` of a CLI that is run without the app: codex 0.169 without `BROWSER` asks
   * xdg-settings and runs that browser past xdg-open, claude 2.1 without `BROWSER` and `DISPLAY` opens nothing.
   */
  program: string;
  /** Every URL that was opened, in order. */
  opened: readonly string[];
  /** The next URL that was opened and not yet taken. */
  nextOpened(withinMs?: number): Promise<string>;
  /**
   * When true, each opened URL is visited at once as a browser would, redirects included, and its last page arrives in
   * `pages`. False: the test decides, as a person who closes the browser does.
   */
  follow: boolean;
  pages: Arrivals<BrowsedPage | Error>;
  close(): void;
}

const script = `#!/bin/sh
# Writes the link down for the test process; one line, one write.
printf '%s\\n' "$1" >> "$(dirname "$0")/../opened"
`;

/**
 * @param directory where to make it; removed by the caller
 * @param net the network on which opened links are followed; without one only loopback links can be
 */
export async function createBrowserOpener(
  directory: string,
  options: { follow?: boolean; net?: LocalNet } = {},
): Promise<BrowserOpener> {
  const pathDirectory = join(directory, 'bin');
  const record = join(directory, 'opened');
  await mkdir(pathDirectory, { recursive: true });
  await writeFile(record, '');
  const program = join(pathDirectory, 'xdg-open');
  await writeFile(program, script);
  await chmod(program, 0o755);

  const arrivals = new Arrivals<string>('links opened in the system browser');
  const pages = new Arrivals<BrowsedPage | Error>('pages visited in the system browser');

  const visit = (url: string) => {
    followRedirects(url, options.net).then(
      (page) => pages.push(page),
      (error: unknown) => pages.push(error instanceof Error ? error : new Error(String(error))),
    );
  };
  let reading = Promise.resolve();
  const readNew = async () => {
    const lines = (await readFile(record, 'utf8')).split('\n').slice(0, -1);
    for (const line of lines.slice(arrivals.all.length)) {
      arrivals.push(line);
      if (opener.follow) visit(line);
    }
  };
  const watcher: FSWatcher = watch(record, () => {
    // One at a time, so that a line is never counted twice; the file may be gone when the test is over.
    reading = reading.then(readNew).catch(() => undefined);
  });
  watcher.on('error', () => watcher.close());

  const opener: BrowserOpener = {
    pathDirectory,
    program,
    opened: arrivals.all,
    nextOpened: (withinMs) => arrivals.next(withinMs),
    follow: options.follow ?? false,
    pages,
    close: () => watcher.close(),
  };
  return opener;
}
