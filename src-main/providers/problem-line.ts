import type { Problem } from '../../src-preload/contract/values.ts';

/** What is wrong with a person's file, as a terminal says it: the file, its line where that is known, and the reason. */
export function problemLine({ source, line, reason }: Problem): string {
  return `${source}${line === undefined ? '' : `:${line}`}: ${reason}`;
}
