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

/** Identity bundles and the accounts in them. */
export const bundleCalls = {
  'bundles.list': {
    request: none,
    response: v.object({ bundles: v.array(BundleViewSchema), problems: v.array(ProblemSchema) }),
  },
  'bundles.create': { request: v.object({ name: NameSchema }), response: v.object({ bundleId: v.string() }) },
  'bundles.rename': { request: v.object({ bundleId: IdSchema, name: NameSchema }), response: OutcomeSchema },
  /** Only an empty bundle can be deleted; accounts are signed out first. */
  'bundles.delete': { request: v.object({ bundleId: IdSchema }), response: OutcomeSchema },
  /** Runs the provider's logout, removes the account's directory and its rows. */
  'accounts.signOut': { request: v.object({ accountId: IdSchema }), response: OutcomeSchema },
} as const;

export const bundleEvents = { 'bundles.changed': v.object({ bundleId: v.string() }) } as const;
