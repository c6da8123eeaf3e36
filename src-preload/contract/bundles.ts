import * as v from 'valibot';
import {
  FailureSchema,
  FormValuesSchema,
  IdSchema,
  NameSchema,
  none,
  OutcomeSchema,
  ProblemSchema,
} from './values.ts';

/** Colours of bundles that are offered, and given in turn; any other `#rrggbb` can be chosen as well. */
export const bundlePalette = [
  { name: 'Teal', colour: '#0b6e6e' },
  { name: 'Violet', colour: '#7c4dbe' },
  { name: 'Orange', colour: '#c2571a' },
  { name: 'Blue', colour: '#2f6fd0' },
  { name: 'Pink', colour: '#b3316b' },
  { name: 'Green', colour: '#4c7a1f' },
  { name: 'Ochre', colour: '#8a5a00' },
  { name: 'Grey', colour: '#5a6472' },
] as const;

export const AccountViewSchema = v.object({
  id: v.string(),
  providerId: v.string(),
  kind: v.picklist(['oauth', 'api-key', 'pat', 'role', 'env']),
  displayName: v.string(),
  email: v.optional(v.string()),
  /** What the provider calls the person, where that is no email. */
  login: v.optional(v.string()),
  organisation: v.optional(v.string()),
  plan: v.optional(v.string()),
  status: v.picklist(['valid', 'expiring', 'expired-refreshable', 'needs-sign-in', 'unknown']),
  /**
   * The machine's own login: shared because its program cannot do otherwise, or adopted. Lanyard keeps nothing of it, so
   * that signing out only takes it off the list.
   */
  onThisMachine: v.boolean(),
  /** Who it should be (I-16), for people to read; absent: whoever signed in first. */
  expected: v.optional(v.string()),
  /** How it was signed in, for doing the same again. */
  flowId: v.optional(v.string()),
  parameters: v.optional(FormValuesSchema),
  /** When its person has to sign in again, where that is known. */
  expiresAt: v.optional(v.number()),
  /** When it was last looked at since the app was started; absent: not yet. */
  checkedAt: v.optional(v.number()),
  /** One sentence about the last look. */
  checkDetail: v.optional(v.string()),
  /** Why its tokens could not be renewed ahead of time; it is tried again. */
  renewalProblem: v.optional(v.string()),
  /** A person asked for a look and has no answer yet. */
  checking: v.optional(v.boolean()),
  /** Somebody else is signed in than the one whose account it is: both in words (I-16). */
  unexpected: v.optional(v.object({ found: v.string(), expected: v.string() })),
  createdAt: v.number(),
  updatedAt: v.number(),
});
export type AccountView = v.InferOutput<typeof AccountViewSchema>;

export const BundleViewSchema = v.object({
  id: v.string(),
  name: v.string(),
  description: v.string(),
  colour: v.string(),
  /** The blank identity: the machine's own logins; cannot be edited, bound or deleted. */
  blank: v.boolean(),
  createdAt: v.number(),
  updatedAt: v.number(),
  accounts: v.array(AccountViewSchema),
});
export type BundleView = v.InferOutput<typeof BundleViewSchema>;

/** A bundle in a list of a thousand: what a row shows and what a filter looks at, without its accounts. */
export const BundleSummarySchema = v.object({
  ...v.omit(BundleViewSchema, ['accounts']).entries,
  accountCount: v.number(),
  /** Accounts that need their person, now or soon: for a sign-in, or because somebody else is signed in. */
  toRenew: v.number(),
  /** Who its accounts belong to, each once. */
  people: v.array(v.string()),
});
export type BundleSummary = v.InferOutput<typeof BundleSummarySchema>;

const bundle = v.object({ bundleId: IdSchema });
const account = v.object({ accountId: IdSchema });

/** One thing that taking an account away did, or did not do. */
const RemovalStepSchema = v.object({
  /** `pointer`: the login is the machine's own, and only the note of it is ours. */
  what: v.picklist(['logout', 'directory', 'keychain', 'pointer']),
  /** `not-there`: there was nothing to do; `later`: the next start tries again. */
  outcome: v.picklist(['done', 'not-there', 'failed', 'later']),
  failure: v.optional(FailureSchema),
});
export type RemovalStep = v.InferOutput<typeof RemovalStepSchema>;

const RemovedAccountSchema = v.object({
  accountId: v.string(),
  providerId: v.string(),
  label: v.string(),
});
const KeptAccountSchema = v.object({ ...RemovedAccountSchema.entries, keptBy: v.array(v.string()) });

/** What became of every account that was to go (I-11). */
export const RemovalReportSchema = v.object({
  removed: v.array(v.object({ ...RemovedAccountSchema.entries, steps: v.array(RemovalStepSchema) })),
  /** Other bundles use them too, which are named. */
  kept: v.array(KeptAccountSchema),
});
export type RemovalReport = v.InferOutput<typeof RemovalReportSchema>;

