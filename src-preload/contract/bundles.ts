import * as v from 'valibot';
import { IdSchema, NameSchema, none, OutcomeSchema, ProblemSchema } from './values.ts';

export const AccountViewSchema = v.object({
  id: v.string(),
  providerId: v.string(),
  kind: v.picklist(['oauth', 'api-key', 'pat', 'role', 'env']),
  displayName: v.string(),
  email: v.optional(v.string()),
  organisation: v.optional(v.string()),
  plan: v.optional(v.string()),
  status: v.picklist(['valid', 'expiring', 'expired-refreshable', 'needs-sign-in', 'unknown']),
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
  /** Accounts that need a sign-in, now or soon. */
  toRenew: v.number(),
  /** Who its accounts belong to, each once. */
  people: v.array(v.string()),
});
export type BundleSummary = v.InferOutput<typeof BundleSummarySchema>;

/** Identity bundles and the accounts in them. */
export const bundleCalls = {
  'bundles.list': {
    request: none,
    response: v.object({ bundles: v.array(BundleSummarySchema), problems: v.array(ProblemSchema) }),
  },
  /** One bundle with its accounts. */
  'bundles.get': { request: v.object({ bundleId: IdSchema }), response: BundleViewSchema },
  'bundles.create': { request: v.object({ name: NameSchema }), response: v.object({ bundleId: v.string() }) },
  'bundles.rename': { request: v.object({ bundleId: IdSchema, name: NameSchema }), response: OutcomeSchema },
  /** Only an empty bundle can be deleted; accounts are signed out first. */
  'bundles.delete': { request: v.object({ bundleId: IdSchema }), response: OutcomeSchema },
  /** Runs the provider's logout, removes the account's directory and its rows. */
  'accounts.signOut': { request: v.object({ accountId: IdSchema }), response: OutcomeSchema },
} as const;

export const bundleEvents = { 'bundles.changed': v.object({ bundleId: v.string() }) } as const;
