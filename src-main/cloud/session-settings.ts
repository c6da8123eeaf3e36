import * as v from 'valibot';
import type { Problem } from '../../src-preload/contract/values.ts';
import { couldNotSave, LanyardError } from '../failures.ts';
import { parseDuration } from './duration.ts';
import { type PolicyProfile, policyProfiles } from './profiles.ts';

/** What is in the settings' file. One that is there and cannot be understood is not an empty one. */
export type SettingsRead =
  | { status: 'ok'; value: unknown }
  | { status: 'absent' }
  | { status: 'unreadable'; reason: string };

export interface SettingsFile {
  read(): SettingsRead;
  /** Replaces all of it or nothing. @throws the system's error */
  write(value: unknown): void;
}

/** C-20: how long sessions of an identity may last when it says nothing else, in seconds. */
export const usualCapSeconds = 12 * 3600;

/** What the sessions of an identity are held to. */
export interface Terms {
  /** From a session's start; null when what is there cannot be read: then nothing may be issued. */
  readonly capSeconds: number | null;
  /** As the person wrote it; empty where they wrote none. */
  readonly cap: string;
  readonly capFailure: LanyardError['failure'] | null;
  /** C-11: accepted once for the identity. */
  readonly notNarrowedAccepted: boolean;
}

/** A list would pass for an object without fields. */
const notList = v.check((value: unknown) => !Array.isArray(value), 'an object');
const Row = v.pipe(
  v.unknown(),
  notList,
  v.looseObject({
    cap: v.optional(v.unknown()),
    not_narrowed_accepted: v.optional(v.unknown()),
  }),
);
const Content = v.pipe(
  v.unknown(),
  notList,
  v.looseObject({
    profiles: v.optional(v.array(v.unknown()), []),
    identities: v.optional(v.pipe(v.unknown(), notList, v.record(v.string(), Row)), {}),
  }),
);
type Content = v.InferOutput<typeof Content>;

/**
 * The person's own settings of cloud sessions: profiles (C-8), and per identity the cap and what was accepted. Read
 * anew for each question: it is small, and may be edited by hand.
 */
export class SessionSettings {
  readonly #file: SettingsFile;

  constructor(file: SettingsFile) {
    this.#file = file;
  }

  profiles(): { profiles: readonly (PolicyProfile & { own: boolean })[]; problems: Problem[] } {
    const read = this.#read();
    if (read.fault !== null) {
      const { profiles } = policyProfiles([]);
      const problems = [{ source: 'cloud-sessions.json', reason: read.fault }];
      return { profiles: profiles.map((profile) => ({ ...profile, own: false })), problems };
    }
    const { profiles, problems } = policyProfiles(read.content.profiles);
    const own = new Set(read.content.profiles.map(idOf));
    return { profiles: profiles.map((profile) => ({ ...profile, own: own.has(profile.id) })), problems };
  }

  /** @throws LanyardError `unknown_profile` */
  profile(id: string): PolicyProfile {
    const profile = this.profiles().profiles.find((each) => each.id === id);
    if (profile) return profile;
    throw unknownProfile();
  }

  /**
   * Adds a profile, or replaces the one with its id.
   * @returns its id, made of its name where none was given
   * @throws LanyardError `invalid_profile`, `settings_unreadable`, `could_not_save`
   */
  saveProfile(profile: Omit<PolicyProfile, 'id'> & { id?: string }): string {
    const content = this.#open();
    const taken = new Set(this.profiles().profiles.map(({ id }) => id));
    const row = { ...profile, id: profile.id ?? freeId(`${profile.cloud}-${profile.name}`, taken) };
    const { problems } = policyProfiles([row]);
    if (problems[0]) {
      throw new LanyardError({
        code: 'invalid_profile',
        title: 'This profile cannot be used.',
        hint: problems[0].reason,
      });
    }
    const others = content.profiles.filter((each) => idOf(each) !== row.id);
    this.#write({ ...content, profiles: [...others, row] });
    return row.id;
  }

