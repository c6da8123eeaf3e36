import type { RemovalPlan, RemovalReport, RemovalStep } from '../../src-preload/contract/bundles.ts';
import { sentences } from '../format/sentences.ts';

/** What taking accounts away would do and has done, in words. Pure. */

type Planned = RemovalPlan['removed'][number];

/** "Codex, ada@acme.test": which account it is. */
export function accountName(providerName: string, label: string): string {
  return label === '' || label === providerName ? providerName : `${providerName}, ${label}`;
}

/** What would happen to an account, after its name. */
export function plannedText(providerName: string, { steps }: Pick<Planned, 'steps'>): string {
  const words: Record<Planned['steps'][number], string> = {
    logout: `is signed out at ${providerName}`,
    directory: 'its files are removed from this computer',
    keychain: 'its key is deleted',
    pointer: 'is taken off the list, and the login on this machine stays as it is',
  };
  return listed(steps.map((step) => words[step]));
}

/** What git and docker had us keep goes with an identity. */
export function keptForToolsText(count: number): string {
  return count === 1
    ? 'One password that git or docker had Lanyard keep for it goes, too.'
    : `${count} passwords that git and docker had Lanyard keep for it go, too.`;
}

/** What became of one step: one or two sentences. */
export function stepText(providerName: string, { what, outcome, failure }: RemovalStep): string {
  if (what === 'keychain' && outcome === 'later') {
    return `${failure?.title ?? 'The key could not be deleted.'} Lanyard deletes the key as soon as it can.`;
  }
  if (failure) return sentences(failure);
  const words: Record<RemovalStep['what'], { done: string; other: string }> = {
    logout: { done: `Signed out at ${providerName}.`, other: `${providerName} has no sign-out of its own.` },
    directory: { done: 'Files removed from this computer.', other: 'There were no files.' },
    keychain: { done: 'Key deleted.', other: 'The key was gone already.' },
    pointer: { done: 'Taken off the list. The login on this machine was left as it is.', other: '' },
  };
  return outcome === 'done' ? words[what].done : words[what].other;
}

/** Whether a step did what it should, or had nothing to do. */
export const wentWell = ({ outcome }: RemovalStep): boolean => outcome === 'done' || outcome === 'not-there';

export const allWentWell = (report: RemovalReport): boolean =>
  report.removed.every(({ steps }) => steps.every(wentWell));

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
