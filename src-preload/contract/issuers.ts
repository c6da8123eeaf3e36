import * as v from 'valibot';
import { FailureSchema, IdSchema, NameSchema, OutcomeSchema } from './values.ts';

const LineSchema = v.pipe(v.string(), v.trim(), v.maxLength(2_000));

/** What a person fills in for an issuer. Empty texts are things they left out. */
export const IssuerFormSchema = v.object({
  name: NameSchema,
  url: v.pipe(LineSchema, v.minLength(1, 'The issuer address is needed.')),
  clientId: v.pipe(LineSchema, v.minLength(1, 'The client id is needed.')),
  /** Separated by spaces. */
  scopes: LineSchema,
  prefers: v.picklist(['browser', 'device']),
  /** `claim=value`, or empty. */
  restriction: LineSchema,
  /** A fixed port of the redirect, or empty for any free one. */
  port: LineSchema,
  /** As in an address: `prompt=login&audience=api`. */
  parameters: LineSchema,
});
export type IssuerForm = v.InferOutput<typeof IssuerFormSchema>;

const refused = v.object({
  success: v.literal(false),
  reason: v.string(),
  failure: FailureSchema,
  /** The field of the form that is wrong, where one is. */
  field: v.optional(v.picklist(['name', 'url', 'clientId', 'scopes', 'restriction', 'port', 'parameters'])),
});

/** OpenID Connect and OAuth issuers that the person adds. */
export const issuerCalls = {
  /** Reads the issuer's metadata and says what it supports. Nothing is saved. */
  'issuers.test': {
    request: IssuerFormSchema,
    response: v.variant('success', [
      v.object({
        success: v.literal(true),
        supports: v.object({
          browser: v.boolean(),
          device: v.boolean(),
          refresh: v.boolean(),
          revocation: v.boolean(),
        }),
      }),
      refused,
    ]),
  },
  /** Saves it as a provider file of the person's own. */
  'issuers.add': {
    request: IssuerFormSchema,
    response: v.variant('success', [v.object({ success: v.literal(true), providerId: v.string() }), refused]),
  },
  /** Removes one that no account uses. */
  'issuers.remove': { request: v.object({ providerId: IdSchema }), response: OutcomeSchema },
} as const;
