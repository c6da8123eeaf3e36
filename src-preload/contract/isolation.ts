import * as v from 'valibot';
import { FailureSchema, IdSchema } from './values.ts';

/** Where a provider's program keeps a login on this system, and who shares it (I-14). */
export const CredentialPlaceSchema = v.object({
  kept: v.picklist(['file', 'keychain', 'app']),
  where: v.string(),
  keyedBy: v.string(),
  sharedWith: v.picklist(['nobody', 'machine']),
  known: v.picklist(['tried', 'documented']),
});

/** What became of a test of whether two accounts are kept apart. */
export const IsolationReportSchema = v.object({
  providerId: v.string(),
  at: v.number(),
  verdict: v.picklist(['kept-apart', 'not-kept-apart', 'not-tested']),
  /** Why it could not be tested here. */
  reason: v.optional(v.string()),
  steps: v.array(
    v.object({
      id: v.picklist(['apart', 'both', 'logout', 'machine']),
      title: v.string(),
      result: v.picklist(['passed', 'failed', 'skipped']),
      detail: v.optional(v.string()),
    }),
  ),
});
export type IsolationReport = v.InferOutput<typeof IsolationReportSchema>;

export const isolationCalls = {
  /** Tests with the real program, in throw-away directories, that two accounts are kept apart. Takes seconds. */
  'providers.testIsolation': {
    request: v.object({ providerId: IdSchema }),
    response: v.variant('success', [
      v.object({ success: v.literal(true), report: IsolationReportSchema }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
} as const;