/** What taking a bundle or an account away would do, and what uses it now (I-11). */
export const RemovalPlanSchema = v.object({
  /** Accounts that would go, each with the steps that this takes. */
  removed: v.array(
    v.object({
      ...RemovedAccountSchema.entries,
      steps: v.array(v.picklist(['logout', 'directory', 'keychain', 'pointer'])),
      /** Bundles that would lose it. */
      usedBy: v.array(v.string()),
    }),
  ),
  kept: v.array(KeptAccountSchema),
  /** Providers of sign-ins that run there and would be ended. */
  signIns: v.array(v.object({ providerId: v.string() })),
  /** Open cloud sessions that have their credentials from there, and would be revoked. */
  cloudSessions: v.array(v.object({ principal: v.string(), running: v.number() })),
  /** Credentials that other tools had us keep for the bundle, which go with it. */
  keptForTools: v.number(),
  /** Programs that were started with one of the accounts, or as the bundle; `known` is false where nobody can tell. */
  processes: v.object({
    known: v.boolean(),
    list: v.array(v.object({ pid: v.number(), name: v.string() })),
  }),
});
export type RemovalPlan = v.InferOutput<typeof RemovalPlanSchema>;

const RemovalOutcomeSchema = v.variant('success', [
  v.object({ success: v.literal(true), report: RemovalReportSchema }),
  v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
]);

/** A login that this machine has already, outside of Lanyard (I-15). */
export const MachineLoginSchema = v.object({
  providerId: v.string(),
  /** Who it is; absent when the program does not tell. */
  email: v.optional(v.string()),
  organisation: v.optional(v.string()),
  plan: v.optional(v.string()),
  /** Names of the bundles that have it already. */
  adoptedBy: v.array(v.string()),
});
export type MachineLogin = v.InferOutput<typeof MachineLoginSchema>;

/** Identity bundles and the accounts in them. */
export const bundleCalls = {
  'bundles.list': {
    request: none,
    response: v.object({
      bundles: v.array(BundleSummarySchema),
      /** The one that new windows and launches start with; never one that is gone. */
      defaultBundleId: v.string(),
      problems: v.array(ProblemSchema),
    }),
  },
  /** One bundle with its accounts. */
  'bundles.get': { request: bundle, response: BundleViewSchema },
  'bundles.create': { request: v.object({ name: NameSchema }), response: v.object({ bundleId: v.string() }) },
  'bundles.rename': { request: v.object({ bundleId: IdSchema, name: NameSchema }), response: OutcomeSchema },
  'bundles.describe': {
    request: v.object({ bundleId: IdSchema, description: v.pipe(v.string(), v.maxLength(1000)) }),
    response: OutcomeSchema,
  },
  /** One of the palette, or any other `#rrggbb`. */
  'bundles.recolour': {
    request: v.object({ bundleId: IdSchema, colour: v.pipe(v.string(), v.maxLength(16)) }),
    response: OutcomeSchema,
  },
  /** Puts a bundle before another one, or at the end. */
  'bundles.move': {
    request: v.object({ bundleId: IdSchema, beforeBundleId: v.nullable(IdSchema) }),
    response: OutcomeSchema,
  },
  'bundles.setDefault': { request: bundle, response: OutcomeSchema },
  /** Makes a bundle with the same accounts: they are shared, not copied. */
  'bundles.duplicate': { request: bundle, response: v.object({ bundleId: v.string(), name: v.string() }) },
  /** What `bundles.delete` would do. */
  'bundles.planDelete': { request: bundle, response: RemovalPlanSchema },
  /** Ends its sign-ins, removes the bundle, and signs out of the accounts that no other bundle uses. */
  'bundles.delete': { request: bundle, response: RemovalOutcomeSchema },
  /** Asks where to, and writes names, colours and who is in which bundle to a file: no secret and no place of one. */
  'bundles.export': {
    request: none,
    response: v.variant('success', [
      v.object({ success: v.literal(true), /** False when the person chose no file. */ saved: v.boolean() }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
  /** What `accounts.signOut` would do. */
  'accounts.planSignOut': { request: account, response: RemovalPlanSchema },
  /** Removes the account from every bundle, runs the provider's logout, removes directory or keychain entry. */
  'accounts.signOut': { request: account, response: RemovalOutcomeSchema },
  /** Expects whoever is signed in now at every later sign-in (I-16), or anybody again. */
  'accounts.expect': {
    request: v.object({ accountId: IdSchema, expected: v.boolean() }),
    response: OutcomeSchema,
  },
  /** Asks the providers' programs who is signed in on this machine, without changing anything. Takes seconds. */
  'accounts.findOnMachine': { request: none, response: v.object({ logins: v.array(MachineLoginSchema) }) },
  /** Brings a login of this machine in as a pointer to it: nothing is copied, moved or written. */
  'accounts.adopt': {
    request: v.object({ providerId: IdSchema, intoBundleId: v.optional(IdSchema) }),
    response: v.variant('success', [
      v.object({ success: v.literal(true), accountId: v.string(), bundleId: v.string() }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
} as const;

export const bundleEvents = { 'bundles.changed': v.object({ bundleId: v.string() }) } as const;
