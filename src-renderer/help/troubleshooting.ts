import source from '../../docs/troubleshooting.md?raw';
import { type HelpSection, readSections } from './sections.ts';

const sections = readSections(source);

/** What there is to say about a failure; `undefined` where its own words are all. */
export function helpFor(code: string): HelpSection | undefined {
  return sections.find(({ codes }) => codes.includes(code));
}
