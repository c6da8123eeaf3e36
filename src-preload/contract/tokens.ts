import * as v from 'valibot';
import { FailureSchema, IdSchema, OutcomeSchema } from './values.ts';

const account = v.object({ accountId: IdSchema });

/** What is known of an account's tokens, without any of them. */
export const TokenFactsSchema = v.object({
  issuer: v.string(),
  subject: v.optional(v.string()),
  email: v.optional(v.string()),
  scopes: v.array(v.string()),
  /** Null for one that does not end by itself. */
  expiresAt: v.nullable(v.number()),
  /** The issuer renews them without the person. */
  renews: v.boolean(),
  /** The issuer refused to renew them: only signing in again helps. */
  refused: v.boolean(),
});
export type TokenFacts = v.InferOutput<typeof TokenFactsSchema>;

/** Tokens of accounts at an issuer. No token ever comes to a window. */
export const tokenCalls = {
  'tokens.show': {
    request: account,
    response: v.variant('success', [
      v.object({ success: v.literal(true), facts: TokenFactsSchema }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
  'tokens.refresh': { request: account, response: OutcomeSchema },
  /** Puts a fresh access token on the clipboard, and takes it off again after a minute. */
  'tokens.copy': { request: account, response: OutcomeSchema },
} as const;