  /** @throws LanyardError `unknown_profile` (also for one of the app's own), `settings_unreadable`, `could_not_save` */
  deleteProfile(id: string): void {
    const content = this.#open();
    const left = content.profiles.filter((each) => idOf(each) !== id);
    if (left.length === content.profiles.length) throw unknownProfile();
    this.#write({ ...content, profiles: left });
  }

  terms(bundleId: string): Terms {
    const read = this.#read();
    if (read.fault !== null) {
      return {
        capSeconds: null,
        cap: '',
        capFailure: unreadable(read.fault).failure,
        notNarrowedAccepted: false,
      };
    }
    const row = read.content.identities[bundleId];
    const notNarrowedAccepted = row?.not_narrowed_accepted === true;
    // Left out is none; null is something that cannot be read.
    const written = row?.cap === undefined ? '' : row.cap;
    if (written === '')
      return { capSeconds: usualCapSeconds, cap: '', capFailure: null, notNarrowedAccepted };
    const cap = typeof written === 'string' ? written : JSON.stringify(written);
    try {
      return { capSeconds: parseDuration(cap), cap, capFailure: null, notNarrowedAccepted };
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      const capFailure = { ...error.failure, code: 'invalid_cap', title: `The cap "${cap}" cannot be read.` };
      return { capSeconds: null, cap, capFailure, notNarrowedAccepted };
    }
  }

  /**
   * The identity's cap in seconds.
   * @throws LanyardError `invalid_cap`, `settings_unreadable`: what cannot be read is never "no cap" (C-20)
   */
  capOf(bundleId: string): number {
    const { capSeconds, capFailure } = this.terms(bundleId);
    if (capFailure) throw new LanyardError(capFailure);
    return capSeconds ?? usualCapSeconds;
  }

  /**
   * @param change `cap` is empty for the usual one
   * @throws LanyardError `invalid_duration`, `settings_unreadable`, `could_not_save`
   */
  setTerms(bundleId: string, change: { cap?: string; notNarrowedAccepted?: boolean }): void {
    if (change.cap !== undefined && change.cap !== '') parseDuration(change.cap);
    const content = this.#open();
    const row = {
      ...content.identities[bundleId],
      ...(change.cap === undefined ? {} : { cap: change.cap }),
      ...(change.notNarrowedAccepted === undefined
        ? {}
        : { not_narrowed_accepted: change.notNarrowedAccepted }),
    };
    this.#write({ ...content, identities: { ...content.identities, [bundleId]: row } });
  }

  #open(): Content {
    const read = this.#read();
    if (read.fault !== null) throw unreadable(read.fault);
    return read.content;
  }

  #read(): { fault: null; content: Content } | { fault: string } {
    const read = this.#file.read();
    if (read.status === 'unreadable') return { fault: read.reason };
    const parsed = v.safeParse(Content, read.status === 'absent' ? {} : read.value);
    return parsed.success
      ? { fault: null, content: parsed.output }
      : { fault: `${v.getDotPath(parsed.issues[0]) ?? 'it'} is not as it should be` };
  }

  #write(content: Content): void {
    try {
      this.#file.write(content);
    } catch (cause) {
      throw couldNotSave('The settings of cloud sessions could not be saved.', cause);
    }
  }
}

function idOf(row: unknown): unknown {
  return typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined;
}

function freeId(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 56) || 'profile';
  let id = base;
  for (let next = 2; taken.has(id); next++) id = `${base}-${next}`;
  return id;
}

function unknownProfile(): LanyardError {
  return new LanyardError({
    code: 'unknown_profile',
    title: 'There is no such profile of yours.',
    hint: 'Choose one from the list.',
  });
}

function unreadable(reason: string): LanyardError {
  return new LanyardError({
    code: 'settings_unreadable',
    title: 'The settings of cloud sessions cannot be read.',
    hint: 'Correct cloud-sessions.json in the data directory, or move it away.',
    detail: reason,
  });
}
