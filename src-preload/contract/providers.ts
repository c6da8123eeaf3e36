import * as v from 'valibot';
import { IdSchema, none, OutcomeSchema, ProblemSchema } from './values.ts';

export const FlowViewSchema = v.object({
  id: v.string(),
  label: v.string(),
  kind: v.picklist(['browser', 'device-code', 'paste']),
});
export type FlowView = v.InferOutput<typeof FlowViewSchema>;

export const ProviderViewSchema = v.object({
  id: v.string(),
  name: v.string(),
  vendor: v.string(),
  /** Two letters that stand for the provider where there is no room for its name. */
  mark: v.string(),
  aliases: v.array(v.string()),
  /** The first is the one that Connect starts. */
  flows: v.array(FlowViewSchema),
  origin: v.picklist(['built-in', 'user']),
  /** `searching` until the login shell's PATH has been read. */
  program: v.variant('state', [
    v.object({ state: v.literal('searching') }),
    /** A provider that is an API key and nothing else. */
    v.object({ state: v.literal('not-needed') }),
    v.object({ state: v.literal('found'), path: v.string() }),
    v.object({ state: v.literal('missing'), installCommand: v.optional(v.string()) }),
  ]),
  /** CLI version the definition was checked against, or `unverified`. */
  verified: v.string(),
  acceptsApiKey: v.boolean(),
});
export type ProviderView = v.InferOutput<typeof ProviderViewSchema>;

export const providerCalls = {
  /** Puts a provider's install command on the clipboard. */
  'providers.copyInstallCommand': { request: v.object({ providerId: IdSchema }), response: OutcomeSchema },
  'providers.list': {
    request: none,
    response: v.object({ providers: v.array(ProviderViewSchema), problems: v.array(ProblemSchema) }),
  },
  /** Looks for the programs and reads the user-defined providers again. */
  'providers.refresh': { request: none, response: none },
} as const;

export const providerEvents = { 'providers.changed': none } as const;
