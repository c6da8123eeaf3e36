import * as v from 'valibot';
import { IdSchema, OutcomeSchema } from './values.ts';

const account = v.object({ accountId: IdSchema });

/** How accounts are, and who is signed in to them. */
export const healthCalls = {
  /** Looks at an account now; the answer is in its view. An API key is sent to its provider for this. */
  'accounts.check': { request: account, response: OutcomeSchema },
  /** The same for every account of an identity. */
  'accounts.checkAll': { request: v.object({ bundleId: IdSchema }), response: OutcomeSchema },
  /**
   * The person who was found signed in is whose account it is from now on (I-16). `found` is who was shown: refused as
   * `person_changed` when it is another one by now.
   */
  'accounts.acceptPerson': {
    request: v.object({ accountId: IdSchema, found: v.pipe(v.string(), v.maxLength(8192)) }),
    response: OutcomeSchema,
  },
} as const;
