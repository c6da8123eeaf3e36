import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Canary, type CanaryKind, canaryFamily } from './canaries.ts';

/** A secret in a place where none may be. Says which kind and where, never the secret itself. */
export interface Leak {
  kind: CanaryKind | 'canary';
  where: string;
}

/** Bytes. What is larger is a program or a package. */
const largestSearched = 64_000_000;

/** @param allowed kinds that may be there */
export function leaksIn(
  text: string | Buffer,
  where: string,
  canaries: readonly Canary[],
  allowed: readonly CanaryKind[] = [],
): Leak[] {
  const content = typeof text === 'string' ? Buffer.from(text) : text;
  const kinds = new Set<Leak['kind']>();
  for (const { kind, text: secret } of canaries) {
    if (!allowed.includes(kind) && waysToWrite(secret).some((way) => content.includes(way))) kinds.add(kind);
  }
  if (content.includes('canary-') && content.toString('latin1').match(canaryFamily)) kinds.add('canary');
  return [...kinds].map((kind) => ({ kind, where }));
}

/**
 * Files below a directory that hold secrets, or are named by one.
 * @param skipped paths relative to it that are not looked at, nor what is below them
 */
export function leaksInFiles(
  directory: string,
  canaries: readonly Canary[],
  skipped: readonly string[] = [],
  allowed: readonly CanaryKind[] = [],
): Leak[] {
  const leaks: Leak[] = [];
  const visit = (folder: string) => {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      const name = relative(directory, path);
      if (skipped.includes(name)) continue;
      leaks.push(...leaksIn(entry.name, `the name of ${name}`, canaries, allowed));
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) leaks.push(...leaksIn(contentOf(path), name, canaries, allowed));
    }
  };
  visit(directory);
  return leaks;
}

/** One line for each. */
export function describeLeaks(leaks: readonly Leak[]): string {
  return [...new Set(leaks.map(({ kind, where }) => `${kind} in ${where}`))].join('\n');
}

/** As it is, in a URL or form, in base64, and as Chromium's profile has texts. */
function waysToWrite(secret: string): Buffer[] {
  const encoded = encodeURIComponent(secret);
  return [
    Buffer.from(secret),
    ...(encoded === secret ? [] : [Buffer.from(encoded)]),
    Buffer.from(Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1)),
    Buffer.from(secret, 'utf16le'),
  ];
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Gone meanwhile, or not ours to read.
    return [];
  }
}

function contentOf(path: string): Buffer {
  try {
    return statSync(path).size > largestSearched ? Buffer.alloc(0) : readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
