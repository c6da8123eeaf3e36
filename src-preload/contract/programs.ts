import * as v from 'valibot';
import { FailureSchema, IdSchema, none, OutcomeSchema } from './values.ts';

/** What is known of a provider's program on this machine. */
export const ProgramViewSchema = v.variant('state', [
  /** Until the login shell's PATH has been read. */
  v.object({ state: v.literal('searching') }),
  /** A provider that is an API key and nothing else. */
  v.object({ state: v.literal('not-needed') }),
  v.object({
    state: v.literal('found'),
    path: v.string(),
    /** `chosen` by the person, `installed` by Lanyard, or simply `found`. */
    origin: v.picklist(['found', 'chosen', 'installed']),
    version: v.optional(v.string()),
    /** `done` without a `version`: it is not known. `never`: this program is not asked. */
    versionAsked: v.picklist(['never', 'now', 'done']),
    /** How the version stands to the one in `verified`. */
    compared: v.optional(v.picklist(['older', 'same', 'newer'])),
    /** Whether Lanyard can bring it up to date, which it does with its own copies only. */
    updatable: v.boolean(),
    /** What a person would type to install it, which also brings it up to date. */
    installCommand: v.optional(v.string()),
  }),
  v.object({
    state: v.literal('missing'),
    installCommand: v.optional(v.string()),
    /** Whether Lanyard can install it. */
    installable: v.boolean(),
  }),
  /** The program that the person set cannot be started (any more). */
  v.object({ state: v.literal('unusable'), path: v.string(), failure: FailureSchema }),
]);
export type ProgramView = v.InferOutput<typeof ProgramViewSchema>;

/** One installation of a provider's program, which main runs whether or not a window looks. */
export const InstallSchema = v.object({
  providerId: v.string(),
  /** As it could be typed in a terminal. */
  command: v.string(),
  startedAt: v.number(),
  endedAt: v.optional(v.number()),
  status: v.picklist(['running', 'succeeded', 'failed', 'cancelled']),
  /** The last lines that npm printed, with secrets replaced; `dropped` lines came before them. */
  lines: v.array(v.string()),
  dropped: v.number(),
  /** Of what was installed. */
  version: v.optional(v.string()),
  path: v.optional(v.string()),
  failure: v.optional(FailureSchema),
});
export type Install = v.InferOutput<typeof InstallSchema>;

const provider = v.object({ providerId: IdSchema });

/** Programs of providers: where they are. */
export const programCalls = {
  /** Puts a provider's install command on the clipboard. */
  'providers.copyInstallCommand': { request: provider, response: OutcomeSchema },
  /** Lets the person pick the provider's program in a file dialog of main's own: no path comes from a window. */
  'providers.chooseProgram': {
    request: provider,
    response: v.variant('success', [
      /** `chosen` is false when the dialog was closed without a choice. */
      v.object({ success: v.literal(true), chosen: v.boolean() }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
  /** Goes back from the program that was set to the one that is found. */
  'providers.forgetProgram': { request: provider, response: OutcomeSchema },
  /** Installs the provider's program, or brings Lanyard's own copy up to date; where that already runs it goes on. */
  'providers.install': { request: provider, response: OutcomeSchema },
  'providers.cancelInstall': { request: provider, response: OutcomeSchema },
  /** Installations that run, and those that ended and were not dismissed. */
  'providers.installs': { request: none, response: v.object({ installs: v.array(InstallSchema) }) },
  'providers.dismissInstall': { request: provider, response: none },
} as const;

export const programEvents = {
  /** `install` is null once it was dismissed. */
  'providers.installChanged': v.object({ providerId: v.string(), install: v.nullable(InstallSchema) }),
} as const;
