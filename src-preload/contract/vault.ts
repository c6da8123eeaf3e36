import * as v from 'valibot';
import { FailureSchema, none, OutcomeSchema } from './values.ts';

const BackendSchema = v.picklist(['keychain', 'sealed-file']);
export type VaultBackend = v.InferOutput<typeof BackendSchema>;

const PassphraseSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));

/** When the sealed file is locked by itself. */
export const AutoLockSchema = v.object({
  /** After so many minutes in which no key was used; `null` for never. */
  afterMinutes: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24 * 60))),
  /** When the computer sleeps, or its screen is locked. */
  whenAway: v.boolean(),
});
export type AutoLock = v.InferOutput<typeof AutoLockSchema>;

/** Where keys are kept, and how that place is. */
export const VaultStateSchema = v.object({
  /** `null` when the file with the choice could not be read. */
  backend: v.nullable(BackendSchema),
  status: v.picklist(['ready', 'locked', 'denied', 'unavailable', 'corrupt', 'unwritable', 'timed-out']),
  /** What stands in the way, unless it is ready. */
  failure: v.nullable(FailureSchema),
  /** Whether there is a sealed file, in use or not, and whether it is open. */
  sealedFile: v.picklist(['absent', 'locked', 'unlocked', 'corrupt', 'unreadable']),
  /** How many keys are in use. */
  keys: v.number(),
  /** The shortest passphrase of a new sealed file, in characters. */
  minPassphraseLength: v.number(),
  autoLock: AutoLockSchema,
  /** Whether the system tells of a locked screen; of sleep every one does. */
  knowsScreenLock: v.boolean(),
});
export type VaultState = v.InferOutput<typeof VaultStateSchema>;

export const SelfTestStepSchema = v.object({
  step: v.picklist(['write', 'read-back', 'delete']),
  outcome: v.variant('status', [
    v.object({ status: v.literal('passed') }),
    v.object({ status: v.literal('failed'), failure: FailureSchema }),
    v.object({ status: v.literal('not-run') }),
  ]),
});
export type SelfTestStep = v.InferOutput<typeof SelfTestStepSchema>;

/** Where keys are kept. A passphrase goes to main with a call and never comes back. */
export const vaultCalls = {
  'vault.state': { request: none, response: VaultStateSchema },
  /**
   * Puts a place in use and moves the keys there, or changes nothing. The sealed file is opened with the passphrase,
   * or made with it; one that is open needs none. `leaveBehind` also leaves a place whose keys cannot be read.
   */
  'vault.choose': {
    request: v.object({
      backend: BackendSchema,
      passphrase: v.optional(PassphraseSchema),
      leaveBehind: v.optional(v.boolean()),
    }),
    response: OutcomeSchema,
  },
  'vault.unlock': { request: v.object({ passphrase: PassphraseSchema }), response: OutcomeSchema },
  'vault.lock': { request: none, response: OutcomeSchema },
  /** Seals the file with another passphrase, whether it is open or not. */
  'vault.changePassphrase': {
    request: v.object({ current: PassphraseSchema, next: PassphraseSchema }),
    response: OutcomeSchema,
  },
  'vault.setAutoLock': { request: AutoLockSchema, response: OutcomeSchema },
  /** Writes a random value, reads it back from a second process, and deletes it. */
  'vault.selfTest': { request: none, response: v.object({ steps: v.array(SelfTestStepSchema) }) },
  /** Renames a sealed file that is damaged or whose passphrase is lost, so that another can be made. */
  'vault.setAside': {
    request: none,
    response: v.variant('success', [
      v.object({ success: v.literal(true), file: v.string() }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
} as const;

export const vaultEvents = {
  /** Another place is in use, the sealed file was unlocked, locked or set aside, or when it locks by itself changed. */
  'vault.changed': none,
} as const;
