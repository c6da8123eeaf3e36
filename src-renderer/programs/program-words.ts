import type { ProgramView } from '../../src-preload/contract/programs.ts';
import type { FlowView, ProviderView } from '../../src-preload/contract/providers.ts';

type Found = Extract<ProgramView, { state: 'found' }>;

/** Who named the program, where that is worth saying. */
export const originWords: Record<Found['origin'], string | null> = {
  found: null,
  chosen: 'set by you',
  installed: 'installed by Lanyard',
};

/** What Lanyard was tried with, in a few words. */
export function triedWords(verified: string): string {
  if (verified === 'unverified') return 'Not tried';
  return verified === 'built in' ? 'Built in' : `Tried with ${verified}`;
}

const withoutVersion = { never: null, now: 'asking for its version…', done: 'version unknown' } as const;

/** The installed version and how it stands to the one that was tried; null where there is nothing to say. */
export function versionWords(program: Found): string | null {
  if (program.version === undefined) return withoutVersion[program.versionAsked];
  switch (program.compared) {
    case 'older':
      return `${program.version}, older than the one Lanyard was tried with`;
    case 'newer':
      return `${program.version}, newer than tried`;
    default:
      return program.version;
  }
}

/** What is special about a way to sign in. */
export function flowWords(flow: FlowView): string {
  if (!flow.needsProgram) return 'needs no program';
  return [
    flow.transport === 'pty' ? 'in a terminal of its own' : 'in the background',
    ...(flow.verified === 'built in' ? [] : [triedWords(flow.verified).toLowerCase()]),
    ...(flow.needs === undefined ? [] : [`for versions ${flow.needs}`]),
    ...(flow.fits ? [] : ['not with the one that is installed']),
  ].join(', ');
}

/** Whether a provider is meant by what somebody typed: by its name, its vendor, or one of its other names. */
export function matches(provider: ProviderView, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  return [provider.name, provider.vendor, provider.id, ...provider.aliases].some((name) =>
    name.toLowerCase().includes(wanted),
  );
}

/** Signing in as one identity also signs in the machine's own program, and every other identity. */
export const isShared = (provider: ProviderView | undefined): boolean =>
  provider?.place?.sharedWith === 'machine';
